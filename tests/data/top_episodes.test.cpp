#include <tessera/data/top_episodes.hpp>

#include <numeric>
#include <vector>

#include <tessera/train/replay.hpp>

#include "laws/data_laws.hpp"

using namespace tessera;
using namespace support;

namespace {
struct Nothing {};
Prepared best(double fraction) {
  TopEpisodes::params h;
  h.fraction = fraction;
  Prepared out;
  TopEpisodes::prepare(h, laws::ranked_episodes(), out);
  return out;
}
std::vector<std::int64_t> from(std::int64_t first) {
  std::vector<std::int64_t> out(std::size_t(50 - first));
  std::iota(out.begin(), out.end(), first);
  return out;
}
}  // namespace

TEST_CASE("the best episodes are kept whole, until there are enough of their steps", "[data]") {
  // Ten episodes of five steps, each later one better.
  CHECK(best(0.1).transitions == from(45));
  CHECK(best(0.3).transitions == from(35));
  CHECK(best(1).transitions == from(0));
}

TEST_CASE("batches are of the chosen transitions, and of all of them", "[data]") {
  const auto data = laws::ranked_episodes();
  const auto prepared = best(0.3);
  const Replay replay(data, prepared.transitions, nn::Units(nn::Units(prepared.normalizer), at::Device(at::kCPU)),
                      at::kCPU);
  // The rewards of episode e are e + k / 10.
  const auto r = TopEpisodes::batch({}, replay, 3, 1, 3000, Nothing{}).rewards;
  CHECK((r > 6.95).all().item<bool>());
  for (std::int64_t e = 7; e < 10; ++e)
    for (int k = 0; k < 5; ++k)
      CHECK(((r - (double(e) + 0.1 * k)).abs() < 0.01).sum().item<std::int64_t>() > 100);  // of 200 on average
  CHECK(at::equal(TopEpisodes::batch({}, replay, 3, 1, 64, Nothing{}).rewards,
                  Offline::batch({}, replay, 3, 1, 64, Nothing{}).rewards));
}
