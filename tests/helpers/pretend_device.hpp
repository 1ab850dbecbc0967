#pragma once
#include <ATen/EmptyTensor.h>
#include <ATen/core/ivalue.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>
#include <torch/version.h>
#if TORCH_VERSION_MAJOR >= 2
#include <ATen/detail/PrivateUse1HooksInterface.h>
#endif

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tessera/nn/graph.hpp>
#include <tessera/nn/torch.hpp>

/// A device that every machine has: libtorch's PrivateUse1, whose operations are the CPU's, on copies.  What would be
/// an error on a GPU is one there: its memory holds every bit inverted, so that code which reads it as the CPU's finds
/// garbage, and tensors of two devices do not mix, but for scalars.  It has graphs (nn::Graph), which repeat the
/// operations with the memory and the host's numbers of the recording, as a GPU does; what waits for the device, or
/// brings it numbers of the host, is an error while it is recorded.  It has no generator of random numbers.
namespace support::pretended {
#if TORCH_VERSION_MAJOR >= 2
template <class T>
using maybe = std::optional<T>;
#else
template <class T>
using maybe = c10::optional<T>;
#endif
inline constexpr auto type = c10::DeviceType::PrivateUse1;
inline const c10::Device device{type, 0};

struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return pretended::type; }
  c10::Device exchangeDevice(c10::Device) const override { return device; }
  c10::Device getDevice() const override { return device; }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::Stream getStream(c10::Device) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, device); }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, device); }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
};
// Before anything is differentiated: libtorch counts its devices once.
inline const c10::impl::DeviceGuardImplRegistrar guard(type, new Guard);

struct Memory final : c10::Allocator {
  static c10::DataPtr make(std::size_t size) {
    void* p = std::malloc(size > 0 ? size : 1);
    return {p, p, &std::free, device};
  }
#if TORCH_VERSION_MAJOR >= 2 && (TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 3)
  c10::DataPtr allocate(std::size_t size) override { return make(size); }
  void copy_data(void* to, const void* from, std::size_t size) const override { std::memcpy(to, from, size); }
#else
  c10::DataPtr allocate(std::size_t size) const override { return make(size); }
#endif
  c10::DeleterFnPtr raw_deleter() const override { return &std::free; }
};
inline Memory memory;

inline at::Tensor empty(at::IntArrayRef sizes, maybe<at::ScalarType> dtype, maybe<at::Layout>, maybe<at::Device>,
                        maybe<bool>, maybe<at::MemoryFormat> format) {
  return at::detail::empty_generic(sizes, &memory, c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                   c10::dtype_or_default(dtype), format);
}
inline at::Tensor empty_strided(at::IntArrayRef sizes, at::IntArrayRef strides, maybe<at::ScalarType> dtype,
                                maybe<at::Layout>, maybe<at::Device>, maybe<bool>) {
  return at::detail::empty_strided_generic(sizes, strides, &memory, c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                           c10::dtype_or_default(dtype));
}

// The memory of a tensor as whole numbers of its width, on the CPU.
inline at::Tensor bits(const at::Tensor& x) {
  const auto whole = x.element_size() == 8   ? at::kLong
                     : x.element_size() == 4 ? at::kInt
                     : x.element_size() == 2 ? at::kShort
                                             : at::kByte;
  return at::from_blob(x.data_ptr(), x.sizes(), x.strides(), whole);
}
// What is recorded: operations, each of which repeats itself by the memory that it had.  They are done as well, which
// says what shapes follow; memory that they write has its old numbers again in the end.
struct Recording {
  std::vector<std::function<void()>> operations;
  std::vector<std::string> names;  // one for each
  std::map<c10::StorageImpl*, std::pair<at::Tensor, std::string>> before;

  void add(const std::string& name, std::function<void()> operation) {
    names.push_back(name), operations.push_back(std::move(operation));
  }
  void remember(const at::Tensor& written) {
    auto* const storage = written.storage().unsafeGetStorageImpl();
    if (before.count(storage) == 0)
      before.emplace(storage, std::pair(written, std::string(bytes(written), storage->nbytes())));
  }
  void undo() {
    for (auto& [storage, was] : before) std::memcpy(bytes(was.first), was.second.data(), was.second.size());
  }

