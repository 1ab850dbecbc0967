#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/export_command.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/one_of.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/deploy/header.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE const std::vector<std::pair<std::string, std::string>>& export_formats() {
  static const std::vector<std::pair<std::string, std::string>> all = {{"safetensors", ".safetensors"},
                                                                       {"json", ".json"},
                                                                       {"header", ".hpp"},
                                                                       {"torchscript", ".pt"},
                                                                       {"onnx", ".onnx"}};
  return all;
}
TESSERA_CLI_INLINE std::string export_file(const ExportCommand& c) {
  if (!c.out.empty()) return c.out;
  for (const auto& [format, ending] : export_formats())
    if (format == c.to) return RunFolder::run_that_keeps(c.run).value_or(c.run) + "/policy" + ending;
  throw Error("--to: '" + c.to + "' is not a format");
}

namespace detail {
inline void require_format(const std::string& to) {
  std::vector<std::string> names;
  for (const auto& [format, ending] : export_formats()) names.push_back(format);
  require_one_of("--to", to, names);
}
inline void require_of_header(const ExportCommand& c) {
  for (const char* flag : {"--name", "--weights-file"})
    if (c.to != "header" && std::find(c.given.begin(), c.given.end(), flag) != c.given.end())
      throw Error(std::string(flag) + " is for --to header; leave it out");
  if (c.to == "header") deploy::require_namespace(c.name);
}
}  // namespace detail

TESSERA_CLI_INLINE void refuse(const ExportCommand& c) {
  detail::require_format(c.to);
  detail::require_of_header(c);
  if (c.noise != "fixed" && c.noise != "given")
    throw Error("--noise: '" + printable_name(c.noise) + "' is not one of fixed, given");
  RunFolder::checkpoint_of(c.run);
  require_free_place("--out", export_file(c), c.overwrite);
  if (c.weights_file) require_free_place("--out", export_file(c) + ".weights", c.overwrite);
}
}  // namespace tessera::cli
