#pragma once
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/behavior/categorical_support.hpp>
#include <tessera/behavior/generator.hpp>
#include <tessera/compose/name.hpp>
#include <tessera/critic/ensemble_critic.hpp>
#include <tessera/deploy/network.hpp>
#include <tessera/deploy/program.hpp>
#include <tessera/options/network.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/chunked.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/diffusion.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/greedy_policy.hpp>
#include <tessera/policy/latent.hpp>
#include <tessera/policy/one_step.hpp>
#include <tessera/policy/scaled_tanh_gaussian.hpp>
#include <tessera/policy/sigmoid_std_gaussian.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/select/best_of.hpp>
#include <tessera/select/best_of_average.hpp>
#include <tessera/select/best_of_target.hpp>
#include <tessera/select/greedy.hpp>
#include <tessera/select/mode.hpp>
#include <tessera/select/sample.hpp>
#include <tessera/select/supported_greedy.hpp>
#include <tessera/support/error.hpp>
#include <tessera/train/checkpoint_header.hpp>

/// A checkpoint's policy as one function from the task's observation to the task's action, without libtorch.
namespace tessera {
/// That function; where it draws, of noise that its caller gives, or that `deploy::fix_noise` sets.
struct ExportedPolicy {
  deploy::Program program{};
  /// The noise comes in so many draws, of so many rows each, as the learner's `act` draws it from this seed.
  std::vector<std::int64_t> draws{};
  std::uint64_t seed = 0;
};

namespace detail {
/// How a Gaussian policy's samples come of its network and noise.
struct GaussianForm {
  enum class deviation { independent, by_state, scaled, sigmoid };
  deviation of = deviation::independent;
  bool squashed = false, clipped = false;
  double log_std_min = 0, log_std_max = 0;
};

/// Makes the program of a checkpoint's policy.  Indices are those of the program's values; actions are the learner's
/// until `end_with_action`.
class PolicyMaker {
 public:
  PolicyMaker(const safetensors::File& file, std::string algorithm, SavedHeader header, std::int64_t at_once);

  std::int32_t state() const { return state_; }
  std::int64_t width() const { return width_; }  ///< numbers that are decided at once
  std::int64_t actions() const { return header_.on.action_size; }
  /// Noise of so many rows, so many times.
  std::vector<std::int32_t> noise(std::int64_t rows, std::int64_t times = 1);
  /// The row of a member in one of the file's buffers.
  std::vector<float> row(const std::string& tensor, std::int64_t member = 0) const;

  std::int32_t tanh_mode(const MlpOptions& h, const head_layout& top);
  std::int32_t gaussian(const MlpOptions& h, const head_layout& top, const GaussianForm& form, std::int64_t count);
  std::int32_t one_step(const MlpOptions& h, std::int64_t count);
  std::int32_t flow(const std::string& owner, const FlowParams& h, std::int32_t noise);
  /// The noise of LatentPolicy's mode.
  std::int32_t latent_mode(const MlpOptions& h, double bound);
  std::int32_t ddpm(const DiffusionParams& h, const DdpmParams& sampler, std::int64_t count);
  std::int32_t ddim(const DiffusionParams& h, const DdimParams& sampler, std::int64_t count);
  std::int32_t categorical(const std::string& owner, const MlpOptions& h);
  /// The least, or the mean, over the critic's members: of every action, (1, A), or of K, (K, 1).
  std::int32_t values(const std::string& tensor, const MlpOptions& h, std::int64_t members, std::int32_t actions,
                      bool mean);
  std::int32_t best(std::int32_t actions, std::int32_t values);
  std::int32_t supported(std::int32_t values, std::int32_t logits, double threshold);

  void end_with_action(std::int32_t action);
  void end_with_code(std::int32_t scores);
  ExportedPolicy made() &&;

 private:
  deploy::Program& p() { return out_.program; }
  deploy::Network timed(const std::string& tensor, const DiffusionParams& h);
  static std::string of(const std::string& owner, double average) {
    return owner + (average > 0 ? "/target" : "/parameters");
  }
  const safetensors::File* file_;
  SavedHeader header_;
  std::int64_t width_ = 1;
  std::int32_t state_ = 0;
  ExportedPolicy out_;
};

// What is left of a policy once wrappers that change nothing of how one action is made are taken off.
template <class P>
struct unwrapped {
  using type = P;
};
template <class P>
struct unwrapped<Chunked<P>> : unwrapped<P> {};
template <class P>
struct unwrapped<BackpropThroughSteps<P>> : unwrapped<P> {};
template <class P, class... Of>
inline constexpr bool one_of = (std::is_same_v<P, Of> || ...);

template <class R>
[[noreturn]] void cannot_export(const std::string& what) {
  throw Error(kebab_case(type_name<R>()) + " cannot be exported: " + what);
}

/// Exports of a recipe's checkpoint with hyper-parameters `h`.
template <class R>
struct Exporter {
  using P = typename unwrapped<typename R::template get<policy>>::type;
  using Select = typename R::completed::template get<select>;
  PolicyMaker& make;
  const params_of<R>& h;

  void run() {
    if constexpr (std::is_same_v<typename P::space, Discrete>) make.end_with_code(scores());
    else make.end_with_action(action());
  }

