#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/support/error.hpp>

namespace tessera {
/// "SOURCE?key=value&key=value", taken apart.  Error messages begin with `whole`.
class Query {
 public:
  /// `known`: the valid keys; an unknown key, or one given twice, is an `Error`.
  Query(std::string whole, const std::string& text, std::vector<std::string> known);

  const std::string& source() const { return source_; }

  /// The value of a key, or `otherwise` if it was not given.
  std::string text(const std::string& key, const std::string& otherwise) const;
  /// The same for one value of a list.
  std::string one_of(const std::string& key, const std::vector<std::string>& allowed,
                     const std::string& otherwise) const;
  /// The same for an integer from `min` to `max`.
  std::uint64_t number(const std::string& key, std::uint64_t otherwise, std::uint64_t min, std::uint64_t max) const;

 private:
  static std::string joined(const std::vector<std::string>& names);

  void add(const std::string& option);

  std::string whole_, source_;
  std::vector<std::string> known_;
  std::vector<std::pair<std::string, std::string>> options_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/query.impl.hpp>
#endif
