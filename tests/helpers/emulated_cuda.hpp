#pragma once
#include <ATen/native/Math.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <numbers>
#include <numeric>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <tessera/nn/device_kernels.hpp>

#include "pretend_device.hpp"

/// CUDA's kernels without a GPU: their bodies, compiled for the CPU, the threads of a block as fibers of one thread of
/// the system.  Between two barriers they run one after another, in an order that a test chooses: numbers that hang on
/// the order are a race.  A barrier that a part of a block does not reach is an error.
namespace support::emulated {
enum class order { forward, backward, shuffled };
inline order threads_run = order::forward;
inline std::size_t launched = 0;  ///< how many launches there were

struct index {
  unsigned x = 1, y = 1, z = 1;
  index(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}  // NOLINT: as CUDA's
};

/// The threads of one block.
class Block {
 public:
  static constexpr std::size_t stack_size = 96 * 1024, warp = 32;
  enum class state { runs, at_block, at_warp, done };

  void run(const std::function<void()>& body, index size, const std::function<void(unsigned, unsigned, unsigned)>& be) {
    body_ = &body, size_ = size, be_ = &be;
    const std::size_t n = std::size_t(size.x) * size.y * size.z;
    if (n == 0 || n > 1024) throw std::logic_error("a block of " + std::to_string(n) + " threads");
    while (fibers_.size() < n) fibers_.push_back(std::make_unique<Fiber>());
    std::vector<std::size_t> turns(n);
    std::iota(turns.begin(), turns.end(), std::size_t{0});
    if (threads_run == order::backward) std::reverse(turns.begin(), turns.end());
    for (std::size_t i = 0; i < n; ++i) fibers_[i]->is = state::runs;
    running_ = n;
    while (running_ > 0) {
      if (threads_run == order::shuffled) std::shuffle(turns.begin(), turns.end(), dice_);
      bool moved = false;
      for (const auto i : turns)
        if (fibers_[i]->is == state::runs) resume(i), moved = true;
      release(n, moved);
    }
  }
  void wait(state where) {
    fibers_[current_]->is = where;
    change(fibers_[current_]->left, main_);
  }
  /// x of the thread of this warp whose number differs in the bits of `apart`.
  template <class T>
  T exchange(T x, int apart) {
    // In turns of two places: who has read may write again before the others have read.
    const auto turn = std::size_t(fibers_[current_]->exchanges++ % 2);
    std::memcpy(&fibers_[current_]->given[turn], &x, sizeof x);
    wait(state::at_warp);
    std::memcpy(&x, &fibers_[current_ ^ std::size_t(apart)]->given[turn], sizeof x);
    return x;
  }
  /// The block that runs.
  static Block& here() {
    static thread_local Block one;
    return one;
  }

 private:
  struct Fiber {
    std::unique_ptr<char[]> stack{new char[stack_size]};  // NOLINT: not cleared
    ucontext_t start{};
    std::jmp_buf left{};
    bool started = false;
    state is = state::done;
    std::array<std::uint64_t, 2> given{};  // to the others of its warp
    unsigned exchanges = 0;
  };
  // Leaves one stack for another.  Of the two ways that the C library has, the one without a system call.
  [[gnu::noinline]] static void change(std::jmp_buf& from, std::jmp_buf& to) {
    if (_setjmp(from) == 0) std::longjmp(to, 1);
  }
  [[gnu::noinline]] static void start(std::jmp_buf& from, Fiber& f) {
    f.started = true;
    ::getcontext(&f.start);
    f.start.uc_stack.ss_sp = f.stack.get(), f.start.uc_stack.ss_size = stack_size;
    ::makecontext(&f.start, &Block::enter, 0);
    if (_setjmp(from) == 0) ::setcontext(&f.start);
  }
  // One thread of one block after another.
  static void enter() {
    for (;;) {
      (*here().body_)();
      --here().running_;
      here().wait(state::done);
    }
  }
  void resume(std::size_t i) {
    current_ = i;
    const auto k = unsigned(i);
    (*be_)(k % size_.x, k / size_.x % size_.y, k / size_.x / size_.y);
    if (fibers_[i]->started) change(main_, fibers_[i]->left);
    else start(main_, *fibers_[i]);
  }
  // Whoever waits goes on where all of the warp, or of the block, do.
  void release(std::size_t n, bool moved) {
    const auto all = [&](std::size_t from, std::size_t to, state where) {
      for (auto i = from; i < to; ++i)
        if (fibers_[i]->is != where) return false;
      for (auto i = from; i < to; ++i) fibers_[i]->is = state::runs;
      return true;
    };
    bool free = all(0, n, state::at_block);
    for (std::size_t from = 0; from < n; from += warp) free |= all(from, std::min(from + warp, n), state::at_warp);
    if (free || moved || running_ == 0) return;
    fibers_.clear();  // which are in the middle of something
    throw std::logic_error("some threads of a block wait for others in vain");
  }