 private:
  std::int32_t scores() {
    if constexpr (std::is_same_v<Select, Mode> && std::is_same_v<P, CategoricalPolicy>) {
      return make.categorical("policy", h.policy.net);
    } else if constexpr (std::is_same_v<Select, Greedy>) {
      return values("critic/parameters", -1, false);
    } else if constexpr (std::is_same_v<Select, SupportedGreedy> &&
                         std::is_same_v<typename R::template get<behavior>, CategoricalSupport>) {
      const auto q = values("critic/parameters", -1, false);
      return make.supported(q, make.categorical("behavior", h.behavior.model.net), h.behavior.threshold);
    } else {
      unknown();
    }
  }
  std::int32_t action() {
    if constexpr (std::is_same_v<Select, Mode>) return mode();
    else if constexpr (std::is_same_v<Select, Sample>) return samples(1);
    else if constexpr (std::is_same_v<Select, BestOf>) return best("critic/parameters", false);
    else if constexpr (std::is_same_v<Select, BestOfAverage>) return best("critic/parameters", true);
    else if constexpr (std::is_same_v<Select, BestOfTarget>) return best("critic/target", false);
    else unknown();
  }
  std::int32_t best(const char* tensor, bool mean) {
    const auto a = samples(h.select.samples);
    return make.best(a, values(tensor, a, mean));
  }
  std::int32_t values(const char* tensor, std::int32_t actions, bool mean) {
    using C = typename R::template get<critic>;
    if constexpr (std::is_base_of_v<EnsembleCritic, C>)
      return make.values(tensor, h.critic.net, h.critic.members, actions, mean);
    else cannot_export<R>("its critic " + std::string(type_name<C>()) + " is not an ensemble of networks");
  }
  std::int32_t mode() {
    if constexpr (one_of<P, GaussianPolicy, StateDependentGaussianPolicy, DeterministicPolicy, TanhGaussianPolicy,
                         ScaledTanhGaussianPolicy, SigmoidStdGaussianPolicy>)
      return make.tanh_mode(h.policy.net, P::layout(h.policy, make.width()));
    else if constexpr (std::is_same_v<P, LatentPolicy> &&
                       one_of<typename R::template get<behavior>, Generator<FlowPolicy>>)
      return make.flow("behavior", h.behavior.model, make.latent_mode(h.policy.net, h.policy.bound));
    else unknown();
  }
  std::int32_t samples(std::int64_t count) {
    using deviation = GaussianForm::deviation;
    const auto gaussian = [&](deviation of, bool squashed, bool clipped) {
      if constexpr (requires { h.policy.log_std_min; })
        return make.gaussian(h.policy.net, P::layout(h.policy, make.width()),
                             {of, squashed, clipped, h.policy.log_std_min, h.policy.log_std_max}, count);
    };
    if constexpr (std::is_same_v<P, GaussianPolicy>) return gaussian(deviation::independent, false, true);
    else if constexpr (std::is_same_v<P, StateDependentGaussianPolicy>)
      return gaussian(deviation::by_state, false, true);
    else if constexpr (std::is_same_v<P, TanhGaussianPolicy>) return gaussian(deviation::by_state, true, false);
    else if constexpr (std::is_same_v<P, ScaledTanhGaussianPolicy>) return gaussian(deviation::scaled, true, false);
    else if constexpr (std::is_same_v<P, SigmoidStdGaussianPolicy>) return gaussian(deviation::sigmoid, false, false);
    else if constexpr (std::is_same_v<P, OneStepPolicy>) return make.one_step(h.policy.net, count);
    else if constexpr (std::is_same_v<P, FlowPolicy>) return make.flow("policy", h.policy, make.noise(count)[0]);
    else if constexpr (std::is_same_v<P, DiffusionPolicy>) return make.ddpm(h.policy, h.policy, count);
    else if constexpr (std::is_same_v<P, DdimPolicy>) return make.ddim(h.policy, h.policy, count);
    else unknown();
  }
  [[noreturn]] static void unknown() {
    cannot_export<R>("an action that " + std::string(type_name<Select>()) + " selects of a policy " +
                     std::string(type_name<typename R::template get<policy>>()) +
                     " cannot be written as a function of the observation");
  }
};
}  // namespace detail

/// The policy of a checkpoint of recipe R.  Throws Error where it is none, is damaged, or has a policy that cannot be
/// written as a function of observation and noise.
template <class R>
ExportedPolicy exported_policy(const safetensors::File& file) {
  auto h = detail::read_checkpoint_header<R>(file);
  detail::PolicyMaker make(file, kebab_case(type_name<R>()), static_cast<detail::SavedHeader&>(h),
                           detail::actions_at_once<R>(h.params));
  detail::Exporter<R>{make, h.params}.run();
  return std::move(make).made();
}
template <class R>
ExportedPolicy exported_policy(const std::string& path) {
  return exported_policy<R>(detail::open_checkpoint(path));
}

/// Names of the numbers of an exported policy's observations and actions, and the code of its first discrete action, as
/// its data have them, which `config` says: throws Error, which begins with that, where there are not as many.
void name_numbers(deploy::Program& p, std::vector<std::string> observations, std::vector<std::string> actions,
                  std::int64_t first_action, const std::string& config);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/exported.impl.hpp>
#endif
