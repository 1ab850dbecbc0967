#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/compose/name.hpp>
#include <tessera/compose/ranges.hpp>
#include <tessera/compose/recipe.hpp>
#include <tessera/compose/schedule.hpp>
#include <tessera/compose/sizes.hpp>
#include <tessera/compose/step.hpp>
#include <tessera/data/error.hpp>
#include <tessera/data/offline.hpp>
#include <tessera/select/mode.hpp>

namespace tessera {
/// Numbers on libtorch: <tessera/torch.hpp>.
struct torch_backend;

/// What a learner is made with besides its hyper-parameters.
template <class B>
struct learner_options {
  std::uint64_t seed = 0;
  typename B::device device = B::cpu();
};

namespace detail {
/// A learner of a recipe that composes.
template <class R, class B>
class composed {
 public:
  using recipe_type = R;
  using params = params_of<R>;
  using tensor = typename B::tensor;
  using space = typename R::template get<policy>::space;
  using backend = B;
  using options = learner_options<B>;

  /// A fresh learner for a data set: sizes, units and the choice of transitions come from the data.
  template <class Data>
  explicit composed(const Data& data, params p = {}, options o = {})
      : composed(B::template prepare<R>(of_my_space(data), in_range(p)), data, p, o) {}

  /// A fresh learner of known sizes and units.
  composed(problem_spec<B> on, typename B::units units, params p = {})
      : p_(in_range(std::move(p))), on_(that_fits(of_my_kind(on))), dreams_(on_), units_(std::move(units), on), m_(p_, on_) {
    dreams_.seed = ~on.seed;  // noise apart from that of updates
  }

  /// Whether a part fits itself several times in an update, each further time to a batch of its own.
  static constexpr bool fits_to_fresh_data = FitsToFreshData<typename R::template get<constraint>> ||
                                             FitsToFreshData<typename R::template get<behavior>> || FitsToFreshData<typename R::template get<tessera::dynamics>>;
  using further_batches = std::function<batch<tensor>(std::int64_t)>;  ///< the j-th further batch of an update, from one

  /// One update of every network, in the order of the schedule.  Without further batches, what asks for them has the same again.
  void update(const batch<tensor>& b, const further_batches& fresh = {}) {
    ++updates_;
    step<R, B> s(p_, m_, on_, units_, b, updates_);
    metrics_.clear();  // and keeps its memory
    metrics_.swap(imagined_);
    const auto phases = R::template get<schedule>::stages(p_.schedule);
    std::size_t waiting = 0;  // how many of the phases before this one have yet to step
    for (std::size_t i = 0; i < phases.size(); ++i) {
      if (!phases[i].together) move_together(phases, i, waiting, s);
      if (is_due(phases[i])) {
        s.enter(phases, i);
        descend(phases[i].what, s, fresh);
        if (!phases[i].together) move(phases[i].what, s);
      }
      if (phases[i].together) ++waiting;
    }
    move_together(phases, phases.size(), waiting, s);
    for (const auto& t : s.logged()) metrics_.push_back(t);
  }

  /// How many updates the run will make in all: decays that last as long as the run end there.  Without it they do not decay.
  void plan(std::int64_t updates) {
    m_.each([&](const char*, auto& x) {
      if constexpr (requires { x.plan(updates); }) x.plan(updates);
    });
  }

  /// `n` updates without returning in between; `batches(k)` gives the batch of update k.  metrics() then has every term's
  /// mean over the updates that had it.
  template <class Batches>
  void update_many(std::int64_t n, Batches&& batches) {
    std::vector<term<tensor>> sums;
    std::vector<std::int64_t> counts;
    for (std::int64_t i = 0; i < n; ++i) {
      update(batches(updates_ + 1));
      for (const auto& m : metrics_) {
        const auto same = std::find_if(sums.begin(), sums.end(), [&](const auto& s) { return std::string_view(s.name) == m.name; });
        if (same == sums.end()) {
          sums.push_back(m), counts.push_back(1);
        } else {
          same->value = same->value + m.value;
          ++counts[std::size_t(same - sums.begin())];
        }
      }
    }
    for (std::size_t i = 0; i < sums.size(); ++i)
      if (counts[i] > 1) sums[i].value = (1.0 / double(counts[i])) * sums[i].value;
    metrics_ = std::move(sums);
  }

