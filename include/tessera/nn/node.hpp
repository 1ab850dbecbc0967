#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include <tessera/nn/torch.hpp>

namespace tessera::nn {
/// An allocator of single objects that keeps freed memory, per thread, for the next object: a step makes and drops the
/// same few autograd nodes thousands of times a second.
template <class T>
struct recycled {
  using value_type = T;
  recycled() = default;
  template <class U>
  recycled(const recycled<U>&) {}  // NOLINT: allocators convert implicitly

  T* allocate(std::size_t n) {
    auto& kept = list();
    if (n != 1 || !kept.first) return static_cast<T*>(::operator new(size(n), alignment));
    link* const one = std::exchange(kept.first, kept.first->after);
    --kept.count;
    return reinterpret_cast<T*>(one);
  }
  void deallocate(T* p, std::size_t n) {
    auto& kept = list();
    if (n != 1 || kept.count >= 64) return ::operator delete(p, alignment);
    kept.first = new (p) link{kept.first};
    ++kept.count;
  }
  friend bool operator==(const recycled&, const recycled&) { return true; }

 private:
  struct link {
    link* after;
  };
  struct chain {
    link* first = nullptr;
    std::size_t count = 0;
  };
  static constexpr std::align_val_t alignment{alignof(T) > alignof(link) ? alignof(T) : alignof(link)};
  static constexpr std::size_t size(std::size_t n) {
    return n * sizeof(T) > sizeof(link) ? n * sizeof(T) : sizeof(link);
  }
  // Never destroyed: a node may outlive everything else of its thread.
  static chain& list() {
    thread_local chain kept;
    return kept;
  }
};

/// Makes `new` of class N, derived from this, use that allocator.
template <class N>
struct made_of_recycled {
  static void* operator new(std::size_t) { return recycled<N>().allocate(1); }
  static void* operator new(std::size_t, void* at) { return at; }
  static void operator delete(void* p) { recycled<N>().deallocate(static_cast<N*>(p), 1); }
  static void operator delete(void*, void*) {}
};

// The lists that libtorch's autograd takes and returns by value.  Each is an allocation that its interface requires; it
// stays a function of its own, so that a count of allocations can recognize it.
#if defined(__clang__)
#define TESSERA_APART __attribute__((noinline))
#else
#define TESSERA_APART __attribute__((noipa))
#endif
TESSERA_APART inline torch::autograd::edge_list libtorch_edges(const at::Tensor* const* inputs, std::size_t count) {
  torch::autograd::edge_list edges;
  edges.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    edges.push_back(inputs[i]->defined() ? torch::autograd::impl::gradient_edge(*inputs[i]) : torch::autograd::Edge());
  return edges;
}
TESSERA_APART inline torch::autograd::variable_list libtorch_list(at::Tensor* items, std::size_t count) {
  torch::autograd::variable_list list(count);
  for (std::size_t i = 0; i < count; ++i) list[i] = std::move(items[i]);
  return list;
}

/// A new node of type N with edges to `inputs`, which need not all require gradient, nor be defined.  It is owned the
/// way this libtorch owns its nodes: by shared_ptr, or in newer versions by intrusive_ptr.
template <class N, std::size_t I, class... Arguments>
auto make_node(const std::array<const at::Tensor*, I>& inputs, Arguments&&... arguments) {
  auto node = [&] {
    if constexpr (std::is_convertible_v<std::shared_ptr<N>, decltype(torch::autograd::Edge::function)>)
      return std::allocate_shared<N>(recycled<N>(), std::forward<Arguments>(arguments)...);
    else return c10::make_intrusive<N>(std::forward<Arguments>(arguments)...);
  }();
  node->set_next_edges(libtorch_edges(inputs.data(), I));
  return node;
}

/// A function of I tensors as one autograd node.  `backward(node, gradients of the O outputs)` returns the gradients of
/// the I inputs from numbers that the forward pass has kept.  If the gradient itself is to be differentiated, `twin`,
/// the same function in tensor operations, is differentiated instead.
template <std::size_t I, std::size_t O, class Backward, class Twin>
class FunctionNode : public torch::autograd::Node, public made_of_recycled<FunctionNode<I, O, Backward, Twin>> {
 public:
  FunctionNode(const std::array<const at::Tensor*, I>& inputs, Backward backward, Twin twin)
      : backward_(std::move(backward)), twin_(std::move(twin)) {
    for (std::size_t i = 0; i < I; ++i) inputs_[i] = torch::autograd::SavedVariable(*inputs[i], false);
  }

  torch::autograd::variable_list apply(torch::autograd::variable_list&& grads) override {
    if (at::GradMode::is_enabled()) return differentiably(grads);
    std::array<at::Tensor, I> out = backward_(*this, grads);
    return libtorch_list(out.data(), I);
  }
  std::string name() const override { return "tessera::FunctionNode"; }
  void release_variables() override {
    for (auto& x : inputs_) x.reset_data();
  }
  /// Whether the gradient of input i is wanted.
  bool wants(std::size_t i) const { return task_should_compute_output(i); }
  at::Tensor input(std::size_t i) const { return inputs_[i].unpack(); }

 private:
  torch::autograd::variable_list differentiably(const torch::autograd::variable_list& grads) {
    std::array<at::Tensor, I> x;
    torch::autograd::variable_list wanted;
    for (std::size_t i = 0; i < I; ++i) {
      x[i] = input(i);
      if (wants(i)) wanted.push_back(x[i]);
    }
    const std::array<at::Tensor, O> y = twin_(x);
    torch::autograd::variable_list outputs, upstream;
    for (std::size_t k = 0; k < O; ++k)
      if (grads[k].defined()) outputs.push_back(y[k]), upstream.push_back(grads[k]);
    auto found = torch::autograd::grad(outputs, wanted, upstream, true, true, true);
    torch::autograd::variable_list all(I);
    for (std::size_t i = 0, k = 0; i < I; ++i)
      if (wants(i)) all[i] = found[k++];
    return all;
  }

  std::array<torch::autograd::SavedVariable, I> inputs_;
  Backward backward_;
  Twin twin_;
};

/// Makes `outputs`, computed outside autograd, a differentiable function of `inputs`.
template <std::size_t O, std::size_t I, class Backward, class Twin>
void attach(const std::array<at::Tensor, O>& outputs, const std::array<const at::Tensor*, I>& inputs, Backward backward,
            Twin twin) {
  auto node = make_node<FunctionNode<I, O, Backward, Twin>>(inputs, inputs, std::move(backward), std::move(twin));
  for (const auto& y : outputs) torch::autograd::create_gradient_edge(const_cast<at::Tensor&>(y), node);
}
}  // namespace tessera::nn
