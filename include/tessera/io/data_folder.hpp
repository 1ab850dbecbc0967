#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {
/// Whether `a` comes before `b` where numbers in names count as numbers: "part-9" before "part-10".
bool natural_less(std::string_view a, std::string_view b);

/// A folder that holds a data set of several files, which may come from somebody else: nothing in it that leads out of
/// it, by its name or by a symbolic link, is opened.
class DataFolder {
 public:
  explicit DataFolder(const std::string& path);

  const std::string& path() const { return path_; }
  /// Whether there is a file or folder of that name; a name that leads out is an Error, as below.
  bool has(const std::string& name) const;
  /// The path of a file or folder in it.  Throws an Error if there is none, or it lies outside.
  std::string inside(const std::string& name) const;
  /// What is in it or in a folder of it, in natural order, but for names that begin with a dot.
  std::vector<std::string> names(const std::string& under = "") const;

 private:
  std::string path_, real_;
};

/// The bytes of the files in a folder, or of one file; links are not followed.
std::uint64_t size_of_data(const std::string& path);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/data_folder.impl.hpp>
#endif
