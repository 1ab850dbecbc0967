#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/sources/query.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/nearest_name.hpp>

namespace tessera {
TESSERA_INLINE Query::Query(std::string whole, const std::string& text, std::vector<std::string> known)
    : whole_(std::move(whole)),
      request_(DataRequest::parse(text, [&](const std::string&, const std::string& option, bool again) {
        const auto equals = option.find('=');
        const auto key = option.substr(0, equals);
        if (again) throw Error(whole_ + ": " + key + " is given twice; give it once");
        if (equals != std::string::npos && std::find(known.begin(), known.end(), key) != known.end()) return;
        const auto meant = nearest_name(key, known);
        throw Error(whole_ + ": '" + option + "' is not understood" +
                    (meant.empty() ? "" : "; did you mean '" + meant + "='?") + " (options are " + joined(known) +
                    ", as ?KEY=VALUE&KEY=VALUE)");
      })) {}

TESSERA_INLINE std::string Query::text(const std::string& key, const std::string& otherwise) const {
  return request_.value(key).value_or(otherwise);
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
}  // namespace tessera
