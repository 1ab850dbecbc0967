#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace tessera::cli {
/// A temporary folder that nobody else reads or writes, removed at the end.
class PrivateFolder {
 public:
  PrivateFolder() {
    std::error_code code;
    auto pattern = (std::filesystem::temp_directory_path(code) / "tessera-XXXXXX").string();
    if (!code && mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~PrivateFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  /// Empty: it could not be created.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Writes a file that is nobody's result, in place; false where it cannot be written.
inline bool write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out << bytes;
  return bool(out.flush());
}
/// All of a file; empty where it cannot be read.
inline std::string read_bytes(const std::string& path) {
  std::stringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}
}  // namespace tessera::cli
