#include <tessera/dataset/statistics.hpp>

#include <cmath>

#include "helpers/files.hpp"

#include <tessera/dataset/flat_rows.hpp>
#include <tessera/io/d3rlpy.hpp>

using Catch::Contains;

namespace {
/// Episodes of 3 (by time, without next observation), 2 (terminal) and 1 (file end) rows.
tessera::Dataset small() {
  tessera::FlatRows rows;
  rows.name = "small";
  rows.observation_size = 2;
  rows.action_size = 1;
  rows.observations = {1e6f, 1, 1e6f + 1, 2, 1e6f + 2, 3, 1e6f, 5, 1e6f + 3, 7, 0, 0};
  rows.actions = {-1, 1, 0, 3, 1, 9};
  rows.rewards = {1, 2, 3, -4, -5, 6};
  rows.terminals = {0, 0, 0, 0, 1, 0};
  rows.timeouts = {0, 0, 1, 0, 0, 0};
  return tessera::assemble(rows);
}
}  // namespace

TEST_CASE("a summary, computed by hand", "[data][statistics]") {
  const auto found = tessera::summarize(small());
  CHECK((found.rows == 6 && found.transitions == 4 && found.episodes == 3 && found.complete_episodes == 2));
  CHECK((found.episode_length.min == 1 && found.episode_length.mean == 2 && found.episode_length.max == 3));
  CHECK((found.episode_return.min == -9 && found.episode_return.max == 6));
  CHECK(found.episode_return.mean == Approx(1));
  CHECK(found.episode_return.std == Approx(std::sqrt(50)));
  REQUIRE(found.observations.size() == 2);
  CHECK(found.observations[0].mean == 1e6 + 1);
  CHECK(found.observations[0].std == Approx(std::sqrt(1.5)).epsilon(1e-12));
  CHECK((found.observations[0].min == 1e6 && found.observations[0].max == 1e6 + 3));
  CHECK(found.observations[1].mean == 3.75);
  CHECK(found.observations[1].std == Approx(std::sqrt(5.6875)));
  REQUIRE(found.actions.size() == 1);
  CHECK((found.actions[0].min == -1 && found.actions[0].max == 3 && found.actions[0].mean == 1));
  CHECK(found.action_counts.empty());
  CHECK((found.reward.mean == -1.5 && found.reward.min == -5 && found.reward.max == 2));
  CHECK(found.reward.std == Approx(std::sqrt(9.25)));
  CHECK((found.terminal_fraction == 0.25 && found.timeout_fraction == 0.25));
}

TEST_CASE("moments of selected transitions", "[data][statistics]") {
  const auto data = small();
  const auto two = tessera::observation_moments(data, {0, 2});
  CHECK((two.mean == std::vector<double>{1e6, 3} && two.std == std::vector<double>{0, 2}));
  const auto repeated = tessera::observation_moments(data, {0, 0, 0, 2});
  CHECK(repeated.mean[1] == 2);
  CHECK(repeated.std[1] == Approx(std::sqrt(3)));
  CHECK_THAT(support::error_of([&] { tessera::observation_moments(data, {}); }),
             Contains("small") && Contains("no transitions"));
  CHECK_THAT(support::error_of([&] { tessera::observation_moments(data, {0, 4}); }), Contains("transition 4"));
  CHECK_THAT(support::error_of([&] { tessera::observation_moments(data, {-1}); }), Contains("transition -1"));
}

TEST_CASE("a summary counts discrete actions", "[data][statistics]") {
  auto data = small();
  data.kind = tessera::action_kind::discrete;
  data.action_size = 3;
  data.action_indices = {0, 2, 2, 2};
  const auto found = tessera::summarize(data);
  CHECK(found.action_counts == std::vector<std::int64_t>{1, 0, 3});
  CHECK(found.actions.empty());
}

TEST_CASE("a summary of a published file", "[data][statistics][shared]") {
  const auto path = support::shared_file("d3rlpy/cartpole_v1.1.0.h5");
  if (path.empty()) return;
  const auto found = tessera::summarize(tessera::read_d3rlpy(tessera::hdf5::File::open(path)));
  CHECK(found.episode_return.std == Approx(58.99579317937359).epsilon(1e-9));
  CHECK((found.episode_return.min == 8 && found.episode_return.max == 199));
  CHECK(found.observations[0].mean == Approx(-0.03181201).epsilon(1e-6));
  CHECK(found.observations[3].std == Approx(0.58072173).epsilon(1e-6));
}
