#pragma once
#include <functional>
#include <memory>
#include <span>

#include <tessera/nn/tensor.hpp>

namespace tessera::nn {
/// Work of a device that is recorded once and then repeated in one launch, by the same memory and without the host's
/// numbers: on a GPU, a CUDA graph.  Works that do not read what another one writes are given as several, and a GPU
/// does them side by side.
class Graph {
 public:
  using work = std::function<void()>;
  virtual ~Graph() = default;
  /// Does them where they will be recorded, so that libraries make their plans and reserve their memory.
  virtual void warm_up(std::span<const work> side_by_side) = 0;
  /// Records what they ask of the device, which does none of it, and then what `last` asks, which may read what all of
  /// them write.  Throws what they throw, and where one waits for the device, or brings it numbers of the host.
  virtual void record(std::span<const work> side_by_side, const work& last) = 0;
  /// Does what was recorded, after what the device was asked for before.
  virtual void repeat() = 0;

  void warm_up(const work& f) { warm_up(std::span(&f, 1)); }
  void record(const work& f) { record(std::span(&f, 1), {}); }
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
