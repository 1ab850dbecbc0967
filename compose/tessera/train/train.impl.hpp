#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tessera/nn/random.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/train.hpp>

namespace tessera::detail {
TESSERA_INLINE void require_counts(std::int64_t batch, std::int64_t report_every, std::int64_t updates_per_launch,
                                   const std::vector<std::int64_t>& pauses) {
  const auto at_least_one = [](const char* what, std::int64_t x) {
    if (x < 1) throw Error(std::string(what) + " must be at least 1, not " + std::to_string(x));
  };
  at_least_one("batch", batch);
  at_least_one("report_every", report_every);
  at_least_one("updates_per_launch", updates_per_launch);
  for (const auto every : pauses) at_least_one("pauses", every);
}

TESSERA_INLINE Updates::Updates(const Replay& replay, const TrainOptions& o, std::uint64_t seed,
                                std::function<std::int64_t()> made, make_update update)
    : o_(o), rows_(o.joint ? o.joint->rows_of(o.batch) : o.batch), window_(o.window ? *o.window : own_),
      number_(made()), made_(std::move(made)), update_(std::move(update)),
      fresh_(further_batches_of(replay, seed, number_, rows_)) {
  require_counts(o.batch, o.report_every, o.updates_per_launch, o.pauses);
}

TESSERA_INLINE RecordingOptions Updates::recording() {
  return {.made = [this](std::size_t, std::int64_t number, const auto& metrics) { window_.add(number, metrics); },
          .note = o_.note};
}

TESSERA_INLINE bool Updates::operator()() {
  number_ = made_() + 1;
  if (recorded_) recorded_->update_many(number_, launch(number_, o_));
  else update_(number_, fresh_, window_);
  if (made_() % o_.report_every == 0) report(false);
  const bool goes_on = !o_.after_update || o_.after_update(made_());
  if (!o_.joint) return goes_on;
  if (!goes_on) o_.joint->ask_to_stop();
  return !o_.joint->asked_to_stop();
}

TESSERA_INLINE void Updates::report(bool partial) {
  if (o_.joint) window_.flush(*o_.joint);
  auto means = window_.means();
  if (!partial) window_.clear();
  if (o_.report && !means.empty()) o_.report({made_(), std::move(means), partial});
}
}  // namespace tessera::detail
