#include <tessera/dataset/suit.hpp>
//
#include <catch2/catch.hpp>
#include <map>

#include <tessera/data/model_augmented.hpp>
#include <tessera/data/top_episodes.hpp>
#include <tessera/dataset/episodes.hpp>
#include <tessera/dataset/normalizer.hpp>
#include <tessera/sources/load.hpp>

#include "helpers/files.hpp"
#include "helpers/logs.hpp"

using namespace tessera;
using Catch::Matchers::Contains;
using support::log_of;

namespace {
using Settings = std::map<std::string, std::string>;
template <class S>
Settings chosen(const S& s) {
  Settings out;
  for (const auto& c : s.chosen) out[c.key] = c.value;
  return out;
}
// Every reward in place of r is f(r).
template <class F>
Dataset rewards(Dataset d, F f) {
  for (auto& r : d.rewards) r = float(f(r));
  for (auto& e : d.episodes) {
    e.episode_return = 0;
    for (std::int64_t i = e.first; i < e.first + e.transitions; ++i) e.episode_return += d.rewards[std::size_t(i)];
  }
  return d;
}
template <class F>
Dataset observations(Dataset d, F f) {
  for (std::size_t i = 0; i < d.observations.size(); i += 2) d.observations[i] = float(f(d.observations[i]));
  return d;
}
const OfflineParams plain{.standardize = false}, standard{},
    iql{.standardize = false, .reward = reward_transform::return_range};
const Settings robust{{"data.scale", "robust"}}, standardized{{"data.scale", "robust"}, {"data.standardize", "true"}};
}  // namespace

TEST_CASE("nothing is chosen for data of ordinary scale") {
  for (const auto& h : {plain, standard, iql}) {
    CHECK(chosen(suit(log_of({}), h)) == Settings{});
    CHECK(chosen(suit(log_of({.terminal = true}), h)) == Settings{});
  }
  for (const char* name :
       {"builtin:pendulum-random", "builtin:pendulum-mixed", "builtin:pendulum-narrow", "builtin:cartpole-mixed"}) {
    CAPTURE(name);
    for (const auto& h : {plain, standard, iql}) CHECK(chosen(suit(load_dataset(name), h)) == Settings{});
  }
}

TEST_CASE("nothing is chosen for the logs that recipes were made for") {
  for (const char* name :
       {"hopper/hopper-medium.hdf5", "hopper/hopper-random.hdf5", "hopper/hopper-replay.hdf5",
        "d3rlpy/cartpole_v1.1.0.h5", "d3rlpy/pendulum_v1.1.0.h5", "formats/d4rl/hopper-v2-full.hdf5"}) {
    const auto file = support::shared_file(name);
    if (file.empty()) continue;
    CAPTURE(name);
    for (const auto& h : {plain, standard, iql}) CHECK(chosen(suit(load_dataset(file), h)) == Settings{});
  }
}

TEST_CASE("observations of another scale or offset are standardized, where the recipe would not") {
  const auto of = [](double scale, double offset) {
    return observations(log_of({}), [=](float x) { return scale * x + offset; });
  };
  CHECK(chosen(suit(of(40, 11946), plain)) == standardized);
  CHECK(chosen(suit(of(0.05, 9.4), plain)) == standardized);
  CHECK(chosen(suit(of(1e-4, 0), plain)) == standardized);
  CHECK(chosen(suit(of(0, 97), plain)) == standardized);  // constant, but large
  CHECK(chosen(suit(of(0, 1), plain)) == Settings{});
  CHECK(chosen(suit(of(4, 0), plain)) == Settings{});
  const auto why = suit(of(40, 11946), plain).chosen[0].reason;
  CHECK_THAT(why, Contains("observation [0] is far from mean 0 and std 1 (mean 1.19") && Contains("std "));
  // A recipe that standardizes needs nothing more, but for columns that std + 1e-3 scales badly.
  CHECK(chosen(suit(of(40, 11946), standard)) == Settings{});
  CHECK(chosen(suit(of(1e-6, 0), standard)) == robust);
  CHECK(chosen(suit(of(0, 1), standard)) == robust);
  auto far = log_of({});
  far.observations[700] = 1e18f;
  CHECK(chosen(suit(far, standard)) == robust);
  CHECK(chosen(suit(far, plain)) == standardized);
}

