#pragma once
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <tessera/sources/request.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
namespace detail {
TESSERA_INLINE std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}
// The question mark that the options of a request follow.
TESSERA_INLINE std::size_t end_of_path(const std::string& text) {
  constexpr std::size_t longest = 4096;  // of a path
  std::error_code code;
  auto found = text.find('?');
  for (auto at = found; at != std::string::npos && at <= longest;) {
    at = text.find('?', at + 1);
    if (!std::filesystem::exists(text.substr(0, at), code)) continue;
    if (at == std::string::npos) return at;
    found = at;
  }
  return found;
}
}  // namespace detail

TESSERA_INLINE DataRequest::DataRequest(const std::string& text)
    : DataRequest(parse(text, [&](const std::string& path, const std::string& option, bool again) {
        const auto equals = option.find('=');
        if (equals == 0 || equals == std::string::npos)
          throw Error(printable(path) + ": '?" + printable(text.substr(path.size() + 1)) +
                      "' is not understood; write options as ?NAME=VALUE&NAME=VALUE");
        if (again)
          throw Error(printable(path) + ": option '" + printable_name(option.substr(0, equals)) + "' is given twice");
      })) {}
TESSERA_INLINE DataRequest DataRequest::parse(
    const std::string& text, const std::function<void(const std::string&, const std::string&, bool)>& check) {
  // The system would read the path up to there, and look at another file than the one that is named.
  if (text.find('\0') != std::string::npos)
    throw Error(printable(text) + ": a zero byte is in it, and in no path; give the path without");
  const auto mark = detail::end_of_path(text);
  DataRequest out(text.substr(0, mark), {});
  if (mark == std::string::npos) return out;
  for (const auto& option : split_at(std::string_view(text).substr(mark + 1), '&')) {
    const auto equals = option.find('=');
    auto name = option.substr(0, equals);
    check(out.path_, option, out.has(name));
    auto value = equals == std::string::npos ? "" : option.substr(equals + 1);
    out.options_.emplace_back(std::move(name),
                              detail::replaced(detail::replaced(std::move(value), "%26", "&"), "%25", "%"));
  }
  return out;
}
TESSERA_INLINE std::optional<std::string> DataRequest::value(const std::string& option) const {
  for (const auto& [name, value] : options_)
    if (name == option) return value;
  return std::nullopt;
}
TESSERA_INLINE bool DataRequest::has(const std::string& option) const {
  return std::any_of(options_.begin(), options_.end(), [&](const auto& each) { return each.first == option; });
}
TESSERA_INLINE std::optional<std::string> DataRequest::take(const std::string& option) {
  auto found = value(option);
  if (found) taken_.push_back(option);
  return found;
}
TESSERA_INLINE void DataRequest::require_all_taken(const std::vector<std::string>& known) const {
  for (const auto& [name, value] : options_) {
    if (std::find(taken_.begin(), taken_.end(), name) != taken_.end()) continue;
    const auto near = nearest_name(name, known);
    std::string all;
    for (const auto& each : known) all += (all.empty() ? "" : ", ") + each;
    throw Error(printable(path_) + ": this format has no option '" + printable_name(name) + "'" +
                (!near.empty() && near != name ? "; did you mean '" + near + "'?"
                 : all.empty()                 ? "; leave it out"
                                               : "; there are " + all));
  }
}
TESSERA_INLINE DataRequest DataRequest::with(const std::string& option, const std::string& value) const {
  auto out = *this;
  for (auto& [name, old] : out.options_)
    if (name == option) {
      old = value;
      return out;
    }
  out.options_.emplace_back(option, value);
  return out;
}
TESSERA_INLINE DataRequest DataRequest::without(const std::string& option) const {
  auto out = *this;
  std::erase_if(out.options_, [&](const auto& each) { return each.first == option; });
  return out;
}
TESSERA_INLINE std::string DataRequest::text() const {
  std::string out = path_;
  for (std::size_t i = 0; i < options_.size(); ++i)
    out += (i == 0 ? "?" : "&") + options_[i].first + "=" +
           detail::replaced(detail::replaced(options_[i].second, "%", "%25"), "&", "%26");
  return out;
}
}  // namespace tessera
