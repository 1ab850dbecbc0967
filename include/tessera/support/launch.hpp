#pragma once
#include <stdexcept>
#include <string>

namespace tessera {
/// One of several processes that a launcher has started for one job: its number, how many they are, and where rank 0
/// waits for the others.
struct Launch {
  int rank = 0, size = 1;
  std::string address = "";
  int port = 0;
};

/// What the environment says: RANK and WORLD_SIZE (torchrun); where these are not set, SLURM_PROCID and SLURM_NTASKS
/// (srun), OMPI_COMM_WORLD_RANK and OMPI_COMM_WORLD_SIZE (mpirun of Open MPI), or PMI_RANK and PMI_SIZE (of MPICH and
/// Intel MPI); and MASTER_ADDR and MASTER_PORT, which a single process does not need; of a torchrun that listens at
/// MASTER_PORT itself (TORCHELASTIC_USE_AGENT_STORE), the port after it.  Throws an Error, in one line,
/// where one is missing, is not a number, or contradicts another.
Launch launch_from_environment();

/// Processes that work on one job cannot go on: one of them was lost, or they are no longer equal.
struct RankFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/launch.impl.hpp>
#endif
