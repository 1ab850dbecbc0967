#pragma once
#include <limits>
#include <string>
#include <string_view>

#include <tessera/support/printable.hpp>

namespace tessera::cli {
/// Text from outside as text of an HTML page, between tags or within a quoted attribute: it can neither end where it
/// stands nor hide or reorder what is around it (`printable`).
inline std::string html(std::string_view text, std::size_t max = std::numeric_limits<std::size_t>::max()) {
  std::string out;
  for (const char c : printable(text, max)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}
}  // namespace tessera::cli