  const std::function<void()>* body_ = nullptr;
  const std::function<void(unsigned, unsigned, unsigned)>* be_ = nullptr;
  index size_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::jmp_buf main_{};
  std::size_t current_ = 0, running_ = 0;
  std::mt19937 dice_{11};
};

/// The whole memory of tensors of the pretended device, of which each bit is inverted: right while this lives.
class Readable {
 public:
  explicit Readable(const std::vector<at::Tensor>& touched) {
    for (const auto& x : touched)
      if (x.defined() && x.device().type() == pretended::type)
        memory_[static_cast<unsigned char*>(x.data_ptr()) - x.storage_offset() * std::int64_t(x.element_size())] =
            x.storage().nbytes();
    invert();
  }
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;
  ~Readable() { invert(); }

 private:
  void invert() {
    for (const auto& [start, size] : memory_)
      for (std::size_t i = 0; i < size; ++i) start[i] = static_cast<unsigned char>(~start[i]);
  }
  std::map<unsigned char*, std::size_t> memory_;
};
}  // namespace support::emulated

// What CUDA's words mean.  In the kernels' own namespace: where CUDA's headers are there, too, theirs are elsewhere.
namespace tessera::nn::cuda {
using dim3 = support::emulated::index;
inline thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;

inline void __syncthreads() {  // NOLINT: CUDA's name
  support::emulated::Block::here().wait(support::emulated::Block::state::at_block);
}
template <class T>
T __shfl_xor_sync(unsigned, T x, int apart) {  // NOLINT: CUDA's name
  return support::emulated::Block::here().exchange(x, apart);
}
inline double erfinv(double x) { return calc_erfinv(x); }
inline double cospi(double x) { return std::cos(std::numbers::pi * x); }

/// A launch: now, and again whenever the pretended device's recording is repeated.
template <class... P, class... A>
void launch(void (*kernel)(P...), dim3 grid, dim3 block, std::initializer_list<at::Tensor> touched, A... arguments) {
  const std::vector<at::Tensor> tensors(touched);
  const auto run = [=] {
    const support::emulated::Readable readable(tensors);
    ++support::emulated::launched;
    gridDim = grid, blockDim = block;
    const std::function<void()> body = [&] { kernel(P(arguments)...); };
    const std::function<void(unsigned, unsigned, unsigned)> be = [](unsigned x, unsigned y, unsigned z) {
      threadIdx = {x, y, z};
    };
    for (unsigned z = 0; z < grid.z; ++z)
      for (unsigned y = 0; y < grid.y; ++y)
        for (unsigned x = 0; x < grid.x; ++x) {
          blockIdx = {x, y, z};
          support::emulated::Block::here().run(body, block, be);
        }
  };
  for (const auto& x : tensors)
    if (x.defined() && !x.device().is_cpu() && support::pretended::recording)
      support::pretended::recording->remember(x);
  run();
  if (support::pretended::recording) support::pretended::recording->add("kernel", run);
}
}  // namespace tessera::nn::cuda

#pragma push_macro("__global__")
#pragma push_macro("__device__")
#pragma push_macro("__shared__")
#undef __global__
#undef __device__
#undef __shared__
#define __global__ inline
#define __device__
#define __shared__ static thread_local
#define TESSERA_EMULATED_CUDA 1
#include <tessera/nn/cuda_launches.hpp>
#undef TESSERA_EMULATED_CUDA
#pragma pop_macro("__shared__")
#pragma pop_macro("__device__")
#pragma pop_macro("__global__")

namespace support::emulated {
namespace {  // as the kernels
/// All kernels, of tensors of the CPU or of the pretended device.
inline const tessera::nn::DeviceKernels& kernels() {
  static const tessera::nn::cuda::Kernels all;
  return all;
}
/// While it lives the pretended device has kernels, if `on`.
class OnPretendedDevice {
 public:
  explicit OnPretendedDevice(bool on = true) {
    tessera::nn::provide_device_kernels(pretended::type, on ? &kernels() : nullptr);
  }
  OnPretendedDevice(const OnPretendedDevice&) = delete;
  OnPretendedDevice& operator=(const OnPretendedDevice&) = delete;
  ~OnPretendedDevice() { tessera::nn::provide_device_kernels(pretended::type, nullptr); }
};
}  // namespace
/// Calls f() for each order of a block's threads.
void in_each_order(const auto& f) {
  for (const auto one : {order::forward, order::backward, order::shuffled}) {
    threads_run = one;
    f();
  }
  threads_run = order::forward;
}
}  // namespace support::emulated
