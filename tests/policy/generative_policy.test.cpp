#include <tessera/policy/generative_policy.hpp>

#include <tessera/actor/match_flow.hpp>
#include <tessera/actor/match_noise.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/policy/diffusion.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/select/best_of.hpp>
#include <tessera/select/sample.hpp>

#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

namespace {
/// What it makes of noise is the noise and what the network says of it at t = 1/2 and 0.7, doubled.
struct Doubled : GenerativePolicy {
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    double average = 0;

    static constexpr doc docs[] = {{"net", "of [s, x, t]"}, {"adam", "its optimizer"}, {"average", "a rate"}};
  };
  static constexpr bool flows = true, of_noise_alone = true;

  template <class F, class T>
  static T generate(const params&, const F& f, const T& noise, const auto& /*redraw*/) {
    return noise + 2 * (f(noise, 0.5) + f(noise, T(full_like(noise.narrow(-1, 0, 1), 0.7))));
  }
  template <class F, class Step, class T = typename Step::tensor>
  static T matching_error(const params&, const F& f, const T& action, Step&) {
    return f(action, 0.25).square().sum(-1);
  }
};
static_assert(FlowsToAction<Doubled> && LatentConditioned<Doubled> && !ReparameterizedPolicy<Doubled>);
static_assert(ReparameterizedPolicy<BackpropThroughSteps<Doubled>>);

template <class P>
using Cloned = recipe<policy<P>, actor<MatchFlow>, tessera::select<Sample>>;
/// Its critic looks the policy's slowly moving copy up.
template <class P>
using Followed = recipe<policy<P>, critic<TargetPolicyBackup>, actor<MatchFlow>, tessera::select<Sample>>;
}  // namespace

TEST_CASE("a generative policy is what it makes of its network, for one action and for many", "[policy]") {
  using R = Cloned<Doubled>;
  laws::workbench<R> bench(laws::small<R>());
  const auto b = laws::some_batch<R>(1, 6);
  bench.with_step(b, [&](auto& s) {
    at::NoGradGuard guard;
    const auto by_hand = [&](const at::Tensor& states, const at::Tensor& z) {
      const auto f = [&](double t) {
        return s.policy_network().fixed(states, at::cat({z, at::full({z.size(0), 1}, t)}, 1)).out;
      };
      return z + 2 * (f(0.5) + f(0.7));
    };
    const auto z = at::randn({6, 2}), many = at::randn({6, 4, 2});
    CHECK(close(s.pi(now).sample(z), by_hand(b.observations, z), 1e-5));
    CHECK(close(s.pi(next).sample(z), by_hand(b.next_observations, z), 1e-5));
    const auto states = at::randn({6, 3});
    CHECK(close(s.pi(states).sample(z), by_hand(states, z), 1e-5));
    CHECK(close(s.pi(states, as::fixed).sample(z), by_hand(states, z), 1e-5));
    const auto actions = s.pi(now).sample(many);
    REQUIRE(actions.sizes() == at::IntArrayRef({6, 4, 2}));
    for (int k = 0; k < 4; ++k)
      CHECK(close(actions.select(1, k), by_hand(b.observations, many.select(1, k).contiguous()), 1e-5));
    // What is drawn is what it makes of the step's noise, of an action's shape, and each time of other noise.
    CHECK(s.pi(now).sample().sizes() == at::IntArrayRef({6, 2}));
    CHECK(s.pi(now).samples(3).sizes() == at::IntArrayRef({6, 3, 2}));
    CHECK_FALSE(close(s.pi(now).sample(), s.pi(now).sample()));
  });
  // Equal steps draw equal noise; of one action a state, `samples` draws what `sample` does.
  const auto of_step = [&](auto f) { return bench.with_step(b, [&](auto& s) { return at::Tensor(f(s.pi(now))); }); };
  const auto sample = of_step([](const auto& pi) { return pi.sample(); });
  CHECK(at::equal(sample, of_step([](const auto& pi) { return pi.sample(); })));
  CHECK(close(sample, of_step([](const auto& pi) { return pi.samples(1).squeeze(1); }), 1e-6));
}

