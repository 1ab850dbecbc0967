#include "files.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

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

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

bool draw(const std::string& base, int width, int height, const std::string& script) {
  const std::pair<const char*, std::string> outputs[] = {
      {".svg", fmt::format("set terminal svg size {},{} font 'sans,13' background rgb 'white'", width, height)},
      {".png", fmt::format("set terminal pngcairo size {},{} font 'sans,11' background rgb 'white'", width, height)}};
  for (const auto& [ending, terminal] : outputs) {
    bool drawn = true;
    write_atomically(base + ending, [&](const std::string& temporary) {
      const auto all = fmt::format("{}\nset output {}\n{}set output\n", terminal, quoted(temporary), script);
      FILE* pipe = popen("gnuplot 2>/dev/null", "w");
      drawn = pipe != nullptr;
      if (drawn) std::fwrite(all.data(), 1, all.size(), pipe);
      drawn = drawn && pclose(pipe) == 0 && fs::exists(temporary);
      if (!drawn) std::ofstream{temporary};
    });
    if (!drawn) {
      fs::remove(base + ending);
      return false;
    }
  }
  return true;
}

void warn_of_no_gnuplot() { fmt::print(stderr, "warning [no-gnuplot]: no curve was drawn; install gnuplot\n"); }

std::string label_of(const std::string& dataset) {
  auto label = dataset.starts_with("builtin:")      ? dataset.substr(8)
               : dataset.starts_with("icu-sepsis:") ? "icu-sepsis"
                                                    : fs::path(dataset).stem().string();
  for (char& x : label)
    if (x == '?' || x == '=' || x == '/') x = '-';
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
