#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace tessera {
/// How many single-character insertions, deletions and replacements turn `a` into `b`.
std::size_t edit_distance(const std::string& a, const std::string& b);

/// The name that was most likely meant by `given`; empty when more than half of it would have to change.
std::string nearest_name(const std::string& given, const std::vector<std::string>& names);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/nearest_name.impl.hpp>
#endif