  /// Actions for observations, both in the task's own units: (B, n) -> (B, d) or (B).  `key` names the noise
  /// of selections that draw: equal keys give equal actions.  An Error where the observations have another shape, or one is not finite.
  tensor act(const tensor& observations, std::int64_t key = 0) {
    typename B::no_grad guard;
    if constexpr (requires { B::observations(observations, on_.observation_size, on_.device); }) {
      const tensor x = B::observations(observations, on_.observation_size, on_.device);
      const auto finite = B::are_finite(x);
      const tensor actions = act_unasked(x, key);
      B::require_finite(finite, x);
      return actions;
    } else {
      return act_unasked(observations, key);
    }
  }
  /// The same for one observation in a program's own memory, a span, vector or array of float: a std::vector<float> of the action's numbers,
  /// or the index of a discrete action.
  template <class Observation>
    requires(std::is_convertible_v<const Observation&, std::span<const float>> && !std::is_convertible_v<const Observation&, tensor>)
  auto act(const Observation& observation, std::int64_t key = 0) {
    const std::span<const float> x = observation;
    if (std::int64_t(x.size()) != on_.observation_size)
      throw Error("act: the observation has " + std::to_string(x.size()) + " numbers, and the policy was made for " +
                  std::to_string(on_.observation_size));
    const tensor a = act(B::one_observation(x, on_.device), key);
    if constexpr (std::is_same_v<space, Discrete>) return B::index(a);
    else return B::numbers(a);
  }

  /// The losses' summands of the last update, by name, each a scalar tensor on the learner's device.
  const std::vector<term<tensor>>& metrics() const { return metrics_; }
  std::int64_t updates() const { return updates_; }
  const params& hyperparameters() const { return p_; }
  const problem_spec<B>& problem() const { return on_; }
  const typename B::units& units() const { return units_; }
  /// The transitions that the data source chose, if the learner was made from a data set.
  const std::vector<std::int64_t>& transitions() const { return transitions_; }
  /// The transitions of a data set to learn from: those chosen when the learner was made from it; of one that was loaded, they follow from
  /// the data again.  An Error where the data do not fit the learner.
  template <class Data>
  std::vector<std::int64_t> transitions(const Data& data) const {
    of_my_space(data);
    if (data.observation_size != on_.observation_size || data.action_size != on_.action_size)
      throw Error(data.name + ": has observations of size " + std::to_string(data.observation_size) + " and actions of size " +
                  std::to_string(data.action_size) + ", but the learner was made for " + std::to_string(on_.observation_size) + " and " +
                  std::to_string(on_.action_size) + "; train it on the data it was made for");
    if (transitions_.empty()) return B::template prepare<R>(data, p_).transitions;
    if (*std::max_element(transitions_.begin(), transitions_.end()) >= data.size())
      throw Error(data.name + ": has " + std::to_string(data.size()) + " transitions, fewer than the data that the learner was made from; train it on those");
    return transitions_;
  }

  /// What a batch must hold besides (s, a, r, s', m).
  static constexpr bool reads_next_action = R::completed::template apply<any_reads_next_action>::value;
  static constexpr bool reads_returns = ReadsReturns<typename R::template get<value>> && !FollowsPolicy<typename R::template get<data>>;

  /// Fills in a replay's returns under the value's target copy as it stands.
  template <class Replay>
    requires reads_returns
  void returns_of(Replay& replay) {
    const auto b = replay.all();
    step<R, B> s(p_, m_, on_, units_, b, updates_);
    replay.set_returns(p_.value.discount, p_.value.lambda, s.v_target(next));
  }
  /// Whether that copy moved in the last update.
  bool returns_are_stale() const
    requires reads_returns
  {
    return updates_ > head_start() && updates_ % p_.value.refresh == 0;
  }

