#pragma once
#include <memory>
#include <string>

#include <tessera/cli/environment.hpp>
#include <tessera/sources/icu_sepsis.hpp>
#include <tessera/sources/query.hpp>
#include <tessera/sources/untrusted.hpp>

namespace tessera::cli {
/// The environment "icu-sepsis:PATH", "icu-sepsis:PATH?observations=features":  `const Environment<IcuSepsisFile>
/// icu_sepsis;`
struct IcuSepsisFile {
  static constexpr const char* name = "icu-sepsis";
  static constexpr const char* file = "dynamics.npz";
  static constexpr bool reads_untrusted = true;

  static TabularTask open(const std::string& request, const TaskReading& how) {
    const auto whole = std::string(name) + ":" + request;
    const Query query(whole, request, {"observations"});
    const auto observations = query.one_of("observations", {"one-hot", "features", ""}, "");
    const auto& icu = *problem(query.source(), how);
    if (!observations.empty()) return icu.task(observations);
    for (const char* form : {"one-hot", "features"})
      if (how.observation_size == 0 || icu.observation_size(form) == how.observation_size) return icu.task(form);
    throw Error(whole + ": its states are seen as " + std::to_string(icu.observation_size("one-hot")) +
                " numbers (one-hot) or " + std::to_string(icu.observation_size("features")) + " (features), not " +
                std::to_string(how.observation_size) + "; choose another --env");
  }

 private:
  // Cached: the file takes a second to read, and a run needs it at every evaluation.
  static const std::shared_ptr<const IcuSepsis>& problem(const std::string& path, const TaskReading& how) {
    static std::string read;
    static std::shared_ptr<const IcuSepsis> kept;
    if (!kept || path != read) {
      kept = std::make_shared<const IcuSepsis>(how.untrusted ? load_icu_sepsis_untrusted(path, {.read = how.limits})
                                                             : IcuSepsis(path, how.limits));
      read = path;
    }
    return kept;
  }
};
static_assert(TaskFile<IcuSepsisFile>);
}  // namespace tessera::cli
