#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Lists as texts.
namespace tessera {
/// The pieces of a text between the characters `at`; of a text without one, the text.
inline std::vector<std::string> split_at(std::string_view text, char at) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= text.size();) {
    const auto end = std::min(text.find(at, from), text.size());
    out.emplace_back(text.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

/// "2, 3, 4"; of more than `most` numbers the first, and "...".
inline std::string list_text(const std::vector<std::int64_t>& x, std::size_t most = std::size_t(-1)) {
  std::string text;
  for (std::size_t i = 0; i < std::min(x.size(), most); ++i) text += (i > 0 ? ", " : "") + std::to_string(x[i]);
  return text + (x.size() > most ? ", ..." : "");
}
/// The shape of an array as Python writes it: "(2, 3)", "(5,)", "()".
inline std::string shape_text(const std::vector<std::int64_t>& shape) {
  return "(" + list_text(shape) + (shape.size() == 1 ? ",)" : ")");
}
}  // namespace tessera
