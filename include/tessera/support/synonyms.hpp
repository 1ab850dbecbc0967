#pragma once
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <tessera/support/nearest_name.hpp>

namespace tessera {
namespace detail {
// What other libraries and papers call a hyper-parameter.  If a name has several meanings, the recipe's own
// hyper-parameters decide.
inline constexpr std::array<std::pair<const char*, const char*>, 55> synonyms{{
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
    {"head_start", "pretrain_updates"},
    {"beside", "keep_training"},
    {"without_q", "warmup_updates"},
    {"least_weight", "min_multiplier"},
    {"least_weight", "min_weight"},
    {"most_weight", "max_multiplier"},
    {"starts", "rollout_batch"},
    {"every", "rollout_every"},
    {"keep", "retain"},
    {"range", "cut_range"},
    {"paths", "rollouts"},
}};

// What is a flag of the command line, whether it was given to --set or as a flag of another name.
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

// What papers and libraries call an algorithm, in lowercase letters and digits alone.
inline constexpr std::array<std::pair<const char*, const char*>, 12> algorithms{{
    {"behaviorcloning", "bc"},
    {"behaviourcloning", "bc"},
    {"cloning", "bc"},
    {"discretebehaviorcloning", "bc"},
    {"cqlsac", "cql"},
    {"cqlh", "cql"},
    {"cqldqn", "cql"},
    {"td3plusbc", "td3-bc"},
    {"implicitqlearning", "iql"},
    {"conservativeqlearning", "cql"},
    {"filteredbc", "percent-bc"},
    {"bcq", "discrete-bcq"},
}};

// The lowercase letters and digits of a name: "TD3+BC" and "td3_bc" are "td3bc".
std::string squeezed(const std::string& name);
std::string underscored(std::string name);
}  // namespace detail

/// The keys that may have been meant by `given`, by meaning ("gamma": a discount) or by spelling, in their order; only
/// those with the same first word, if there are any.  A result that begins with "--" is a flag.
std::vector<std::string> meant_keys(const std::string& given, const std::vector<std::string>& keys);

/// The name of the algorithm that may have been meant by `given`: the same in other letters ("TD3+BC": td3-bc), another
/// name for it ("cql_sac": cql), or the nearest; empty if there is none.
std::string meant_algorithm(const std::string& given, const std::vector<std::string>& names);

/// The flag among `flags` that may have been meant by `given` ("--epochs"); empty if there is none.
std::string meant_flag(const std::string& given, const std::vector<std::string>& flags);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/synonyms.impl.hpp>
#endif
