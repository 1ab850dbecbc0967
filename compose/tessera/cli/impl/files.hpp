#pragma once
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include <tessera/cli/files.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/error.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

TESSERA_CLI_INLINE void write_text(const std::string& path, const std::string& text) {
  write_atomically(path, [&](const std::string& name) {
    std::ofstream out(name);
    out << text;
    if (!out.flush()) throw Error(path + ": cannot be written; check the disk's space and permissions");
  });
}

/// The path of a data set without the slash that a folder may end with, which would leave it without a name.
TESSERA_CLI_INLINE fs::path named_path(const std::string& request) {
  const fs::path path(DataRequest(request).path());
  return path.has_filename() ? path : path.parent_path();
}

TESSERA_CLI_INLINE std::string label_of(const std::string& dataset) {
  const auto [reader, request] = find_reader(dataset);
  auto label = reader != nullptr && !reader->of_file() ? request : named_path(request).stem().string();
  if (reader != nullptr && reader->name != "builtin")
    label = reader->name == "icu-sepsis" ? reader->name : reader->name + "-" + label;
  return path_label(std::move(label));
}

TESSERA_CLI_INLINE std::string path_label(std::string text) {
  for (char& x : text)
    if (const auto c = static_cast<unsigned char>(x);
        x == '?' || x == '=' || x == '/' || x == ':' || x == '&' || c < 0x20 || c == 0x7f)
      x = '-';
  return text;
}

TESSERA_CLI_INLINE std::string short_name(const Dataset& data) {
  if (data.format == "tabular") return data.name.substr(0, data.name.find(':'));
  const auto [reader, request] = find_reader(data.name);
  return reader != nullptr && !reader->of_file() ? data.name : named_path(data.name).filename().string();
}

TESSERA_CLI_INLINE void require_place(const char* flag, const std::string& path) {
  std::error_code code;
  if (fs::is_directory(path, code)) throw Error(path + ": is a folder; give a file's name with " + flag);
  const auto folder = fs::path(path).parent_path();
  if (!folder.empty() && !fs::is_directory(folder, code))
    throw Error(folder.string() + ": there is no such folder; make it, or give another " + flag);
}
TESSERA_CLI_INLINE void require_free_place(const char* flag, const std::string& path, bool overwrite) {
  require_place(flag, path);
  std::error_code code;
  if (!overwrite && fs::exists(fs::symlink_status(path, code)))
    throw Error(path + ": is there already; give another " + flag + ", or --overwrite");
}

TESSERA_CLI_INLINE void require_positive(const char* flag, std::int64_t value) {
  if (value < 1) throw Error(fmt::format("{} must be at least 1, not {}", flag, value));
}
}  // namespace tessera::cli
