// What an update allocates.  The global operator new is replaced, for this whole program, by one that counts while told
// to.
#include <dlfcn.h>
#include <execinfo.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include <tessera/algorithms.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>

namespace {
std::atomic<bool> counting = false;
// By who asked: our code, which is this program itself; the lists that libtorch's nodes take by value; libtorch and
// others.
std::atomic<long> ours = 0, lists = 0, others = 0;

// The function at an address, and whether it is in this program.
bool is_ours(const void* address, std::string_view& function) {
  static const void* const base = [] {
    Dl_info self{};
    dladdr(reinterpret_cast<const void*>(&is_ours), &self);
    return self.dli_fbase;
  }();
  Dl_info who{};
  const bool known = dladdr(address, &who) != 0;
  function = known && who.dli_sname ? who.dli_sname : "";
  return known && who.dli_fbase == base;
}
void count(const void* caller) {
  if (!counting) return;
  counting = false;  // what follows may allocate
  std::string_view function;
  bool is = is_ours(caller, function);
  // A container's member that both this program and libtorch have compiled is one function at run time: who called
  // that?
  if (is && function.starts_with("_ZNSt")) {
    void* frames[16];
    const int depth = backtrace(frames, 16);
    int i = 0;
    while (i < depth && frames[i] != caller) ++i;
    while (++i < depth && (is = is_ours(frames[i], function)) && function.starts_with("_ZNSt")) {
    }
  }
  if (!is) ++others;
  else if (function.find("libtorch_") != std::string_view::npos) ++lists;
  else ++ours;
  counting = true;
}
void* take(std::size_t size, std::size_t alignment, const void* caller) {
  count(caller);
  void* p = alignment > alignof(std::max_align_t)
                ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                : std::malloc(size > 0 ? size : 1);
  if (!p) throw std::bad_alloc();
  return p;
}
}  // namespace

#if !defined(__SANITIZE_ADDRESS__)
void* operator new(std::size_t size) { return take(size, 1, __builtin_return_address(0)); }
void* operator new[](std::size_t size) { return take(size, 1, __builtin_return_address(0)); }
void* operator new(std::size_t size, std::align_val_t a) {
  return take(size, std::size_t(a), __builtin_return_address(0));
}
void* operator new[](std::size_t size, std::align_val_t a) {
  return take(size, std::size_t(a), __builtin_return_address(0));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

using namespace tessera;

namespace {
template <class Agent>
void allocates_nothing(const char* name) {
  static const auto data = load_dataset("builtin:pendulum-random");
  Agent agent(data);
  const Replay replay(data, agent.transitions(), agent.units(), at::kCPU);
  const auto step = [&] { agent.update(replay.sample(0, agent.updates() + 1, 256)); };
  for (int i = 0; i < 10; ++i) step();
  // A thread's workspace grows when it first meets a larger task, which may take it some updates: the best of a few
  // windows.
  const int updates = 50;
  for (int window = 0; window == 0 || (ours > 0 && window < 10); ++window) {
    ours = lists = others = 0;
    counting = true;
    for (int i = 0; i < updates; ++i) step();
    counting = false;
  }
  const auto each = [&](long n) { return std::to_string(double(n) / updates); };
  const auto text = std::string(name) + ": allocations per update: " + each(ours) + " ours, " + each(lists) +
                    " lists that libtorch's nodes take by value, " + each(others) + " libtorch's own";
  INFO(text);
  std::puts(text.c_str());
  CHECK(ours == 0);
  CHECK(others > 0);  // or nothing was counted
}
}  // namespace

TEST_CASE("after its first steps an update allocates nothing of ours", "[train][allocations]") {
  allocates_nothing<Bc>("bc");
  allocates_nothing<Td3Bc>("td3-bc");
  allocates_nothing<Awac>("awac");
  allocates_nothing<Iql>("iql");
  allocates_nothing<Sac>("sac");
}
#else
TEST_CASE("allocations of an update", "[allocations]") {
  WARN("skipped: the address sanitizer has an allocator of its own");
}
#endif