  // A learner whose data source imagines transitions.
  static constexpr bool imagines = ImaginesTransitions<typename R::template get<data>>;

  /// The dynamics model: what its part keeps.
  auto& dynamics()
    requires(!std::is_void_v<typename R::template get<tessera::dynamics>>)
  {
    return m_.dynamics_state;
  }
  /// Lets the parts find out from the data what imagining takes, once.
  template <class Replay>
    requires imagines
  void prepare_imagination(const Replay& replay) {
    typename B::no_grad guard;
    const auto b = replay.all();
    step<R, B> s(p_, m_, dreams_, units_, b, updates_);
    R::template get<data>::begin(p_.data, s);
    if constexpr (StartsFromLog<typename R::template get<actor>>) R::template get<actor>::start(p_.actor, s);
  }
  /// Whether transitions are to be imagined before the next update.
  bool imagination_is_due() const
    requires imagines
  {
    return R::template get<data>::due(p_.data, updates_);
  }
  /// Imagines transitions from the states of logged ones by the policy as it stands.
  template <class Replay>
    requires imagines
  void imagine(const Replay& replay) {
    typename B::no_grad guard;
    imagined_ = R::template get<data>::imagine(p_.data, replay, dreams_.seed, updates_, [&](const batch<tensor>& b, std::int64_t index, auto&& f) {
      step<R, B> s(p_, m_, dreams_, units_, b, index);
      return f(s);
    }, m_.data_state);
  }
  /// A batch of logged and imagined transitions, for the given update.
  template <class Replay>
    requires imagines
  batch<tensor> mixed(const Replay& replay, std::int64_t update, std::int64_t count) const {
    return R::template get<data>::mixed(p_.data, replay, on_.seed, update, count, m_.data_state);
  }

  /// Calls f(name, tensor or integer) for everything that must be saved to go on where it stopped.
  void each_buffer(auto&& f) {
    f("updates", updates_);
    m_.each([&](const char* owner, auto& x) { x.each_buffer(owner, f); });
  }

 private:
  using M = memory<R, B>;

  tensor act_unasked(const tensor& observations, std::int64_t key) {
    const batch<tensor> b{units_.observations(observations), {}, {}, {}, {}};
    step<R, B> s(p_, m_, on_, units_, b, -1 - key);
    return units_.actions(R::template get<select>::act(p_.select, s));
  }

  template <class Prepared, class Data>
  composed(Prepared&& prepared, const Data& data, const params& p, const options& o)
      : composed(problem_spec<B>{data.observation_size, data.action_size, o.seed, o.device},
                 typename B::units(prepared.normalizer), p) {
    transitions_ = std::move(prepared.transitions);
  }

  static params in_range(params p) {
    require_ranges<R>(p);
    return p;
  }
  static problem_spec<B> of_my_kind(problem_spec<B> on) {
    on.discrete = std::is_same_v<space, Discrete>;
    return on;
  }
  // Before anything is allocated.
  const problem_spec<B>& that_fits(const problem_spec<B>& on) const {
    if constexpr (SizesKnown<R> && requires { requires B::takes_memory; }) check_memory<R>(p_, on.observation_size, on.action_size);
    return on;
  }
  // A data set's action space is known only now.
  template <class Data>
  static const Data& of_my_space(const Data& data) {
    if constexpr (requires { data.kind; }) {
      using kind = decltype(data.kind);
      constexpr bool discrete = std::is_same_v<space, Discrete>;
      if (data.kind != (discrete ? kind::discrete : kind::continuous))
        throw Error(data.name + ": its actions are " + (discrete ? "continuous" : "discrete") + ", but " + std::string(type_name<R>()) +
                    " is for " + space::name + " ones; use an algorithm for " + (discrete ? "continuous" : "discrete") + " actions");
    }
    return data;
  }

  // Updates in which the behaviour's model alone is trained.
  std::int64_t head_start() const {
    if constexpr (M::has_behavior) return p_.behavior.head_start;
    else return 0;
  }

