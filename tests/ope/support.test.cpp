#include <tessera/ope/support.hpp>

#include "support.hpp"

using Catch::Contains;
using namespace support;

TEST_CASE("the share of a policy's visits that the log lacks", "[ope][support]") {
  tessera::tabular::Table visits(2, 2), counts(2, 2);
  visits << 1, 2, 3, 4;
  counts << 5, 0, 1, 0;
  CHECK(ope::unsupported_share(visits, counts) == Approx(0.6));
  counts << 1, 1, 1, 1;
  CHECK(ope::unsupported_share(visits, counts) == 0);
  CHECK_THROWS_WITH(ope::unsupported_share(visits, tessera::tabular::Table(3, 2)), Contains("the same problem"));
  CHECK_THROWS_WITH(ope::unsupported_share(tessera::tabular::Table::Zero(2, 2), counts), Contains("visits nothing"));
}

TEST_CASE("shares of small and large ratios", "[ope][support]") {
  auto log = log_of({{.rewards = {0, 0, 0, 0}, .ratios = {0.001, 1, 5, 1000}}, {.rewards = {0}, .ratios = {0}}}, 1);
  const auto found = ope::ratio_shares(log);
  CHECK(found.below == Approx(0.4));
  CHECK(found.above == Approx(0.2));
  CHECK(found.largest_log == Approx(std::log(1000)));
  CHECK(ope::ratio_shares(log, 0.5, 2).above == Approx(0.4));
  CHECK_THROWS_WITH(ope::ratio_shares(log, 2, 1), Contains("no range"));
  log.log_ratio.clear();
  CHECK_THROWS_WITH(ope::ratio_shares(log), Contains("has no ratios"));
}
