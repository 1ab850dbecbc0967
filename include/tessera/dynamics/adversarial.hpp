#pragma once
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <numbers>

#include <tessera/concepts/capture.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/math/over_batch.hpp>

namespace tessera {
namespace want {
/// Of what is wrapped: an ensemble whose networks can be trained on, as it trains them itself.
struct ensemble_that_learns_on {
  template <class T>
  static constexpr bool met = EnsembleDynamics<T>&& requires(const typename T::params& h) {
    T::elites(h), T::decays(h);
  };
  using remedy = try_<GaussianEnsemble>;
};
}  // namespace want

/// Hyper-parameters that Adversarial adds to those of the model.
struct AdversarialParams {
  double adversary = 3e-4;
  std::int64_t adversary_every = 1;
  double adversary_bounds = 0.001;

  static constexpr doc docs[] = {
      {"adversary", "lambda, weight of the adversarial term (RAMBO: 3e-4, on some tasks 0)", 0},
      {"adversary_every", "updates between two steps of the model (RAMBO: as many steps as updates)", 1, 1000000},
      {"adversary_bounds", "bounds_weight of these steps; that of the model's own training stays (RAMBO's code: 0.001)",
       0},
  };
};

/// A dynamics ensemble that is trained along with the policy, against it: it makes transitions of high advantage less
/// likely, under its likelihood of the log:
///   minimize  lambda E [ log p(y | s, a) adv ]  +  the model's own loss at logged transitions, its bounds' pull
///       adversary_bounds
///   a ~ pi(.|s),  y = (s', r) ~ p = the mixture of the elites,  adv = r + gamma m V(s') - Q(s, a),  standardized over
///       the batch
///   V(s') = min_j Qbar_j(s', mode pi(.|s')),   Q = min_j Qbar_j
/// y and adv have no gradient: it is that of E_p [adv] by the likelihood ratio.
/// Source: Rigter et al. 2022 (RAMBO), equations 9 to 12; the mode at s', the target networks' values and the pull: the
/// authors' code.
/// Differs from the paper: a step of the model for each update at the batch's states, which are logged and imagined
/// ones, in place of blocks of steps along rollouts of their own; the batch's logged transitions, the same for all
/// members, in place of newly sampled ones; and what the wrapped model's comment says.
template <class Model>
struct Adversarial : around<Model> {
  using params = joined<typename Model::params, AdversarialParams>;
  using needs = extended_needs<typename Model::needs, around_a<Model, want::ensemble_that_learns_on>,
                               need<critic, want::critic_of_actions>, need<policy, want::continuous_policy>,
                               need<policy, want::policy_that_samples>>;
  static constexpr const char* formula = "the wrapped model, which also minimizes lambda E [log p(s',r|s,a_pi) adv]";
  static constexpr const char* source = "Rigter et al. 2022, eqs. 9-12";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    using T = typename Step::tensor;
    using B = typename Step::backend;
    auto& model = step.template state_of<dynamics>();
    const T &s = step.state(now), task = step.task_states(s), a = step.pi(s).sample(), task_a = step.task_actions(a);
    const auto out = model.net.trained(Model::input(model, task, task_a));
    const auto elites = Model::elites(h);
    const auto [low, high] = Model::bounds(out.state_independent);
    const auto d = low.size(0);
    const auto [mu, log_variance] =
        math::bounded_normal(T(out.out.narrow(0, 0, elites).narrow(-1, 0, 2 * d)), low, high);
    T y, advantage;
    {
      typename B::no_grad guard;
      const T i = B::whole((step.draw(noise::uniform, 1, s) * double(elites)).floor().clamp(0, double(elites - 1)))
                      .transpose(0, 1);
      const T wide = i.unsqueeze(-1).expand({1, s.size(0), d});
      y = mu.gather(0, wide).squeeze(0) +
          (0.5 * log_variance).gather(0, wide).squeeze(0).exp() * step.draw(noise::normal, d, s);
      const T change = y * model.target_scale.value + model.target_shift.value;
      const T task_after = task + change.narrow(-1, 0, d - 1), after = step.learner_states(task_after),
              r = step.learner_rewards(change.select(-1, d - 1));
      const T ended = model.ended        ? model.ended(task, task_a, task_after)
                      : model.ends.value ? T(0.5 + 0.5 * out.out.select(-1, 2 * d).gather(0, i).squeeze(0).sign())
                                         : T(r * 0.0);
      const T v = math::min(step.q(after, step.pi(after).mode(), as::target));
      const T gain = r + step.discount() * (1.0 - ended) * v - math::min(step.q(s, a, as::target));
      advantage = math::standardized(gain, 1e-6);
    }
    const T changes = model.target_scale.value.sign();  // what never changes has no density
    const T log_density =
        (-0.5 * changes * ((y - mu).square() * (-log_variance).exp() + log_variance + std::log(2 * std::numbers::pi)))
            .sum(-1);
    const T log_mixture = logsumexp(log_density, 0) - std::log(double(elites));
    auto sum = step.logged_count() > 0 ? own_loss(h, step) : terms<T>();
    return sum.add("dynamics/adversary", h.adversary * (log_mixture * advantage).mean());
  }
  static rhythm rhythm_of(const params& h) { return {.period = h.adversary_every}; }
  using around<Model>::run;
  template <class Step>
  static void run(stage::dynamics, const params& h, Step& step) {
    if (step.update() % h.adversary_every != 0) return;
    auto& net = step.template state_of<dynamics>().net;
    step.descend_by(stage::dynamics{}, [&net, &h] {
      net.decay(Model::decays(h));
      net.apply();
    });
  }

 private:
  // The members' likelihood of the batch's logged transitions; all see the same ones.
  template <class Step>
  static auto own_loss(const params& h, Step& step) {
    using T = typename Step::tensor;
    auto& model = step.template state_of<dynamics>();
    const T s = step.task_states(step.logged(step.state(now))), a = step.task_actions(step.logged(step.action()));
    const T y = Model::target(model, s, T(step.task_states(step.logged(step.state(next)))),
                              T(step.task_rewards(step.logged(step.reward()))));
    const auto out = model.net.trained(Model::input(model, s, a));
    const auto members = out.out.size(0), rows = y.size(0);
    const auto of_all = [&](const T& x) -> T { return x.unsqueeze(0).expand({members, rows}); };
    // A terminal row whose next state is not known has its own for it.
    const T not_done = step.logged(step.not_done()),
            moved = step.logged(step.state(next) - step.state(now)).abs().amax(-1).sign();
    const T weights = Model::weights(model, of_all(maximum(not_done, moved)));
    typename Model::params own = h;
    own.bounds_weight = h.adversary_bounds;
    return Model::loss(own, model, out, T(y.unsqueeze(0).expand({members, rows, y.size(1)})), of_all(1.0 - not_done),
                       weights);
  }
};
static_assert(EnsembleDynamics<Adversarial<GaussianEnsemble>>);
static_assert(std::same_as<learned_model<Adversarial<GaussianEnsemble>>, GaussianEnsemble>);
}  // namespace tessera
