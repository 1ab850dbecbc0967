#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/compose/lookups.hpp>
#include <tessera/compose/memory.hpp>
#include <tessera/compose/recipe.hpp>
#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/types.hpp>
#include <tessera/schedule/schedule.hpp>

namespace tessera {
namespace detail {
/// One stage of an update: when it runs, and whether any part runs in it.
struct due_stage {
  phase when;
  bool run;
};
/// The stages of a recipe's schedule.
template <class R>
struct timetable {
  static constexpr std::size_t size = order_of<R>::size;
  using stages = std::array<due_stage, size>;

  static stages of(const params_of<R>& p) {
    return [&]<class... Stages>(list_of<Stages...>) {
      return stages{due_stage{R::template get<schedule>::when(Stages{}, p.schedule), is_run<R, Stages>}...};
    }(order_of<R>{});
  }
  /// The place of a stage in the order; `size`, where it has none.
  template <class S>
  static constexpr std::size_t at(S) {
    return order_of<R>::template place_of<S>;
  }
};

/// What asks for a batch of the data that no update has: of a number, from one.
template <class T>
using more_batches = std::function<batch<T>(std::int64_t)>;
}  // namespace detail

/// One update as its parts see it: a batch, the networks at that batch, and noise.  What parts may look up (`pi`, `q`,
/// `v`, ...) is brought by the slots and parts of the recipe.  What has no gradient says so; a value asked for twice is
/// computed once, as long as its network stands still.
template <class R, class B>
class step : public R::completed::template apply<detail::lookups_in<step<R, B>, B>::template of> {
  using table = detail::timetable<R>;

 public:
  using tensor = typename B::tensor;
  using backend = B;
  /// The part in a slot; void if there is none.
  template <template <class> class S>
  using part = typename R::template get<S>;
  /// Whether any part meets a want.
  template <class Want>
  static constexpr bool any = R::template any<Want>;
  static constexpr bool discrete = std::is_same_v<space_of<part<policy>>, Discrete>;

  step(const params_of<R>& p, detail::memory<R, B>& m, const problem_spec<B>& on, const typename B::units& units,
       const batch<tensor>& b, std::int64_t index, std::vector<term<tensor>>* metrics = nullptr,
       const detail::more_batches<tensor>* fresh = nullptr, std::int64_t draws = 0)
      : p_(p), m_(m), on_(on), units_(units), b_(b), index_(index), draws_(draws), metrics_(metrics), fresh_(fresh) {}
  step(const step&) = delete;

  // The batch: (s, a, r, s', m).
  const tensor& state(place where) const { return where == now ? b_.observations : b_.next_observations; }
  /// States that are not the batch's are where they are.
  const tensor& state(const tensor& where) const { return where; }
  const tensor& action() const { return b_.actions; }
  /// (B), minus the uncertainty penalty of imagined ones, if the uncertainty part penalizes targets.
  const tensor& reward() {
    if constexpr (PenalizesTargets<part<uncertainty>>) {
      if (!penalized_) {
        typename B::no_grad guard;
        penalized_ = b_.rewards - part<uncertainty>::penalty(p_.uncertainty, *this);
      }
      return *penalized_;
    } else {
      return b_.rewards;
    }
  }
  const tensor& not_done() const { return b_.not_done; }
  /// A column that the part reads (`using reads = columns<...>`); the library's own by name.
  template <class C>
  const tensor& column() const {
    using reads = typename R::completed::template apply<detail::reads_of_slots>::type;
    static_assert(
        reads::template has<C>,
        "step.column<C>(): batches have no such column; a part that looks at it says  using reads = columns<C>;");
    return b_.template get<C>();
  }
  const tensor& next_action() const { return column<tessera::column::next_action>(); }
  const tensor& next_action_known() const { return column<tessera::column::next_action_known>(); }
  const tensor& returns() const { return column<tessera::column::returns>(); }
  std::int64_t action_size() const { return on_.action_size; }
  /// Whether the batch holds logged transitions alone; else they come first, and imagined ones follow.
  bool all_logged() const { return b_.logged == batch<tensor>::everything; }
  std::int64_t logged_count() const { return all_logged() ? b_.rewards.size(0) : b_.logged; }
  std::int64_t imagined_count() const { return b_.rewards.size(0) - logged_count(); }
  /// The rows of a quantity, along its axis of the batch, at logged and at imagined transitions.
  tensor logged(const tensor& x, int axis = 0) const { return all_logged() ? x : x.narrow(axis, 0, logged_count()); }
  tensor imagined(const tensor& x, int axis = 0) const { return x.narrow(axis, logged_count(), imagined_count()); }
  /// gamma, of the first slot that has it.
  double discount() const { return R::completed::template apply<discount_in>::of(p_); }
  /// The number of this update, counted from one.  A part whose work depends on it says when it is the same again:
  /// `rhythm_of(h)`.
  std::int64_t update() const {
    asked_number_ = true;
    return index_;
  }
  /// Whether a part has asked for the number.
  bool asked_number() const { return asked_number_; }

