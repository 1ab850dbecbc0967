#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/flat_rows.hpp>

/// Data sets generated on the fly, so that everything can be tried without a file.
namespace tessera {
/// One entry of the table below: a name, and the function that generates its rows.
struct Builtin {
  const char* name;
  FlatRows (*make)(std::uint64_t seed);
  float action_low = 0, action_high = 0;  ///< of each number of an action, where actions are continuous
};

/// The built-in data sets: 500 episodes of 200 steps of `Pendulum`, or 1500 of at most 200 of `CartPole`.
/// "pendulum-narrow" is what a good controller does in the slow half of the states: 50 episodes that begin anywhere in
/// it and are cut where they leave it.  It contains no other states or actions, so a model of it is easily trusted
/// where it should not be.
/// "maze-umaze-demos", "maze-medium-demos" and "maze-large-demos" are demonstrations in a `PointMaze` that reach the
/// goal from everywhere and go several ways round: see `maze_demos`.
const std::vector<Builtin>& builtin_table();

/// The names that `builtin_dataset` knows.
std::vector<std::string> builtin_datasets();

/// Generates a built-in data set; the same seed gives the same data.  The action limits are the declared ones.
Dataset builtin_dataset(const std::string& name, std::uint64_t seed = 0);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/sources/builtin.impl.hpp>
#endif
