#pragma once
// The commands that judge trained policies by logged data, as they were typed.
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// What both commands take.
struct JudgeCommand {
  std::vector<std::string> runs;
  std::string dataset, out, device = "cpu";
  double discount = -1;  ///< below 0: the run's own
  std::int64_t updates = 20'000, members = 2;
  std::int64_t refits = 0;  ///< fits to resampled episodes, for the interval of fqe; 0: none
  int resamples = 2000, threads = 0;
  std::uint64_t seed = 0;
  bool sampled = false, as_json = false;
  std::vector<std::string> given{};  ///< flags that were typed
  Reading reading;

  bool has(const std::string& flag) const;
};
struct OpeCommand : JudgeCommand {
  std::string estimators;  ///< "fqe,wis"; "": all that the log and the policy have everything for
  std::string plot;
};
struct SelectCommand : JudgeCommand {
  std::string by = "fqe";
  std::string env;
  std::int64_t episodes = 0;  ///< in all, online; 0: none
  int horizon = 0;
};

/// The names in --estimators.  Throws an Error for one that is no estimator's.
std::vector<std::string> asked_estimators(const std::string& list);

/// As those in front.hpp.
void refuse(const OpeCommand& c);
void refuse(const SelectCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/ope_commands.hpp>
#endif
