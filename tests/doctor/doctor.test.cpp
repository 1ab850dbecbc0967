#include <tessera/doctor/check.hpp>
//
#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>

#include <tessera/sources/load.hpp>

#include "seeded.hpp"

using namespace tessera;
using Catch::Matchers::Contains;
using support::names_of;
using support::oscillator;

namespace {
struct EveryTenthReward {
  static constexpr const char* name = "every-tenth-reward";
  static constexpr auto level = severity::error;
  static constexpr CheckNeeds needs{.actions = CheckNeeds::continuous};
  static void run(const Dataset& data, DoctorReport& report) {
    FoundRows rows;
    for (std::int64_t i = 9; i < data.size(); i += 10) rows.add(i);
    report.add({.what = rows.text(data), .key = "rewards", .count = rows.count(), .rows = rows.rows(data)});
  }
};
struct Registered {  // only as long as the test runs
  Registered() { const Check<EveryTenthReward> mine; }
  ~Registered() { dataset_checks().pop_back(); }
};
std::string shared_data(const std::string& name) {
  const auto path = std::filesystem::path(TESSERA_SOURCE_DIR).parent_path() / "shared/data" / name;
  return std::filesystem::exists(path) ? path.string() : "";
}
}  // namespace

TEST_CASE("a check of a program's own is run, stamped with its name and severity, and left out where it cannot be") {
  const Registered registered;
  const auto report = doctor(assemble(oscillator({})), {.only = {"every-tenth-reward"}});
  REQUIRE(names_of(report) == std::vector<std::string>{"every-tenth-reward"});
  const auto& f = report.findings[0];
  CHECK(f.level == severity::error);
  CHECK(f.count == report.transitions / 10);
  CHECK(f.rows.size() == 20);
  CHECK(f.rows[1] == 19);
  const auto discrete = doctor(assemble(oscillator({.actions = 3})), {.only = {"every-tenth-reward"}});
  CHECK(discrete.findings.empty());
  REQUIRE(discrete.checks.size() == 1);
  CHECK(discrete.checks[0].not_run == "actions are discrete");
  CHECK_THAT(text_of(discrete), Contains("not run: every-tenth-reward (actions are discrete)"));
  const Check<EveryTenthReward> again;
  CHECK_THROWS_WITH(doctor(assemble(oscillator({}))), Contains("two checks called 'every-tenth-reward'"));
  dataset_checks().pop_back();
}

TEST_CASE("an unknown check is an error that lists them") {
  CHECK_THROWS_WITH(doctor(assemble(oscillator({})), {.only = {"time-colum"}}), Contains("did you mean 'time-column'"));
}

TEST_CASE("numbers that are not finite are found column by column, and nothing else is asked of such data") {
  auto data = assemble(oscillator({}));
  data.observations[2 * 7 + 1] = std::numeric_limits<float>::quiet_NaN();
  data.observations[2 * 9] = std::numeric_limits<float>::infinity();
  data.rewards[3] = -std::numeric_limits<float>::infinity();
  const auto report = doctor(data);
  REQUIRE(names_of(report) == std::vector<std::string>{"not-finite", "not-finite"});
  CHECK(report.findings[0].key == "observations");
  CHECK(report.findings[0].rows == std::vector<std::int64_t>{7, 9});
  CHECK(report.findings[1].key == "rewards");
  CHECK(report.findings[1].rows == std::vector<std::int64_t>{3});
  CHECK_FALSE(report.clean());
  data = assemble(oscillator({}));
  data.terminals[5] = 7;
  const auto unsound = doctor(data);
  REQUIRE(names_of(unsound) == std::vector<std::string>{"not-sound"});
  CHECK_THAT(unsound.findings[0].what, Contains("terminals is 7 in row 5"));
}

