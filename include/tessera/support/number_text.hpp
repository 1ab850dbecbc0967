#pragma once
#include <charconv>
#include <cmath>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace tessera {
/// Numbers as people write them: 1000, 1e3, 1000.0, +5.  Nothing else: no spaces, no units, no hexadecimals.

/// A finite number; nothing where the text is none, or one that a double does not hold.
std::optional<double> real_number(std::string_view text);

/// A whole number that T holds; beyond 2^53 in digits alone, as a double does not hold every one there.
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