 private:
  static char* bytes(const at::Tensor& x) {
    return static_cast<char*>(x.data_ptr()) - x.storage_offset() * std::int64_t(x.element_size());
  }
};
inline Recording* recording = nullptr;  // null: operations are done and not recorded
inline thread_local int inside = 0;     // of operations, whose copies to the CPU and back are their own
struct Inside {
  Inside() { ++inside; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { --inside; }
};

inline at::Tensor copy_across(const at::Tensor& from, const at::Tensor& to, bool) {
  if (recording && inside == 0) {
    TORCH_CHECK(from.device().type() == type, "numbers of the host are copied to the device while it is recorded");
    TORCH_CHECK(to.device().type() == type, "numbers of the device are read while it is recorded");
    recording->remember(to);
    recording->add("copy", [from, to] { copy_across(from, to, false); });
  }
  const Inside in_here;
  at::Tensor x = from;
  if (from.device().type() == type) {
    x = at::empty(from.sizes(), from.options().device(at::kCPU));
    bits(x).copy_(bits(from).bitwise_not());
  }
  if (to.device().type() != type) return to.copy_(x), to;
  x = x.to(to.scalar_type()).expand(to.sizes()).contiguous();
  bits(to).copy_(bits(x).bitwise_not());
  return to;
}
inline at::Tensor copy_and_resize(const at::Tensor& from, const at::Tensor& to) {
  if (from.sizes() != to.sizes()) to.resize_(from.sizes());
  return copy_across(from, to, false);
}
inline const at::Tensor& resize(const at::Tensor& x, at::IntArrayRef sizes, maybe<at::MemoryFormat>) {
  auto* const of = x.unsafeGetTensorImpl();
  of->set_sizes_contiguous(sizes);
  const auto bytes = std::size_t(of->storage_offset() + of->numel()) * std::size_t(x.element_size());
  if (of->storage().nbytes() < bytes) {
    of->storage().unsafeGetStorageImpl()->set_data_ptr_noswap(Memory::make(bytes));
    of->storage().unsafeGetStorageImpl()->set_nbytes(bytes);
  }
  return x;
}

// Operations whose outcome the host reads, or waits for, or whose random numbers hang on the host's generator: none of
// them can be recorded.
inline void require_recordable(const c10::OperatorHandle& op, const std::vector<c10::IValue>& arguments) {
  const auto& name = op.schema().name();
  for (const char* word :
       {"_local_scalar_dense", "::item", "nonzero", "masked_select", "::equal", "unique", "repeat_interleave.Tensor"})
    TORCH_CHECK(name.find(word) == std::string::npos, name, ": reads numbers of the device while it is recorded");
  for (std::size_t i = 0; i < arguments.size(); ++i)
    TORCH_CHECK(op.schema().arguments()[i].name() != "generator", name, ": draws from the host's generator");
  // Of a mask the number of elements decides the shape.
  if (name.find("aten::index") != std::string::npos)
    for (const auto& x : arguments)
      if (x.isList())
        for (const c10::IValue& each : x.toListRef())
          TORCH_CHECK(!each.isTensor() || !each.toTensor().defined() || each.toTensor().scalar_type() == at::kLong,
                      name, ": reads a mask while it is recorded");
}

// Whatever else is asked of it.
inline void on_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  bool here = false, there = false;
  const auto see = [&](const at::Tensor& x) {
    if (!x.defined()) return;
    if (x.device().type() == type) there = true;
    else if (x.dim() > 0) here = true;
  };
  const auto count = op.schema().arguments().size();
  const std::vector<c10::IValue> arguments(stack->end() - std::ptrdiff_t(count), stack->end());
  for (const auto& each : arguments) {
    if (each.isTensor()) see(each.toTensor());
    else if (each.isTensorList())
      for (const at::Tensor& x : each.toTensorVector()) see(x);
  }
  TORCH_CHECK(!(here && there), op.schema().name(), ": tensors of two devices");
  const Inside in_here;
  if (!recording) return at::native::cpu_fallback(op, stack);
  require_recordable(op, arguments);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto* const alias = op.schema().arguments()[i].alias_info();
    if (alias == nullptr || !alias->isWrite()) continue;
    if (arguments[i].isTensor()) recording->remember(arguments[i].toTensor());
    else
      for (const at::Tensor& x : arguments[i].toTensorVector()) recording->remember(x);
  }
  at::native::cpu_fallback(op, stack);
  const std::vector<c10::IValue> results(stack->end() - std::ptrdiff_t(op.schema().returns().size()), stack->end());
  recording->add(op.schema().name(), [op, arguments, results] {
    const Inside inner;
    torch::jit::Stack again = arguments;
    at::native::cpu_fallback(op, &again);
    const auto put = [](const at::Tensor& from, const at::Tensor& to) {
      if (to.defined() && !to.is_same(from)) copy_across(from, to, false);
    };
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].isTensor()) put(again[i].toTensor(), results[i].toTensor());
      else if (results[i].isTensorList())
        for (std::size_t j = 0; j < results[i].toTensorVector().size(); ++j)
          put(again[i].toTensorVector()[j], results[i].toTensorVector()[j]);
    }
  });
}

