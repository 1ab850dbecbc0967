#pragma once
#include <charconv>
#include <cmath>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace tessera {
/// Numbers as people write them: 1000, 1e3, 1000.0, +5.  Nothing else: no spaces, units or hexadecimal.

/// A finite number; nothing if the text is not a number, or one that a double cannot hold.
std::optional<double> real_number(std::string_view text);

/// An integer that T can hold.  Beyond 2^53 it must be written in digits alone, because a double cannot hold every
/// integer there.
template <std::integral T>
std::optional<T> whole_number(std::string_view text) {
  const auto x = real_number(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  T exact = 0;
  if (const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), exact);
      x && code == std::errc{} && end == text.data() + text.size())
    return exact;
  constexpr double max = 9007199254740992.0;
  if (!x || *x != std::floor(*x) || std::abs(*x) > max || (!std::signed_integral<T> && *x < 0)) return std::nullopt;
  if (static_cast<double>(static_cast<T>(*x)) != *x) return std::nullopt;
  return static_cast<T>(*x);
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/number_text.impl.hpp>
#endif
