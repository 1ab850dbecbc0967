#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include <tessera/nn/random.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/train.hpp>

namespace tessera::detail {
TESSERA_INLINE Updates::Updates(const Replay& replay, const TrainOptions& o, std::uint64_t seed,
                                std::function<std::int64_t()> made, make_update update)
    : o_(o), rows_(o.joint ? o.joint->rows_of(o.batch) : o.batch), window_(o.window ? *o.window : own_),
      number_(made()), made_(std::move(made)), update_(std::move(update)),
      fresh_([this, &replay, seed](std::int64_t j) {
        return replay.sample(nn::random_key(seed, nn::stream::further_batches, std::uint64_t(j)), number_, rows_);
      }) {
  if (o.batch < 1) throw Error("batch must be at least 1, not " + std::to_string(o.batch));
  if (o.report_every < 1) throw Error("report_every must be at least 1, not " + std::to_string(o.report_every));
}

TESSERA_INLINE bool Updates::operator()() {
  number_ = made_() + 1;
  update_(number_, fresh_, window_);
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
