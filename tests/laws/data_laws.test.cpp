#include <tessera/algorithms.hpp>
#include <tessera/data/action_chunks.hpp>
#include <tessera/data/chunk_transitions.hpp>
#include <tessera/data/fixed_policy_transitions.hpp>

#include "laws/data_laws.hpp"

using namespace tessera;
using laws::data_laws;
using laws::imagination_laws;

namespace {
constexpr auto plain = [](auto&) {};
// A source's hyper-parameters, with rewards in units of their own.
template <class D>
auto standardized() {
  typename D::params h;
  if constexpr (requires { h.units; }) h.units.reward = reward_transform::standardize;
  else h.reward = reward_transform::standardize;
  if constexpr (requires { h.fraction; }) h.fraction = 0.3;
  return h;
}
template <class D>
using Augmented = recipe<policy<GaussianPolicy>, actor<laws::idle_actor>, dynamics<GaussianEnsemble>, data<D>>;
template <class D>
using Following = recipes::MorelNpg::with<data<D>>;
constexpr auto a_quarter = [](auto& p) { p.data.real_ratio = 0.25; };
constexpr auto many_paths = [](auto& p) { p.data.rollouts = 300; };
}  // namespace

TEST_CASE("a data source chooses transitions of the data set, whose statistics it takes", "[data][laws]") {
  CHECK(data_laws<Offline>(standardized<Offline>()));
  CHECK(data_laws<OfflineAndOnline>(standardized<OfflineAndOnline>()));
  CHECK(data_laws<ModelAugmented>(standardized<ModelAugmented>()));
  CHECK(data_laws<ModelRollouts>(standardized<ModelRollouts>()));
  CHECK(data_laws<TopEpisodes>(standardized<TopEpisodes>()));
  CHECK(data_laws<ActionChunks>(standardized<ActionChunks>()));
  CHECK(data_laws<ChunkTransitions>(standardized<ChunkTransitions>()));
  CHECK(data_laws<FixedPolicyTransitions>(standardized<FixedPolicyTransitions>()));
}

TEST_CASE("logged transitions come before imagined ones, and are counted", "[data][laws]") {
  CHECK(imagination_laws<Augmented<ModelAugmented>>(a_quarter, 8));
  CHECK(imagination_laws<Following<ModelRollouts>>(many_paths, 0));
}

namespace {
struct Beyond : Offline {
  template <class Data, class Out>
  static void prepare(const params& h, const Data& data, Out& out) {
    Offline::prepare(h, data, out);
    out.transitions.push_back(data.size());
  }
};
struct Half : Offline {  // learns from a half, in the units of a single transition
  template <class Data, class Out>
  static void prepare(const params& h, const Data& data, Out& out) {
    Offline::prepare(h, data, out);
    const auto all = out.transitions;
    out.transitions.resize(std::size_t(data.size() / 2));
    out.normalizer = fit_normalizer(data, {all.begin(), all.begin() + 2}, h);
  }
};
struct Miscounted : ModelAugmented {
  template <class Replay, class State>
  static typename Replay::batch_type batch(const params& h, const Replay& replay, std::uint64_t seed,
                                           std::int64_t update, std::int64_t count, const State& own) {
    auto b = ModelAugmented::batch(h, replay, seed, update, count, own);
    b.logged -= 1;
    return b;
  }
};
struct Clipped : ModelRollouts {
  template <class Replay, class State>
  static typename Replay::batch_type batch(const params& h, const Replay& replay, std::uint64_t seed,
                                           std::int64_t update, std::int64_t count, const State& own) {
    auto b = ModelRollouts::batch(h, replay, seed, update, count, own);
    b.actions = b.actions.clamp(-1, 1);
    return b;
  }
};
}  // namespace

TEST_CASE("the laws of data find out who breaks them", "[data][laws]") {
  CHECK(data_laws<Beyond>(Offline::params{.standardize = false}).breaks("the transitions are the data set's"));
  CHECK(data_laws<Half>(standardized<Offline>()).breaks("statistics are of every chosen transition"));
  CHECK(imagination_laws<Augmented<Miscounted>>(a_quarter, 7).breaks("the batch knows the number of the logged"));
  CHECK(imagination_laws<Following<Clipped>>(many_paths, 0)
            .breaks("actions are the policy's at their states, unclipped"));
}
