// Exported headers as a controller compiles them: C++17, without exceptions and RTTI, every warning an error.  Their
// actions are those of the program they were written from, and nothing is allocated.
#include <cstddef>
#include <cstdio>
#include <initializer_list>
#include <limits>

#include "cases.inc"

extern "C" void* __libc_malloc(std::size_t);
namespace {
bool counting = false;
int taken = 0, failures = 0, compared = 0;

void loads(bool loaded, const char* name) {
  if (loaded) return;
  std::printf("%s: the weights were not loaded\n", name);
  ++failures;
}
void compare(bool acts, bool should, const float* a, const float* b, std::size_t count, const char* name) {
  ++compared;
  if (acts != should) std::printf("%s: acts %d, and should %d\n", name, acts ? 1 : 0, should ? 1 : 0), ++failures;
  for (std::size_t i = 0; i < count; ++i) {
    const float off = a[i] < b[i] ? b[i] - a[i] : a[i] - b[i], size = b[i] < 0 ? -b[i] : b[i];
    if (off <= 2e-5f * (1 + size)) continue;
    std::printf("%s: %g, and should be %g\n", name, static_cast<double>(a[i]), static_cast<double>(b[i]));
    ++failures;
  }
}
template <class Policy, class... Noise>
void refuses(Policy& policy, std::size_t size, const char* name, Noise... noise) {
  float x[8] = {}, a[8] = {5, 5, 5, 5, 5, 5, 5, 5};
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    for (std::size_t i = 0; i < size; ++i) {
      x[i] = bad;
      if (policy.act(x, noise..., a) || a[0] < 5 || a[0] > 5) std::printf("%s takes a NaN\n", name), ++failures;
      x[i] = 0;
    }
}
}  // namespace
extern "C" void* malloc(std::size_t size) noexcept {
  taken += counting ? 1 : 0;
  return __libc_malloc(size);
}

int main() {
#include "asks.inc"
  static case_small::Policy small;
  refuses(small, 2, "small");
  static case_discrete::Policy discrete;
  refuses(discrete, 2, "discrete");
  std::int64_t code = 0;
  const float x[] = {1, 2};
  counting = true;
  const bool acts = discrete.act_code(x, &code);
  float a = 0;
  for (int i = 0; i < 100; ++i) small.act(x, &a);
  counting = false;
  if (!acts || code != 6) std::printf("the code is %d\n", static_cast<int>(code)), ++failures;
  static case_small_from_file::Policy from_file;
  if (from_file.act(x, &a)) std::puts("acts without its weights"), ++failures;
  for (const char* wrong :
       {"absent", "cases.inc", "case_discrete_from_file.weights", "truncated.weights", "changed.weights"})
    if (from_file.load(wrong) || from_file.act(x, &a)) std::printf("takes %s for its weights\n", wrong), ++failures;
  if (!from_file.load("case_small_from_file.weights") || !from_file.act(x, &a)) std::puts("does not load"), ++failures;
  if (taken > 0) std::printf("%d allocations\n", taken), ++failures;
  std::printf("%d actions compared, %d failures\n", compared, failures);
  return failures > 0 ? 1 : 0;
}
