#pragma once
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/io/hdf5.hpp>

namespace tessera {
struct RobomimicOptions {
  /// The keys under 'obs' that make an observation, in this order; empty: all that are vectors, in the order of their
  /// names.
  std::vector<std::string> observation{};
  std::string mask{};  ///< a key under 'mask' that lists demonstrations ("valid"): those alone are read
};

bool is_robomimic(const hdf5::File& file);

/// Reads robomimic's layout: 'data/demo_k/obs/KEY' (T, n), 'actions' (T, d), and 'next_obs/KEY', 'rewards' and 'dones'
/// (T) as far as they are there.  Demonstrations are in the order of their numbers, not of their names.  The columns of
/// an observation are called "KEY[0]", "KEY[1]", ...; pictures are left out with a warning.
///
/// A step with dones = 1 is one that no return follows; a demonstration is not cut there.  Without 'next_obs' the next
/// observation of a demonstration's last step is unknown.
/// Source: Mandlekar et al., "What Matters in Learning from Offline Human Demonstrations for Robot Manipulation", 2021,
/// and robomimic 0.3's documentation of its data sets.
Dataset read_robomimic(const hdf5::File& file, const RobomimicOptions& options = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/robomimic.impl.hpp>
#endif
