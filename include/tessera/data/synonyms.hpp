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

// What is a flag of the command line's own, whether it was given to --set or as a flag of another name.
inline constexpr std::array<std::pair<const char*, const char*>, 36> flags{{
    {"batch", "--batch"},
    {"batch_size", "--batch"},
    {"bs", "--batch"},
    {"minibatch_size", "--batch"},
    {"steps", "--steps"},
    {"n_steps", "--steps"},
    {"num_steps", "--steps"},
    {"max_steps", "--steps"},
    {"max_timesteps", "--steps"},
    {"total_timesteps", "--steps"},
    {"train_steps", "--steps"},
    {"updates", "--steps"},
    {"iterations", "--steps"},
    {"epochs", "--steps"},
    {"n_epochs", "--steps"},
    {"seed", "--seed"},
    {"random_seed", "--seed"},
    {"device", "--device"},
    {"gpu", "--device"},
    {"cuda", "--device"},
    {"threads", "--threads"},
    {"num_threads", "--threads"},
    {"num_workers", "--threads"},
    {"jobs", "--threads"},
    {"algo", "--algorithm"},
    {"alg", "--algorithm"},
    {"agent", "--algorithm"},
    {"data", "--dataset"},
    {"environment", "--env"},
    {"env_name", "--env"},
    {"output", "--out"},
    {"out_dir", "--out"},
    {"logdir", "--out"},
    {"eval_freq", "--eval-every"},
    {"eval_interval", "--eval-every"},
    {"log_every", "--report-every"},
}};

// What papers and libraries call an algorithm, in letters and digits alone.
inline constexpr std::array<std::pair<const char*, const char*>, 12> algorithms{{
    {"behaviorcloning", "bc"},
    {"behaviourcloning", "bc"},
    {"cloning", "bc"},
    {"discretebehaviorcloning", "discrete-bc"},
    {"cqlsac", "cql"},
    {"cqlh", "cql"},
    {"cqldqn", "discrete-cql"},
    {"td3plusbc", "td3-bc"},
    {"implicitqlearning", "iql"},
    {"conservativeqlearning", "cql"},
    {"filteredbc", "percent-bc"},
    {"bcq", "discrete-bcq"},
}};

// Letters and digits of a name, small: "TD3+BC" and "td3_bc" are "td3bc".
inline std::string squeezed(const std::string& name) {
  std::string out;
  for (const char x : name)
    if (std::isalnum(static_cast<unsigned char>(x))) out += char(std::tolower(static_cast<unsigned char>(x)));
  return out;
}
inline std::string underscored(std::string name) {
  for (char& x : name) x = x == '-' ? '_' : char(std::tolower(static_cast<unsigned char>(x)));
  return name;
}
}  // namespace detail

/// The keys that the writer of `given` may have meant, by what it says ("gamma": a discount) or by how it is spelt; in their order, and
/// those under the same first word alone, where there are some.  A flag is meant where the result begins with "--".
inline std::vector<std::string> meant_keys(const std::string& given, const std::vector<std::string>& keys) {
  const std::string leaf = detail::underscored(given.substr(given.rfind('.') + 1));
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
    if (leaf == name) return {flag};
  return near.empty() ? std::vector<std::string>{} : std::vector{near};
}

/// The name of an algorithm that the writer of `given` may have meant: the same in other letters ("TD3+BC": td3-bc), another name of it
/// ("cql_sac": cql), or the nearest; empty where there is none.
inline std::string meant_algorithm(const std::string& given, const std::vector<std::string>& names) {
  const auto plain = detail::squeezed(given);
  for (const auto& name : names)
    if (detail::squeezed(name) == plain) return name;
  for (const auto& [other, name] : detail::algorithms)
    if (plain == other && std::find(names.begin(), names.end(), name) != names.end()) return name;
  std::string kebab = detail::underscored(given);
  std::replace(kebab.begin(), kebab.end(), '_', '-');
  return nearest_name(kebab, names);
}

/// The flag, one of `flags`, that the writer of `given` ("--epochs") may have meant; empty where there is none.
inline std::string meant_flag(const std::string& given, const std::vector<std::string>& flags) {
  const auto plain = detail::underscored(given.substr(std::min(given.size(), given.find_first_not_of('-'))));
  for (const auto& flag : flags)
    if (detail::underscored(flag.substr(2)) == plain) return flag;
  for (const auto& [other, flag] : detail::flags)
    if (plain == other && std::find(flags.begin(), flags.end(), flag) != flags.end()) return flag;
  const auto near = nearest_name(given, flags);
  const auto letters = [](std::string name) { return std::sort(name.begin(), name.end()), name; };
  return !near.empty() && (edit_distance(given, near) <= std::max<std::size_t>(1, plain.size() / 3) || letters(given) == letters(near)) ? near : "";
}
}  // namespace tessera
