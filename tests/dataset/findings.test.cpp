#include <tessera/dataset/findings.hpp>
//
#include <catch2/catch.hpp>
#include <initializer_list>

#include <tessera/sources/load.hpp>

#include "helpers/files.hpp"
#include "helpers/logs.hpp"

using namespace tessera;
using Catch::Matchers::Contains;
using support::log_of;

namespace {
std::vector<std::string> names(const std::vector<Warning>& found) {
  std::vector<std::string> out;
  for (const auto& w : found) out.push_back(w.name);
  return out;
}
using Names = std::vector<std::string>;
}  // namespace

TEST_CASE("nothing is odd about an ordinary log, of continuous or of discrete actions") {
  CHECK(names(findings(log_of({}))) == Names{});
  CHECK(names(findings(log_of({.actions = 3}))) == Names{});
}

TEST_CASE("values far outside are found, with column, number and first row, and the setting that helps") {
  auto d = log_of({});
  d.observations[2 * 700 + 1] = 1e18f;
  d.observations[2 * 300 + 1] = -1e6f;
  auto found = findings(d);
  REQUIRE(names(found) == Names{"outlier-observations"});
  CHECK_THAT(found[0].message,
             Contains("observation [1]: 2 values, first row 300, up to 1e+18") && Contains("data.scale=robust"));

  d = log_of({});
  d.actions[432] = 1000;
  found = findings(d);
  REQUIRE(names(found) == Names{"outlier-actions"});
  CHECK_THAT(found[0].message,
             Contains("action [0]: 1 value, first row 432, up to 1000") && Contains("give the true limits of actions"));

  d = log_of({});
  d.rewards[5] = -1e6f;
  d.episodes[0].episode_return += -1e6;
  found = findings(d);
  REQUIRE(names(found) == Names{"outlier-rewards"});
  CHECK_THAT(found[0].message, Contains("1 reward, first row 5, up to -1e+06") && Contains("data.reward_limit=1"));
}

TEST_CASE("heavy tails, sparse rewards and rare flags are no outliers") {
  auto d = log_of({});
  for (std::size_t i = 0; i < 1000; ++i) {
    const double z = support::normal(i);
    d.observations[2 * i] = float(std::exp(z));              // log-normal
    d.observations[2 * i + 1] = i % 100 == 0 ? 1.0f : 0.0f;  // a rare flag
    d.rewards[i] = i % 250 == 249 ? 1.0f : 0.0f;
  }
  d.episodes[0].episode_return = 5;  // not equal to the others
  CHECK(names(findings(d)) == Names{});
  // A bonus of a thousand times what a step costs, where the task ends.
  d = log_of({.terminal = true});
  for (std::size_t i = 99; i < 1000; i += 100) d.rewards[i] = 1e4f;
  CHECK(names(findings(d)) == Names{});
}

TEST_CASE("rewards that say nothing") {
  auto d = log_of({});
  std::fill(d.rewards.begin(), d.rewards.end(), 0.0f);
  CHECK(names(findings(d)) == Names{"equal-rewards"});
  CHECK_THAT(findings(d)[0].message, Contains("every reward is 0"));
  std::fill(d.rewards.begin(), d.rewards.end(), 1.0f);
  CHECK(names(findings(d)) == Names{"equal-rewards"});
  // Where the task ends, equal rewards say that it should be made to last.
  auto ends = log_of({.terminal = true});
  std::fill(ends.rewards.begin(), ends.rewards.end(), 1.0f);
  CHECK(names(findings(ends)) == Names{});
  d = log_of({});
  for (auto& e : d.episodes) e.episode_return = 7;
  CHECK(names(findings(d)) == Names{"equal-returns"});
}

TEST_CASE("a reward in a last row that is not used") {
  auto d = log_of({});
  const float high = *std::max_element(d.rewards.begin(), d.rewards.end());
  for (auto& e : d.episodes) {
    e.rows = e.transitions + 1, e.episode_return = high;
    for (auto i = e.first; i < e.first + e.transitions; ++i) e.episode_return += double(d.rewards[std::size_t(i)]);
  }
  CHECK(names(findings(d)) == Names{});
  d.episodes[1].episode_return += 50, d.episodes[2].episode_return += 60;
  const auto found = findings(d);
  REQUIRE(names(found) == Names{"rewards-left-out"});
  CHECK_THAT(found[0].message, Contains("2 of " + std::to_string(d.episodes.size()) + " episodes"));
}

