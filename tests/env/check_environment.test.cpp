#include <tessera/env/check_environment.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include <tessera/support/error.hpp>
#include <tessera/support/random.hpp>

using tessera::check_environment;
using tessera::environment_report;

namespace {
using Flag = std::uint8_t;

/// A walker on a line, which a push and chance move; beyond 5 it has fallen.  It keeps every law.
struct Walker {
  using space = tessera::Continuous;
  using action_type = float;
  static constexpr const char* name = "walker";
  static constexpr std::int64_t observation_size = 2, action_size = 2;
  static constexpr int default_horizon = 60;
  static constexpr float action_low = -1, action_high = 1;

  Walker(std::int64_t count, int horizon, std::uint64_t seed)
      : horizon_(horizon), seen(2 * std::size_t(count)), steps(std::size_t(count)) {
    reset(seed);
  }
  std::int64_t count() const { return std::int64_t(seen.size()) / 2; }
  int horizon() const { return horizon_; }
  const float* observations() const { return seen.data(); }
  void reset(std::uint64_t seed) {
    chance.clear();
    for (std::size_t i = 0; i < steps.size(); ++i) begin(i, seed);
  }
  void begin(std::size_t i, std::uint64_t seed) {
    auto& random = chance.emplace_back(seed, i);
    seen[2 * i] = float(random.uniform(-0.5, 0.5)), seen[2 * i + 1] = 0, steps[i] = 0;
  }
  void step(const float* actions, float* rewards, Flag* terminated) {
    for (std::size_t i = 0; i < steps.size(); ++i) move(i, actions + 2 * i, rewards[i], terminated[i]);
  }
  void move(std::size_t i, const float* action, float& reward, Flag& terminated) {
    ++steps[i];
    seen[2 * i] += 0.3f * action[0] + 0.1f * action[1] + 0.02f * float(chance[i].normal());
    seen[2 * i + 1] += 0.1f;
    reward = -std::abs(seen[2 * i]);
    terminated = std::abs(seen[2 * i]) > 5;
  }

