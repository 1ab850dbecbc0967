#pragma once
#include <algorithm>
#include <cstddef>
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
#include <tessera/compose/sizes.hpp>
#include <tessera/compose/step.hpp>
#include <tessera/concepts/capture.hpp>
#include <tessera/data/offline.hpp>
#include <tessera/math/gumbel_draw.hpp>
#include <tessera/options/precision.hpp>
#include <tessera/schedule/schedule.hpp>
#include <tessera/select/mode.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// Numbers on libtorch: <tessera/torch.hpp>.
struct torch_backend;

/// What a learner is made with besides its hyper-parameters.
template <class B>
struct learner_options {
  std::uint64_t seed = 0;
  typename B::device device = B::cpu();
  /// Of the networks' matrix products in updates.  An Error where it is not to be had.
  tessera::precision precision = tessera::precision::float32;
};

namespace detail {
/// What takes the place of a backend's `in_precision`, where it has none.
struct in_one_precision {
  explicit in_one_precision(precision) {}
};
template <class B>
struct precision_guard {
  using type = in_one_precision;
};
template <class B>
  requires requires { typename B::in_precision; }
struct precision_guard<B> {
  using type = typename B::in_precision;
};

// What the parts say of updates that are recorded.
template <class... Slots>
struct recording {
  static constexpr bool capturable = (is_capturable<typename Slots::type> && ...);
  static constexpr bool has_rhythm =
      ((HasRhythm<typename Slots::type> || TrainedAloneFirst<typename Slots::type>) || ...);

  static std::string why_not() {
    std::string out;
    (
        [&] {
          if constexpr (!is_capturable<typename Slots::type>)
            out += (out.empty() ? "" : ", ") + part_name<typename Slots::type>();
        }(),
        ...);
    return out.empty() ? out : out + ": works on the host between updates, or decides by numbers that it reads";
  }
  // Adds to an update's pattern; false, where the update stands alone.
  static bool add(const auto& p, std::int64_t update, std::vector<std::int64_t>& pattern) {
    return (one<Slots>(p, update, pattern) && ...);
  }

 private:
  template <class Slot>
  static bool one([[maybe_unused]] const auto& p, [[maybe_unused]] std::int64_t update,
                  [[maybe_unused]] std::vector<std::int64_t>& pattern) {
    if constexpr (TrainedAloneFirst<typename Slot::type>)
      if (update <= Slot::type::alone(p.*Slot::member)) return false;
    if constexpr (HasRhythm<typename Slot::type>) {
      const auto r = Slot::type::rhythm_of(p.*Slot::member);
      if (update <= r.after) return false;
      pattern.push_back(update % r.period);
    }
    return true;
  }
};

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
  using policy_part = typename R::template get<policy>;

  /// A fresh learner for a data set: sizes, units and the choice of transitions come from the data.
  template <class Data>
  explicit composed(const Data& data, params p = {}, options o = {})
      : composed(B::template prepare<R>(of_my_space(data), in_range(p)), data, p, o) {
    set_precision(o.precision);
  }

  /// A fresh learner of known sizes and units.
  composed(problem_spec<B> on, typename B::units units, params p = {})
      : p_(in_range(std::move(p))), on_(that_fits(of_my_kind(on))), parts_(seen_by_parts<R>(on_, p_)), apart_(parts_),
        units_(std::move(units), on), m_(p_, parts_) {
    apart_.seed = ~on.seed;
  }

  using further_batches = more_batches<tensor>;  ///< the j-th further batch of an update, from one

