#pragma once
#include <memory>
#include <string>
#include <vector>

#include <tessera/nn/ranks.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/support/launch.hpp>

namespace tessera::nn {
struct ConnectOptions {
  /// So many seconds without a sign of life end a rank's part, and so many may pass until all ranks have come.  A rank
  /// that works on something else, an evaluation or a checkpoint, still gives signs of life.
  double timeout = 60;
  at::Device device = at::kCPU;  ///< where the numbers are that are summed
  /// Ranks of one host sum what is on the CPU in memory that all of them see.
  bool shared_memory = true;
};

/// Whether this build has libtorch's c10d with Gloo; else `connect` throws an Error.
bool has_ranks();

/// The ranks of a launch, connected by libtorch's c10d: numbers on the CPU are summed by Gloo, those on a GPU by NCCL,
/// where libtorch has it.  Where all ranks run on one host (one kernel, one network namespace), what is on the CPU is
/// summed in shared memory instead (<tessera/nn/shared_sums.hpp>).  Returns when all have come.  A rank that is lost,
/// killed or cut off from the network, is a RankFailure on all others, in one line: at once where its connection
/// closes, else after `timeout` without a sign of life.  Gloo listens on the address by which the host reaches rank 0,
/// or on the interface in GLOO_SOCKET_IFNAME.  This header compiles c10d's, where tessera::compiled is not linked:
/// ten seconds.
std::unique_ptr<Ranks> connect(const Launch& launch, const ConnectOptions& options = {});

/// The ranks that run on this host, in their order.
std::vector<int> ranks_on_host(Ranks& ranks);
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/connect.impl.hpp>
#endif
