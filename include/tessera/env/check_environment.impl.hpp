#pragma once
#include <bit>
#include <cmath>
#include <exception>
#include <iterator>
#include <limits>

#include <tessera/env/check_environment.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::detail {
class EnvironmentChecker {
 public:
  EnvironmentChecker(const CheckedTask& task, const EnvironmentCheck& o) : task_(task), o_(o) {
    report_.name = task.name;
    o_.steps = std::max(1, std::min(o_.steps, task.default_horizon));  // beyond it an environment may cut by itself
    if (o_.action_low.size() != o_.action_high.size()) o_.action_low.clear();
    if (!task.discrete && std::int64_t(o_.action_low.size()) != task.action_size) {
      o_.action_low.assign(static_cast<std::size_t>(std::max<std::int64_t>(task.action_size, 0)), -1.0f);
      o_.action_high.assign(o_.action_low.size(), 1.0f);
    }
  }

  EnvironmentReport run() {
    says_what_it_is();
    if (!report_.broken.empty()) return report_;
    guarded([&] { is_what_was_asked_for(); });
    guarded([&] { writes_what_it_should(); });
    if (!report_.broken.empty()) return report_;  // without shapes nothing else makes sense
    guarded([&] { depends_on_the_seed(); });
    guarded([&] { begins_anew(); });
    guarded([&] { leaves_the_ends(); });
    guarded([&] { leaves_the_time_limit(); });
    guarded([&] { takes_every_action(); });
    return report_;
  }

 private:
  using Copies = std::unique_ptr<CheckedCopies>;

  void expect(bool kept, const std::string& law, const std::string& seen = "") {
    if (!kept && !report_.breaks(law)) report_.broken.push_back(law + (seen.empty() ? "" : ": " + seen));
  }
  template <class F>
  void guarded(F f) {
    try {
      f();
    } catch (const std::exception& e) {
      expect(false, "no reset and no step throws", e.what());
    }
  }
  std::size_t width() const { return static_cast<std::size_t>(task_.observation_size); }
  std::size_t numbers() const { return task_.discrete ? 1 : static_cast<std::size_t>(task_.action_size); }

  void says_what_it_is() {
    expect(!task_.name.empty(), "it has a name");
    expect(task_.observation_size >= 1, "observations have a size", std::to_string(task_.observation_size));
    expect(task_.action_size >= 1, "actions have a size", std::to_string(task_.action_size));
    expect(task_.default_horizon >= 1, "the horizon is 1 or more", std::to_string(task_.default_horizon));
    for (std::size_t j = 0; j < o_.action_low.size() && !task_.discrete; ++j)
      expect(o_.action_low[j] < o_.action_high[j], "the least action is below the largest",
             std::to_string(o_.action_low[j]) + " and " + std::to_string(o_.action_high[j]));
  }
  void is_what_was_asked_for() {
    const auto copies = task_.make(3, 17, o_.seed);
    expect(copies->count() == 3, "there are as many copies as were asked for", std::to_string(copies->count()));
    expect(copies->horizon() == 17, "the horizon is the one that was asked for", std::to_string(copies->horizon()));
  }

  // An action of copy i at step t: from limit to limit, and every index.
  void act(std::vector<double>& actions, std::size_t i, int t, std::size_t shift = 0) const {
    constexpr double shares[] = {0.5, 1, 0, 0.75, 0.25};
    for (std::size_t j = 0; j < numbers(); ++j) {
      const auto turn = i + j + static_cast<std::size_t>(t) + shift;
      double& a = actions[i * numbers() + j];
      if (task_.discrete) {
        a = static_cast<double>(turn % static_cast<std::size_t>(task_.action_size));
        continue;
      }
      const double low = least(j), high = largest(j), share = shares[turn % std::size(shares)];
      a = static_cast<double>(static_cast<float>(low + share * (high - low)));
    }
  }
  double least(std::size_t j) const { return std::isfinite(o_.action_low[j]) ? double(o_.action_low[j]) : -1.0; }
  double largest(std::size_t j) const { return std::isfinite(o_.action_high[j]) ? double(o_.action_high[j]) : 1.0; }

