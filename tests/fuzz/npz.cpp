// A .npz file: the arrays in it, and a task made of them.
#include "fuzz.hpp"

#include <cstdlib>

#include <tessera/sources/icu_sepsis.hpp>

#include "../helpers/npz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto refused_or_done = [](auto f) {
    try {
      f();
    } catch (const tessera::Error& error) {
      tessera::fuzz::require_one_line(error.what());
    }
  };
  // As an array by itself: most changes to an archive are seen by its checksums alone.
  refused_or_done([&] {
    const auto array = tessera::parse_npy({data, data + size}, "x");
    std::int64_t count = 1;
    for (const auto extent : array.shape) count *= extent;
    if (std::int64_t(array.values.size()) != count) std::abort();
  });
  const tessera::fuzz::File file(data, size);
  const tessera::ReadLimits limits{.bytes = 16 << 20};
  refused_or_done([&] {
    const tessera::NpzFile npz(file.path(), limits);
    for (const auto& key : npz.keys()) refused_or_done([&] { npz.read(key); });
    npz.read("no such array");
  });
  refused_or_done([&] { tessera::IcuSepsis(file.path(), limits).task("one-hot"); });
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  using support::npy;
  // Four states and two actions.
  std::vector<double> transitions(32, 0.0), rewards(32, 0.0), policy(8, 0.5), start = {1, 0, 0, 0}, centers(8, 0.25);
  for (std::size_t i = 0; i < 8; ++i) transitions[4 * i + 3] = 1;
  return {npy("(2, 3)", {1, 2, 3, 4, 5, 6}),
          npy<float>("<f4", "(4,)", {1, 2, 3, 4}),
          npy<std::int64_t>("<i8", "(2, 2)", {1, 2, 3, 4}, "True"),
          npy<char>("|b1", "()", {1}),
          support::zip({{"tx_mat.npy", npy("(4, 2, 4)", transitions)},
                        {"r_mat.npy", npy("(4, 2, 4)", rewards)},
                        {"d_0.npy", npy("(4,)", start)},
                        {"expert_policy.npy", npy("(4, 2)", policy)},
                        {"state_cluster_centers.npy", npy("(4, 2)", centers)}}),
          support::zip({{"a.npy", npy("(2, 3)", {1, 2, 3, 4, 5, 6})}}, false)};
}
