#pragma once
#include <string>

#include <tessera/dataset/dataset.hpp>
#include <tessera/io/hdf5.hpp>
#include <tessera/support/read_limits.hpp>

/// The readers of folders, for the table of `load_dataset`, with their options.
namespace tessera::detail {
/// `read_minari`: "?observation=NAME:NAME", "?action=NAME:NAME", "?discrete=index".
struct MinariFormat {
  static constexpr const char* name = "minari";
  static constexpr bool in_pieces = true;
  static bool sniff_folder(const std::string& path);
  static bool sniff(const hdf5::File& file);
  static Dataset read(const std::string& text, const ReadLimits& limits);
};
/// `read_lerobot`: "?observation=NAME:NAME", "?reward=NUMBER", "?reward=NAME", "?done=terminated".
struct LeRobotFormat {
  static constexpr const char* name = "lerobot";
  static constexpr bool in_pieces = true;
  static bool sniff_folder(const std::string& path);
  static Dataset read(const std::string& text, const ReadLimits& limits);
};
/// `read_imitation_folder`: "?reward=NUMBER".
struct ImitationFolderFormat {
  static constexpr const char* name = "imitation-folder";
  static bool sniff_folder(const std::string& path);
  static Dataset read(const std::string& text, const ReadLimits& limits);
};
/// `Store::dataset`.
struct StoreFormat {
  static constexpr const char* name = "store";
  static bool sniff_folder(const std::string& path);
  static Dataset read(const std::string& text, const ReadLimits& limits);
};
}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include <tessera/sources/data_folders.impl.hpp>
#endif
