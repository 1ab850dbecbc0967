#include "files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include <tessera/data/atomic_file.hpp>
#include <tessera/data/error.hpp>

namespace fs = std::filesystem;

namespace tessera::cli {
void write_text(const std::string& path, const std::string& text) {
  write_atomically(path, [&](const std::string& name) {
    std::ofstream out(name);
    out << text;
    if (!out.flush()) throw Error(path + ": cannot be written; check the disk's space and permissions");
  });
}

std::string label_of(const std::string& dataset) {
  auto label = dataset.starts_with("builtin:")      ? dataset.substr(8)
               : dataset.starts_with("icu-sepsis:") ? "icu-sepsis"
                                                    : fs::path(dataset).stem().string();
  for (char& x : label)
    if (const auto c = static_cast<unsigned char>(x); x == '?' || x == '=' || x == '/' || c < 0x20 || c == 0x7f) x = '-';
  return label;
}

std::string short_name(const Dataset& data) {
  if (data.format == "tabular") return data.name.substr(0, data.name.find(':'));
  return data.name.starts_with("builtin:") ? data.name : fs::path(data.name).filename().string();
}

void require_positive(const char* flag, std::int64_t value) {
  if (value < 1) throw Error(fmt::format("{} must be at least 1, not {}", flag, value));
}
}  // namespace tessera::cli