TEST_CASE("columns are called by their names where the file has some") {
  auto d = log_of({});
  for (std::int64_t i = 0; i < std::int64_t(d.observations.size()) / d.observation_size; ++i)
    d.observations[std::size_t(i * d.observation_size)] = 3;
  CHECK_THAT(findings(d)[0].message, Contains("[0] is the same in every row"));
  for (std::int64_t j = 0; j < d.observation_size; ++j)
    d.spaces.observation_names.push_back("age\x1b" + std::to_string(j));
  CHECK_THAT(findings(d)[0].message,
             Contains("[0] (age") && Contains(") is the same in every row") && !Contains("\x1b"));
}

TEST_CASE("a log without ends, of one episode, and of single steps") {
  auto d = log_of({.length = 1000});
  d.episodes[0].complete = false;
  auto found = findings(d);
  REQUIRE(names(found) == Names{"no-end-marks"});
  CHECK_THAT(found[0].message, Contains("all 1000 rows") && Contains("'timeouts'"));
  d.episodes[0].complete = true;
  CHECK(names(findings(d)) == Names{"one-episode"});
  CHECK(names(findings(log_of({.length = 1, .terminal = true}))) == Names{"one-step-episodes"});
}

TEST_CASE("actions that are codes") {
  auto d = log_of({});
  for (std::size_t i = 0; i < 1000; ++i) d.actions[i] = float(i * 7 % 3);
  CHECK(names(findings(d)) == Names{"whole-number-actions"});
  for (std::size_t i = 0; i < 1000; ++i) d.actions[i] = float(i * 7 % 3) - 1;  // -1, 0, 1: a bang-bang controller
  CHECK(names(findings(d)) == Names{});
  d = log_of({.width = 3});
  for (std::size_t i = 0; i < 3000; ++i) d.actions[i] = i % 3 == (i / 3) % 3 ? 1.0f : 0.0f;
  CHECK(names(findings(d)) == Names{"one-hot-actions"});

  d = log_of({.actions = 3});
  for (auto& a : d.action_indices)
    if (a == 1) a = 2;
  auto found = findings(d);
  REQUIRE(names(found) == Names{"unused-actions"});
  CHECK_THAT(found[0].message, Contains("[1] of 3 actions never occur"));
}

TEST_CASE("columns that never vary, or hardly in single precision") {
  auto d = log_of({.width = 2});
  for (std::size_t i = 0; i < 1000; ++i) d.actions[2 * i + 1] = 0;
  for (std::size_t i = 0; i < d.observations.size(); i += 2) d.observations[i] = 9.81f;
  CHECK(names(findings(d)) == Names{"constant-observations", "constant-actions"});
  d = log_of({});
  for (std::size_t i = 0; i < d.observations.size(); i += 2) d.observations[i] = 1.7e9f + 200 * d.observations[i];
  CHECK(names(findings(d)) == Names{"coarse-observations"});
}

TEST_CASE("actions outside of declared limits are counted, those outside of the seen ones cannot be") {
  auto d = log_of({});
  d.action_low = {-0.5f}, d.action_high = {0.5f};
  CHECK(names(findings(d)) == Names{});
  d.limits_from = limits_origin::user;
  const auto outside = std::count_if(d.actions.begin(), d.actions.end(), [](float a) { return std::abs(a) > 0.5001f; });
  const auto found = findings(d);
  REQUIRE(names(found) == Names{"actions-outside-limits"});
  CHECK_THAT(found[0].message, Contains(std::to_string(outside) + " rows"));
}

TEST_CASE("nothing is found in good data") {
  for (const char* name :
       {"pendulum-random", "pendulum-medium", "pendulum-mixed", "pendulum-narrow", "cartpole-mixed"}) {
    CAPTURE(name);
    CHECK(names(findings(load_dataset(std::string("builtin:") + name))) == Names{});
  }
  for (const char* name : {"hopper/hopper-medium.hdf5", "hopper/hopper-random.hdf5", "hopper/hopper-replay.hdf5",
                           "d3rlpy/cartpole_v1.1.0.h5", "d3rlpy/pendulum_v1.1.0.h5", "d3rlpy/pendulum_random_v1.1.0.h5",
                           "formats/d4rl/hopper-f64-n1-uint8.hdf5", "formats/d4rl/hopper-float-flags-contiguous.hdf5",
                           "formats/d4rl/hopper-v1-no-next.hdf5", "formats/d4rl/hopper-v2-full.hdf5"}) {
    const auto file = support::shared_file(name);
    if (file.empty()) continue;
    CAPTURE(name);
    std::string all;
    for (const auto& w : findings(load_dataset(file))) all += w.name + ": " + w.message + "\n";
    CHECK(all == "");
  }
}
