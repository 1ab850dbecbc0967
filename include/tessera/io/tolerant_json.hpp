#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/support/read_limits.hpp>

namespace tessera {
/// JSON as Python writes it, with Infinity, -Infinity and NaN where numbers are, which JSON does not have: they become
/// the texts "Infinity", "-Infinity" and "NaN".  Throws an Error that begins with `about` for anything else that is not
/// JSON, for nesting deeper than 64, and for an object with more than 4096 entries.
nlohmann::ordered_json parse_tolerant_json(std::string_view text, const std::string& about);

/// The text of a JSON file of at most 32 MiB, after what parsing it may take is checked against the limits.
std::string read_json_text(const std::string& path, const ReadLimits& limits = {});
/// Both.
nlohmann::ordered_json read_tolerant_json(const std::string& path, const ReadLimits& limits = {});

/// A number that may be one of the three texts; `otherwise` for anything else.
double number_of(const nlohmann::ordered_json& value, double otherwise);
/// A whole number; `otherwise` for anything else, also for one that does not fit.
std::int64_t whole_of(const nlohmann::ordered_json& value, std::int64_t otherwise);
/// The whole numbers of a list of lists, in order, or the one number that `value` is; -1 for what is none.  Empty where
/// `value` is null.
std::vector<std::int64_t> whole_numbers_of(const nlohmann::ordered_json* value);
/// The same for any numbers, with `otherwise` for what is none.
std::vector<double> numbers_of(const nlohmann::ordered_json* value, double otherwise);
/// The value of a key; null if there is none, or `object` is not an object.
const nlohmann::ordered_json* entry_of(const nlohmann::ordered_json& object, const std::string& key);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/tolerant_json.impl.hpp>
#endif
