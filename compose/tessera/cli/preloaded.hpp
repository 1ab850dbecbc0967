#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/normalizer.hpp>
#include <tessera/train/replay.hpp>

namespace tessera::cli {
/// What a process has in memory for the runs that it forks off (see children.hpp), so that each need not read and
/// convert it again: the system copies a page of it only where a run changes it.  A program that forks off nothing has
/// none.
class Preloaded {
 public:
  static Preloaded& here();

  /// From now on a replay that is made is kept.
  void begin() { keeps_ = true; }
  void end() { keeps_ = false; }

  void keep(const std::string& source, Dataset data) { data_.insert_or_assign(source, std::move(data)); }
  /// The data set of a source, which a run takes away; nothing if it was not kept.
  std::optional<Dataset> take(const std::string& source);

  /// A replay of these transitions in these units, with columns of its own: the kept one if it has the same, else
  /// `make()`.  It is the run's to change.
  template <class F>
  Replay replay(const Dataset& data, const std::vector<std::int64_t>& transitions, const Normalizer& units,
                const std::string& device, const std::vector<ReplayColumn>& columns, F make) {
    if (!keeps_ && !replay_) return make();
    const auto key = key_of(data, transitions, units, device, columns);
    if (replay_ && key == key_) return *replay_;
    Replay made = make();
    if (keeps_) replay_ = made, key_ = key;
    return made;
  }

 private:
  static std::uint64_t key_of(const Dataset& data, const std::vector<std::int64_t>& transitions,
                              const Normalizer& units, const std::string& device,
                              const std::vector<ReplayColumn>& columns);

  bool keeps_ = false;
  std::map<std::string, Dataset> data_;
  std::optional<Replay> replay_;
  std::uint64_t key_ = 0;
};
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/preloaded.hpp>
#endif
