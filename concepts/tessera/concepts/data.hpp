#pragma once
#include <concepts>

#include <tessera/concepts/part.hpp>

namespace tessera {
struct Dataset;
struct Prepared;

/// Where a batch comes from: `prepare` chooses the transitions that are learnt from, and their units.
/// Law: the transitions chosen are transitions of the data set; statistics are theirs alone.
template <class D>
concept DataSource = Plays<D, role::data_source> &&
    requires(const typename D::params& h, const Dataset& data, Prepared& out) {
      D::prepare(h, data, out);
    };

/// A data source whose batches also hold transitions that a model imagines, or hold nothing else.
/// Law: the logged transitions of a batch come first, and `batch::logged` is their number.
template <class D>
concept ImaginesTransitions = DataSource<D> && D::imagines;

/// One whose batches are paths of the policy as it stands, imagined anew for each update; returns come with them.
/// Law: an action is drawn from the policy at its state, as its density takes it, that is before it is clipped.
template <class D>
concept FollowsPolicy = ImaginesTransitions<D> && D::follows_policy;

/// The order of the updates inside a step, as data.
/// Law: `order` is constant; a period of k runs a stage on every k-th update, counted from one.
template <class S>
concept UpdateSchedule = Plays<S, role::update_schedule> && requires(const typename S::params& h) {
  S::stages(h);
};

/// A table of hyper-parameter defaults: overloads `on(Part::params&)`, one for each part it knows.
template <class D>
concept DefaultValues = Plays<D, role::default_values>;
}  // namespace tessera