  /// One update: the stages of the schedule, in its order.  Without further batches, a part that asks for them has the
  /// same again.
  void update(const batch<tensor>& b, const further_batches& fresh = {}) {
    if constexpr (requires { B::require_gradients(); }) B::require_gradients();
    [[maybe_unused]] const typename precision_guard<B>::type guard(precision_);
    ++updates_;
    metrics_.clear();  // and keeps its memory
    metrics_.swap(refilled_);
    step<R, B> s(p_, m_, parts_, units_, b, updates_, &metrics_, &fresh);
    const auto stages = timetable<R>::of(p_);
    const auto alone = R::completed::template apply<alone_first>::of(p_);
    [&]<class... Stages>(list_of<Stages...>) {
      std::size_t i = 0;
      (
          [&] {
            s.enter(stages, i);
            if (stages[i].when.runs_in(updates_) &&
                (updates_ > alone || R::completed::template apply<alone_first>::template has<Stages>(p_)))
              s.run(Stages{});
            ++i;
          }(),
          ...);
      s.enter(stages, i);
    }(order_of<R>{});
    for (const auto& t : s.logged()) metrics_.push_back(t);
    asked_number_ = s.asked_number();
  }

  /// Whether an update can be recorded on a device and repeated there.
  static constexpr bool capturable = R::completed::template apply<recording>::capturable;
  /// Why not: the parts, in words.
  static std::string why_not_capturable() { return R::completed::template apply<recording>::why_not(); }
  /// What an update asks of the device: two updates with equal patterns ask for the same, as far as the schedule and
  /// the parts' rhythms tell.  Empty, where no later update is like it.
  std::vector<std::int64_t> pattern(std::int64_t update) const {
    std::vector<std::int64_t> out;
    for (const auto& stage : timetable<R>::of(p_)) out.push_back(stage.run && stage.when.runs_in(update) ? 1 : 0);
    if (!R::completed::template apply<recording>::add(p_, update, out)) out.clear();
    return out;
  }
  /// Whether a part looked at the number of the last update, while none says in what rhythm.
  bool asked_number() const { return asked_number_ && !R::completed::template apply<recording>::has_rhythm; }
  /// A recorded update was repeated on the device: the last one made is now number `update`, and had these metrics.
  void repeated(std::int64_t update, std::vector<term<tensor>> metrics) {
    updates_ = update;
    metrics_ = std::move(metrics);
    m_.each([](const char*, auto& x) {
      if constexpr (requires { x.repeated(); }) x.repeated();
    });
  }

  /// The precision of the matrix products of further updates.  Outside of updates, where it acts or imagines, they are
  /// in float32.  An Error, which changes nothing, where it is not to be had.
  void set_precision(tessera::precision p) {
    if constexpr (requires { B::require_precision(p, on_.device); }) B::require_precision(p, on_.device);
    else if (p != tessera::precision::float32) throw Error("precision bf16: this backend has float32 alone");
    precision_ = p;
  }
  tessera::precision products() const { return precision_; }

  /// How many updates the run will make in all: decays that last as long as the run end there.  Without it they do not
  /// decay.
  void plan(std::int64_t updates) {
    m_.each([&](const char*, auto& x) {
      if constexpr (requires { x.plan(updates); }) x.plan(updates);
    });
  }

