#pragma once
#include <optional>
#include <string>

#include <tessera/io/imitation_folder.hpp>
#include <tessera/io/lerobot.hpp>
#include <tessera/io/minari.hpp>
#include <tessera/io/store.hpp>
#include <tessera/sources/data_folders.hpp>
#include <tessera/sources/request.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::detail {
/// The value of an option that is one of two words, or not given.
TESSERA_INLINE std::optional<bool> one_of_two(DataRequest& request, const std::string& option, const std::string& yes,
                                              const std::string& no) {
  const auto given = request.take(option);
  if (!given) return std::nullopt;
  if (*given != yes && *given != no)
    throw Error(printable(request.path()) + ": " + option + "=" + printable_name(*given) +
                " is not understood; write " + yes + " or " + no);
  return *given == yes;
}

TESSERA_INLINE bool MinariFormat::sniff_folder(const std::string& path) { return is_minari_folder(path); }
TESSERA_INLINE bool MinariFormat::sniff(const hdf5::File& file) { return file.exists("episode_0"); }
TESSERA_INLINE Dataset MinariFormat::read(const std::string& text, const ReadLimits& limits) {
  DataRequest request(text);
  MinariOptions options;
  options.observation = request.take("observation").value_or("");
  options.action = request.take("action").value_or("");
  options.discrete_as_index = one_of_two(request, "discrete", "index", "one-hot").value_or(false);
  request.require_all_taken({"observation", "action", "discrete"});
  return read_minari(request.path(), options, limits);
}

TESSERA_INLINE bool LeRobotFormat::sniff_folder(const std::string& path) { return is_lerobot_folder(path); }
TESSERA_INLINE Dataset LeRobotFormat::read(const std::string& text, const ReadLimits& limits) {
  DataRequest request(text);
  LeRobotOptions options;
  options.observation = request.take("observation").value_or("");
  options.reward = request.take("reward");
  options.done_is_terminated = one_of_two(request, "done", "terminated", "truncated");
  request.require_all_taken({"observation", "reward", "done"});
  return read_lerobot(request.path(), options, limits);
}

TESSERA_INLINE bool ImitationFolderFormat::sniff_folder(const std::string& path) { return is_imitation_folder(path); }
TESSERA_INLINE Dataset ImitationFolderFormat::read(const std::string& text, const ReadLimits& limits) {
  DataRequest request(text);
  std::optional<float> reward;
  if (const auto given = request.take("reward")) {
    reward = constant_reward(*given);
    if (!reward)
      throw Error(printable(request.path()) + ": reward=" + printable_name(*given) +
                  " is not a number; write reward=0, or leave it out where the data set has rewards");
  }
  request.require_all_taken({"reward"});
  return read_imitation_folder(request.path(), reward, limits);
}

TESSERA_INLINE bool StoreFormat::sniff_folder(const std::string& path) { return is_store(path); }
TESSERA_INLINE Dataset StoreFormat::read(const std::string& text, const ReadLimits& limits) {
  const DataRequest request(text);
  request.require_all_taken({});
  return Store(request.path()).dataset(limits);
}
}  // namespace tessera::detail
