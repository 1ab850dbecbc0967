#include <tessera/ope/log.hpp>

#include <limits>

#include "support.hpp"

using Catch::Contains;
using namespace support;

TEST_CASE("a log of episodes, and each of them", "[ope][log]") {
  auto written = two_episodes();
  written[1].truncated = true;
  written[1].v_end = 6;
  const auto log = log_of(written, 0.5);
  ope::require_sound(log);
  CHECK(log.episodes() == 2);
  CHECK(log.steps() == 3);
  CHECK(log.cut() == 1);
  CHECK((log.has_ratios() && log.has_values() && log.has_weights()));
  const auto first = log.episode(0), second = log.episode(1);
  CHECK((first.size() == 2 && second.size() == 1));
  CHECK((first.rewards[1] == 2 && second.rewards[0] == 4));
  CHECK((first.q[0] == 3 && second.q[0] == 2 && second.weight[0] == 2));
  CHECK((first.v_after(0) == 2 && first.v_after(1) == 0 && second.v_after(0) == 6));
  CHECK((!first.truncated && second.truncated));
}

TEST_CASE("logs that cannot be evaluated", "[ope][log]") {
  const auto good = log_of(two_episodes(), 0.5);
  const auto refused = [&](auto&& spoil, const char* why) {
    auto log = good;
    spoil(log);
    CHECK_THROWS_WITH(ope::require_sound(log), Contains(why));
  };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  refused([](auto& log) { log = {}; }, "it has no episodes");
  refused([](auto& log) { log.discount = 1.5; }, "discount 1.5");
  refused([](auto& log) { log.offsets = {0, 0, 3}; }, "episode 0 has no steps");
  refused([](auto& log) { log.offsets = {0, 2}; }, "from 0 to 2, but it has steps 0 to 3");
  refused([](auto& log) { log.rewards.push_back(1); }, "steps 0 to 4");
  refused([](auto& log) { log.q.pop_back(); }, "Qhat has 2 numbers for 3 steps");
  refused([](auto& log) { log.v.clear(); }, "only one of Qhat(s, a) and Vhat(s)");
  refused([](auto& log) { log.rewards[2] = nan; }, "the reward of step 0 of episode 1 is not a number");
  refused([](auto& log) { log.log_ratio[1] = nan; }, "the log-ratio of step 1 of episode 0 is not a number");
  refused([](auto& log) { log.log_ratio[1] = inf; }, "the log-ratio of step 1 of episode 0 is infinite");
  refused([](auto& log) { log.weight[0] = inf; }, "the weight of step 0 of episode 0 is infinite");
  refused([](auto& log) { log.v_end[0] = 1; }, "episode 0 ended, and has Vhat 1.000000 after its end");
  refused([](auto& log) { log.v_end.pop_back(); }, "v_end has 1 entries for 2 episodes");
  refused([](auto& log) { log.truncated[1] = 1, log.v_end[1] = nan; }, "Vhat at the end of episode 1 is not finite");
  refused([](auto& log) { log.truncated[1] = 1, log.v_end.clear(); }, "but no v_end");
  auto zero = good;
  zero.log_ratio[0] = -inf;  // the target policy never does so
  CHECK_NOTHROW(ope::require_sound(zero));
}