/// A graph of this device: the same operations with the same memory and the same numbers of the host.  Works that are
/// done side by side are repeated the last one first, which shows one that hangs on another.
class Graph final : public tessera::nn::Graph {
 public:
  void warm_up(std::span<const work> side_by_side) override {
    for (const auto& f : side_by_side) f();
  }
  void record(std::span<const work> side_by_side, const work& last) override {
    struct Session {
      explicit Session(Recording& r) { recording = &r; }
      Session(const Session&) = delete;
      Session& operator=(const Session&) = delete;
      ~Session() { recording->undo(), recording = nullptr; }
    };
    Recording all;
    std::vector<std::size_t> ends;
    {
      const Session session(all);
      for (const auto& f : side_by_side) f(), ends.push_back(all.operations.size());
      if (last) last();
    }
    operations_.clear();
    const auto take = [&](std::size_t from, std::size_t to) {
      for (auto i = from; i < to; ++i) operations_.push_back(std::move(all.operations[i]));
    };
    for (auto i = ends.size(); i-- > 0;) take(i == 0 ? 0 : ends[i - 1], ends[i]);
    take(ends.back(), all.operations.size());
    names_ = std::move(all.names);
  }
  void repeat() override {
    const at::NoGradGuard no_gradient;
    for (const auto& operation : operations_) operation();
  }
  std::size_t operations() const { return operations_.size(); }
  /// What they are, in order.
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::function<void()>> operations_;
  std::vector<std::string> names_;
};

#if TORCH_VERSION_MAJOR >= 2
struct Hooks final : at::PrivateUse1HooksInterface {  // what is virtual differs between versions
  bool isBuilt() const { return true; }
  bool isAvailable() const { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const { return true; }
};
#endif

/// The device, there from the first call on.
inline c10::Device begin() {
  static const bool once = [] {
    constexpr auto key = c10::DispatchKey::PrivateUse1;
    static torch::Library all(torch::Library::IMPL, "_", key, __FILE__, __LINE__),
        aten(torch::Library::IMPL, "aten", key, __FILE__, __LINE__);
    all.fallback(torch::CppFunction::makeFromBoxedFunction<&on_cpu>());
    aten.impl("empty.memory_format", empty);
    aten.impl("empty_strided", empty_strided);
    aten.impl("_copy_from", copy_across);
    aten.impl("_copy_from_and_resize", copy_and_resize);
    aten.impl("resize_", resize);
    aten.impl("as_strided", at::native::as_strided_tensorimpl);
    aten.impl("unfold", at::native::unfold);
    aten.impl("view", at::native::view);
    aten.impl("_reshape_alias", at::native::_reshape_alias);
#if TORCH_VERSION_MAJOR >= 2
    static Hooks hooks;
    c10::register_privateuse1_backend("pretended");
    at::RegisterPrivateUse1HooksInterface(&hooks);
#endif
    tessera::nn::provide_graphs(type, [](const at::Device&) { return std::make_unique<Graph>(); });
    return true;
  }();
  return once ? device : c10::Device(at::kCPU);
}
}  // namespace support::pretended
