#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/sources/request.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// A `DataRequest` whose options are known, "SOURCE?key=value&key=value", with checked values.  Error messages begin
/// with `whole`.
class Query {
 public:
  /// `known`: the valid keys; an unknown key, or one given twice, is an `Error`.
  Query(std::string whole, const std::string& text, std::vector<std::string> known);

  const std::string& source() const { return request_.path(); }

  /// The value of a key, or `otherwise` if it was not given.
  std::string text(const std::string& key, const std::string& otherwise) const;
  /// The same for one value of a list.
  std::string one_of(const std::string& key, const std::vector<std::string>& allowed,
                     const std::string& otherwise) const;
  /// The same for an integer from `min` to `max`.
  std::uint64_t number(const std::string& key, std::uint64_t otherwise, std::uint64_t min, std::uint64_t max) const;

 private:
  static std::string joined(const std::vector<std::string>& names);

  std::string whole_;
  DataRequest request_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/sources/query.impl.hpp>
#endif
