#pragma once
// The catalogue: every algorithm, alphabetically.
#include <tessera/algorithms/awac.hpp>        // advantage-weighted actor-critic
#include <tessera/algorithms/bc.hpp>          // behaviour cloning
#include <tessera/algorithms/iql.hpp>         // implicit Q-learning
#include <tessera/algorithms/percent_bc.hpp>  // behaviour cloning of the best episodes
#include <tessera/algorithms/sac.hpp>         // soft actor-critic
#include <tessera/algorithms/td3.hpp>         // twin delayed deterministic policy gradient
#include <tessera/algorithms/td3_bc.hpp>      // TD3 with behaviour cloning
