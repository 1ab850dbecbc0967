#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tessera {
/// A data set as a user names it: the path of a file or folder and, after a question mark, options:
///
///   log.csv?columns=reward=r,action=dose&actions=continuous
///
/// The name is kept with a run, so that the same data are read again with the same options.  In an option's value, %26
/// is an ampersand and %25 a percent sign.  A path that exists as it stands, question mark and all, has no options;
/// nor is a question mark in a path that exists the beginning of any.
class DataRequest {
 public:
  explicit DataRequest(const std::string& text);
  /// The same with other checks: check(path, option, whether its name came before) is called for each option as it
  /// stands, and throws for one that it does not take.
  static DataRequest parse(const std::string& text,
                           const std::function<void(const std::string&, const std::string&, bool)>& check);
  DataRequest(std::string path, std::vector<std::pair<std::string, std::string>> options)
      : path_(std::move(path)), options_(std::move(options)) {}

  const std::string& path() const { return path_; }
  bool has_options() const { return !options_.empty(); }
  const std::vector<std::pair<std::string, std::string>>& options() const { return options_; }
  bool has(const std::string& option) const;
  /// The value of an option, if it is given.
  std::optional<std::string> value(const std::string& option) const;
  /// The same; it counts as honored then.
  std::optional<std::string> take(const std::string& option);
  /// Throws an Error for the first option that nobody has taken; `known` are those that there are.
  void require_all_taken(const std::vector<std::string>& known) const;
  /// The same request with one more option, or with another value for it.
  DataRequest with(const std::string& option, const std::string& value) const;
  /// The same request of another path.
  DataRequest at(std::string path) const { return {std::move(path), options_}; }
  /// The same request without an option.
  DataRequest without(const std::string& option) const;
  /// As the user would write it.
  std::string text() const;

 private:
  std::string path_;
  std::vector<std::pair<std::string, std::string>> options_;
  std::vector<std::string> taken_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/sources/request.impl.hpp>
#endif
