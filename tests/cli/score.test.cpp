#include <tessera/cli/score.hpp>

#include <limits>

#include "helpers/files.hpp"

using Catch::Contains;
using tessera::LogTask;
using tessera::ScoreReference;
using tessera::cli::choose_score;

TEST_CASE("what a run's scores are measured between", "[cli][score]") {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  const LogTask unknown{}, hopper{"Hopper-v5", 1000, -5, 2000}, half{"Hopper-v5", 1000, nan, 2000},
      flat{"Hopper-v5", 1000, 7, 7}, other{"Walker2d-v5", 1000, -5, 2000};
  const auto is = [](const auto& score, const ScoreReference& between, const char* from) {
    REQUIRE(score);
    CHECK(score->between == between);
    CHECK(score->from == from);
  };
  // What the user says comes first, then the data if they are of that environment, then D4RL's.
  is(choose_score("random=1,expert=-2.5e2", hopper, "gym:Hopper-v5"), {1, -250}, "user");
  is(choose_score("", hopper, "gym:Hopper-v4?frame_skip=4"), {-5, 2000}, "data");
  is(choose_score("", unknown, "gym:Hopper-v5"), {-20.272305, 3234.3}, "d4rl");
  is(choose_score("", half, "Hopper-v5"), {-20.272305, 3234.3}, "d4rl");
  is(choose_score("", flat, "Hopper-v5"), {-20.272305, 3234.3}, "d4rl");
  is(choose_score("", other, "hopper-medium-v2"), {-20.272305, 3234.3}, "d4rl");
  CHECK_FALSE(choose_score("", hopper, ""));
  CHECK_FALSE(choose_score("", hopper, "pendulum"));
  CHECK_FALSE(choose_score("", unknown, "cartpole"));
}

TEST_CASE("the text of --score", "[cli][score]") {
  using tessera::cli::score_reference;
  CHECK(score_reference("random=-20.3,expert=3234.3") == ScoreReference{-20.3, 3234.3});
  CHECK(score_reference("expert=1,random=+0") == ScoreReference{0, 1});
  for (const char* text : {"", "random=1", "expert=1", "random=1,expert=1", "random=1,expert=2,", "random=1;expert=2",
                           "random=1,expert=2,random=1", "random=,expert=2", "random=1,expert=inf", "Random=1,expert=2",
                           "random=1,expert=1e31"}) {
    INFO(text);
    CHECK_THAT(support::error_of([&] { score_reference(text); }),
               Contains("--score: '") && Contains("random=R,expert=E"));
  }
}