  int horizon_;
  std::vector<float> seen;
  std::vector<int> steps;
  std::vector<tessera::Random> chance;
};

// Each breaks one law.
struct Infinite : Walker {
  using Walker::Walker;
  void step(const float* actions, float* rewards, Flag* terminated) {
    Walker::step(actions, rewards, terminated);
    if (steps[0] == 7) seen[2] = std::numeric_limits<float>::infinity();
  }
};
struct Rewardless : Walker {
  using Walker::Walker;
  void step(const float* actions, float* rewards, Flag* terminated) {
    const float was = rewards[count() - 1];
    Walker::step(actions, rewards, terminated);
    rewards[count() - 1] = was;
  }
};
struct Unpaid : Walker {
  using Walker::Walker;
  void step(const float* actions, float* rewards, Flag* terminated) {
    Walker::step(actions, rewards, terminated);
    rewards[0] = std::sqrt(rewards[0] - 1);
  }
};
struct Unmarked : Walker {
  using Walker::Walker;
  void step(const float* actions, float* rewards, Flag* terminated) {
    const Flag was = terminated[1];
    Walker::step(actions, rewards, terminated);
    if (count() > 1) terminated[1] = was;
  }
};
struct Marked : Walker {
  using Walker::Walker;
  void step(const float* actions, float* rewards, Flag* terminated) {
    Walker::step(actions, rewards, terminated);
    if (steps[0] == 5) terminated[0] = 255;
  }
};
struct Beyond : Walker {
  using Walker::Walker;
  void step(const float* actions, float* rewards, Flag* terminated) {
    Walker::step(actions, rewards, terminated);
    if (count() == 5) rewards[count()] = 0;
  }
};
struct Restless : Walker {
  static inline std::uint64_t made = 0;
  Restless(std::int64_t count, int horizon, std::uint64_t seed) : Walker(count, horizon, seed + ++made) {}
};
struct Crowded : Walker {
  Crowded(std::int64_t count, int horizon, std::uint64_t seed) : Walker(count, horizon, seed + std::uint64_t(count)) {}
  void reset(std::uint64_t seed) { Walker::reset(seed + std::uint64_t(count())); }
};
struct Jostling : Walker {
  using Walker::Walker;
  void step(const float* actions, float* rewards, Flag* terminated) {
    std::vector<float> own(actions, actions + 2 * count());
    for (std::int64_t i = 1; i < count(); ++i) own[std::size_t(2 * i)] += 0.1f * actions[2 * i - 2];
    Walker::step(own.data(), rewards, terminated);
  }
};
struct Seedless : Walker {
  Seedless(std::int64_t count, int horizon, std::uint64_t) : Walker(count, horizon, 1) {}
  void reset(std::uint64_t) { Walker::reset(1); }
};
struct Alike : Walker {
  Alike(std::int64_t count, int horizon, std::uint64_t seed) : Walker(count, horizon, seed) { reset(seed); }
  void reset(std::uint64_t seed) {
    Walker::reset(seed);
    for (std::size_t i = 1; i < steps.size(); ++i) chance[i] = chance[0], seen[2 * i] = seen[0];
  }
};
struct Forgetful : Walker {
  using Walker::Walker;
  void reset(std::uint64_t seed) {
    const auto before = seen;
    Walker::reset(seed);
    for (std::size_t i = 0; i < steps.size(); ++i) seen[2 * i + 1] = before[2 * i + 1];
  }
};
struct Resetting : Walker {
  Resetting(std::int64_t count, int horizon, std::uint64_t seed) : Walker(count, horizon, seed) {}
  void step(const float* actions, float* rewards, Flag* terminated) {
    Walker::step(actions, rewards, terminated);
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (terminated[i]) seen[2 * i] = 0.1f, seen[2 * i + 1] = 0;
  }
};
struct Cutting : Walker {
  using Walker::Walker;
  void step(const float* actions, float* rewards, Flag* terminated) {
    Walker::step(actions, rewards, terminated);
    for (std::size_t i = 0; i < steps.size(); ++i) terminated[i] = terminated[i] || steps[i] >= horizon();
  }
};
struct TimedOut : Walker {  // whatever the horizon that was asked for
  using Walker::Walker;
  void step(const float* actions, float* rewards, Flag* terminated) {
    Walker::step(actions, rewards, terminated);
    for (std::size_t i = 0; i < steps.size(); ++i) terminated[i] = terminated[i] || steps[i] >= default_horizon;
  }
};
struct Fewer : Walker {
  Fewer(std::int64_t count, int horizon, std::uint64_t seed) : Walker(count - (count == 3), horizon, seed) {}
};
struct Shorter : Walker {
  Shorter(std::int64_t count, int, std::uint64_t seed) : Walker(count, 10, seed) {}
};
struct Timid : Walker {
  using Walker::Walker;
  void step(const float* actions, float* rewards, Flag* terminated) {
    for (std::int64_t i = 0; i < 2 * count(); ++i)
      if (count() == 1 && actions[i] >= 1) throw tessera::Error("too far");
    Walker::step(actions, rewards, terminated);
  }
};
struct Throwing : Walker {
  using Walker::Walker;
  void step(const float* actions, float* rewards, Flag* terminated) {
    if (steps[0] == 9) throw tessera::Error("the walker slipped");
    Walker::step(actions, rewards, terminated);
  }
};
struct Swapped : Walker {
  using Walker::Walker;
  static constexpr float action_low = 2, action_high = -1;
};
struct Nameless : Walker {
  using Walker::Walker;
  static constexpr const char* name = "";
};
struct Hasty : Walker {
  using Walker::Walker;
  static constexpr int default_horizon = 0;
};
/// One that cuts its episodes by itself, and does not clear the marks.
struct Stuck : Walker {
  Stuck(std::int64_t count, int horizon, std::uint64_t seed)
      : Walker(count, horizon, seed), cut(std::size_t(count), Flag{0}) {}
  void step(const float* actions, float* rewards, Flag* terminated) {
    Walker::step(actions, rewards, terminated);
    for (std::size_t i = 0; i < steps.size(); ++i) cut[i] = cut[i] != 0 || steps[i] > 20;
  }
  const Flag* truncated() const { return cut.data(); }
  std::vector<Flag> cut;
};
struct Unstuck : Stuck {
  using Stuck::Stuck;
  void reset(std::uint64_t seed) { Walker::reset(seed), cut.assign(cut.size(), 0); }
};

/// Three rooms in a ring, without chance; room 2 is the last.
struct Rooms {
  using space = tessera::Discrete;
  using action_type = std::int64_t;
  static constexpr const char* name = "rooms";
  static constexpr std::int64_t observation_size = 1, action_size = 2;
  static constexpr int default_horizon = 5;
  Rooms(std::int64_t count, int horizon, std::uint64_t) : horizon_(horizon), at(std::size_t(count)) {}
  std::int64_t count() const { return std::int64_t(at.size()); }
  int horizon() const { return horizon_; }
  const float* observations() const { return at.data(); }
  void reset(std::uint64_t) { at.assign(at.size(), 0); }
  void step(const std::int64_t* actions, float* rewards, Flag* terminated) {
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (at[i] < 2) at[i] += float(actions[i]);
      rewards[i] = at[i] == 2, terminated[i] = at[i] == 2;
    }
  }
  int horizon_;
  std::vector<float> at;
};
struct Picky : Rooms {
  using Rooms::Rooms;
  void step(const std::int64_t* actions, float* rewards, Flag* terminated) {
    if (count() == 1 && actions[0] == 0) throw tessera::Error("stays never");
    Rooms::step(actions, rewards, terminated);
  }
};

