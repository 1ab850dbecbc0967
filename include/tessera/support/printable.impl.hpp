#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::detail {
TESSERA_INLINE std::size_t utf8_sequence(std::string_view text, std::uint32_t& point) {
  const auto byte = [&](std::size_t i) { return std::uint32_t(static_cast<unsigned char>(text[i])); };
  const auto first = byte(0);
  if (first < 0x80) return point = first, 1;
  const std::size_t size = first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  if (size == 0 || size > text.size()) return 0;
  point = first & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (byte(i) >> 6 != 2) return 0;
    point = point << 6 | (byte(i) & 0x3f);
  }
  constexpr std::uint32_t min[] = {0, 0, 0x80, 0x800, 0x10000};
  return point < min[size] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ? 0 : size;
}

TESSERA_INLINE bool is_unseen(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

TESSERA_INLINE std::string escaped(std::uint32_t c, bool byte) {
  constexpr const char* digits = "0123456789abcdef";
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c == '\r') return "\\r";
  if (byte || c < 0x80) return {'\\', 'x', digits[c >> 4 & 15], digits[c & 15]};
  return {'\\', 'u', digits[c >> 12 & 15], digits[c >> 8 & 15], digits[c >> 4 & 15], digits[c & 15]};
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE std::string printable(std::string_view text, std::size_t max) {
  const auto shown = [](std::string_view part) {
    std::string out;
    while (!part.empty()) {
      std::uint32_t point = 0;
      const auto size = detail::utf8_sequence(part, point);
      if (size == 0) out += detail::escaped(static_cast<unsigned char>(part[0]), true);
      else if (detail::is_unseen(point)) out += detail::escaped(point, false);
      else out += part.substr(0, size);
      part.remove_prefix(size == 0 ? 1 : size);
    }
    return out;
  };
  if (text.size() <= max) return shown(text);
  // Cut between characters: go back to a byte that begins one.
  const auto begins = [&](std::size_t at) {
    for (int i = 0; i < 3 && at > 0 && (static_cast<unsigned char>(text[at]) >> 6) == 2; ++i) --at;
    return at;
  };
  const auto head = begins(max / 2), tail = begins(text.size() - max / 2);
  return shown(text.substr(0, head)) + "...(" + std::to_string(tail - head) + " bytes)..." + shown(text.substr(tail));
}
}  // namespace tessera