TEST_CASE("columns of unequal scale are said, where the recipe leaves them as they are") {
  const auto said = [](const Dataset& d, const OfflineParams& h, SuitOptions o = {}) {
    const auto suited = suit(d, h, std::move(o));
    CHECK(chosen(suited) == Settings{});
    return suited.advice.empty() ? std::string() : suited.advice[0].name + ": " + suited.advice[0].message;
  };
  // Column 1 has a standard deviation of about 1; column 0 one of about `scale`.
  const auto of = [](double scale) { return observations(log_of({}), [=](float x) { return scale * x; }); };
  CHECK_THAT(said(of(0.04), plain), Contains("uneven-observations: observations differ in scale, from std 0.0") &&
                                        Contains(" in [0] to ") && Contains(" in [1], and") &&
                                        Contains("try data.standardize=true"));
  CHECK(said(of(0.06), plain).empty());  // a factor of 17
  CHECK(said(of(0), plain).empty());     // constant columns have no scale
  CHECK(said(of(0.04), standard).empty());
  CHECK(said(of(0.04), plain, {.given = {"standardize"}}).empty());
  for (const char* name : {"builtin:pendulum-random", "builtin:cartpole-mixed"})
    CHECK(said(load_dataset(name), plain).empty());
  const auto hopper = support::shared_file("hopper/hopper-medium.hdf5");
  if (!hopper.empty())
    CHECK_THAT(said(load_dataset(hopper), iql), Contains("from std 0.05793 in [1] to 4.584 in [10]"));
}

TEST_CASE("the suited units bring a column of any scale near 1") {
  const auto units = [](const Dataset& d) {
    Prepared out;
    Offline::prepare(suit(d, plain).params, d, out);
    return out.normalizer;
  };
  for (const double scale : {1e-9, 1e-6, 1e6, 1e25}) {
    const auto n = units(observations(log_of({}), [=](float x) { return scale * x; }));
    CHECK(n.observation_scale[0] == Approx(scale).epsilon(0.1));
    CHECK(n.observation_clip == 10);
  }
  // fifty of 1e30: as if they were not there
  auto d = log_of({});
  for (std::size_t i = 0; i < 50; ++i) d.observations[40 * i] = 1e30f;
  CHECK(units(d).observation_scale[0] < 3);
  // a constant keeps its size: noise of 1 % in it is 1 % to the policy
  const auto n = units(observations(log_of({}), [](float) { return 2000; }));
  CHECK(n.observation_shift[0] == 2000);
  CHECK(n.observation_scale[0] == 2000);
}

TEST_CASE("a range of returns that says nothing is replaced") {
  const auto scale = [](const Dataset& d) { return chosen(suit(d, iql)); };
  const Settings rms{{"data.reward", "rms"}}, none{{"data.reward", "none"}},
      standardize{{"data.reward", "standardize"}};
  CHECK(scale(log_of({.length = 500})) == rms);   // two episodes
  CHECK(scale(log_of({.length = 1000})) == rms);  // one
  CHECK(scale(log_of({.length = 1, .terminal = true})) == rms);
  CHECK(scale(rewards(log_of({}), [](float) { return 0; })) == none);
  CHECK(scale(rewards(log_of({.terminal = true}), [](float) { return 2; })) == rms);
  CHECK(scale(rewards(log_of({.terminal = true}), [](float r) { return 37 + 0.1 * r; })) ==
        rms);  // returns of 3700, differing by little
  // no task ends: a shift changes nothing
  CHECK(scale(rewards(log_of({}), [](float r) { return 37 + 0.1 * r; })) == standardize);
  CHECK_THAT(suit(log_of({.length = 500}), iql).chosen[0].reason, Contains("2 episodes are too few"));
  CHECK(chosen(suit(rewards(log_of({}), [](float) { return 3; }),
                    OfflineParams{.reward = reward_transform::standardize})) == rms);
  CHECK(chosen(suit(rewards(log_of({}), [](float) { return 0; }),
                    OfflineParams{.reward = reward_transform::standardize})) == none);
}

