#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/data/imagination.hpp>
#include <tessera/data/offline.hpp>

namespace tessera {
struct RolloutBaseline;
namespace want {
struct value_of_returns {
  template <class T>
  static constexpr bool met = RegressesToReturns<T>;
  using remedy = try_<RolloutBaseline>;
};
}  // namespace want

/// Where model rollouts start.
enum class rollout_starts { init, buffer };
constexpr std::array<const char*, 2> enumerators(rollout_starts) { return {"init", "buffer"}; }

/// Hyper-parameters that ModelRollouts adds to those of Offline.
struct ModelRolloutsParams {
  std::int64_t rollouts = 50;
  std::int64_t horizon = 200;
  rollout_starts start = rollout_starts::init;
  double cut_range = 5.0;

  static constexpr doc docs[] = {
      {"rollouts", "model rollouts per update (MOReL: 50 for each of 4 models)", 1, 1000000},
      {"horizon", "largest number of steps of a rollout (MOReL: 500 to 700)", 1, 1000000},
      {"start",
       "init: from initial states of logged episodes; buffer: half of the rollouts from any logged state (MOReL)"},
      {"cut_range",
       "a rollout is truncated, and counted as diverged, where a state component leaves the logged range by this many "
       "times its width",
       0},
  };
};

/// A batch is new rollouts of the current policy for each update: up to h steps from states of the log, by actions
/// drawn from the policy, in the dynamics model, with the uncertainty part's penalty; all steps of all rollouts, with
/// their returns
///   G = r + gamma m ((1 - lambda) V(s') + lambda G'),  so that G - V(s) is the generalized advantage estimate
/// G' is the return of the rollout's next step.  It is V(s') where the rollout is truncated: at the horizon, or before
/// the step at which the model leaves the range of the data or is not finite.  m is 0 where the task ends, or goes
/// to HALT.  gamma, lambda and V are the value's.  A batch's actions are unclipped, as the policy's density needs them;
/// the model gets them clipped to [-1, 1].  The batch has as many rows as the rollouts have steps.
/// Source: Kidambi et al. 2020 (MOReL), algorithm 1 and the authors' code; G: Schulman et al. 2016, equation 16.
/// Differs from the authors' code: the rollouts of an update share the ensemble, with a random elite at each step,
/// theirs has as many rollouts in each member; a truncated rollout bootstraps from V of the state after its last step,
/// theirs from V of its last state.
struct ModelRollouts {
  using role = role::data_source;
  using params = joined<OfflineParams, ModelRolloutsParams>;
  using needs = all_of<need<dynamics, want::dynamics_to_imagine_with>, need<policy, want::policy_that_samples>,
                       need<value, want::value_of_returns>>;
  static constexpr const char* formula =
      "h steps from s ~ D, a ~ pi, all of them;  G = r + gamma m ((1-lambda) V(s') + lambda G')";
  static constexpr const char* source = "Kidambi et al. 2020, algorithm 1; Schulman et al. 2016, eq. 16";
  static constexpr bool imagines = true;
  static constexpr bool follows_policy = true;
  using brings = columns<column::returns>;

  template <class Data, class Out>
  static void prepare(const params& h, const Data& data, Out& out) {
    Offline::prepare(h, data, out);
  }

  static constexpr bool sized_state = true;
  /// The range of logged states, which is kept between updates.  The rollouts are not: each update has its own.
  template <class B>
  struct state : Imagination::state<B> {
    tessera::batch<typename B::tensor> fresh{};
    std::int64_t update = 0;  ///< the update that they are for

    template <class Problem>
    state(const params&, const Problem& on) : Imagination::state<B>(on) {}
  };

  /// Prepares the rollouts, in a step whose batch is all logged transitions.
  template <class Step>
  static void run(stage::start, const params& h, Step& step) {
    Imagination::begin(h.cut_range, step.template state_of<data>(), step);
  }

  /// Generates the rollouts of the next update.
  template <class Replay, class At>
  static void refill(const params& h, Replay& replay, At& at) {
    using B = typename At::backend;
    using T = typename At::tensor;
    auto& own = at.template state_of<data>();
    const auto from_all = h.start == rollout_starts::buffer ? h.rollouts / 2 : 0;
    T s = replay.sample_starts(at.seed(), at.updates() + 1, h.rollouts - from_all).observations.contiguous();
    if (from_all > 0)
      s = B::cat(std::array<T, 2>{s, replay.sample(at.seed(), at.updates() + 1, from_all).observations}, 0);
    T who = (s.select(1, 0) * 0.0 == 0.0).nonzero().squeeze(-1);  // the rollout of each row
    std::vector<T> whose, states, actions, rewards, after, not_done;
    const auto act = []<class Step>(Step& step, const T& from) {
      const T a = step.pi(from).sample_unclipped();
      return std::pair<T, T>(a, Step::discrete ? a : a.clamp(-1, 1));
    };
    const auto sum = Imagination::branches(
        at, own, s, h.horizon, act, [&](const T& from, const T& a, const auto& x, const T& index, const T& alive) {
          whose.push_back(who.index_select(0, index)), states.push_back(from.index_select(0, index)),
              actions.push_back(a.index_select(0, index));
          rewards.push_back(x.reward.index_select(0, index)), not_done.push_back(x.not_done.index_select(0, index));
          after.push_back(x.next.index_select(0, index));
          who = who.index_select(0, alive);
        });
    own.fresh = {cat(states), cat(actions), cat(rewards), cat(after), cat(not_done), 0};
    own.update = at.updates() + 1;
    at.with_step(own.fresh, at.updates() * h.horizon, [&](auto& step) {
      const auto& v = step.template params_of_slot<value>();
      own.fresh.template set<column::returns>(
          returns(v.discount, v.lambda, h.rollouts, whose, own.fresh, step.value(next)));
    });
    sum.report(at);
    sum.report(at, "data/rollout_length", double(sum.transitions) / double(h.rollouts));
    sum.report(at, "data/ended", double(sum.ended) / double(h.rollouts));
    sum.report(at, "data/diverged", double(sum.diverged) / double(h.rollouts));
  }

  /// The rollouts that were generated for an update.
  template <class Replay, class State>
  static typename Replay::batch_type batch(const params&, const Replay&, std::uint64_t, std::int64_t update,
                                           std::int64_t, const State& own) {
    if (own.update != update)
      throw Error("the rollouts of update " + std::to_string(update) + " are missing: call refill before each update");
    return own.fresh;
  }

 private:
  // The rows of a batch are those of step 0, of step 1, ...; `whose` has their rollouts.
  template <class T>
  static T returns(double discount, double lambda, std::int64_t rollouts, const std::vector<T>& whose,
                   const tessera::batch<T>& b, const T& v) {
    T out = b.rewards.clone();
    const T none = v.new_zeros({rollouts});
    T g = none, goes_on = none;  // of each rollout: the return of its next step, and whether it has one
    for (auto at = b.rewards.size(0), t = std::int64_t(whose.size()); t-- > 0;) {
      const T& who = whose[std::size_t(t)];
      const auto count = who.size(0);
      at -= count;
      const auto of = [&](const T& x) { return x.narrow(0, at, count); };
      const T longer = lambda * goes_on.index_select(0, who) * (g.index_select(0, who) - of(v));
      const T here = of(b.rewards) + discount * of(b.not_done) * (of(v) + longer);
      of(out).copy_(here);
      g = none.index_copy(0, who, here), goes_on = none.index_fill(0, who, 1.0);
    }
    return out;
  }
};
static_assert(FollowsPolicy<ModelRollouts>);
}  // namespace tessera