TEST_CASE("episodes that two data sets share are found, and rows of episodes that were cut otherwise") {
  const auto all = assemble(oscillator({}));
  const auto other = assemble(oscillator({.seed = 99}));
  CHECK(doctor(all, {.against = &other}).findings.empty());
  auto rows = oscillator({.seed = 99});
  const auto ours = oscillator({});
  const auto [first, end] = support::ranges_of(ours)[5];
  for (auto i = first; i < end; ++i) {
    const auto k = std::size_t(i);
    for (int j = 0; j < 2; ++j) {
      rows.observations.push_back(ours.observations[2 * k + std::size_t(j)]);
      rows.next_observations.push_back(ours.next_observations[2 * k + std::size_t(j)]);
    }
    rows.actions.push_back(ours.actions[k]), rows.rewards.push_back(ours.rewards[k]);
    rows.terminals.push_back(ours.terminals[k]), rows.timeouts.push_back(ours.timeouts[k]);
  }
  const auto shared = assemble(rows);
  const auto report = doctor(all, {.against = &shared});
  REQUIRE(names_of(report) == std::vector<std::string>{"shared-episodes"});
  CHECK(report.findings[0].episodes == std::vector<std::int64_t>{5});
  CHECK(report.findings[0].level == severity::error);
  CHECK_THAT(report.findings[0].what, Contains("1 of 61 episodes") && Contains("its episode 60"));
  // The same episode in two pieces.
  rows.timeouts[rows.timeouts.size() - 10] = 1;
  const auto pieces = assemble(rows);
  CHECK(names_of(doctor(all, {.against = &pieces})) == std::vector<std::string>{"shared-rows"});
}

TEST_CASE("the text is at most 100 columns wide, and has a block for each finding") {
  auto rows = oscillator({});
  rows.rewards[50] = 1e6f;
  support::add_column(rows, [](std::int64_t i) { return double(i); });
  const auto text = text_of(doctor(assemble(std::move(rows))), "log.h5");
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    INFO(text.substr(at, end - at));
    CHECK(end - at <= 100);
    at = end + 1;
  }
  CHECK_THAT(text,
             Contains("warning  outlier-rewards") && Contains("\nwarning: time-column\n") && Contains("  why     "));
}

TEST_CASE("the built-in data sets are clean") {
  for (const auto& name : builtin_datasets()) {
    const auto report = doctor(load_dataset("builtin:" + name));
    INFO(text_of(report));
    CHECK(report.clean());
  }
}

TEST_CASE("files of other programs: the known defect is found, and nothing that is not there") {
  const auto cartpole = shared_data("d3rlpy/cartpole_v1.1.0.h5");
  if (cartpole.empty()) {
    SUCCEED("skipped: shared/data is not here");
    return;
  }
  const auto report = doctor(load_dataset(cartpole));
  const auto found = report.named("doubled-terminal");
  REQUIRE(found.size() == 1);
  CHECK(found[0].count == 1448);
  CHECK(names_of(report).size() == 1 + report.named("dropped-timeout-rows").size());
  for (const char* name :
       {"d3rlpy/pendulum_v1.1.0.h5", "d3rlpy/pendulum_random_v1.1.0.h5", "hopper/hopper-medium.hdf5",
        "hopper/hopper-random.hdf5", "formats/d4rl/hopper-v2-full.hdf5", "formats/minari/own/hopper/noisy-hdf5-v0",
        "formats/minari/own/cartpole/mixed-hdf5-v0", "formats/robomimic/lowdim.hdf5", "formats/d3rlpy/v1-discrete.h5",
        "icu-sepsis/dynamics.npz"}) {
    const bool icu = std::string(name).starts_with("icu");
    const auto clean =
        doctor(load_dataset((icu ? "icu-sepsis:" : "") + shared_data(name) + (icu ? "?episodes=2000" : "")));
    INFO(text_of(clean));
    CHECK(clean.clean());
  }
  // Cut after 100 rows without a mark; put together from data sets that share episodes.
  const auto cut =
      doctor(load_dataset(shared_data("formats/d4rl/hopper-v0-no-timeouts.hdf5"))).named("unmarked-timeout");
  REQUIRE(cut.size() == 1);
  CHECK_THAT(cut[0].advice, Contains("--episode-length 100"));
  const auto twice = doctor(load_dataset(shared_data("formats/minari/own/pendulum/combined-v0")));
  REQUIRE(twice.named("duplicate-episodes").size() == 1);
  CHECK(twice.named("duplicate-episodes")[0].count == 13);
}
