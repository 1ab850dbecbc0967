#pragma once
#include <functional>
#include <memory>

#include <tessera/nn/tensor.hpp>

namespace tessera::nn {
/// Work of a device that is recorded once and then repeated in one launch, by the same memory and without the host's
/// numbers: on a GPU, a CUDA graph.
class Graph {
 public:
  virtual ~Graph() = default;
  /// Does f() where it will be recorded, so that libraries make their plans and reserve their memory.
  virtual void warm_up(const std::function<void()>& f) = 0;
  /// Records what f() asks of the device, which does none of it.  Throws what f() throws, and where f() waits for the
  /// device, or brings it numbers of the host.
  virtual void record(const std::function<void()>& f) = 0;
  /// Does what was recorded, after what the device was asked for before.
  virtual void repeat() = 0;
};

/// A new graph of a device; null, where it has none: on the CPU, and where the program was compiled without CUDA's
/// headers.
std::unique_ptr<Graph> graph_on(const at::Device& device);
/// Graphs of another type of device, for the whole program.
void provide_graphs(c10::DeviceType type, std::function<std::unique_ptr<Graph>(const at::Device&)> make);
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/graph.impl.hpp>
#endif