  // Arrays that show what is written, and whether more is than there are copies.
  struct Written {
    static constexpr std::size_t beyond = 8;
    static constexpr std::uint32_t nothing = 0x7fc0beef;  // a NaN that no arithmetic makes
    static constexpr std::uint8_t no_flag = 0xab;
    std::vector<float> rewards;
    std::vector<std::uint8_t> terminated;
    explicit Written(std::size_t copies)
        : rewards(copies + beyond, std::bit_cast<float>(nothing)), terminated(copies + beyond, no_flag) {}
  };
  void writes_what_it_should() {
    constexpr std::size_t copies = 5;
    const auto env = task_.make(copies, task_.default_horizon, o_.seed);
    const auto finite = [&] {
      const float* x = env->observations();
      return x != nullptr && std::all_of(x, x + copies * width(), [](float each) { return std::isfinite(each); });
    };
    expect(finite(), "observations are finite", "not at the start");
    std::vector<double> actions(copies * numbers());
    for (int t = 0; t < o_.steps && report_.broken.empty(); ++t) {
      const auto at = "at step " + std::to_string(t);
      for (std::size_t i = 0; i < copies; ++i) act(actions, i, t);
      Written w(copies);
      env->step(actions, w.rewards.data(), w.terminated.data());
      expect(finite(), "observations are finite", "not " + at);
      for (std::size_t i = 0; i < w.rewards.size(); ++i) {
        const auto of = at + ", of copy " + std::to_string(i);
        const bool written = std::bit_cast<std::uint32_t>(w.rewards[i]) != Written::nothing;
        if (i >= copies) {
          expect(!written && w.terminated[i] == Written::no_flag, "a step writes nothing beyond its copies", at);
          continue;
        }
        expect(written, "a step writes the reward of every copy", "not " + of);
        if (written) expect(std::isfinite(w.rewards[i]), "rewards are finite", "not " + of);
        expect(w.terminated[i] != Written::no_flag, "a step writes the end mark of every copy", "not " + of);
        if (w.terminated[i] != Written::no_flag)
          expect(w.terminated[i] <= 1, "end marks are 0 or 1", std::to_string(w.terminated[i]) + " " + of);
        if (const auto* cut = env->truncated(); cut != nullptr)
          expect(cut[i] <= 1, "marks of cut episodes are 0 or 1", std::to_string(cut[i]) + " " + of);
      }
    }
  }

  // What copy `copy` goes through: observations, rewards and end marks.  `others`: what the other copies do.
  std::vector<float> walk(CheckedCopies& env, std::size_t copy, std::size_t others = 0) const {
    const auto copies = static_cast<std::size_t>(env.count());
    std::vector<double> actions(copies * numbers());
    std::vector<float> rewards(copies), seen;
    std::vector<std::uint8_t> terminated(copies);
    for (int t = 0; t < o_.steps; ++t) {
      for (std::size_t i = 0; i < copies; ++i) act(actions, i, t, i == copy ? 0 : others);
      const float* row = env.observations() + copy * width();
      seen.insert(seen.end(), row, row + width());
      env.step(actions, rewards.data(), terminated.data());
      seen.push_back(rewards[copy]);
      seen.push_back(terminated[copy]);
    }
    return seen;
  }
  std::vector<float> walk(std::int64_t count, std::uint64_t seed, std::size_t copy, std::size_t others = 0) const {
    return walk(*task_.make(count, task_.default_horizon, seed), copy, others);
  }
  void depends_on_the_seed() {
    const auto one = walk(5, o_.seed, 3);
    expect(walk(5, o_.seed, 3) == one, "equal seeds and actions give equal trajectories");
    expect(walk(32, o_.seed, 3) == one, "a copy does not depend on how many there are");
    expect(walk(5, o_.seed, 3, 1) == one, "a copy does not depend on what the others do");
    if (!o_.by_chance) return;
    expect(walk(5, o_.seed + 1, 3) != one, "another seed gives another trajectory",
           "set by_chance to false for a task without chance");
    // The same actions, so that only chance can make a difference.
    const auto start = [&](std::size_t copy) {
      const auto env = task_.make(5, task_.default_horizon, o_.seed);
      std::vector<double> actions(5 * numbers());
      std::vector<float> rewards(5), seen;
      std::vector<std::uint8_t> terminated(5);
      for (int t = 0; t < o_.steps; ++t) {
        for (std::size_t i = 0; i < 5; ++i) act(actions, i, t, 5 - i);
        const float* row = env->observations() + copy * width();
        seen.insert(seen.end(), row, row + width());
        env->step(actions, rewards.data(), terminated.data());
      }
      return seen;
    };
    expect(start(1) != start(3), "another copy has another trajectory",
           "set by_chance to false for a task without chance");
  }
  void begins_anew() {
    const auto first = task_.make(5, task_.default_horizon, o_.seed),
               second = task_.make(5, task_.default_horizon, o_.seed + 5);
    walk(*second, 3);
    second->reset(o_.seed);
    if (const auto* cut = second->truncated(); cut != nullptr)
      expect(std::all_of(cut, cut + 5, [](auto x) { return x == 0; }), "a reset clears the marks of cut episodes");
    expect(walk(*second, 3) == walk(*first, 3), "a reset begins as if made with the seed");
  }

