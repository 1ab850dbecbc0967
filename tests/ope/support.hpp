#pragma once
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include <tessera/ope/estimators.hpp>
#include <tessera/ope/log.hpp>
#include <tessera/support/random.hpp>

/// Logs that the tests of off-policy evaluation share.
namespace support {
namespace ope = tessera::ope;

/// An episode of a log that is written down: ratios, not their logarithms.
struct Written {
  std::vector<double> rewards{}, ratios{}, q{}, v{}, weight{};
  bool truncated = false;
  double v_end = 0;
};
inline ope::EvaluationLog log_of(const std::vector<Written>& episodes, double discount) {
  ope::EvaluationLog log;
  log.discount = discount;
  const auto append = [](std::vector<double>& to, const std::vector<double>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  for (const auto& each : episodes) {
    append(log.rewards, each.rewards);
    for (const double ratio : each.ratios) log.log_ratio.push_back(std::log(ratio));
    append(log.q, each.q);
    append(log.v, each.v);
    append(log.weight, each.weight);
    log.end_episode(each.truncated, each.v_end);
  }
  return log;
}

/// Two episodes, of two steps and of one, with discount 1/2: returns 2 and 4, ratios of the whole 1 and 1/2.
inline std::vector<Written> two_episodes() {
  return {{.rewards = {1, 2}, .ratios = {2, 0.5}, .q = {3, 1}, .v = {2, 2}, .weight = {1.5, 0.5}},
          {.rewards = {4}, .ratios = {0.5}, .q = {2}, .v = {1}, .weight = {2}}};
}
/// Three single decisions.
inline std::vector<Written> three_decisions() {
  return {{.rewards = {1}, .ratios = {2}, .q = {0.5}, .v = {1}},
          {.rewards = {3}, .ratios = {0.5}, .q = {2}, .v = {1.5}},
          {.rewards = {0}, .ratios = {4}, .q = {1}, .v = {0.5}}};
}

/// `count` episodes of 1 to `longest` steps with random numbers, rewards in [-1, 1], a fifth of them truncated.
inline ope::EvaluationLog random_log(std::uint64_t seed, int count, int longest, double spread = 0.7) {
  tessera::Random random(seed);
  std::vector<Written> episodes;
  for (int i = 0; i < count; ++i) {
    Written each;
    const auto steps = 1 + int(random.below(std::uint64_t(longest)));
    for (int t = 0; t < steps; ++t) {
      each.rewards.push_back(random.uniform(-1, 1));
      each.ratios.push_back(std::exp(spread * random.normal()));
      each.q.push_back(random.uniform(-2, 2));
      each.v.push_back(random.uniform(-2, 2));
      each.weight.push_back(random.uniform(0, 2));
    }
    each.truncated = random.uniform() < 0.2;
    each.v_end = each.truncated ? random.uniform(-2, 2) : 0;
    episodes.push_back(each);
  }
  return log_of(episodes, 0.9);
}

inline std::vector<std::size_t> all_of(std::size_t count) {
  std::vector<std::size_t> out(count);
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}
/// The value over all episodes.
template <ope::Estimator E>
double value_of(const ope::EvaluationLog& log, const typename E::params& h = {}) {
  return ope::terms_of<E>(log, h).value(all_of(log.episodes()));
}
}  // namespace support