TEST_CASE("a generative policy's gradients reach its network alone, and its actions have none", "[policy]") {
  using R = Cloned<Doubled>;
  laws::workbench<R> bench(laws::small<R>());
  const auto b = laws::some_batch<R>(1, 6);
  bench.with_step(b, [&](auto& s) {
    const auto z = at::randn({6, 2});
    CHECK_FALSE(s.pi(now).sample(z).requires_grad());
    CHECK_FALSE(s.pi(now).samples(2).requires_grad());
    CHECK(s.pi(now).velocity(z, at::zeros({6, 1})).requires_grad());
    CHECK(s.pi(now).matching_error(z).requires_grad());
  });
  using Open = Cloned<BackpropThroughSteps<Doubled>>;
  params_of<Open> p;
  p.policy.net.hidden = {16};
  laws::workbench<Open> open(p);
  open.with_step(b, [&](auto& s) {
    const auto z = at::randn({6, 2});
    CHECK(s.pi(now).sample(z).requires_grad());
    CHECK(s.pi(now).samples(2).requires_grad());
    CHECK_FALSE(s.pi(next).sample(z).requires_grad());
    CHECK_FALSE(s.pi(now, as::fixed).sample(z).requires_grad());
  });
}

TEST_CASE("a generative policy's copy follows at its own rate, or at the critic's, or there is none", "[policy]") {
  using R = Followed<FlowPolicy>;
  for (const double average : {0.0, 0.25}) {
    auto p = laws::small<R>();
    p.policy.average = average, p.policy.steps = 2, p.critic.polyak = 0.5;
    laws::workbench<R> bench(p);
    const auto b = laws::some_batch<R>(1, 32);
    const auto z = at::randn({32, 2});
    const auto acted = [&](auto f) { return bench.with_step(b, [&](auto& s) { return at::Tensor(f(s).sample(z)); }); };
    const auto of_target = [](auto& s) { return s.pi(now, as::target); };
    const auto first = acted(of_target), before = bench.all().at("policy/parameters");
    CHECK(close(first, acted([](auto& s) { return s.pi(now); }), 1e-6));  // they begin as one
    bench.with_step(b, [](auto& s) { s.run(stage::actor{}); });
    const auto moved = bench.all().at("policy/parameters");
    CHECK_FALSE(at::equal(moved, before));
    CHECK(close(acted(of_target), first, 1e-6));  // not yet
    // With an average of its own that is what acts; else the parameters themselves.
    CHECK(close(acted([](auto& s) { return s.pi(now); }), first, 1e-6) == (average > 0));
    bench.with_step(b, [](auto& s) { s.run(stage::targets{}); });
    const double rate = average > 0 ? average : 0.5;
    CHECK(close(bench.all().at("policy/target"), rate * moved + (1 - rate) * before, 1e-6));
    CHECK_FALSE(close(acted(of_target), first, 1e-6));
  }
  auto p = laws::small<Cloned<FlowPolicy>>();
  p.policy.average = 0;
  laws::workbench<Cloned<FlowPolicy>> alone(p);
  CHECK(alone.all().count("policy/target") == 0);
}

TEST_CASE("the best of one action of a flow, or of a diffusion, is its sample", "[policy][select]") {
  const auto check = [&]<class P, class A>(P, A) {
    using One = recipe<policy<P>, critic<PolicyBackup>, actor<A>, tessera::select<BestOf>>;
    using Plain = typename One::template with<tessera::select<Sample>>;
    auto p = laws::small<One>();
    p.select.samples = 1;
    auto best = laws::fresh<One>(p);
    auto plain = laws::fresh<Plain>(laws::small<Plain>());
    laws::give(plain, laws::numbers_of(best));
    const auto x = at::randn({40, 3});
    for (const std::int64_t key : {0, 1, 7}) CHECK(close(best.act(x, key), plain.act(x, key), 1e-6));
    CHECK_FALSE(close(best.act(x, 1), best.act(x, 2), 1e-6));
  };
  check(FlowPolicy{}, MatchFlow{});
  check(DiffusionPolicy{}, MatchNoise{});
}
