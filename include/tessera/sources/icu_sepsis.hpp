#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/env/tabular.hpp>
#include <tessera/io/npz.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
/// ICU-Sepsis: the treatment of sepsis in intensive care as a finite problem, estimated from the records of MIMIC-III
/// (Choudhary, Gupta, Thomas 2024, "ICU-Sepsis: A Benchmark MDP Built from Real Medical Data").  Its file
/// `dynamics.npz` (MIT license) is not part of Tessera.
///   716 states: 713 clusters of patients' vital signs, then death, survival (reward 1 on the way in) and the end
///   25 actions: five doses of intravenous fluid times five of a vasopressor; discount 1
/// An episode ends with death or survival.  In each state about five of the 25 actions were seen often enough to be
/// estimated; the file gives all others the same row, so that they have the same value.
class IcuSepsis {
 public:
  static constexpr int default_horizon = 1000;  ///< steps; episodes have about 10

  explicit IcuSepsis(const std::string& path, const ReadLimits& limits = {}) : IcuSepsis(NpzFile(path, limits)) {}
  explicit IcuSepsis(const NpzFile& file);
  /// The arrays of its file that are read.
  static std::vector<std::string> arrays();

  const tabular::FiniteMdp& mdp() const { return mdp_; }
  /// The clinicians' probabilities of each action, (S, A).
  const tabular::Table& clinicians() const { return clinicians_; }
  /// The size of an observation.
  std::int64_t observation_size(const std::string& observations) const;

  /// How a state may be observed (features: its cluster center, from the file), and the policies that may have treated.
  static std::vector<std::string> observation_names() { return {"one-hot", "features"}; }
  static std::vector<std::string> policy_names() { return {"expert", "random", "optimal"}; }

  TabularTask task(const std::string& observations) const;
  tabular::Table policy(const std::string& name) const;

 private:
  static tabular::FiniteMdp read(const NpzFile& file);

  tabular::FiniteMdp mdp_;
  tabular::Table clinicians_;
  std::vector<float> features_;
};

/// Generates the data set that "icu-sepsis:PATH?policy=expert&episodes=20000&seed=0&observations=one-hot" names; these
/// are the defaults, and `request` is what follows "icu-sepsis:".  The same request gives the same data; an episode
/// depends on its index and the seed alone.
Dataset icu_sepsis_dataset(const std::string& request, const ReadLimits& limits = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/sources/icu_sepsis.impl.hpp>
#endif
