#pragma once
#include <functional>
#include <map>
#include <memory>
#include <utility>

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
  explicit CudaGraph(const at::Device& device) : stream_(stream_of(device)) {}

  void warm_up(const std::function<void()>& f) override {
    const auto outside = c10::cuda::getCurrentCUDAStream(stream_.device_index());
    follows(stream_, outside);
    {
      const c10::cuda::CUDAStreamGuard guard(stream_);
      f();
    }
    follows(outside, stream_);
  }
  void record(const std::function<void()>& f) override {
    const auto outside = c10::cuda::getCurrentCUDAStream(stream_.device_index());
    outside.synchronize();
    const c10::cuda::CUDAStreamGuard guard(stream_);
    stream_.synchronize();
    graph_.capture_begin();
    try {
      f();
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
  // One for all graphs of a thread and a device: cuBLAS has memory of its own for each.
  static c10::cuda::CUDAStream stream_of(const at::Device& device) {
    thread_local std::map<c10::DeviceIndex, c10::cuda::CUDAStream> all;
    const auto index = device.has_index() ? device.index() : c10::cuda::current_device();
    return all.try_emplace(index, c10::cuda::getStreamFromPool(false, index)).first->second;
  }
  static void follows(const c10::cuda::CUDAStream& later, const c10::cuda::CUDAStream& earlier) {
    at::cuda::CUDAEvent done;
    done.record(earlier);
    done.block(later);
  }

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
