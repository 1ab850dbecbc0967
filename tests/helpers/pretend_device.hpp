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

#include <cstdlib>
#include <cstring>
#include <optional>

#include <tessera/nn/torch.hpp>

/// A device that every machine has: libtorch's PrivateUse1, whose operations are the CPU's, on copies.  What would be
/// an error on a GPU is one there: its memory holds every bit inverted, so that code which reads it as the CPU's finds
/// garbage, and tensors of two devices do not mix, but for scalars.  It has no random numbers of its own.
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
inline at::Tensor copy_across(const at::Tensor& from, const at::Tensor& to, bool) {
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

// Whatever else is asked of it.
inline void on_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  bool here = false, there = false;
  const auto see = [&](const at::Tensor& x) {
    if (!x.defined()) return;
    if (x.device().type() == type) there = true;
    else if (x.dim() > 0) here = true;
  };
  const auto count = op.schema().arguments().size();
  for (auto it = stack->end() - std::ptrdiff_t(count); it != stack->end(); ++it) {
    if (it->isTensor()) see(it->toTensor());
    else if (it->isTensorList())
      for (const at::Tensor& x : it->toTensorVector()) see(x);
  }
  TORCH_CHECK(!(here && there), op.schema().name(), ": tensors of two devices");
  at::native::cpu_fallback(op, stack);
}

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
    return true;
  }();
  return once ? device : c10::Device(at::kCPU);
}
}  // namespace support::pretended
