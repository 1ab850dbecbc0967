#include <tessera/dataset/declared.hpp>

#include <tessera/dataset/require_sound.hpp>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using tessera::action_kind;
using tessera::Dataset;
using tessera::declare_actions;

namespace {
// One episode of `rows` transitions with observations 0, 1, ...
Dataset rows_of(std::size_t rows) {
  Dataset d;
  d.name = "log", d.observation_size = 1;
  for (std::size_t i = 0; i <= rows; ++i) d.observations.push_back(float(i));
  for (std::size_t i = 0; i < rows; ++i)
    d.observation_row.push_back(std::int64_t(i)), d.next_observation_row.push_back(std::int64_t(i) + 1);
  d.rewards.assign(rows, 1.0f), d.terminals.assign(rows, 0), d.timeouts.assign(rows, 0);
  d.timeouts.back() = 1;
  d.episodes = {{0, std::int64_t(rows), std::int64_t(rows), double(rows), double(rows), true}};
  return d;
}
Dataset continuous(std::vector<float> actions, std::int64_t size) {
  auto d = rows_of(actions.size() / std::size_t(size));
  d.action_size = size, d.actions = std::move(actions);
  d.action_low.assign(std::size_t(size), -10), d.action_high.assign(std::size_t(size), 10);
  return d;
}
Dataset discrete(std::vector<std::int64_t> actions, std::int64_t size) {
  auto d = rows_of(actions.size());
  d.kind = action_kind::discrete, d.action_size = size, d.action_indices = std::move(actions);
  return d;
}
Dataset as(action_kind kind, Dataset d) {
  d = declare_actions(std::move(d), kind);
  tessera::require_sound(d);
  CHECK(d.kind == kind);
  return d;
}
using Codes = std::vector<std::int64_t>;
using Floats = std::vector<float>;
using Names = std::vector<std::string>;
}  // namespace

TEST_CASE("continuous actions are read as discrete", "[dataset][declared]") {
  const auto plain = as(action_kind::discrete, continuous({0, 2, 1, 0}, 1));
  CHECK(plain.action_indices == Codes{0, 2, 1, 0});
  CHECK((plain.action_size == 3 && plain.spaces.action_names.empty() && plain.spaces.first_action == 0));
  const auto below = as(action_kind::discrete, continuous({-1, 1, 0, -1}, 1));
  CHECK((below.action_indices == Codes{0, 2, 1, 0} && below.spaces.first_action == -1));
  const auto gaps = as(action_kind::discrete, continuous({5, 2.0f, 40, 2}, 1));
  CHECK((gaps.action_indices == Codes{1, 0, 2, 0} && gaps.spaces.action_names == Names{"2", "5", "40"}));
  auto hot = continuous({0, 1, 0, 1, 0, 0, 0, 0, 1}, 3);
  hot.spaces.action_names = {"left", "stay", "right"};
  const auto one_hot = as(action_kind::discrete, hot);
  CHECK((one_hot.action_indices == Codes{1, 0, 2} && one_hot.action_size == 3));
  CHECK(one_hot.spaces.action_names == Names{"left", "stay", "right"});
  const auto several = as(action_kind::discrete, continuous({1, 3, 0, 5, 1, 5}, 2));
  CHECK((several.action_indices == Codes{2, 1, 3} && several.spaces.action_factors == Codes{2, 2}));
  CHECK(several.spaces.action_names == Names{"0/3", "0/5", "1/3", "1/5"});
  CHECK_THAT(error_of([] {
               declare_actions(continuous({0, 1.5f}, 1), action_kind::discrete);
             }),
             Contains("log: actions cannot be discrete: action [0] is 1.5 in row 1, which is no whole number"));
  Floats many;
  for (int i = 0; i < 2 * 300; ++i) many.push_back(float(i));
  CHECK_THAT(error_of([&] { declare_actions(continuous(many, 2), action_kind::discrete); }), Contains("combinations"));
}

TEST_CASE("discrete actions are read as continuous", "[dataset][declared]") {
  const auto plain = as(action_kind::continuous, discrete({0, 2, 1}, 3));
  CHECK((plain.actions == Floats{0, 2, 1} && plain.action_size == 1));
  CHECK((plain.action_low == Floats{0} && plain.action_high == Floats{2}));
  CHECK(plain.limits_from == tessera::limits_origin::seen);
  auto from_one = discrete({0, 2}, 3);
  from_one.spaces.first_action = 1;
  CHECK(as(action_kind::continuous, from_one).actions == Floats{1, 3});
  auto named = discrete({0, 1, 0}, 2);
  named.spaces.action_names = {"0.5", "2.5"};
  CHECK(as(action_kind::continuous, named).actions == Floats{0.5, 2.5, 0.5});
  auto several = discrete({0, 5, 2}, 6);
  several.spaces.action_factors = {2, 3};
  CHECK(as(action_kind::continuous, several).actions == Floats{0, 0, 1, 2, 0, 2});
  several.spaces.action_names = {"1/7", "1/8", "1/9", "2/7", "2/8", "2/9"};
  CHECK(as(action_kind::continuous, several).actions == Floats{1, 7, 2, 9, 1, 9});
  named.spaces.action_names = {"low", "2"};
  CHECK_THAT(error_of([&] { declare_actions(named, action_kind::continuous); }),
             Contains("actions cannot be continuous: one is called 'low'"));
}

TEST_CASE("what is declared is what it is already", "[dataset][declared]") {
  auto d = discrete({0, 2}, 3);
  d.warnings = {{"whole-number-actions", "x"}, {"no-timeouts", "y"}};
  const auto same = as(action_kind::discrete, d);
  CHECK((same.action_indices == d.action_indices && same.warnings.size() == 1));
  CHECK(tessera::action_kind_of("discrete") == action_kind::discrete);
  CHECK(tessera::action_kind_of("continuous") == action_kind::continuous);
  CHECK_FALSE(tessera::action_kind_of("Discrete"));
}
