#pragma once
#include <algorithm>
#include <numeric>
#include <string>

#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/logged_steps.hpp>

namespace tessera::ope {
TESSERA_INLINE void each_piece(const Dataset& data, const std::vector<std::int64_t>& transitions,
                               const at::Device& device, ReadColumns what,
                               const std::function<void(const LoggedPiece&)>& f) {
  constexpr std::int64_t most = 1024;
  const auto n = data.observation_size, d = data.action_size, count = std::int64_t(transitions.size());
  const bool discrete = data.kind == action_kind::discrete;
  RowReader rows(data), next_rows(data);
  for (std::int64_t from = 0; from < count; from += most) {
    const auto k = std::min(most, count - from);
    LoggedPiece piece{.first = from, .observations = {}, .actions = {}, .next_observations = {}};
    const auto filled = [&](std::int64_t width, auto numbers) {
      auto x = at::empty({k, width}, at::kFloat);
      for (std::int64_t i = 0; i < k; ++i)
        std::copy_n(numbers(transitions[std::size_t(from + i)]), width, x.data_ptr<float>() + i * width);
      return x.to(device);
    };
    if (what.observations) piece.observations = filled(n, [&](std::int64_t i) { return rows.observation(i); });
    if (what.next_observations)
      piece.next_observations = filled(n, [&](std::int64_t i) { return next_rows.next_observation(i); });
    if (what.actions && !discrete) piece.actions = filled(d, [&](std::int64_t i) { return rows.action(i); });
    if (what.actions && discrete) {
      auto a = at::empty({k}, at::kLong);
      for (std::int64_t i = 0; i < k; ++i)
        a.data_ptr<std::int64_t>()[i] = rows.action_index(transitions[std::size_t(from + i)]);
      piece.actions = a.to(device);
    }
    f(piece);
  }
}

TESSERA_INLINE std::vector<std::int64_t> all_transitions(const Dataset& data) {
  std::vector<std::int64_t> out(std::size_t(data.size()));
  std::iota(out.begin(), out.end(), std::int64_t{0});
  return out;
}

TESSERA_INLINE std::vector<EpisodeRange> episode_ranges(const Dataset& data, std::int64_t* dropped) {
  std::vector<EpisodeRange> out;
  RowReader rows(data);
  if (dropped) *dropped = 0;
  for (const auto& e : data.episodes) {
    if (e.transitions == 0) continue;
    std::int64_t count = 0;
    bool ended = false;
    while (count < e.transitions && !ended) ended = rows.terminal(e.first + count++);
    if (dropped) *dropped += e.transitions - count;
    out.push_back({e.first, count, !ended});
  }
  return out;
}

TESSERA_INLINE void require_judgeable(const TargetPolicy& policy, const Dataset& data) {
  const auto words = [](bool discrete) { return std::string(discrete ? "discrete" : "continuous"); };
  const bool discrete = data.kind == action_kind::discrete;
  if (discrete != policy.discrete)
    throw Error(data.name + ": its actions are " + words(discrete) + ", and the policy's " + words(policy.discrete) +
                "; judge it on data of its task");
  if (data.observation_size != policy.observation_size || data.action_size != policy.action_size)
    throw Error(data.name + ": has observations of size " + std::to_string(data.observation_size) +
                " and actions of size " + std::to_string(data.action_size) + ", but the policy is for " +
                std::to_string(policy.observation_size) + " and " + std::to_string(policy.action_size) +
                "; judge it on data of its task");
  if (data.episodes.empty() || data.size() == 0)
    throw Error(data.name + ": has no episodes; off-policy evaluation is of whole ones");
}
}  // namespace tessera::ope
