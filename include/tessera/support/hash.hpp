#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace tessera {
/// A 64-bit hash of a sequence of numbers.  Each step is one-to-one in the number it takes, so two sequences of equal
/// length that differ in one number never collide; other pairs collide by chance only.  Not secure against an
/// adversary.
class ContentHash {
 public:
  ContentHash() = default;
  /// Continues the sequence that has this hash.
  explicit ContentHash(std::uint64_t value) : h_(value) {}
  void add(std::uint64_t x);
  void add(std::int64_t x) { add(std::uint64_t(x)); }
  void add(float x) { add(std::uint64_t(std::bit_cast<std::uint32_t>(x))); }
  void add(const std::string& text);
  std::uint64_t value() const { return h_; }

 private:
  std::uint64_t h_ = 0x243f6a8885a308d3u;
};

/// A 64-bit hash of a sequence of bytes, eight at a time, independent of how the sequence is split into pieces.
class ByteHash {
 public:
  void add(const void* data, std::size_t size);
  std::uint64_t value() const;

 private:
  static_assert(std::endian::native == std::endian::little, "words are read in the machine's byte order");
  void hold(unsigned char byte);

  ContentHash h_;
  std::uint64_t word_ = 0, count_ = 0;
  unsigned held_ = 0;
};

/// A hash as text: 16 hexadecimal digits.
std::string hash_text(std::uint64_t h);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/hash.impl.hpp>
#endif
