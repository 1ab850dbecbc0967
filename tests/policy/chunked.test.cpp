#include <tessera/policy/chunked.hpp>

#include <tessera/actor/match_flow.hpp>
#include <tessera/data/chunk_transitions.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/policy/one_step.hpp>
#include <tessera/select/sample.hpp>

#include "helpers/fixed_step.hpp"
#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

namespace {
using Flow = Chunked<FlowPolicy>;
using Cloning = recipe<policy<Flow>, actor<MatchFlow>, tessera::data<ChunkTransitions>, tessera::select<Sample>>;

struct ChunkStep : FixedStep<FlowPolicy> {
  tensor valid;
  template <class C>
  const tensor& column() const {
    return valid;
  }
};
struct Pending {
  buffer<at::Tensor> pending;
};
}  // namespace

TEST_CASE("a flow of chunks is fitted to the actions before an episode's end, by hand", "[policy]") {
  // Of noise 0 to actions (1, 2), (3, 4) at t = 1/2, by a field that is 1 everywhere: squared errors 0, 1, 4, 9.
  ChunkStep step;
  const auto a = matrix(2, 4, {1, 2, 3, 4, 1, 2, 3, 4});
  step.noise = {at::zeros({2, 4}, at::kDouble), at::full({2, 1}, 0.5, at::kDouble)};
  step.valid = matrix(2, 2, {1, 1, 1, 0});
  const auto field = [&](const at::Tensor& x, const at::Tensor&) {
    CHECK(close(x, 0.5 * a));
    return at::ones_like(x);
  };
  CHECK(close(Flow::matching_error(FlowParams{}, field, a, step), row({14 / 4.0, 1 / 4.0})));
}

TEST_CASE("chunks are done open-loop, each row with its own, by hand", "[policy]") {
  // Two copies, chunks of three actions of two numbers.  A fresh chunk is told by its hundreds.
  const auto fresh = [](double k) { return matrix(2, 6, {0, 1, 10, 11, 20, 21, 5, 6, 15, 16, 25, 26}) + 100 * k; };
  Pending own{{at::zeros({0, 7}, at::kDouble)}};
  const auto next_of = [&](double k) { return Flow::next_actions<torch_backend>(own, fresh(k), 2).to(at::kDouble); };
  Flow::drop(own, 1);  // of nothing
  CHECK(close(next_of(0), matrix(2, 2, {0, 1, 5, 6})));
  CHECK(close(next_of(1), matrix(2, 2, {10, 11, 15, 16})));
  Flow::drop(own, 1);  // the second copy's episode has ended
  CHECK(close(next_of(2), matrix(2, 2, {20, 21, 205, 206})));
  CHECK(close(next_of(3), matrix(2, 2, {300, 301, 215, 216})));
  CHECK(own.pending.value.sizes() == at::IntArrayRef({2, 7}));
  CHECK(close(own.pending.value.select(1, 0), row({2, 1})));  // left of each
  CHECK(close(next_of(4), matrix(2, 2, {310, 311, 225, 226})));
  CHECK(close(next_of(5), matrix(2, 2, {320, 321, 505, 506})));
  // Of another number of copies nothing is known.
  const auto one = Flow::next_actions<torch_backend>(own, fresh(6).narrow(0, 0, 1), 2);
  CHECK(close(one, matrix(1, 2, {600, 601})));
}

TEST_CASE("a policy of chunks acts in a task's actions", "[policy]") {
  auto p = laws::small<Cloning>();
  p.data.steps = 4, p.policy.steps = 3;
  auto agent = laws::fresh<Cloning>(p);
  const auto s = at::randn({6, 3});
  const auto chunk = agent.act_chunk(s, 5);
  CHECK(agent.actions_at_once() == 4);
  CHECK(chunk.sizes() == at::IntArrayRef({6, 4, 2}));
  CHECK(at::equal(agent.act(s, 5), chunk.select(1, 0)));
  CHECK_FALSE(at::equal(agent.act_chunk(s, 6), chunk));
  CHECK(agent.problem().action_size == 2);
  CHECK(agent.act(std::vector<float>{0.1f, 0.2f, 0.3f}).size() == 2);
  // Explored is a chunk for four steps, whatever is seen meanwhile; then another.
  std::vector<at::Tensor> seen;
  for (int t = 0; t < 5; ++t) seen.push_back(agent.explore(s, 40, 0));
  CHECK_FALSE(at::equal(seen[1], seen[0]));
  CHECK(at::equal(seen[4], seen[0]));
  agent.begin_episode(2);
  const auto restarted = agent.explore(s, 40, 0);
  CHECK(at::equal(restarted[2], seen[0][2]));
  CHECK(at::equal(restarted[3], seen[1][3]));
}
