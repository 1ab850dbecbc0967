#pragma once
#include <array>
#include <charconv>
#include <concepts>
#include <string>

namespace tessera {
/// The shortest text that reads back as the same number.
template <std::floating_point T>
std::string shortest_text(T x) {
  std::array<char, 48> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x).ptr;
  return {buffer.data(), end};
}
template <std::integral T>
std::string shortest_text(T x) {
  return std::to_string(x);
}
/// The same of a real number with a point or an exponent, for readers to whom "1" is a whole number.
template <std::floating_point T>
std::string real_text(T x) {
  auto out = shortest_text(x);
  return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}
}  // namespace tessera
