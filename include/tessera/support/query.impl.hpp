#pragma once
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/query.hpp>

namespace tessera {
TESSERA_INLINE Query::Query(std::string whole, const std::string& text, std::vector<std::string> known)
    : whole_(std::move(whole)), known_(std::move(known)) {
  const auto mark = text.find('?');
  source_ = text.substr(0, mark);
  for (std::size_t at = mark; at != std::string::npos;) {
    const auto end = text.find('&', at + 1);
    add(text.substr(at + 1, end == std::string::npos ? end : end - at - 1));
    at = end;
  }
}

TESSERA_INLINE std::string Query::text(const std::string& key, const std::string& otherwise) const {
  for (const auto& [name, value] : options_)
    if (name == key) return value;
  return otherwise;
}

TESSERA_INLINE std::string Query::one_of(const std::string& key, const std::vector<std::string>& allowed,
                                         const std::string& otherwise) const {
  const auto value = text(key, otherwise);
  for (const auto& name : allowed)
    if (name == value) return value;
  const auto meant = nearest_name(value, allowed);
  throw Error(whole_ + ": " + key + " is '" + value + "'" + (meant.empty() ? "" : "; did you mean '" + meant + "'?") +
              " (there are " + joined(allowed) + ")");
}

TESSERA_INLINE std::uint64_t Query::number(const std::string& key, std::uint64_t otherwise, std::uint64_t min,
                                           std::uint64_t max) const {
  const auto value = text(key, std::to_string(otherwise));
  std::uint64_t found = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), found);
  if (read.ec != std::errc{} || read.ptr != value.data() + value.size() || found < min || found > max)
    throw Error(whole_ + ": " + key + " is '" + value + "'; it must be a whole number from " + std::to_string(min) +
                " to " + std::to_string(max));
  return found;
}

TESSERA_INLINE std::string Query::joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

TESSERA_INLINE void Query::add(const std::string& option) {
  const auto equals = option.find('=');
  const auto key = option.substr(0, equals);
  bool there = false;
  for (const auto& name : known_) there = there || name == key;
  if (equals == std::string::npos || !there) {
    const auto meant = nearest_name(key, known_);
    throw Error(whole_ + ": '" + option + "' is not understood" +
                (meant.empty() ? "" : "; did you mean '" + meant + "='?") + " (options are " + joined(known_) +
                ", as ?KEY=VALUE&KEY=VALUE)");
  }
  for (const auto& [name, value] : options_)
    if (name == key) throw Error(whole_ + ": " + key + " is given twice; give it once");
  options_.emplace_back(key, option.substr(equals + 1));
}
}  // namespace tessera
