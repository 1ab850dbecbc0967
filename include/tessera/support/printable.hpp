#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tessera {
namespace detail {
// The length of the UTF-8 sequence that `text` begins with, and its code point; 0 if it is not valid UTF-8: truncated,
// overlong, or a surrogate.
std::size_t utf8_sequence(std::string_view text, std::uint32_t& point);

// Characters that a terminal acts on, or that change how the characters around them are shown: control characters, line
// separators, direction marks.
bool is_unseen(std::uint32_t c);

std::string escaped(std::uint32_t c, bool byte);
}  // namespace detail

/// Makes text from outside safe to print in a message or on a terminal: UTF-8 stays as it is, but control characters,
/// marks that change the direction of writing, and bytes that are not UTF-8 are written as escapes: \n, \x1b, \u202e.
/// Text that is printable already does not change.
/// If the text is longer than `max` bytes, only its beginning and end are kept.
std::string printable(std::string_view text, std::size_t max = 4096);

/// The same for a name: of a key, a column, an attribute, a member of an archive.
inline std::string printable_name(std::string_view name) { return printable(name, 128); }
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/printable.impl.hpp>
#endif
