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
/// Stand for what a learner is trained from, and for what it lets `refill` do, where a concept asks only for the form of an expression.
struct symbolic_replay {
  using batch_type = batch<symbol>;
};
struct symbolic_own {};
struct symbolic_refill {
  using tensor = symbol;
};
}  // namespace detail

/// Where a batch comes from.
///   prepare(h, data, out)                          chooses the transitions that are learnt from, and their units
///   batch(h, replay, seed, update, count, own)     what an update sees: `count` transitions, more or less; own is the part's state
/// Law: the transitions chosen are transitions of the data set; statistics are of the data set's transitions alone; a batch is a function of
/// (seed, update) and of what the part keeps.
template <class D>
concept DataSource = Plays<D, role::data_source> &&
    requires(const typename D::params& h, const Dataset& data, Prepared& out, const detail::symbolic_replay& replay, const detail::symbolic_own& own) {
      D::prepare(h, data, out);
      D::batch(h, replay, std::uint64_t{}, std::int64_t{}, std::int64_t{}, own);
    };

/// A part, of any slot, with something to do before an update, such as to imagine transitions, or to compute the returns anew:
///   refill(h, replay, at)  `at` knows the number of updates so far, whether training has just begun or goes on, and makes steps
template <class C>
concept Refills = requires(const typename C::params& h, detail::symbolic_replay& replay, detail::symbolic_refill& at) { C::refill(h, replay, at); };

/// A data source whose batches also hold transitions that a model imagines, or hold nothing else.
/// Law: the logged transitions of a batch come first, and `batch::logged` is their number.
template <class D>
concept ImaginesTransitions = DataSource<D> && Refills<D> && D::imagines;

/// One whose batches are paths of the policy as it stands, imagined anew for each update; returns come with them: it brings column::returns.
/// Law: an action is drawn from the policy at its state, as its density takes it, that is before it is clipped.
template <class D>
concept FollowsPolicy = ImaginesTransitions<D> && D::follows_policy && detail::brought_by<D>::type::template has<column::returns>;

namespace detail {
template <class S, class Order>
inline constexpr bool timed = false;
template <class S, class... Stages>
inline constexpr bool timed<S, list_of<Stages...>> =
    (requires(const typename S::params& h) { { S::when(Stages{}, h) } -> std::same_as<phase>; } && ...);
}  // namespace detail
/// The order of the stages inside an update, and when each of them runs:
///   using order = list_of<stage::...>;   when(stage, h)  a phase
/// Law: `order` is constant; a period of k runs a stage on every k-th update, counted from one.
template <class S>
concept UpdateSchedule = Plays<S, role::update_schedule> && detail::timed<S, typename S::order>;

/// A table of hyper-parameter defaults: overloads `on(Part::params&)`, one for each part it knows.
template <class D>
concept DefaultValues = Plays<D, role::default_values>;
}  // namespace tessera
