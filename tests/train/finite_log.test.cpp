#include <tessera/train/finite_log.hpp>
//
#include <tessera/nn/torch.hpp>

#include <catch2/catch.hpp>
#include <tessera/io/from_arrays.hpp>
#include <tessera/ope/estimators.hpp>

using namespace tessera;

namespace {
// Two states, two actions, a decision each way: in state 0 action 1 pays 1 and ends, action 0 pays 0 and leads to
// state 1; there action 0 pays 2 and action 1 pays 4, and both end.  Eight episodes: 0-0, 0-0, 0-1, 0-1, and 1 four
// times.
Dataset decisions() {
  std::vector<float> s, r, after;
  std::vector<std::int64_t> a;
  std::vector<std::uint8_t> ended;
  const auto step = [&](int state, int action, float reward, int to) {
    for (int j = 0; j < 2; ++j) s.push_back(float(j == state)), after.push_back(to < 0 ? 0.5f : float(j == to));
    a.push_back(action), r.push_back(reward), ended.push_back(to < 0);
  };
  for (const int second : {0, 0, 1, 1}) step(0, 0, 0, 1), step(1, second, second == 0 ? 2.0f : 4.0f, -1);
  for (int i = 0; i < 4; ++i) step(0, 1, 1, -1);
  return dataset_from_arrays({.name = "decisions",
                              .observation_size = 2,
                              .action_size = 2,
                              .observations = s,
                              .next_observations = after,
                              .action_indices = a,
                              .rewards = r,
                              .terminals = ended});
}
// Goes on with probability 3/4, and then always takes action 1.
ope::TargetPolicy bold() {
  ope::TargetPolicy out{.discrete = true, .observation_size = 2, .action_size = 2};
  out.log_probabilities = [](const at::Tensor& x) {
    return x.matmul(at::tensor({0.75f, 0.25f, 0.0f, 1.0f}).view({2, 2})).log();
  };
  out.draws = true;
  return out;
}
}  // namespace

TEST_CASE("one-hot observations and discrete actions are numbered states", "[train][ope]") {
  const auto log = ope::finite_log(decisions());
  REQUIRE(log);
  CHECK(log->first == std::vector<std::int64_t>{0, 2, 4, 6, 8, 9, 10, 11});
  CHECK(log->steps[0].state == 0);
  CHECK(log->steps[0].next == 1);
  CHECK_FALSE(log->steps[0].ended);
  // What is observed after an end need be no state.
  CHECK(log->steps[1].state == 1);
  CHECK(log->steps[1].next == 2);
  CHECK(log->steps[1].ended);
  CHECK(log->steps[5].reward == 4);
  CHECK_FALSE(ope::finite_log(decisions(), 1));
  auto other = decisions();
  other.observations[0] = 0.9f;
  CHECK_FALSE(ope::finite_log(other));
}

TEST_CASE("a policy in all states", "[train][ope]") {
  const auto table = ope::policy_table(bold());
  CHECK(table.rows() == 3);
  CHECK(table(0, 0) == Approx(0.75));
  CHECK(table(1, 1) == Approx(1));
  CHECK(table(2, 0) == 0.5);
}

TEST_CASE("marginalized estimators on a data set of a finite problem", "[train][ope]") {
  // With a prior of one step (smoothed_model), in state 0, which was left by either action four times:
  //   action 0 leads to state 1 with 0.9 and ends for 1 with 0.1; action 1 likewise the other way round
  // and in state 1, left by either twice, for 3 on average: Q(1, 0) = 7/3, V(1) = Q(1, 1) = (2 * 4 + 3) / 3.
  //   Q(0, 0) = 0.9 * V(1) / 2 + 0.1 = 1.75,   Q(0, 1) = 0.9 + 0.1 * V(1) / 2 = 13/12,   V(0) = 19/12
  // b is 1/2 everywhere.  Visits of pi: 3/4 and 1/4 in state 0, 0 and (0.75 * 0.9 + 0.25 * 0.1) / 2 = 0.35 in state 1;
  // of b: 1/2 and 1/2, 1/8 and 1/8.
  const auto log = ope::finite_evaluation_log(*ope::finite_log(decisions()), bold(), 0.5);
  REQUIRE(log.weight.size() == 12);
  CHECK(log.weight[0] == Approx(1.5));
  CHECK(log.weight[1] == 0);
  CHECK(log.weight[5] == Approx(2.8));
  CHECK(log.weight[8] == Approx(0.5));
  // (2 * 2.8 * 4 / 2 + 4 * 0.5) / 8
  CHECK(ope::estimate("mis", log).value == Approx(1.65));
  // V(0) + (4 * 1.5 * (11/6 - 7/4) + 2 * 2.8 * (4 - 11/3) / 2 + 4 * 0.5 * (1 - 13/12)) / 8; the exact value is 1.75.
  CHECK(ope::estimate("mdr", log).value == Approx(19.0 / 12 + 19.0 / 120));
}