TEST_CASE("rewards of another scale are scaled; they are shifted only where no task ends") {
  const Settings rms{{"data.reward", "rms"}}, standardize{{"data.reward", "standardize"}};
  for (const bool terminal : {false, true}) {
    const auto of = [&](double scale, double offset) {
      return chosen(suit(rewards(log_of({.terminal = terminal}), [=](float r) { return scale * r + offset; }), plain));
    };
    CHECK(of(1e4, 0) == rms);
    CHECK(of(1e-4, 0) == rms);
    CHECK(of(1, 1000) == (terminal ? rms : standardize));
    CHECK(of(0.01, 20) == (terminal ? Settings{} : standardize));
    CHECK(of(10, 0) == Settings{});
    CHECK(of(0, 1) == Settings{});
  }
  // An offset that may not be taken away is said.
  const auto said = suit(rewards(log_of({.terminal = true}), [](float r) { return r + 100; }), plain).advice;
  REQUIRE(said.size() == 1);
  CHECK(said[0].name == "offset-rewards");
  CHECK_THAT(said[0].message, Contains("data.reward=standardize"));
  CHECK(suit(rewards(log_of({}), [](float r) { return r + 100; }), plain).advice.empty());
  // Every reward over the root of their mean square, by hand: 3 and 4 over sqrt(12.5).
  auto d = log_of({.terminal = true});
  for (std::size_t i = 0; i < 1000; ++i) d.rewards[i] = i % 2 ? 3 : 4;
  Prepared out;
  Offline::prepare({.reward = reward_transform::rms}, d, out);
  CHECK(out.normalizer.reward_scale == Approx(1 / std::sqrt(12.5)));
  CHECK(out.normalizer.reward_shift == 0);
}

TEST_CASE("a bandit's rewards are limited where some are absurd, and not where they are large") {
  auto d = log_of({.length = 1, .terminal = true});
  d.rewards[7] = 1e4f;
  CHECK(chosen(suit(d, iql)) == Settings{{"data.reward", "rms"}});
  d.rewards[7] = 1e18f;
  const auto s = suit(d, iql);
  CHECK(chosen(s) == Settings{{"data.reward", "rms"}, {"data.reward_limit", "1"}});
  Prepared out;
  Offline::prepare(s.params, d, out);
  CHECK(out.normalizer.reward_limit == 1);
  CHECK(out.normalizer.reward_scale == Approx(std::sqrt(3)).epsilon(0.1));  // uniform in [-1, 1]
}

TEST_CASE("what the user set is left alone, and what the algorithm does not read") {
  const auto d =
      observations(rewards(log_of({.length = 500}), [](float r) { return 1e6 * r; }), [](float x) { return 100 * x; });
  CHECK(chosen(suit(d, iql)).size() == 3);
  const auto refused = suit(d, plain, {.given = {"standardize", "reward"}});
  CHECK(chosen(refused) == Settings{});
  REQUIRE(refused.advice.size() == 1);
  CHECK(refused.advice[0].name == "badly-scaled-observations");
  CHECK(chosen(suit(d, iql, {.given = {"scale", "reward_shift"}})) == Settings{{"data.standardize", "true"}});
  CHECK(chosen(suit(d, plain, {.rewards = false})) == standardized);
}

TEST_CASE("joined parameters, and those that hold them, are suited as well") {
  const auto d = observations(log_of({}), [](float x) { return 100 * x; });
  ModelAugmented::params joined;
  static_cast<OfflineParams&>(joined) = plain;
  joined.horizon = 3;
  const auto a = suit(d, joined);
  CHECK(a.params.standardize);
  CHECK(a.params.horizon == 3);
  const auto b = suit(d, TopEpisodes::params{.fraction = 0.5, .units = plain});
  CHECK(b.params.units.scale == observation_scale::robust);
  CHECK(b.params.fraction == 0.5);
  CHECK(chosen(b) == Settings{{"data.units.scale", "robust"}, {"data.units.standardize", "true"}});
}

TEST_CASE("limits that were only seen leave a glitch out; declared ones stay") {
  auto d = log_of({});
  d.actions[432] = 1000;
  d.action_high = {1000};
  const auto [low, high] = [&] {
    auto all = d.actions;
    all.erase(all.begin() + 432);
    return std::pair(*std::min_element(all.begin(), all.end()), *std::max_element(all.begin(), all.end()));
  }();
  const auto said = suit_action_limits(d);
  REQUIRE(said.size() == 1);
  CHECK_THAT(said[0].reason, Contains("1 action lies far outside, up to 1000, and is clipped"));
  CHECK(d.action_low == std::vector<float>{low});
  CHECK(d.action_high == std::vector<float>{high});
  d.action_high = {1000}, d.limits_from = limits_origin::file;
  CHECK(suit_action_limits(d).empty());
  CHECK(d.action_high == std::vector<float>{1000});
}