  // A copy that is reset where it ends is where copies begin, inside of the box of first observations.  Where most of
  // what is seen on the way is in there too, that tells nothing.
  void leaves_the_ends() {
    constexpr std::size_t copies = 64;
    const auto env = task_.make(copies, task_.default_horizon, o_.seed);
    const auto n = width();
    std::vector<float> low(env->observations(), env->observations() + n), high = low;
    for (std::size_t i = 0; i < copies * n; ++i) {
      low[i % n] = std::min(low[i % n], env->observations()[i]);
      high[i % n] = std::max(high[i % n], env->observations()[i]);
    }
    const auto at_a_start = [&](std::size_t i) {
      for (std::size_t j = 0; j < n; ++j) {
        const float x = env->observations()[i * n + j];
        if (x < low[j] || x > high[j]) return false;
      }
      return true;
    };
    std::vector<double> actions(copies * numbers());
    std::vector<float> rewards(copies);
    std::vector<std::uint8_t> terminated(copies), over(copies, 0);
    std::size_t ends = 0, ends_at_start = 0, others = 0, others_at_start = 0;
    for (int t = 0; t < 4 * o_.steps; ++t) {
      // Some copies do the same all the time, which gets further.
      for (std::size_t i = 0; i < copies; ++i) act(actions, i, i % 2 == 0 ? 0 : t);
      env->step(actions, rewards.data(), terminated.data());
      for (std::size_t i = 0; i < copies; ++i) {
        if (over[i]) continue;
        const bool start = at_a_start(i);
        over[i] = terminated[i];
        (over[i] ? ends : others) += 1;
        (over[i] ? ends_at_start : others_at_start) += start;
      }
    }
    const bool tells = 2 * others_at_start < others;
    expect(!tells || ends == 0 || 10 * ends_at_start < 8 * ends, "a step does not reset a copy that has ended",
           std::to_string(ends_at_start) + " of " + std::to_string(ends) + " ends are where copies begin");
  }

  void leaves_the_time_limit() {
    const auto cut = [&](int horizon) { return walk(*task_.make(5, horizon, o_.seed), 3); };
    expect(cut(std::max(1, std::min(4, o_.steps / 2))) == cut(task_.default_horizon),
           "a step does not cut at the horizon", "a copy made with a short one goes another way");
    // An end that all copies meet at the horizon is that.
    constexpr int longest = 2000;
    constexpr std::size_t copies = 8;
    const int horizon = task_.default_horizon;
    if (horizon > longest) return;
    const auto env = task_.make(copies, horizon, o_.seed);
    std::vector<double> actions(copies * numbers());
    std::vector<float> rewards(copies);
    std::vector<std::uint8_t> terminated(copies), over(copies, 0);
    std::size_t at_horizon = 0, before = 0;
    for (int t = 0; t < horizon; ++t) {
      for (std::size_t i = 0; i < copies; ++i) act(actions, i, t);
      env->step(actions, rewards.data(), terminated.data());
      for (std::size_t i = 0; i < copies; ++i) {
        if (over[i] || !terminated[i]) continue;
        over[i] = 1;
        ++(t + 1 == horizon ? at_horizon : before);
      }
    }
    expect(horizon < 3 || at_horizon < 2 || at_horizon + before < copies, "a time limit is no end of the task",
           std::to_string(at_horizon) + " of " + std::to_string(copies) + " copies terminate at step " +
               std::to_string(horizon));
  }

  void takes_every_action() {
    const auto env = task_.make(1, task_.default_horizon, o_.seed);
    std::vector<double> actions(numbers());
    float reward = 0;
    std::uint8_t terminated = 0;
    const auto step = [&](const std::string& what) {
      std::string seen = "it is not finite after " + what;
      try {
        env->reset(o_.seed);
        env->step(actions, &reward, &terminated);
      } catch (const std::exception& e) {
        seen = what + " throws: " + e.what();
        reward = std::numeric_limits<float>::quiet_NaN();
      }
      const float* x = env->observations();
      expect(std::isfinite(reward) && std::all_of(x, x + width(), [](float each) { return std::isfinite(each); }),
             "every action within the limits is taken", seen);
    };
    if (task_.discrete) {
      constexpr std::int64_t most = 256;
      for (std::int64_t a = 0; a < std::min(task_.action_size, most); ++a) {
        actions[0] = static_cast<double>(a);
        step("action " + std::to_string(a));
      }
      return;
    }
    for (const bool high : {false, true}) {
      for (std::size_t j = 0; j < numbers(); ++j) actions[j] = high ? largest(j) : least(j);
      step(high ? "the largest action" : "the least action");
    }
  }

  const CheckedTask& task_;
  EnvironmentCheck o_;
  EnvironmentReport report_;
};

TESSERA_INLINE EnvironmentReport environment_report(const CheckedTask& task, const EnvironmentCheck& o) {
  if (o.steps < 2) throw Error("check_environment: a walk needs 2 steps or more, not " + std::to_string(o.steps));
  return EnvironmentChecker(task, o).run();
}
TESSERA_INLINE void require_laws(const EnvironmentReport& report) {
  if (!report) throw Error(report.text() + "; see tessera/env/check_environment.hpp");
}
}  // namespace tessera::detail
