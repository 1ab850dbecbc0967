// The names of data sets: icu-sepsis:PATH?key=value&..., builtin:NAME?seed=K.  No file is read.
#include "fuzz.hpp"

#include <cstdlib>

#include <tessera/sources/icu_sepsis.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/query.hpp>

namespace {
template <class F>
void refused_or_done(F f) {
  try {
    f();
  } catch (const tessera::Error& error) {
    tessera::fuzz::require_one_line(error.what());
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = tessera::fuzz::text_of(data, size);
  refused_or_done([&] {
    const tessera::Query query("icu-sepsis:" + text, text, {"policy", "episodes", "seed", "observations"});
    const auto episodes = query.number("episodes", 20'000, 1, 10'000'000);
    if (episodes < 1 || episodes > 10'000'000) std::abort();
    query.number("seed", 0, 0, UINT64_MAX);
    const auto policy = query.one_of("policy", tessera::IcuSepsis::policy_names(), "expert");
    if (policy != "expert" && policy != "random" && policy != "optimal") std::abort();
    if (query.source().find('?') != std::string::npos) std::abort();
  });
  // An unknown name: a known one generates half a million numbers, which takes a second.
  refused_or_done([&] { tessera::load_builtin("no-such-data-set" + text); });
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  return {"dynamics.npz",
          "a/b.npz?policy=expert&episodes=20000&seed=0&observations=one-hot",
          "x?seed=18446744073709551615",
          "?seed=1",
          "x?seed=1&seed=2",
          "x?policy=optimal",
          "?episodes=1e5"};
}