  /// `n` updates without returning in between; `batches(k)` gives the batch of update k.  metrics() then has every
  /// term's mean over the updates that had it.
  template <class Batches>
  void update_many(std::int64_t n, Batches&& batches) {
    std::vector<term<tensor>> sums;
    std::vector<std::int64_t> counts;
    for (std::int64_t i = 0; i < n; ++i) {
      update(batches(updates_ + 1));
      for (const auto& m : metrics_) {
        const auto same =
            std::find_if(sums.begin(), sums.end(), [&](const auto& s) { return std::string_view(s.name) == m.name; });
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
  /// of selections that draw: equal keys give equal actions.  An Error where the observations have another shape, or
  /// one is not finite.  Of a policy of chunks, the first action of a chunk that begins there.
  tensor act(const tensor& observations, std::int64_t key = 0) {
    typename B::no_grad guard;
    const tensor a = decided(observations, key);
    if constexpr (ChunkedPolicy<policy_part>) return units_.actions(a.narrow(1, 0, on_.action_size));
    else return units_.actions(a);
  }
  /// Of a policy of chunks: the h actions of the chunks that begin at the observations, which are to be done one after
  /// the other: (B, n) -> (B, h, d).
  tensor act_chunk(const tensor& observations, std::int64_t key = 0) requires ChunkedPolicy<policy_part> {
    typename B::no_grad guard;
    const auto d = on_.action_size;
    return units_.actions(decided(observations, key).reshape({-1, d})).reshape({-1, actions_at_once(), d});
  }
  /// How many actions are decided at once: h of a policy of chunks, else 1.
  std::int64_t actions_at_once() const { return detail::actions_at_once<R>(p_); }
  /// The same for one observation in a program's own memory, a span, vector or array of float: a std::vector<float> of
  /// the action's numbers, or the index of a discrete action.
  template <class Observation>
    requires(std::is_convertible_v<const Observation&, std::span<const float>> &&
             !std::is_convertible_v<const Observation&, tensor>)
  auto act(const Observation& observation, std::int64_t key = 0) {
    const std::span<const float> x = observation;
    if (std::int64_t(x.size()) != on_.observation_size)
      throw Error("act: the observation has " + std::to_string(x.size()) + " numbers, and the policy was made for " +
                  std::to_string(on_.observation_size));
    const tensor a = act(B::one_observation(x, on_.device), key);
    if constexpr (std::is_same_v<space, Discrete>) return B::index(a);
    else return B::numbers(a);
  }

  /// Actions to explore with, for observations in the task's own units: the policy's own samples where it has a
  /// distribution; its action plus N(0, noise^2), in units of half the action's range, where it has none, or, of
  /// discrete actions, uniform ones in that share of cases; what the selection draws, where it draws.  A function of
  /// (seed, key); of a policy of chunks, also of what is left of those that it began at the same rows before.
  tensor explore(const tensor& observations, std::int64_t key, double noise) {
    typename B::no_grad guard;
    const batch<tensor> b{units_.observations(observations), {}, {}, {}, {}};
    step<R, B> s(p_, m_, apart_, units_, b, -1 - key);
    if constexpr (ChunkedPolicy<policy_part>)
      return units_.actions(
          policy_part::template next_actions<B>(state_of<policy>(), explored(s, noise), on_.action_size));
    else return units_.actions(explored(s, noise));
  }

  /// log pi(a|s) of actions (B, d), or (B), at observations (B, n), all in the task's own units: (B), of continuous
  /// actions the log of a density in these units.  That of the policy's distribution, whatever the selection makes of
  /// it.  An action beyond the limits counts as one at them.
  ///   log pi_task(a|s) = log pi(u|s) - sum_j log((high_j - low_j) / 2),   u the action in [-1, 1]^d
  tensor log_prob(const tensor& observations, const tensor& actions) requires LogDensityPolicy<policy_part> {
    return distribution(observations, [&](step<R, B>& s) {
      if constexpr (std::is_same_v<space, Discrete>) return s.pi(now).log_prob(actions);
      else return tensor(s.pi(now).log_prob(units_.learner_actions(actions)) - units_.log_action_volume());
    });
  }
  /// log pi(.|s) of all discrete actions, (B, A).
  tensor log_probs(const tensor& observations) requires EnumerablePolicy<policy_part> {
    return distribution(observations, [&](step<R, B>& s) { return s.pi(now).log_probs(); });
  }
  /// An episode begins in row `copy` of what is explored: what is left of its chunk is dropped.
  void begin_episode(std::int64_t copy) requires ChunkedPolicy<policy_part> {
    typename B::no_grad guard;
    policy_part::drop(state_of<policy>(), copy);
  }

  /// The losses' summands of the last update, by name, each a scalar tensor on the learner's device.
  const std::vector<term<tensor>>& metrics() const { return metrics_; }
  std::int64_t updates() const { return updates_; }
  const params& hyperparameters() const { return p_; }
  const problem_spec<B>& problem() const { return on_; }
  const typename B::units& units() const { return units_; }
  /// The transitions that the data source chose, if the learner was made from a data set.
  const std::vector<std::int64_t>& transitions() const { return transitions_; }
  /// The transitions of a data set to learn from: those chosen when the learner was made from it; of one that was
  /// loaded, they follow from the data again.  An Error where the data do not fit the learner.
  template <class Data>
  std::vector<std::int64_t> transitions(const Data& data) const {
    of_my_space(data);
    if (data.observation_size != on_.observation_size || data.action_size != on_.action_size)
      throw Error(data.name + ": has observations of size " + std::to_string(data.observation_size) +
                  " and actions of size " + std::to_string(data.action_size) + ", but the learner was made for " +
                  std::to_string(on_.observation_size) + " and " + std::to_string(on_.action_size) +
                  "; train it on the data it was made for");
    if (transitions_.empty()) return B::template prepare<R>(data, p_).transitions;
    if (*std::max_element(transitions_.begin(), transitions_.end()) >= data.size())
      throw Error(data.name + ": has " + std::to_string(data.size()) +
                  " transitions, fewer than the data that the learner was made from; train it on those");
    return transitions_;
  }

  /// What a batch must hold besides (s, a, r, s', m).
  using reads = typename R::completed::template apply<reads_of_slots>::type;
  /// What of it comes from the log, and not by the data source itself.
  using logged_columns =
      typename without_columns<reads, typename brought_by<typename R::completed::template get<data>>::type>::type;

  /// Whether batches hold imagined transitions.
  static constexpr bool imagines = ImaginesTransitions<typename R::template get<data>>;

  /// The state of the part in a slot.
  template <template <class> class S>
  auto& state_of() {
    return m_.template of<S>();
  }
  /// The dynamics model: what its part keeps.
  auto& dynamics() requires(!std::is_void_v<typename R::template get<tessera::dynamics>>) {
    return m_.template of<tessera::dynamics>();
  }

  /// Lets the parts see all logged transitions, where training starts or goes on.
  template <class Replay>
  void start(const Replay& replay) {
    just_started_ = true;
    if constexpr (is_run<R, stage::start>) {
      typename B::no_grad guard;
      const auto b = replay.all();
      step<R, B> s(p_, m_, apart_, units_, b, updates_);
      s.run(stage::start{});
    }
  }
  /// Lets the parts do what is due before the next update: generate model rollouts, recompute returns.
  template <class Replay>
  void refill(Replay& replay) {
    typename B::no_grad guard;
    refilled_.clear();
    refilling at{*this, std::exchange(just_started_, false)};
    R::completed::template apply<parts_that_refill>::refill(p_, replay, at);
  }
  /// The replay has grown by an episode: what parts have computed of it is computed anew.
  void data_changed() { just_started_ = true; }
  /// The batch of update number `update`.
  template <class Replay>
  batch<tensor> batch_for(const Replay& replay, std::int64_t update, std::int64_t count) {
    return R::completed::template get<data>::batch(p_.data, replay, on_.seed, update, count, m_.template of<data>());
  }

  /// Calls f(name, tensor or integer) for everything that must be saved to go on where it stopped.
  void each_buffer(auto&& f) {
    f("updates", updates_);
    m_.each([&](const char* owner, auto& x) { x.each_buffer(owner, f); });
  }

 private:
  tensor explored(step<R, B>& s, double noise) {
    using P = typename R::template get<policy>;
    using Select = typename R::completed::template get<select>;
    if constexpr (std::is_same_v<space, Discrete>) {
      if constexpr (EnumerablePolicy<P>) {
        const tensor log_pi = s.pi(now).log_probs();
        return math::gumbel_draw(log_pi, tensor(s.draw(tessera::noise::uniform, on_.action_size, log_pi)));
      } else {
        const tensor a = Select::act(p_.select, s);
        const tensor u = s.draw(tessera::noise::uniform, 2, s.state(now));
        const tensor other = B::whole((u.select(-1, 1) * double(on_.action_size)).floor());
        const tensor explores = (noise - u.select(-1, 0)).sign().clamp_min(0);  // 1 in that share of cases
        return B::whole(explores * other + (1.0 - explores) * a);
      }
    } else if constexpr (SamplingPolicy<P> && !requires { requires P::noise_kind == tessera::noise::none; }) {
      // A selection of its own chooses among samples: what it chooses is drawn too.
      if constexpr (std::is_same_v<Select, Mode>) return s.pi(now).sample().clamp(-1, 1);
      else return Select::act(p_.select, s);
    } else {
      const tensor a = Select::act(p_.select, s);
      return (a + noise * s.normal_like(a)).clamp(-1, 1);
    }
  }
  // f(step) at observations in the task's units, without gradient.
  template <class F>
  tensor distribution(const tensor& observations, F f) {
    typename B::no_grad guard;
    const batch<tensor> b{units_.observations(observations), {}, {}, {}, {}};
    step<R, B> s(p_, m_, parts_, units_, b, -1);
    return f(s);
  }
  // What is decided at observations that are as they should be, in the learner's units.
  tensor decided(const tensor& observations, std::int64_t key) {
    if constexpr (requires { B::observations(observations, on_.observation_size, on_.device); }) {
      const tensor x = B::observations(observations, on_.observation_size, on_.device);
      const auto finite = B::are_finite(x);
      const tensor actions = decided_unasked(x, key);
      B::require_finite(finite, x);
      return actions;
    } else {
      return decided_unasked(observations, key);
    }
  }
  tensor decided_unasked(const tensor& observations, std::int64_t key) {
    const batch<tensor> b{units_.observations(observations), {}, {}, {}, {}};
    step<R, B> s(p_, m_, parts_, units_, b, -1 - key);
    return R::completed::template get<select>::act(p_.select, s);
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
    if constexpr (SizesKnown<R> && requires { requires B::takes_memory; })
      check_memory<R>(p_, on.observation_size, on.action_size);
    return on;
  }
  // A data set's action space is known only now.
  template <class Data>
  static const Data& of_my_space(const Data& data) {
    if constexpr (requires { data.kind; }) {
      using kind = decltype(data.kind);
      constexpr bool discrete = std::is_same_v<space, Discrete>;
      if (data.kind != (discrete ? kind::discrete : kind::continuous))
        throw Error(data.name + ": its actions are " + (discrete ? "continuous" : "discrete") + ", but " +
                    std::string(type_name<R>()) + " is for " + space::name + " ones; use an algorithm for " +
                    (discrete ? "continuous" : "discrete") + " actions");
    }
    return data;
  }

  // Updates in which one part alone is trained: in its slot's home stage.
  template <class... Slots>
  struct alone_first {
    static std::int64_t of(const params& p) {
      std::int64_t max = 0;
      ((max = std::max(max, one<Slots>(p))), ...);
      return max;
    }
    template <class S>
    static bool has(const params& p) {
      return ((std::is_same_v<typename Slots::home, S> && one<Slots>(p) > 0) || ...);
    }

   private:
    template <class Slot>
    static std::int64_t one(const params& p) {
      if constexpr (TrainedAloneFirst<typename Slot::type>) return Slot::type::alone(p.*Slot::member);
      else return 0;
    }
  };
  template <class... Slots>
  struct parts_that_refill {
    static void refill(const params& p, auto& replay, auto& at) {
      (
          [&] {
            if constexpr (Refills<typename Slots::type>) Slots::type::refill(p.*Slots::member, replay, at);
          }(),
          ...);
    }
  };

 public:
  /// What a part is given to refill with.
  class refilling {
   public:
    using tensor = typename B::tensor;
    using backend = B;
    static constexpr bool reads_logged_returns = logged_columns::template has<column::returns>;
    refilling(composed& owner, bool just_started) : owner_(owner), just_started_(just_started) {}
    /// Updates made so far.
    std::int64_t updates() const { return owner_.updates_; }
    /// Whether training has just started or resumed: nothing has been refilled yet.
    bool just_started() const { return just_started_; }
    /// Updates in which one part alone is trained.
    std::int64_t alone() const { return R::completed::template apply<alone_first>::of(owner_.p_); }
    std::uint64_t seed() const { return owner_.apart_.seed; }
    template <template <class> class S>
    auto& state_of() const {
      return owner_.m_.template of<S>();
    }
    template <template <class> class S>
    const auto& params_of_slot() const {
      return owner_.p_.*S<typename R::completed::template get<S>>::member;
    }
    /// f(step) with a step at a batch's states, whose noise is that of number `index`, apart from that of updates.
    template <class F>
    auto with_step(const batch<tensor>& b, std::int64_t index, F&& f) const {
      step<R, B> s(owner_.p_, owner_.m_, owner_.apart_, owner_.units_, b, index);
      return f(s);
    }
    /// Reports a quantity with the next update's losses.
    void log(const char* name, const tensor& value) { owner_.refilled_.push_back({name, B::stop(value)}); }

   private:
    composed& owner_;
    bool just_started_;
  };

 private:
  params p_;
  problem_spec<B> on_, parts_, apart_;  // the task; as the parts see it; the same with noise of its own
  typename B::units units_;
  memory<R, B> m_;
  std::vector<std::int64_t> transitions_;
  std::vector<term<tensor>> metrics_, refilled_;
  std::int64_t updates_ = 0;
  bool just_started_ = true, asked_number_ = false;
  tessera::precision precision_ = tessera::precision::float32;
};

/// Declared, never defined: of a class that is no recipe since the compiler could not read its definition, which it has
/// said already.
template <class R>
void is_not_a_recipe();

struct options_of_nothing {
  std::uint64_t seed = 0;
  anything device{};
};
/// A learner of a recipe that does not compose, or whose numbers are not there.
template <class R, class B>
struct poisoned {
  using params = params_of<R>;
  using options = typename std::conditional_t<Complete<B>, std::type_identity<learner_options<B>>,
                                              std::type_identity<options_of_nothing>>::type;
  using does_not_compose = void;  // train and evaluate have nothing to add to the error
  poisoned(auto&&...) { unread(); }
  // For arguments in braces, which have no type of their own.
  template <class Data>
  poisoned(const Data&, params) {
    unread();
  }
  template <class Data>
  poisoned(const Data&, params, options) {
    unread();
  }
  template <class Data>
  poisoned(const Data&, options, params) {
    unread();
  }
  void update(auto&&...) {}
  void plan(std::int64_t) {}
  void set_precision(precision) {}
  void update_many(auto&&...) {}
  void start(auto&&...) {}
  void refill(auto&&...) {}
  anything act(auto&&...) { return {}; }
  anything act_chunk(auto&&...) { return {}; }
  anything log_prob(auto&&...) { return {}; }
  anything log_probs(auto&&...) { return {}; }
  anything metrics() const { return {}; }
  void each_buffer(auto&&) {}
  std::int64_t updates() const { return 0; }
  const params& hyperparameters() const;

 private:
  static void unread() {
    if constexpr (!ARecipe<R>) is_not_a_recipe<R>();
  }
};
template <class R, class B>
struct choose {
  using type = poisoned<R, B>;
};
template <Composable R, Complete B>
struct choose<R, B> {
  using type = composed<R, B>;
};

// One error: what is wrong with the recipe, or what is not there to train it by.  A class with nothing in it that is no
// recipe was one whose definition the compiler has refused: no program with it links.
template <class R, class B>
struct report : composition_report<R> {};
template <class R, class B>
  requires(!ARecipe<R>)
struct report<R, B> {
  static_assert(std::is_empty_v<R>,
                "learner<R>: R is not a recipe; derive it from recipe<...>, or from an algorithm's with<...>");
  static constexpr std::size_t size = 1;
};
template <Composable R, class B>
  requires(!Complete<B>)
struct report<R, B> {
  static_assert(Complete<B>, "include <tessera/torch.hpp> to train");
  static constexpr std::size_t size = 1;
};
}  // namespace detail

/// A trained, or trainable, instance of an algorithm:  `using Iql = learner<recipes::Iql>;`
/// A recipe that does not compose is one error, whose first line names the recipe, the part, what it wants and
/// what it got.
template <class R, class B = torch_backend>
class learner : public detail::choose<R, B>::type {
  static_assert(detail::report<R, B>::size > 0);

 public:
  using base = typename detail::choose<R, B>::type;
  using base::base;
};
}  // namespace tessera
