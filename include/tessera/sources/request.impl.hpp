#pragma once
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <tessera/sources/request.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
namespace detail {
TESSERA_INLINE std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}
}  // namespace detail

TESSERA_INLINE DataRequest::DataRequest(const std::string& text) {
  std::error_code code;
  const auto mark = text.find('?');
  path_ = text.substr(0, mark);
  if (mark == std::string::npos || std::filesystem::exists(text, code)) {
    path_ = text;
    return;
  }
  for (std::size_t at = mark + 1; at <= text.size();) {
    const auto end = std::min(text.find('&', at), text.size());
    const auto option = text.substr(at, end - at);
    const auto equals = option.find('=');
    if (equals == 0 || equals == std::string::npos)
      throw Error(printable(path_) + ": '?" + printable(text.substr(mark + 1)) +
                  "' is not understood; write options as ?NAME=VALUE&NAME=VALUE");
    auto name = option.substr(0, equals);
    if (has(name)) throw Error(printable(path_) + ": option '" + printable_name(name) + "' is given twice");
    auto value = detail::replaced(detail::replaced(option.substr(equals + 1), "%26", "&"), "%25", "%");
    options_.emplace_back(std::move(name), std::move(value));
    at = end + 1;
  }
}
TESSERA_INLINE bool DataRequest::has(const std::string& option) const {
  return std::any_of(options_.begin(), options_.end(), [&](const auto& each) { return each.first == option; });
}
TESSERA_INLINE std::optional<std::string> DataRequest::take(const std::string& option) {
  for (const auto& [name, value] : options_)
    if (name == option) {
      taken_.push_back(name);
      return value;
    }
  return std::nullopt;
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