  bool is_due(const phase& ph) const { return ph.runs_in(updates_) && (ph.what == stage::behavior || updates_ > head_start()); }

  // The steps of the `waiting` phases before phase i.
  void move_together(std::span<const phase> phases, std::size_t i, std::size_t& waiting, step<R, B>& s) {
    for (; waiting > 0; --waiting)
      if (is_due(phases[i - waiting])) {
        s.enter(phases, i - 1);
        move(phases[i - waiting].what, s);
      }
  }
  // The gradients of a stage's losses; all that it does, where it steps by itself.
  void descend(stage what, step<R, B>& s, const further_batches& fresh) {
    using A = typename M::A;
    using K = typename M::K;
    switch (what) {
      case stage::dynamics:
        if constexpr (FitsData<typename M::D>) fit<typename M::D>(p_.dynamics, s, fresh);
        break;
      case stage::behavior:
        if constexpr (M::has_behavior) fit<typename M::M>(p_.behavior, s, fresh);
        break;
      case stage::constraint:
        if constexpr (FitsData<K>) fit<K>(p_.constraint, s, fresh);
        break;
      case stage::value:
        if constexpr (M::has_value) {
          const auto first = metrics_.size();
          std::int64_t times = 1;
          if constexpr (FitsRepeatedly<typename M::V>) times = M::V::fits(p_.value, s);
          for (auto k = times; k > 0; --k) {
            differentiate(M::V::loss(p_.value, s));
            if (k > 1) m_.value_net->apply();
          }
          average(first, times);
        }
        break;
      case stage::critic:
        if constexpr (M::has_critic) differentiate(M::C::loss(p_.critic, s));
        break;
      case stage::actor:
        if constexpr (!std::is_void_v<A>) {
          if constexpr (std::is_void_v<K>) differentiate(A::loss(p_.actor, s));
          else differentiate(A::loss(p_.actor, s), K::loss(p_.constraint, s));
        }
        break;
      case stage::duals:
        if constexpr (HasDuals<A>) adjust<A>(p_.actor, s);
        if constexpr (HasDuals<typename M::C>) adjust<typename M::C>(p_.critic, s);
        if constexpr (HasDuals<K>) adjust<K>(p_.constraint, s);
        break;
      case stage::targets: break;
    }
  }
  // The step of a stage, by the gradients gathered.
  void move(stage what, step<R, B>& s) {
    using A = typename M::A;
    switch (what) {
      case stage::value:
        if constexpr (M::has_value) {
          m_.value_net->apply();
          if constexpr (UsesTargetValue<typename M::V>)
            if (updates_ % p_.value.refresh == 0) m_.value_net->follow(1);
        }
        break;
      case stage::critic:
        if constexpr (M::has_critic) {
          s.targets_moved = s.follows_directly(stage::targets);
          if (s.targets_moved) m_.critic_net->apply_and_follow(p_.critic.polyak);
          else m_.critic_net->apply();
        }
        break;
      case stage::actor:
        if constexpr (!std::is_void_v<A>) {
          if constexpr (MovesPolicy<A>) A::move(p_.actor, s);
          else m_.policy_net->apply();
        }
        break;
      case stage::targets:
        if constexpr (M::has_critic)
          if (!s.targets_moved) m_.critic_net->follow(p_.critic.polyak);
        if constexpr (M::has_target_policy) m_.policy_net->follow(p_.critic.polyak);
        break;
      case stage::dynamics:
      case stage::behavior:
      case stage::constraint:
      case stage::duals: break;  // have stepped
    }
  }

