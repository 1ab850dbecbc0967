#include <tessera/env/pendulum.hpp>
#include <tessera/sources/behaviors.hpp>
#include <tessera/sources/builtin.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "helpers/files.hpp"

using Catch::Contains;
using tessera::builtin_dataset;
using tessera::Dataset;

namespace {
double mean_return(const Dataset& data, std::size_t from = 0, std::size_t every = 1) {
  double sum = 0, count = 0;
  for (std::size_t i = from; i < data.episodes.size(); i += every, ++count) sum += data.episodes[i].episode_return;
  return sum / count;
}
}  // namespace

TEST_CASE("built-in data sets are of the promised quality", "[data][builtin]") {
  const auto random = builtin_dataset("pendulum-random"), medium = builtin_dataset("pendulum-medium"),
             mixed = builtin_dataset("pendulum-mixed"), cartpole = builtin_dataset("cartpole-mixed");
  CHECK(mean_return(random) == Approx(-1210).margin(60));
  CHECK((mean_return(medium) > -700 && mean_return(medium) < -400));
  CHECK(mean_return(mixed, 0, 3) < -1100);
  CHECK((mean_return(mixed, 1, 3) > -700 && mean_return(mixed, 1, 3) < -400));
  CHECK(mean_return(mixed, 2, 3) > -200);
  CHECK((mean_return(cartpole) > 60 && mean_return(cartpole) < 100));
  for (const auto* data : {&random, &medium, &mixed}) {
    CHECK((data->size() == 100'000 && data->episodes.size() == 500 && data->format == "builtin"));
    CHECK((data->action_low == std::vector<float>{-2} && data->action_high == std::vector<float>{2}));
  }
  CHECK((cartpole.episodes.size() == 1500 && cartpole.action_size == 2));
}

TEST_CASE("built-in data sets keep true next observations and exactly one mark per end", "[data][builtin]") {
  for (const auto& name : tessera::builtin_datasets()) {
    const auto data = builtin_dataset(name, 3);
    CHECK(data.name == "builtin:" + name + "?seed=3");
    CHECK(data.warnings.empty());
    CHECK(data.observations.size() ==
          (static_cast<std::size_t>(data.size()) + data.episodes.size()) * std::size_t(data.observation_size));
    const bool cut_early = name == "pendulum-narrow" || name.starts_with("maze-");
    bool marked = true, chained = true;
    for (const auto& episode : data.episodes)
      for (std::int64_t k = 0; k < episode.rows; ++k) {
        const auto i = static_cast<std::size_t>(episode.first + k);
        const bool last = k + 1 == episode.rows;
        marked = marked && data.terminals[i] + data.timeouts[i] == last;
        marked = marked && (data.timeouts[i] == 0 || episode.rows == 200 || cut_early);
        chained = chained && (last || data.next_observation_row[i] == data.observation_row[i + 1]);
        chained = chained && (!last || data.next_observation_row[i] != data.observation_row[i]);
      }
    CHECK((marked && chained));
  }
}

TEST_CASE("terminal observations of the built-in cart pole are past the limits", "[data][builtin]") {
  const auto data = builtin_dataset("cartpole-mixed");
  bool past = true;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const float* next = data.next_observation(i);
    const bool out = std::abs(next[0]) > 2.4f || std::abs(next[2]) > 0.20943952f;
    past = past && out == (data.terminals[std::size_t(i)] != 0);
  }
  CHECK(past);
}

TEST_CASE("built-in data follow the equations of the environment", "[data][builtin]") {
  for (const auto* name : {"pendulum-mixed", "pendulum-narrow"}) {
    const auto data = builtin_dataset(name);
    for (std::int64_t i = 0; i < data.size(); i += 997) {
      const float* now = data.observation(i);
      tessera::Pendulum env(1);
      env.place(0, std::atan2(double(now[1]), double(now[0])), now[2]);
      float reward = 0;
      std::uint8_t terminated = 0;
      env.step(&data.actions[std::size_t(i)], &reward, &terminated);
      CHECK(reward == Approx(data.rewards[std::size_t(i)]).margin(1e-4));
      for (int j = 0; j < 3; ++j) CHECK(env.observations()[j] == Approx(data.next_observation(i)[j]).margin(1e-4));
    }
  }
}

TEST_CASE("the narrow pendulum data know one half of the states alone", "[data][builtin]") {
  const auto data = builtin_dataset("pendulum-narrow");
  CHECK(data.size() == Approx(5'300).margin(600));
  CHECK(data.episodes.size() == 50);
  std::int64_t outside = 0, left = 0, cut = 0;
  float slowest = 0, fastest = 0, lowest = 1, highest = -1;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const float* now = data.observation(i);
    // Energy, by hand: half the speed's square, less 15 for each unit that the tip is below the top.
    outside += 0.5f * now[2] * now[2] - 15 * (1 - now[0]) > 0.5f + 1e-4f;
    slowest = std::min(slowest, now[2]), fastest = std::max(fastest, now[2]);
    lowest = std::min(lowest, now[0]), highest = std::max(highest, now[0]);
    // The step that leaves is an episode's last, and cuts it: the task has not ended.
    if (!tessera::behaviors::in_the_slow_half(data.next_observation(i))) ++left, cut += data.timeouts[std::size_t(i)];
  }
  CHECK((outside == 0 && left > 10 && cut == left));
  CHECK(std::count(data.terminals.begin(), data.terminals.end(), 1) == 0);
  CHECK((slowest < -6 && fastest > 6 && lowest < -0.99f && highest > 0.999f));
}

TEST_CASE("built-in data depend on the seed alone", "[data][builtin]") {
  const auto first = builtin_dataset("cartpole-mixed", 1), again = builtin_dataset("cartpole-mixed", 1),
             other = builtin_dataset("cartpole-mixed", 2);
  CHECK((first.observations == again.observations && first.action_indices == again.action_indices));
  CHECK(first.observations != other.observations);
}

TEST_CASE("built-in data are made quickly", "[data][builtin]") {
  const auto start = std::clock();
  for (const auto& name : tessera::builtin_datasets()) builtin_dataset(name);
  // Of the processor, which may have others to serve; takes 0.2 s.  This is only to notice something quadratic.
  CHECK(double(std::clock() - start) / CLOCKS_PER_SEC < 2);
}

TEST_CASE("an unknown built-in name gets the known ones and the nearest", "[data][builtin]") {
  CHECK_THAT(support::error_of([] { builtin_dataset("pendulum-medum"); }),
             Contains("builtin:pendulum-medum") && Contains("did you mean 'pendulum-medium'") &&
                 Contains("cartpole-mixed") && Contains("pendulum-random"));
  CHECK_THAT(support::error_of([] { builtin_dataset("hopper"); }), Contains("known are") && !Contains("did you mean"));
}
