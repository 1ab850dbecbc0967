#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/episode_log.hpp>
#include <tessera/support/random.hpp>

/// Data sets for what writes and reads formats.
namespace support {
/// How an episode of a made data set ends.
enum class ends { terminated, terminated_unknown, truncated, open };

/// Episodes of 1 to 9 steps of numbers of all sizes, drawn anew for each seed; of an open end only the last may be.
inline tessera::Dataset made_data(tessera::action_kind kind, const std::vector<ends>& episodes, std::uint64_t seed = 1,
                                  std::int64_t n = 3, std::int64_t d = 2) {
  tessera::Random random(seed);
  const auto number = [&] {
    static const float awkward[] = {0.0f, -0.0f, 1.0f, 0.1f, 1e-42f, 3.4e38f, -1.1754944e-38f, 16777217.0f, 1e16f};
    const auto which = random.below(20);
    if (which < 9) return awkward[which];
    return float(random.uniform(-2, 2));
  };
  const bool discrete = kind == tessera::action_kind::discrete;
  tessera::EpisodeLog log("made", "made", kind, n, d);
  for (const auto end : episodes) {
    const auto steps = std::size_t(1 + random.below(9));
    const bool last = end != ends::terminated_unknown;
    std::vector<float> x((steps + last) * std::size_t(n)), a(discrete ? 0 : steps * std::size_t(d)), r(steps);
    std::vector<std::int64_t> indices(discrete ? steps : 0);
    for (auto* part : {&x, &a, &r})
      for (float& each : *part) each = number();
    for (auto& each : indices) each = std::int64_t(random.below(std::uint64_t(d)));
    if (discrete) indices[0] = d - 1;
    log.add({.observations = x,
             .actions = a,
             .action_indices = indices,
             .rewards = r,
             .terminated = end == ends::terminated || end == ends::terminated_unknown,
             .truncated = end == ends::truncated});
  }
  return log.finish();
}

/// Where two data sets differ in what is learned from them, bit for bit; "" if they do not.
inline std::string difference(const tessera::Dataset& a, const tessera::Dataset& b) {
  const auto bits = [](float x) {
    std::uint32_t out;
    std::memcpy(&out, &x, sizeof out);
    return out;
  };
  if (a.kind != b.kind) return "kind";
  if (a.observation_size != b.observation_size || a.action_size != b.action_size) return "sizes";
  if (a.size() != b.size()) return std::to_string(a.size()) + " and " + std::to_string(b.size()) + " transitions";
  if (a.episodes.size() != b.episodes.size())
    return std::to_string(a.episodes.size()) + " and " + std::to_string(b.episodes.size()) + " episodes";
  for (std::size_t e = 0; e < a.episodes.size(); ++e) {
    const auto &x = a.episodes[e], &y = b.episodes[e];
    if (x.first != y.first || x.transitions != y.transitions) return "episode " + std::to_string(e);
    if (x.complete != y.complete) return "completeness of episode " + std::to_string(e);
    if (x.episode_return != y.episode_return) return "return of episode " + std::to_string(e);
  }
  for (std::int64_t i = 0; i < a.size(); ++i) {
    const auto at = std::size_t(i);
    const auto step = " of transition " + std::to_string(i);
    if (a.knows_next(i) != b.knows_next(i)) return "knowledge of the next observation" + step;
    for (std::int64_t j = 0; j < a.observation_size; ++j) {
      if (bits(a.observation(i)[j]) != bits(b.observation(i)[j])) return "observation" + step;
      if (a.knows_next(i) && bits(a.next_observation(i)[j]) != bits(b.next_observation(i)[j]))
        return "next observation" + step;
    }
    if (a.kind == tessera::action_kind::discrete) {
      if (a.action_indices[at] != b.action_indices[at]) return "action" + step;
    } else {
      for (std::int64_t j = 0; j < a.action_size; ++j) {
        const auto k = std::size_t(i * a.action_size + j);
        if (bits(a.actions[k]) != bits(b.actions[k])) return "action" + step;
      }
    }
    if (bits(a.rewards[at]) != bits(b.rewards[at])) return "reward" + step;
    if (a.terminals[at] != b.terminals[at] || a.timeouts[at] != b.timeouts[at]) return "end" + step;
  }
  return "";
}
}  // namespace support