  // A part's own networks, and its multipliers.
  template <class Part>
  void fit(const typename Part::params& h, step<R, B>& s, const further_batches& fresh) {
    const std::int64_t times = Part::fits(h, updates_);
    const auto first = metrics_.size();
    for (std::int64_t k = 0; k < times; ++k) {
      if constexpr (FitsToFreshData<Part>) {
        if (k > 0 && fresh) {
          const batch<tensor> data = fresh(k);  // a step does not keep its batch
          step<R, B> further(p_, m_, on_, units_, data, updates_, k * further_draws);
          differentiate(Part::fit(h, further));
          Part::step_fit(further);
          continue;
        }
      }
      differentiate(Part::fit(h, s));
      Part::step_fit(s);
    }
    average(first, times);
  }
  static constexpr std::int64_t further_draws = 10'000;  // more than a step's draws: those of a fresh batch are others
  template <class Part>
  void adjust(const typename Part::params& h, step<R, B>& s) {
    const auto sum = Part::duals(h, s);
    if (sum.count == 0) return;
    differentiate(sum);
    Part::step_duals(s);
  }

  // Of the metrics from `first` on, which are those of so many equal losses: the mean of each.
  void average(std::size_t first, std::int64_t times) {
    if (times < 2) return;
    const auto count = (metrics_.size() - first) / std::size_t(times);
    for (auto i = first + count; i < metrics_.size(); ++i) {
      auto& sum = metrics_[first + (i - first) % count].value;
      sum = sum + metrics_[i].value;
    }
    metrics_.resize(first + count);
    for (auto i = first; i < metrics_.size(); ++i) metrics_[i].value = (1.0 / double(times)) * metrics_[i].value;
  }
  // Differentiates the sum of all summands once, and keeps each under its name.
  template <class... Sums>
  void differentiate(const Sums&... sums) {
    std::array<tensor, sizeof...(Sums) * terms<tensor>::capacity> values;
    std::size_t count = 0;
    ([&] {
      for (int i = 0; i < sums.count; ++i) {
        values[count++] = sums.items[i].value;
        metrics_.push_back({sums.items[i].name, B::stop(sums.items[i].value)});
      }
    }(), ...);
    B::backward(std::span<const tensor>(values.data(), count));
  }

  params p_;
  problem_spec<B> on_, dreams_;
  typename B::units units_;
  memory<R, B> m_;
  std::vector<std::int64_t> transitions_;
  std::vector<term<tensor>> metrics_, imagined_;
  std::int64_t updates_ = 0;
};

/// Stands in for a learner that does not compose, so that one mistake gives one error.
struct anything {
  template <class T>
  operator T() const;  // NOLINT: converts to whatever the caller expected
};
template <class R, bool shaped = R::completed::template apply<audit<R>::template of_shape>::ok>
struct params_or_anything {
  using type = anything;
};
template <class R>
struct params_or_anything<R, true> {
  using type = params_of<R>;
};
template <class R, class B>
struct poisoned {
  using params = typename params_or_anything<R>::type;
  using options = learner_options<B>;
  using does_not_compose = void;  // train and evaluate have nothing to add to the error
  poisoned(auto&&...) {}
  // For arguments in braces, which have no type of their own.
  template <class Data>
  poisoned(const Data&, params) {}
  template <class Data>
  poisoned(const Data&, params, options) {}
  void update(auto&&...) {}
  void plan(std::int64_t) {}
  void update_many(auto&&...) {}
  anything act(auto&&...) { return {}; }
  void each_buffer(auto&&) {}
  std::int64_t updates() const { return 0; }
  const params& hyperparameters() const;
};
template <class R, class B>
struct choose {
  using type = poisoned<R, B>;
};
template <Composable R, class B>
struct choose<R, B> {
  using type = composed<R, B>;
};
}  // namespace detail

/// A trained, or trainable, instance of an algorithm:  `using Iql = learner<recipes::Iql>;`
/// A recipe that does not compose is one error, whose first line names the recipe, the part, what it wants and
/// what it got.
template <class R, class B = torch_backend>
class learner : public detail::choose<R, B>::type {
  static_assert(composition_report<R>::size > 0);
  static_assert(!Composable<R> || sizeof(B) > 0, "include <tessera/torch.hpp> to train");

 public:
  using base = typename detail::choose<R, B>::type;
  using base::base;
};
}  // namespace tessera
