#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "files.hpp"

#include <tessera/io/arrow_table.hpp>

/// For tests of what is read out of Arrow and Parquet files.
namespace support {
/// An environment variable, until this goes away.
class Environment {
 public:
  Environment(std::string name, const std::string& value) : name_(std::move(name)) {
    if (const char* was = std::getenv(name_.c_str())) was_ = was;
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    if (was_) ::setenv(name_.c_str(), was_->c_str(), 1);
    else ::unsetenv(name_.c_str());
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::string name_;
  std::optional<std::string> was_;
};

/// Tables as the Python program behind `read_arrow_tables` sends them.
class TableBytes {
 public:
  std::string bytes;

  TableBytes& count(std::uint64_t x) { return add(&x, sizeof x); }
  TableBytes& text(const std::string& x) { return count(x.size()), add(x.data(), x.size()); }
  TableBytes& mark(char c) { return add(&c, 1); }
  TableBytes& head(std::uint64_t rows, std::uint64_t columns, const std::vector<std::string>& names) {
    mark('T').count(rows).count(columns).count(names.size());
    for (const auto& each : names) text(each);
    return *this;
  }
  /// `lengths`: of the rows' lists, where they differ.
  template <class T>
  TableBytes& column(const std::string& name, tessera::ArrowColumn::kind kind, const std::vector<std::uint64_t>& shape,
                     const std::vector<T>& values, const std::vector<std::int64_t>* lengths = nullptr,
                     const std::vector<std::uint8_t>& missing = {}) {
    static_assert(sizeof(T) == 8);
    text(name).text("type of " + name).count(std::uint64_t(kind)).count(shape.size());
    for (const auto extent : shape) count(extent);
    count(lengths != nullptr);
    if (lengths != nullptr) count(lengths->size()), add(lengths->data(), 8 * lengths->size());
    count(values.size()), add(values.data(), 8 * values.size());
    count(missing.size()), add(missing.data(), missing.size());
    return count(0).count(0);  // labels
  }
  TableBytes& real(const std::string& name, const std::vector<std::uint64_t>& shape, const std::vector<double>& x,
                   const std::vector<std::int64_t>* lengths = nullptr) {
    return column(name, tessera::ArrowColumn::kind::real, shape, x, lengths);
  }
  TableBytes& whole(const std::string& name, const std::vector<std::int64_t>& x,
                    const std::vector<std::int64_t>* lengths = nullptr) {
    return column(name, tessera::ArrowColumn::kind::whole, {}, x, lengths);
  }
  TableBytes& flags(const std::string& name, const std::vector<std::int64_t>& x) {
    return column(name, tessera::ArrowColumn::kind::flags, {}, x);
  }

 private:
  TableBytes& add(const void* from, std::size_t size) {
    bytes.append(static_cast<const char*>(from), size);
    return *this;
  }
};

/// A program in the place of Python that sends given bytes, whatever it is asked.
class PretendedPython {
 public:
  explicit PretendedPython(const std::string& bytes) : variable_("TESSERA_PYTHON", folder_ / "python") {
    write_bytes(folder_ / "bytes", bytes);
    write_bytes(folder_ / "python", "#!/bin/sh\nexec cat '" + (folder_ / "bytes") + "' >&3\n");
    std::filesystem::permissions(folder_ / "python", std::filesystem::perms::owner_all);
  }

 private:
  Folder folder_;
  Environment variable_;
};

/// Whether Arrow and Parquet files can be read here; a message where not.
inline bool has_arrow() {
  static const auto why = tessera::why_no_arrow();
  if (!why.empty()) WARN("skipped: " << why);
  return why.empty();
}
}  // namespace support