/// That a law is found broken, and no other one.
template <class E>
bool breaks_only(const char* law) {
  const auto report = environment_report<E>();
  INFO(report.text());
  CHECK(report.broken.size() == 1);
  CHECK(report.breaks(law));
  return report.broken.size() == 1 && report.breaks(law);
}
}  // namespace

TEST_CASE("an environment that keeps the laws passes", "[env][laws]") {
  CHECK(environment_report<Walker>());
  CHECK(environment_report<Unstuck>());
  CHECK(environment_report<Walker>().text() == "environment walker keeps every law");
  CHECK_NOTHROW(check_environment<Walker>());
  CHECK_NOTHROW(check_environment(tessera::TaskOf<Walker>{}, {.steps = 10, .seed = 3}));
}

TEST_CASE("a task without chance says so", "[env][laws]") {
  CHECK(environment_report<Rooms>({.by_chance = false}));
  CHECK(environment_report<Rooms>().breaks("another seed gives another trajectory"));
}

TEST_CASE("what breaks a law is found, of each law", "[env][laws]") {
  CHECK(breaks_only<Infinite>("observations are finite: not at step 6"));
  CHECK(breaks_only<Rewardless>("a step writes the reward of every copy: not at step 0, of copy 4"));
  CHECK(breaks_only<Unpaid>("rewards are finite: not at step 0, of copy 0"));
  CHECK(breaks_only<Unmarked>("a step writes the end mark of every copy: not at step 0, of copy 1"));
  CHECK(breaks_only<Marked>("end marks are 0 or 1: 255 at step 4, of copy 0"));
  CHECK(breaks_only<Beyond>("a step writes nothing beyond its copies: at step 0"));
  CHECK(environment_report<Restless>().breaks("equal seeds and actions give equal trajectories"));
  CHECK(breaks_only<Crowded>("a copy does not depend on how many there are"));
  CHECK(breaks_only<Jostling>("a copy does not depend on what the others do"));
  CHECK(breaks_only<Seedless>("another seed gives another trajectory"));
  CHECK(breaks_only<Alike>("another copy has another trajectory"));
  CHECK(breaks_only<Forgetful>("a reset begins as if made with the seed"));
  CHECK(breaks_only<Resetting>("a step does not reset a copy that has ended"));
  CHECK(environment_report<Cutting>().breaks("a step does not cut at the horizon"));
  CHECK(breaks_only<TimedOut>("a time limit is no end of the task: 8 of 8 copies terminate at step 60"));
  CHECK(breaks_only<Fewer>("there are as many copies as were asked for: 2"));
  CHECK(breaks_only<Shorter>("the horizon is the one that was asked for: 10"));
  CHECK(breaks_only<Timid>("every action within the limits is taken: the largest action throws: too far"));
  CHECK(environment_report<Throwing>().breaks("no reset and no step throws: the walker slipped"));
  CHECK(environment_report<Swapped>().breaks("the least action is below the largest"));
  CHECK(environment_report<Nameless>().breaks("it has a name"));
  CHECK(environment_report<Hasty>().breaks("the horizon is 1 or more: 0"));
  CHECK(breaks_only<Stuck>("a reset clears the marks of cut episodes"));
  CHECK(environment_report<Picky>({.by_chance = false}).breaks("every action within the limits is taken: action 0"));
}

TEST_CASE("the check throws one line that names the laws", "[env][laws]") {
  CHECK_THROWS_WITH(check_environment<Seedless>(),
                    Catch::Contains("environment walker breaks 'another seed gives another trajectory") &&
                        Catch::Contains("check_environment.hpp"));
  CHECK_THROWS_WITH(check_environment<Walker>({.steps = 1}), Catch::Contains("2 steps or more"));
}
