#pragma once
#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/tolerant_json.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/plain_path.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/train/run_policy.hpp>

namespace tessera::detail {
inline bool is_folder(const std::string& path) {
  std::error_code code;
  return std::filesystem::is_directory(path, code);
}
TESSERA_INLINE std::string checkpoint_of_run(const std::string& run) {
  return is_folder(run) ? plain_path(run) + "/checkpoint.safetensors" : run;
}

TESSERA_INLINE void name_numbers_of_run(const std::string& run, deploy::Program& p) {
  if (!is_folder(run)) return;
  const auto path = plain_path(run) + "/config.json", shown = printable(path);
  const auto config = read_tolerant_json(path);
  const auto* data = entry_of(config, "data");
  if (data == nullptr) throw Error(shown + ": has no 'data'; give the folder of a run, or its checkpoint alone");
  const auto* spaces = entry_of(*data, "spaces");
  if (spaces == nullptr) return;  // the data had no names
  const auto wrong = [&](const std::string& key, const char* wanted) {
    return Error(shown + ": data.spaces." + key + " is not " + wanted + "; restore the file");
  };
  const auto names = [&](const std::string& key) {
    std::vector<std::string> out;
    const auto* all = entry_of(*spaces, key);
    if (all == nullptr) return out;
    if (!all->is_array()) throw wrong(key, "a list of texts");
    for (const auto& each : *all) {
      if (!each.is_string()) throw wrong(key, "a list of texts");
      out.push_back(printable_name(each.get<std::string>()));
    }
    return out;
  };
  const auto* first = entry_of(*spaces, "first_action");
  constexpr auto none = std::numeric_limits<std::int64_t>::min();
  const auto code = first == nullptr ? 0 : whole_of(*first, none);
  if (code == none) throw wrong("first_action", "a whole number");
  name_numbers(p, names("observation_names"), names("action_names"), code, shown);
}

TESSERA_INLINE void not_of_these(const safetensors::File& checkpoint, const std::string& recipes) {
  throw Error(checkpoint.path() + ": was saved by " + printable_name(algorithm_of(checkpoint)) + ", not by " + recipes +
              "; give its recipe");
}
}  // namespace tessera::detail