  // A dynamics model speaks of the task's own units, and of discrete actions as one-hot rows.
  tensor task_states(const tensor& s) const { return units_.task_observations(s); }
  tensor task_actions(const tensor& a) const {
    if constexpr (discrete) return B::one_hot(a, on_.action_size);
    else return units_.actions(a);
  }
  tensor learner_states(const tensor& s) const { return units_.imagined_observations(s); }
  tensor learner_rewards(const tensor& r) const { return units_.imagined_rewards(r); }
  tensor task_rewards(const tensor& r) const { return units_.task_rewards(r); }

  /// The hyper-parameters of the part in slot S.
  template <template <class> class S>
  const auto& params_of_slot() const {
    return p_.*S<typename R::completed::template get<S>>::member;
  }
  /// The state of the part in slot S.
  template <template <class> class S>
  auto& state_of() {
    return m_.template of<S>();
  }

  /// A number as a scalar.
  tensor constant(double x) const { return B::constant(x, b_.rewards); }
  /// Fresh noise of shape (rows of x, columns): a function of (seed, update, how many draws came before).
  tensor draw(noise kind, std::int64_t columns, const tensor& like) {
    return B::draw(kind, on_.seed, index_, draws_++, columns, like);
  }
  tensor normal_like(const tensor& x) { return draw(noise::normal, B::columns(x), x); }
  /// Reports a quantity under a name of the form "slot/what", after the losses.
  void log(const char* name, const tensor& value) { logged_.push_back({name, B::stop(value)}); }

  // The one place where a gradient is taken.

  /// The summands of a stage's loss, of all parts that have one in it.
  template <Stage S>
  terms<tensor> summands(S at) {
    return R::completed::template apply<each_slot>::sum(at, *this);
  }
  /// One gradient step of networks (anything that has `apply()`) on the sum of all loss terms of a stage.  In a stage
  /// that the schedule runs `together`, the gradient is taken now, and the step later.
  template <Stage S, class... Networks>
  void descend(S at, Networks&... networks) {
    descend_by(at, [&networks...] { (networks.apply(), ...); });
  }
  /// The same where the networks step by `move()`.
  template <Stage S, class Move>
  void descend_by(S at, Move move) {
    differentiate(summands(at));
    if (together() && !again_) waiting_.push_back([self = this, at, move] { self->step_down(at, move); });
    else step_down(at, move);
  }
  /// One step down a loss of the part's own, at once.
  template <class... Networks>
  void descend(const terms<tensor>& loss, Networks&... networks) {
    differentiate(loss);
    (networks.apply(), ...);
  }
  /// Does f(step) several times; of the losses in it the means are reported.
  template <class F>
  void repeat(std::int64_t times, F f) {
    repeat(times, f, nullptr);
  }
  /// The same, each time after the first with a step on a fresh batch of the data, where there is one.
  template <class F>
  void repeat_on_fresh_data(std::int64_t times, F f) {
    repeat(times, f, fresh_);
  }

  // The update at hand, whose stages the learner goes through.

  /// Does all that parts do in a stage.
  template <class S>
  void run(S at) {
    R::completed::template apply<each_slot>::run(at, *this);
  }
  /// Goes to stage number `at` of the update, or to its end.  The steps that wait are made before a stage whose
  /// gradient is not taken together with theirs.
  void enter(std::span<const detail::due_stage> stages, std::size_t at) {
    stages_ = stages, at_ = at;
    if (together()) return;
    at_ = at - 1;
    for (const auto& wait : waiting_) wait();
    waiting_.clear();
    at_ = at;
  }
  /// Whether a stage runs next in this update, with nothing between.
  template <class S>
  bool follows_directly(S wanted) const {
    return coming([](std::size_t) { return true; }) == table::at(wanted);
  }
  /// Whether a stage is still to run in this update, before the one that would change what it sees.
  template <class S, class T>
  bool ahead(S wanted, T change) const {
    return coming([=](std::size_t i) { return i == table::at(wanted) || i == table::at(change); }) == table::at(wanted);
  }
  /// Whether this is the first stage, and the second comes before its step.
  template <class S, class T>
  bool step_waits_for(S at, T wanted) const {
    if (at_ >= stages_.size() || at_ != table::at(at)) return false;
    for (auto i = at_; i + 1 < stages_.size() && stages_[i].when.together && stages_[i + 1].when.together; ++i)
      if (i + 1 == table::at(wanted)) return stages_[i + 1].when.runs_in(index_);
    return false;
  }
  const std::vector<term<tensor>>& logged() const { return logged_; }

