#include <tessera/cli/best_row.hpp>
//
#include <catch2/catch.hpp>
#include <limits>

using tessera::cli::best_row;
using tessera::cli::Row;
using tessera::cli::stopped_early;
using tessera::cli::TrainCommand;

namespace {
Row returned(std::int64_t updates, double x) {
  Row out{updates, 0.0, {}};
  out.return_mean = x, out.return_std = 0;
  return out;
}
Row estimated(std::int64_t updates, double x, double low) {
  return {updates, 0.0, {{"critic/td", 1.0}, {"ope/fqe", x}, {"ope/fqe_low", low}, {"ope/fqe_high", x + 100}}};
}
}  // namespace

TEST_CASE("the best checkpoint of a run by its returns", "[cli]") {
  TrainCommand c;
  CHECK_FALSE(best_row(c, {}));
  CHECK_FALSE(best_row(c, {Row{10, 0.0, {{"critic/td", 1.0}}}}));
  // Of equal ones the first; rows without an evaluation do not count.
  const std::vector<Row> rows{returned(10, -5), returned(20, -3), Row{25, 0.0, {}}, returned(30, -3), returned(40, -4)};
  const auto best = best_row(c, rows);
  REQUIRE(best);
  CHECK(best->updates == 20);
  CHECK(best->value == -3);
  CHECK(best->later == 2);
  CHECK_FALSE(stopped_early(c, rows));
  c.patience = 3;
  CHECK_FALSE(stopped_early(c, rows));
  c.patience = 2;
  CHECK(stopped_early(c, rows));
  CHECK_FALSE(stopped_early(c, {}));
}

TEST_CASE("the best checkpoint of a run by the lower end of its estimate", "[cli]") {
  TrainCommand c;
  c.follow.every = 10, c.patience = 1;
  // The second has the larger estimate, the first the larger lower end; returns do not matter.
  auto rows = std::vector<Row>{estimated(10, 1, 0.5), estimated(20, 2, 0.25), returned(30, 100)};
  const auto best = best_row(c, rows);
  REQUIRE(best);
  CHECK(best->updates == 10);
  CHECK(best->value == 0.5);
  CHECK(best->later == 1);
  CHECK(stopped_early(c, rows));
  // Any number is better than none.
  rows = {estimated(10, 1, std::numeric_limits<double>::quiet_NaN()), estimated(20, 1, -7)};
  CHECK(best_row(c, rows)->updates == 20);
}
