#pragma once
#include <string>
#include <utility>

#include <tessera/data/npz.hpp>
#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::tabular {
/// How a file names the arrays of a problem.
struct NpzKeys {
  std::string transitions = "tx_mat";  ///< (S, A, S)
  std::string rewards = "r_mat";       ///< (S, A, S) or (S, A)
  std::string start = "d_0";           ///< (S)
};

/// The arrays of a problem in a .npz file; the names are by default those of ICU-Sepsis.
inline MdpArrays read_mdp_arrays(const NpzFile& file, double discount, const NpzKeys& keys = {}) {
  auto transitions = file.read(keys.transitions);
  if (transitions.shape.size() != 3 || transitions.shape[0] != transitions.shape[2])
    throw Error(file.path() + ", array " + keys.transitions + ": has shape " + shape_text(transitions.shape) +
                "; transition probabilities have shape (states, actions, states)");
  const auto states = transitions.shape[0], actions = transitions.shape[1];
  auto rewards = file.read(keys.rewards);
  if (rewards.shape != transitions.shape && rewards.shape != std::vector<std::int64_t>{states, actions})
    throw Error(file.path() + ", array " + keys.rewards + ": has shape " + shape_text(rewards.shape) + ", not " +
                shape_text(transitions.shape) + " or " + shape_text({states, actions}));
  return {.states = states,
          .actions = actions,
          .transitions = std::move(transitions.values),
          .rewards = std::move(rewards.values),
          .start = file.read(keys.start, {states}).values,
          .discount = discount};
}

/// The problem of a .npz file; what is wrong with it is an `Error` that begins with the path.
inline FiniteMdp read_mdp(const std::string& path, double discount, const NpzKeys& keys = {}) {
  const auto arrays = read_mdp_arrays(NpzFile(path), discount, keys);
  try {
    return make_mdp(arrays);
  } catch (const Error& error) {
    throw Error(path + ": " + error.what());
  }
}
}  // namespace tessera::tabular
