#include <tessera/env/tabular.hpp>

#include <cmath>

#include <tessera/env/check_environment.hpp>
#include <tessera/sources/tabular_log.hpp>
#include <tessera/tabular/evaluation.hpp>

#include "tabular/support.hpp"

using namespace support;
using tessera::TabularTask;

namespace {
/// Problems whose episodes begin where they are not over.
TabularTask task(std::uint64_t seed) {
  auto mdp = random_mdp(seed, 1);
  tessera::tabular::MdpParts parts{.states = 7, .actions = 4, .start = {0.5, 0, 0.25, 0.25, 0, 0, 0}, .terminal = {6}};
  for (std::int64_t s = 0; s < 6; ++s)
    for (std::int64_t a = 0; a < 4; ++a)
      mdp.each_outcome(s, a, [&](std::int64_t z, double p, double r) { parts.outcomes.push_back({s, a, z, p, r}); });
  return TabularTask::one_hot("random", tessera::tabular::FiniteMdp(std::move(parts)), 500);
}
}  // namespace

TEST_CASE("a simulated table keeps the laws of a task", "[tabular][env]") {
  const auto t = task(1);
  CHECK(tessera::environment_report(t));
  CHECK(t.observation_size() == 7);
  CHECK(t.action_size() == 4);
  CHECK(t.make(2, 50, 0).horizon() == 50);
}

TEST_CASE("a copy that has ended stays where it is", "[tabular][env]") {
  auto env = task(1).make(2, 10, 0);
  env.place(0, 6);
  env.place(1, 2);
  const std::int64_t actions[] = {99, 1};  // that of a copy that has ended does not matter
  float rewards[2];
  std::uint8_t ended[2];
  env.step(actions, rewards, ended);
  CHECK((rewards[0] == 0 && ended[0] == 1 && env.states()[0] == 6));
  CHECK(rewards[1] != 0);
  CHECK(env.observations()[6] == 1);
  const std::int64_t wrong[] = {0, 4};
  env.place(1, 2);
  CHECK_THROWS_WITH(env.step(wrong, rewards, ended),
                    Catch::Contains("copy 1") && Catch::Contains("action 4") && Catch::Contains("0 to 3"));
  CHECK_THROWS_WITH(task(1).make(0, 10, 0), Catch::Contains("0 copies"));
  CHECK_THROWS_WITH(TabularTask("t", two_states(), {1, 2, 3}, 10), Catch::Contains("3 numbers seen in 2 states"));
}

TEST_CASE("means of logged episodes are the exact values", "[tabular][env]") {
  const auto t = task(2);
  tessera::Random random(9);
  const auto policy = random_policy(random, 7, 4);
  constexpr std::int64_t episodes = 20'000;
  const auto log = tessera::tabular::log_episodes(t, policy, episodes, 500, 5);
  CHECK(log.episodes() == episodes);
  double sum = 0, square = 0;
  for (std::int64_t e = 0; e < episodes; ++e) {
    double total = 0;
    for (auto i = log.first[std::size_t(e)]; i < log.end(e); ++i) total += log.steps[std::size_t(i)].reward;
    sum += total, square += total * total;
  }
  const double mean = sum / episodes, error = std::sqrt((square / episodes - mean * mean) / episodes);
  CHECK(std::abs(mean - tessera::tabular::expected_return(t.mdp(), policy)) < 4 * error);
  CHECK(double(log.steps.size()) / episodes ==
        Approx(tessera::tabular::expected_length(t.mdp(), policy)).epsilon(0.03));
  // How often each pair occurs.
  const auto counted = tessera::tabular::maximum_likelihood(t, log);
  CHECK(apart(counted.counts / double(episodes), tessera::tabular::occupancy(t.mdp(), policy)) < 0.05);
  CHECK(apart(counted.behavior().topRows(6), policy.topRows(6)) < 0.02);
  CHECK(apart(counted.model.start(), t.mdp().start()) < 0.02);
}

TEST_CASE("a logged episode depends on its number and the seed alone", "[tabular][env]") {
  const auto t = task(3);
  const auto policy = tessera::tabular::uniform_policy(t.mdp());
  const auto few = tessera::tabular::log_episodes(t, policy, 3, 500, 1),
             many = tessera::tabular::log_episodes(t, policy, 50, 500, 1),
             other = tessera::tabular::log_episodes(t, policy, 50, 500, 2);
  const auto text = [](const tessera::tabular::Log& log, std::int64_t e) {
    std::vector<double> all;
    for (auto i = log.first[std::size_t(e)]; i < log.end(e); ++i) {
      const auto& s = log.steps[std::size_t(i)];
      all.insert(all.end(), {double(s.state), double(s.action), double(s.next), s.reward, double(s.ended)});
    }
    return all;
  };
  for (std::int64_t e = 0; e < 3; ++e) CHECK(text(few, e) == text(many, e));
  CHECK(text(many, 0) != text(many, 1));
  CHECK(text(many, 0) != text(other, 0));
}

TEST_CASE("a log as a data set", "[tabular][env]") {
  const auto t = task(4);
  const auto log = tessera::tabular::log_episodes(t, tessera::tabular::uniform_policy(t.mdp()), 200, 6, 1);
  const auto data = tessera::tabular::to_dataset(t, log, "named");
  CHECK(data.name == "named");
  CHECK(data.kind == tessera::action_kind::discrete);
  CHECK(data.size() == std::int64_t(log.steps.size()));
  CHECK(data.observations.size() == 49);  // one for each state
  CHECK(data.episodes.size() == 200);
  int cuts = 0, ends = 0;
  for (const auto& e : data.episodes) {
    double sum = 0;
    for (auto i = e.first; i < e.first + e.transitions; ++i) {
      const auto& step = log.steps[std::size_t(i)];
      CHECK(data.observation(i)[step.state] == 1);
      CHECK(data.next_observation(i)[step.next] == 1);
      CHECK(data.action_indices[std::size_t(i)] == step.action);
      sum += data.rewards[std::size_t(i)];
      const bool last = i + 1 == e.first + e.transitions;
      CHECK(data.terminals[std::size_t(i)] + data.timeouts[std::size_t(i)] == int(last));
      CHECK((data.terminals[std::size_t(i)] != 0) == (step.next == 6));
    }
    CHECK(e.rows == e.transitions);
    CHECK(e.episode_return == Approx(sum));
    (data.terminals[std::size_t(e.first + e.transitions - 1)] != 0 ? ends : cuts) += 1;
  }
  CHECK(cuts > 0);
  CHECK(ends > 0);
  const TabularTask over = TabularTask::one_hot("over", random_mdp(1), 5);
  CHECK_THROWS_WITH(tessera::tabular::log_episodes(over, tessera::tabular::uniform_policy(over.mdp()), 100, 5, 0),
                    Catch::Contains("over: an episode may begin in state 6"));
}
