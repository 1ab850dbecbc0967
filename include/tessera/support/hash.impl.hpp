#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE void ContentHash::add(std::uint64_t x) {
  h_ = (h_ ^ x) * 0x9e3779b97f4a7c15u;
  h_ ^= h_ >> 32;
}

TESSERA_INLINE void ContentHash::add(const std::string& text) {
  add(std::uint64_t(text.size()));
  for (const char c : text) add(std::uint64_t(static_cast<unsigned char>(c)));
}

TESSERA_INLINE void ByteHash::add(const void* data, std::size_t size) {
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

TESSERA_INLINE std::uint64_t ByteHash::value() const {
  auto h = h_;
  h.add(word_), h.add(count_);
  return h.value();
}

TESSERA_INLINE void ByteHash::hold(unsigned char byte) {
  word_ |= std::uint64_t(byte) << (8 * held_);
  if (++held_ == 8) h_.add(word_), word_ = 0, held_ = 0;
}

TESSERA_INLINE std::string hash_text(std::uint64_t h) {
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; h >>= 4) out[i] = "0123456789abcdef"[h & 15];
  return out;
}
}  // namespace tessera
