#pragma once
#include <concepts>
#include <cstdint>

#include <tessera/concepts/columns.hpp>
#include <tessera/concepts/part.hpp>
#include <tessera/concepts/stages.hpp>

namespace tessera {
struct Dataset;
struct Prepared;

namespace detail {
/// Stand for what a learner is trained from, and for what it lets `refill` do, where a concept asks only for the form
/// of an expression.
struct symbolic_replay {
  using batch_type = batch<symbol>;
};
struct symbolic_own {};
struct symbolic_refill {
  using tensor = symbol;
};
}  // namespace detail

namespace lack {
/// template <class Data, class Out> static void prepare(const params& h, const Data& data, Out& out)
struct prepare {
  template <class D>
  static constexpr bool found = requires(const typename D::params& h, const Dataset& data, Prepared& out) {
    D::prepare(h, data, out);
  };
};
/// static typename Replay::batch_type batch(const params& h, const Replay& replay, std::uint64_t seed, std::int64_t
/// update, std::int64_t count, const State& own)
struct batch_that_returns_a_batch {
  template <class D>
  static constexpr bool found = requires(const typename D::params& h, const detail::symbolic_replay& replay,
                                         const detail::symbolic_own& own) {
    { D::batch(h, replay, std::uint64_t{}, std::int64_t{}, std::int64_t{}, own) } -> std::same_as<batch<symbol>>;
  };
};
}  // namespace lack
using data_source_checks = part_checks<role::data_source, lack::prepare, lack::batch_that_returns_a_batch>;
/// Where a batch comes from.
///   prepare(h, data, out)                          chooses the transitions that are learned from, and their units
///   batch(h, replay, seed, update, count, own)  what an update sees: `count` transitions, more or less; own is the
///       part's state
/// Law: the transitions chosen are transitions of the data set; statistics are of the data set's transitions alone; a
/// batch is a function of (seed, update) and of what the part keeps.
template <class D>
concept DataSource = HasAll<D, data_source_checks>;

namespace lack {
/// static void refill(const params& h, Replay& replay, At& at)
struct refill_of_h_replay_and_at {};
}  // namespace lack
/// A part, of any slot, with something to do before an update, such as to imagine transitions, or to compute the
/// returns anew:
///   refill(h, replay, at)  `at` knows the number of updates so far, whether training has just begun or goes on, and
///       makes steps
template <class C>
concept Refills = requires(const typename C::params& h, detail::symbolic_replay& replay, detail::symbolic_refill& at) {
  C::refill(h, replay, at);
};

/// A data source whose batches hold transitions that a model imagines, beside logged ones or alone.
/// Law: the logged transitions of a batch come first, and `batch::logged` is their number.
template <class D>
concept ImaginesTransitions = DataSource<D> && Refills<D> && D::imagines;

/// One whose batches are paths of the policy as it stands, imagined anew for each update; returns come with them: it
/// brings column::returns.
/// Law: an action is drawn from the policy at its state, as its density takes it, that is before it is clipped.
template <class D>
concept FollowsPolicy =
    ImaginesTransitions<D> && D::follows_policy && detail::brought_by<D>::type::template has<column::returns>;

namespace detail {
template <class S, class Order>
inline constexpr bool timed = false;
template <class S, class... Stages>
inline constexpr bool timed<S, list_of<Stages...>> = (requires(const typename S::params& h) {
  { S::when(Stages{}, h) } -> std::same_as<phase>;
} && ...);
template <class List>
inline constexpr bool stages_alone = false;
template <Stage... Stages>
inline constexpr bool stages_alone<list_of<Stages...>> = true;
template <class S>
struct order_in {
  using type = void;
};
template <class S>
  requires requires { typename S::order; }
struct order_in<S> {
  using type = typename S::order;
};
}  // namespace detail
namespace lack {
/// using order = list_of<stage::...>
struct order {
  template <class S>
  static constexpr bool found = detail::stages_alone<typename detail::order_in<S>::type>;
};
/// static constexpr phase when(S at, const params& h), for every stage of `order`
struct when_for_every_stage {
  template <class S>
  static constexpr bool found = detail::timed<S, typename S::order>;
};
}  // namespace lack
using update_schedule_checks = part_checks<role::update_schedule, lack::order, lack::when_for_every_stage>;
/// The order of the stages inside an update, and when each of them runs:
///   using order = list_of<stage::...>;   when(stage, h)  a phase
/// Law: `order` is constant; a period of k runs a stage on every k-th update, counted from one.
template <class S>
concept UpdateSchedule = HasAll<S, update_schedule_checks>;

using default_values_checks = part_checks<role::default_values>;
/// A table of hyper-parameter defaults: overloads `on(Part::params&)`, one for each part it knows.
template <class D>
concept DefaultValues = HasAll<D, default_values_checks>;
}  // namespace tessera
