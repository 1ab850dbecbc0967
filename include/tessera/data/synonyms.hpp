#pragma once
#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <tessera/data/nearest_name.hpp>

namespace tessera {
namespace detail {
// What other libraries and papers call a hyper-parameter; several meanings are told apart by which of them there is.
inline constexpr std::array<std::pair<const char*, const char*>, 44> synonyms{{
    {"gamma", "discount"},
    {"lr", "adam.learning_rate"},
    {"learning_rate", "adam.learning_rate"},
    {"step_size", "adam.learning_rate"},
    {"tau", "polyak"},
    {"target_update_rate", "polyak"},
    {"soft_target_tau", "polyak"},
    {"ema", "polyak"},
    {"expectile", "tau"},
    {"quantile", "tau"},
    {"hidden_size", "net.hidden"},
    {"hidden_sizes", "net.hidden"},
    {"hidden_dim", "net.hidden"},
    {"hidden_dims", "net.hidden"},
    {"hidden_units", "net.hidden"},
    {"layers", "net.hidden"},
    {"layernorm", "net.layer_norm"},
    {"n_critics", "members"},
    {"num_critics", "members"},
    {"num_qs", "members"},
    {"ensemble", "members"},
    {"ensemble_size", "members"},
    {"num_ensemble", "members"},
    {"temperature", "beta"},
    {"inverse_temperature", "beta"},
    {"awr_temperature", "beta"},
    {"bc_weight", "weight"},
    {"alpha", "weight"},
    {"cql_alpha", "weight"},
    {"conservative_weight", "weight"},
    {"min_q_weight", "weight"},
    {"eta", "diversity"},
    {"policy_noise", "smoothing"},
    {"target_policy_noise", "smoothing"},
    {"noise_clip", "smoothing_clip"},
    {"policy_freq", "actor"},
    {"policy_delay", "actor"},
    {"rollout_length", "horizon"},
    {"penalty_coef", "weight"},
    {"normalize", "standardize"},
    {"normalize_states", "standardize"},
    {"normalize_reward", "reward"},
    {"reward_scale", "reward"},
    {"reward_clip", "reward_limit"},
}};

// Of --set: what is a flag of its own.
inline constexpr std::array<std::pair<const char*, const char*>, 9> flags{{
    {"batch", "--batch"},
    {"batch_size", "--batch"},
    {"steps", "--steps"},
    {"n_steps", "--steps"},
    {"max_timesteps", "--steps"},
    {"epochs", "--steps"},
    {"seed", "--seed"},
    {"device", "--device"},
    {"threads", "--threads"},
}};
}  // namespace detail

/// The keys that the writer of `given` may have meant, by what it says ("gamma": a discount) or by how it is spelt; in their order, and
/// those under the same first word alone, where there are some.  A flag is meant where the result begins with "--".
inline std::vector<std::string> meant_keys(const std::string& given, const std::vector<std::string>& keys) {
  std::string leaf = given.substr(given.rfind('.') + 1);
  for (char& x : leaf) x = x == '-' ? '_' : char(std::tolower(static_cast<unsigned char>(x)));
  const auto first = given.find('.') == std::string::npos ? "" : given.substr(0, given.find('.') + 1);
  const auto ending_in = [&](const std::string& name) {
    std::vector<std::string> all, near;
    for (const auto& key : keys)
      if (key == name || key.ends_with("." + name)) (!first.empty() && key.starts_with(first) ? near : all).push_back(key);
    return near.empty() ? all : near;
  };
  // A letter of another key is likelier a slip than another library's name.
  const auto near = nearest_name(given, keys);
  if (!near.empty() && edit_distance(given, near) <= 2 && leaf.size() > 3) return {near};
  auto meant = ending_in(leaf);
  for (const auto& [name, meaning] : detail::synonyms)
    if (leaf == name)
      for (const auto& key : ending_in(meaning))
        if (std::find(meant.begin(), meant.end(), key) == meant.end()) meant.push_back(key);
  if (!meant.empty()) return meant;
  for (const auto& [name, flag] : detail::flags)
    if (given == name) return {flag};
  return near.empty() ? std::vector<std::string>{} : std::vector{near};
}
}  // namespace tessera
