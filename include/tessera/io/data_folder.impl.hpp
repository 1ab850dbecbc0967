#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tessera/io/data_folder.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/plain_path.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/saturating.hpp>

namespace tessera {
TESSERA_INLINE bool natural_less(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      const auto begin_i = std::min(a.find_first_not_of('0', i), a.size()),
                 begin_j = std::min(b.find_first_not_of('0', j), b.size());
      auto end_i = begin_i, end_j = begin_j;
      while (end_i < a.size() && digit(a[end_i])) ++end_i;
      while (end_j < b.size() && digit(b[end_j])) ++end_j;
      const auto x = a.substr(begin_i, end_i - begin_i), y = b.substr(begin_j, end_j - begin_j);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
      i = end_i, j = end_j;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i, ++j;
    }
  }
  if (i < a.size() || j < b.size()) return i == a.size();
  return a < b;  // "07" and "7"
}

TESSERA_INLINE DataFolder::DataFolder(const std::string& path) : path_(plain_path(path)) {
  std::error_code code;
  const auto real = std::filesystem::canonical(path, code);
  if (code) throw Error(printable(path) + ": cannot be opened (" + code.message() + "); check the path");
  if (!std::filesystem::is_directory(real, code)) throw Error(printable(path) + ": is not a folder; check the path");
  real_ = real.string();
}

TESSERA_INLINE bool DataFolder::has(const std::string& name) const {
  std::error_code code;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path_ + "/" + name, code))) return false;
  inside(name);
  return true;
}

TESSERA_INLINE std::string DataFolder::inside(const std::string& name) const {
  const auto path = path_ + "/" + name;
  const auto outside = [&] {
    throw Error(printable(path) +
                ": leads out of the folder of the data set, where nothing is read; if you trust it, "
                "copy the folder with 'cp -rL', which replaces links by what they name");
  };
  if (name.empty() || name.front() == '/' || name.find('\0') != std::string::npos) outside();
  for (const auto& step : std::filesystem::path(name))
    if (step == "..") outside();
  std::error_code code;
  const auto real = std::filesystem::canonical(path, code);
  if (code)
    throw Error(printable(path) + ": cannot be opened (" + code.message() +
                "); the folder is incomplete: copy or download it again");
  if (!real.string().starts_with(real_ == "/" ? real_ : real_ + "/")) outside();
  return path;
}

TESSERA_INLINE std::vector<std::string> DataFolder::names(const std::string& under) const {
  constexpr std::size_t most = 10'000'000;
  const auto where = under.empty() ? path_ : inside(under);
  std::vector<std::string> found;
  std::error_code code;
  for (std::filesystem::directory_iterator at(where, code), end; !code && at != end; at.increment(code)) {
    auto name = at->path().filename().string();
    if (!name.starts_with('.')) found.push_back(std::move(name));
    if (found.size() > most) throw Error(printable(where) + ": has more than ten million files; divide the data set");
  }
  if (code) throw Error(printable(where) + ": cannot be listed (" + code.message() + "); check its permissions");
  std::sort(found.begin(), found.end(), natural_less);
  return found;
}

TESSERA_INLINE std::uint64_t size_of_data(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code code;
  if (!fs::is_directory(path, code)) {
    const auto size = fs::file_size(path, code);
    return code ? 0 : static_cast<std::uint64_t>(size);
  }
  std::uint64_t sum = 0;
  for (fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, code), end;
       !code && at != end; at.increment(code)) {
    std::error_code ignored;
    if (at->is_symlink(ignored) || !at->is_regular_file(ignored)) continue;
    const auto size = at->file_size(ignored);
    if (!ignored) sum = math::saturating_sum(sum, static_cast<std::uint64_t>(size));
  }
  return sum;
}
}  // namespace tessera
