#include <tessera/cli/environment.hpp>
#include <tessera/cli/gymnasium.hpp>
#include <tessera/cli/icu_sepsis.hpp>
#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/env/point_maze.hpp>

namespace {
const tessera::cli::Environment<tessera::CartPole> cartpole;
const tessera::cli::Environment<tessera::Pendulum> pendulum;
const tessera::cli::Environment<tessera::MazeUmaze> maze_umaze;
const tessera::cli::Environment<tessera::MazeMedium> maze_medium;
const tessera::cli::Environment<tessera::MazeLarge> maze_large;
const tessera::cli::Environment<tessera::cli::IcuSepsisFile> icu_sepsis;
const tessera::cli::Environment<tessera::cli::GymnasiumByName> gym;
}  // namespace
