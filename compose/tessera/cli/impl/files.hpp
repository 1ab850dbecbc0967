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

TESSERA_CLI_INLINE std::string label_of(const std::string& dataset) {
  const auto [reader, request] = find_reader(dataset);
  auto label =
      reader != nullptr && !reader->of_file() ? request : fs::path(DataRequest(request).path()).stem().string();
  if (reader != nullptr && reader->name != "builtin")
    label = reader->name == "icu-sepsis" ? reader->name : reader->name + "-" + label;
  for (char& x : label)
    if (const auto c = static_cast<unsigned char>(x); x == '?' || x == '=' || x == '/' || c < 0x20 || c == 0x7f)
      x = '-';
  return label;
}

TESSERA_CLI_INLINE std::string short_name(const Dataset& data) {
  if (data.format == "tabular") return data.name.substr(0, data.name.find(':'));
  const auto [reader, request] = find_reader(data.name);
  return reader != nullptr && !reader->of_file() ? data.name
                                                 : fs::path(DataRequest(data.name).path()).filename().string();
}

TESSERA_CLI_INLINE void require_positive(const char* flag, std::int64_t value) {
  if (value < 1) throw Error(fmt::format("{} must be at least 1, not {}", flag, value));
}
}  // namespace tessera::cli