 private:
  template <class... Slots>
  struct discount_in {
    static double of(const params_of<R>& p) {
      double found = 0;
      bool any = false;
      (
          [&]<class Slot>(Slot*) {
            if constexpr (detail::Parameterized<Slot>)
              if constexpr (requires { (p.*Slot::member).discount; })
                if (!std::exchange(any, true)) found = (p.*Slot::member).discount;
          }(static_cast<Slots*>(nullptr)),
          ...);
      return found;
    }
  };
  template <class... Slots>
  struct each_slot {
    template <class S>
    static void run(S at, step& s) {
      (
          [&] {
            if constexpr (RunsIn<typename Slots::type, S, step>) Slots::type::run(at, s.p_.*Slots::member, s);
          }(),
          ...);
    }
    template <class S>
    static void move(S at, step& s) {
      (
          [&] {
            if constexpr (MovesIn<typename Slots::type, S, step>) Slots::type::move(at, s.p_.*Slots::member, s);
          }(),
          ...);
    }
    // From the last slot to the first, which sums stand in the order of the slots: a constraint draws its samples
    // before the actor does.
    template <class S>
    static terms<tensor> sum(S at, step& s) {
      std::array<terms<tensor>, sizeof...(Slots)> all;
      int right_to_left = 0;  // as assignments are
      ((add<Slots>(at, s, all), right_to_left) = ... = 0);
      terms<tensor> out;
      for (const auto& one : all) out.add(one);
      return out;
    }

   private:
    template <class Slot, class S>
    static void add(S at, step& s, std::array<terms<tensor>, sizeof...(Slots)>& all) {
      auto& here = all[list_of<Slots...>::template place_of<Slot>];
      if constexpr (detail::is_home<Slot, S>) here.add(Slot::type::loss(s.p_.*Slot::member, s));
      if constexpr (AddsTo<typename Slot::type, S, step>) here.add(Slot::type::adds(at, s.p_.*Slot::member, s));
    }
  };

  // The step itself: a part's own, where one moves the stage's network.
  template <class S, class Move>
  void step_down([[maybe_unused]] S at, [[maybe_unused]] const Move& move) {
    if constexpr (R::completed::template apply<detail::stage_of<R, S>::template in_slots>::moved > 0)
      R::completed::template apply<each_slot>::move(at, *this);
    else move();
  }
  // Differentiates the sum of all summands once, and reports each under its name.
  void differentiate(const terms<tensor>& sum) {
    if (sum.empty()) return;
    few<tensor, 8> values;
    for (const auto& t : sum.items) {
      values.push_back(t.value);
      if (metrics_) metrics_->push_back({t.name, B::stop(t.value)});
    }
    B::backward(std::span<const tensor>(values.data(), values.size()));
  }

  template <class F>
  void repeat(std::int64_t times, F& f, const detail::more_batches<tensor>* fresh) {
    const auto first = metrics_ ? metrics_->size() : 0;
    for (std::int64_t k = 0; k < times; ++k) {
      again_ = k + 1 < times;
      if (k > 0 && fresh && *fresh) {
        const batch<tensor> data = (*fresh)(k);  // a step does not keep its batch
        step further(p_, m_, on_, units_, data, index_, metrics_, nullptr, k * further_draws);
        f(further);
        asked_number_ = asked_number_ || further.asked_number_;
      } else {
        f(*this);
      }
    }
    again_ = false;
    if (metrics_) average(*metrics_, first, times);
  }
  static constexpr std::int64_t further_draws = 10'000;  // more than a step's draws: those of a fresh batch are others
  // Of the metrics from `first` on, which are those of so many equal losses: the mean of each.
  static void average(std::vector<term<tensor>>& metrics, std::size_t first, std::int64_t times) {
    if (times < 2) return;
    const auto count = (metrics.size() - first) / std::size_t(times);
    for (auto i = first + count; i < metrics.size(); ++i) {
      auto& sum = metrics[first + (i - first) % count].value;
      sum = sum + metrics[i].value;
    }
    metrics.resize(first + count);
    for (auto i = first; i < metrics.size(); ++i) metrics[i].value = (1.0 / double(times)) * metrics[i].value;
  }

  bool together() const { return at_ < stages_.size() && stages_[at_].when.together; }
  // The next stage of this update that `accepts`; their number, where there is none.
  template <class F>
  std::size_t coming(F accepts) const {
    for (auto i = at_ + 1; i < stages_.size(); ++i)
      if (stages_[i].when.runs_in(index_) && stages_[i].run && accepts(i)) return i;
    return table::size + 1;
  }

  const params_of<R>& p_;
  detail::memory<R, B>& m_;
  const problem_spec<B>& on_;
  const typename B::units& units_;
  const batch<tensor>& b_;
  std::int64_t index_;
  std::int64_t draws_;
  std::vector<term<tensor>>* metrics_;
  const detail::more_batches<tensor>* fresh_;
  std::span<const detail::due_stage> stages_;
  std::size_t at_ = 0;
  mutable bool asked_number_ = false;
  bool again_ = false;  // the same stage steps again after this
  std::vector<std::function<void()>> waiting_;
  std::optional<tensor> penalized_;
  std::vector<term<tensor>> logged_;
};
}  // namespace tessera
