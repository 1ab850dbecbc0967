#pragma once
#include <string>
#include <utility>

#include <tessera/io/mdp_npz.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>

namespace tessera::tabular {
TESSERA_INLINE MdpArrays read_mdp_arrays(const NpzFile& file, double discount, const NpzKeys& keys) {
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

TESSERA_INLINE FiniteMdp read_mdp(const std::string& path, double discount, const NpzKeys& keys) {
  const auto arrays = read_mdp_arrays(NpzFile(path), discount, keys);
  try {
    return make_mdp(arrays);
  } catch (const Error& error) {
    throw Error(path + ": " + error.what());
  }
}
}  // namespace tessera::tabular
