#pragma once
#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tessera/nn/graph.hpp>
#include <tessera/support/inline.hpp>

// TESSERA_WITH_CUDA: set by the build where it has found CUDA's headers beside a libtorch with CUDA.
#if TESSERA_WITH_CUDA
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace tessera::nn {
namespace detail {
using graph_makers = std::map<c10::DeviceType, std::function<std::unique_ptr<Graph>(const at::Device&)>>;
inline graph_makers& further_graphs() {
  static graph_makers all;
  return all;
}

#if TESSERA_WITH_CUDA
class CudaGraph final : public Graph {
 public:
  explicit CudaGraph(const at::Device& device)
      : device_(device.has_index() ? device.index() : c10::cuda::current_device()), stream_(branch(0)) {}

  void warm_up(std::span<const work> side_by_side) override {
    const auto outside = c10::cuda::getCurrentCUDAStream(device_);
    follows(stream_, outside);
    {
      const c10::cuda::CUDAStreamGuard guard(stream_);
      all(side_by_side);
    }
    follows(outside, stream_);
  }
  void record(std::span<const work> side_by_side, const work& last) override {
    c10::cuda::getCurrentCUDAStream(device_).synchronize();
    const c10::cuda::CUDAStreamGuard guard(stream_);
    stream_.synchronize();
    graph_.capture_begin();
    try {
      all(side_by_side);
      if (last) last();
    } catch (...) {
      try {
        graph_.capture_end();
      } catch (...) {  // NOLINT(bugprone-empty-catch): what went wrong first is what counts
      }
      (void)cudaGetLastError();  // or the next call would report it
      throw;
    }
    graph_.capture_end();
  }
  void repeat() override {
    const c10::cuda::OptionalCUDAGuard guard(stream_.device());
    graph_.replay();
  }

 private:
  // As many as libtorch has of a kind: what is more shares them.
  static constexpr std::size_t most = 32;
  // The same for all graphs of a thread and a device: cuBLAS has memory of its own for each.
  c10::cuda::CUDAStream branch(std::size_t i) const {
    thread_local std::map<c10::DeviceIndex, std::vector<c10::cuda::CUDAStream>> streams;
    auto& mine = streams[device_];
    while (mine.size() <= i % most) mine.push_back(c10::cuda::getStreamFromPool(false, device_));
    return mine[i % most];
  }
  // The first stream forks into others, and they join it again: where this is recorded, the graph has branches.
  void all(std::span<const work> side_by_side) const {
    for (std::size_t i = 1; i < std::min(most, side_by_side.size()); ++i) follows(branch(i), stream_);
    for (std::size_t i = 0; i < side_by_side.size(); ++i) {
      const c10::cuda::CUDAStreamGuard guard(branch(i));
      side_by_side[i]();
    }
    for (std::size_t i = 1; i < std::min(most, side_by_side.size()); ++i) follows(stream_, branch(i));
  }
  static void follows(const c10::cuda::CUDAStream& later, const c10::cuda::CUDAStream& earlier) {
    at::cuda::CUDAEvent done;
    done.record(earlier);
    done.block(later);
  }

  c10::DeviceIndex device_;
  c10::cuda::CUDAStream stream_;
  at::cuda::CUDAGraph graph_;
};
#endif
}  // namespace detail

TESSERA_INLINE std::unique_ptr<Graph> graph_on(const at::Device& device) {
#if TESSERA_WITH_CUDA
  if (device.is_cuda()) return std::make_unique<detail::CudaGraph>(device);
#endif
  const auto found = detail::further_graphs().find(device.type());
  return found == detail::further_graphs().end() ? nullptr : found->second(device);
}
TESSERA_INLINE void provide_graphs(c10::DeviceType type,
                                   std::function<std::unique_ptr<Graph>(const at::Device&)> make) {
  detail::further_graphs()[type] = std::move(make);
}
}  // namespace tessera::nn
