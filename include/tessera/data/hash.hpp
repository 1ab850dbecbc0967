#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

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

/// The same of a sequence of bytes, eight at a time, however they are cut into pieces.
class ByteHash {
 public:
  void add(const void* data, std::size_t size) {
    const auto* p = static_cast<const unsigned char*>(data);
    count_ += size;
    for (; size > 0 && held_ > 0; --size) hold(*p++);
    for (; size >= 8; size -= 8, p += 8) {
      std::uint64_t word;
      std::memcpy(&word, p, 8);
      h_.add(word);
    }
    for (; size > 0; --size) hold(*p++);
  }
  std::uint64_t value() const {
    auto h = h_;
    h.add(word_), h.add(count_);
    return h.value();
  }

 private:
  static_assert(std::endian::native == std::endian::little, "words are read as they lie in memory");
  void hold(unsigned char byte) {
    word_ |= std::uint64_t(byte) << (8 * held_);
    if (++held_ == 8) h_.add(word_), word_ = 0, held_ = 0;
  }

  ContentHash h_;
  std::uint64_t word_ = 0, count_ = 0;
  unsigned held_ = 0;
};

/// A hash as it is written: 16 hexadecimal digits.
inline std::string hash_text(std::uint64_t h) {
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; h >>= 4) out[i] = "0123456789abcdef"[h & 15];
  return out;
}
}  // namespace tessera
