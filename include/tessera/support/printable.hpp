#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tessera {
namespace detail {
// The length of the UTF-8 sequence that `text` begins with, and its code point; 0 where it is none: cut, overlong, a
// surrogate.
std::size_t utf8_sequence(std::string_view text, std::uint32_t& point);

// Characters that a terminal obeys, or that change how those around them are shown: controls, line separators, marks of
// direction.
bool is_unseen(std::uint32_t c);

std::string escaped(std::uint32_t c, bool byte);
}  // namespace detail

/// Text from outside, as it may stand in a message or on a terminal: UTF-8 stays as it is, but control characters,
/// marks that turn the direction of writing, and bytes that are no UTF-8 are written out: \n, \x1b, \u202e.  Printing
/// what is printable already changes nothing.
/// Of a text of more than `max` bytes the beginning and the end are kept.
std::string printable(std::string_view text, std::size_t max = 4096);

/// The same of a name: of a key, a column, an attribute, a member of an archive.
inline std::string printable_name(std::string_view name) { return printable(name, 128); }
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/printable.impl.hpp>
#endif
