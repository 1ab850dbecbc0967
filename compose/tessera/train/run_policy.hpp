#pragma once
#include <string>
#include <utility>

#include <tessera/compose/name.hpp>
#include <tessera/concepts/docs.hpp>
#include <tessera/deploy/policy.hpp>
#include <tessera/train/checkpoint_header.hpp>
#include <tessera/train/exported.hpp>

/// Acting out of a run's folder, without `tessera export` and without libtorch: with Eigen, Boost.Hana and nlohmann's
/// JSON.
namespace tessera {
namespace detail {
// The checkpoint of a run's folder; a path to a file is that of a checkpoint.
std::string checkpoint_of_run(const std::string& run);
// Names and codes of a run's data, out of its folder's config.json; does nothing where it is a checkpoint alone.
void name_numbers_of_run(const std::string& run, deploy::Program& p);
[[noreturn]] void not_of_these(const safetensors::File& checkpoint, const std::string& recipes);
}  // namespace detail

/// The policy of a run's folder, or of a checkpoint alone, whose recipe is one of these: `run_policy(run,
/// all_recipes{})` for any of <tessera/algorithms.hpp>.  It acts as what `tessera export` writes; but a policy that
/// draws takes its noise, numbers from N(0, 1), as a further input (`noise_size()`), for a learner's own draws are
/// libtorch's: `deploy::fix_noise` makes it a function of the observation, and `tessera export` the very one that
/// `agent.act` is.  A checkpoint alone does not say what its numbers are called, and counts discrete actions from 0.
/// Throws Error where there is no such run, it is damaged, or its policy cannot be written as such a function.
template <class... Recipes>
deploy::Policy run_policy(const std::string& run, list_of<Recipes...>) {
  const auto file = detail::open_checkpoint(detail::checkpoint_of_run(run));
  const auto& saved = detail::algorithm_of(file);
  deploy::Program p;
  const auto is = [&]<class R>(list_of<R>) {
    if (kebab_case(type_name<R>()) != saved) return false;
    p = exported_policy<R>(file).program;
    return true;
  };
  if (!(is(list_of<Recipes>{}) || ...)) {
    std::string all;
    ((all += (all.empty() ? "" : ", ") + kebab_case(type_name<Recipes>())), ...);
    detail::not_of_these(file, all);
  }
  detail::name_numbers_of_run(run, p);
  return deploy::Policy(std::move(p));
}
/// The same of one recipe: `run_policy<recipes::Td3Bc>(run)`.
template <class R>
deploy::Policy run_policy(const std::string& run) {
  return run_policy(run, list_of<R>{});
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/run_policy.impl.hpp>
#endif
