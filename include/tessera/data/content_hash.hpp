#pragma once
#include <bit>
#include <cstdint>
#include <string>

#include <tessera/data/dataset.hpp>

namespace tessera {
/// 64 bits of a sequence of numbers.  A step is one-to-one in the number it takes, so two sequences of equal length that differ in one
/// number always differ; other pairs do but for chance.  Not against an adversary.
class ContentHash {
 public:
  void add(std::uint64_t x) {
    h_ = (h_ ^ x) * 0x9e3779b97f4a7c15u;
    h_ ^= h_ >> 32;
  }
  void add(std::int64_t x) { add(std::uint64_t(x)); }
  void add(float x) { add(std::uint64_t(std::bit_cast<std::uint32_t>(x))); }
  void add(const std::string& text) {
    add(std::uint64_t(text.size()));
    for (const char c : text) add(std::uint64_t(static_cast<unsigned char>(c)));
  }
  std::uint64_t value() const { return h_; }

 private:
  std::uint64_t h_ = 0x243f6a8885a308d3u;
};

/// A hash as it is written: 16 hexadecimal digits.
inline std::string hash_text(std::uint64_t h) {
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; h >>= 4) out[i] = "0123456789abcdef"[h & 15];
  return out;
}

/// What a data set holds, whatever file it came from and however that laid it out: every (s, a, r, s', end) in order, which s' are not known,
/// and how they are parted into episodes.  Not its name, and not the declared limits of actions.  The number of discrete actions is left out too: an
/// environment may know of more than were logged.
inline std::uint64_t content_hash(const Dataset& data) {
  const bool discrete = data.kind == action_kind::discrete;
  const auto n = data.observation_size, d = discrete ? 0 : data.action_size;
  ContentHash h;
  for (std::int64_t x : {std::int64_t(discrete), n, d, data.size(), std::int64_t(data.episodes.size())}) h.add(x);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const auto at = std::size_t(i);
    for (const float* row : {data.observation(i), data.next_observation(i)})
      for (std::int64_t j = 0; j < n; ++j) h.add(row[j]);
    for (std::int64_t j = 0; j < d; ++j) h.add(data.actions[std::size_t(i * d + j)]);
    if (discrete) h.add(data.action_indices[at]);
    h.add(data.rewards[at]);
    h.add(std::uint64_t(!data.knows_next(i)) << 16 | std::uint64_t(data.terminals[at]) << 8 | data.timeouts[at]);
  }
  for (const auto& e : data.episodes) h.add(e.first), h.add(e.transitions);
  return h.value();
}
}  // namespace tessera
