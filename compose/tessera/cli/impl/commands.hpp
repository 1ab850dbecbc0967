#pragma once
#include <fmt/format.h>

#include <algorithm>

#include <tessera/cli/commands.hpp>
#include <tessera/support/error.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE void require_resumable(const TrainCommand& c) {
  const std::vector<std::string> honored = {
      "--resume",      "--steps",    "--online-steps",  "--threads",      "--device",
      "--dataset",     "--env",      "--untrusted",     "--memory-limit", "--tensorboard",
      "--ope-dataset", "--patience", "--data-parallel", "--rank-timeout", "--updates-per-launch"};
  if (c.has("--rank-timeout") && !c.ranks.on)
    throw Error("--rank-timeout is of several processes; give --data-parallel too, or leave it out");
  std::string all;
  for (const auto& flag : c.given)
    if (std::find(honored.begin(), honored.end(), flag) == honored.end()) all += (all.empty() ? "" : ", ") + flag;
  if (!all.empty())
    throw Error(fmt::format(
        "{} cannot be given beside --resume, for the run in {} has its own; leave it out, or start a new run", all,
        c.resume));
}
}  // namespace tessera::cli
