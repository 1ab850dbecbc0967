// Of a part that wraps its like GCC and Clang say that its hyper-parameters are there twice: that is what is refused
// here.
#pragma GCC diagnostic ignored "-Winaccessible-base"
// Every wrapping part around every other, three deep: what is said to compose compiles and runs.
//
// Under the address sanitizer, without torch and without the rest of the tests:
//   g++ -std=c++20 -g -O1 -fsanitize=address,undefined -Iconcepts -Iinclude -Icompose -Itests tests/main.cpp
//       tests/compose/wrappers.test.cpp
#include <catch2/catch.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/algorithms.hpp>
#include <tessera/dynamics/true_dynamics.hpp>
#include <tessera/env/pendulum.hpp>

#include "archetypes/use.hpp"

using namespace tessera;

namespace {
// clang-format off
template <class U> using soft_maximum = Conservative<U>;
template <class U> using policy_prior = Conservative<U, PolicyPrior>;
template <class U> using greatest = Conservative<U, MaxAction>;
template <class U> using the_policy = Conservative<U, CurrentPolicy, NoPushUp>;
// clang-format on

template <template <class> class... Ws>
struct wrappers {
  static constexpr std::size_t count = sizeof...(Ws);
};
using OfCritics = wrappers<soft_maximum, policy_prior, greatest, the_policy, Diversified, LogBehaviorReward,
                           ValuePenalized, CloningPenalized, Lagrange>;

/// How many of a list of recipes compose, each of which is used; and how many there are.
struct Counted {
  int composable = 0, all = 0;
};
template <class R>
void use(Counted& n) {
  ++n.all;
  if constexpr (Composable<R>) {
    ++n.composable;
    archetypes::use<R>();
  }
}
/// A critic of recipe R in every wrapper, and that in every wrapper, so many times.
template <class R, class Critic, int depth, template <class> class... Ws>
void wrap_critic(Counted& n, wrappers<Ws...> all) {
  if constexpr (depth > 0) {
    (use<typename R::template with<critic<Ws<Critic>>>>(n), ...);
    (wrap_critic<R, Ws<Critic>, depth - 1>(n, all), ...);
  }
}
template <class R, class Critic, int depth>
Counted wrapped() {
  Counted n;
  wrap_critic<R, Critic, depth>(n, OfCritics{});
  return n;
}

// A recipe in which a wrapper has what it may need of other slots: a density of the behavior, a divergence, a fixed
// temperature.
using Rich = recipe<policy<TanhGaussianPolicy>, critic<PolicyBackup>, actor<FixedTemperatureMaximizeQ>,
                    constraint<ReverseKl>, behavior<Density<TanhGaussianPolicy>>>;
using DiscreteRich = Rich::with<policy<CategoricalPolicy>, behavior<Density<CategoricalPolicy>>>;

template <class R, class... Edits>
inline constexpr bool legal = Composable<typename R::template with<Edits...>>;
}  // namespace

TEST_CASE("critics' wrappers stack three deep", "[compose][wrappers]") {
  const auto n = wrapped<Rich, PolicyBackup, 3>();
  CHECK(n.all == 9 + 9 * 9 + 9 * 9 * 9);
  CHECK(n.composable > 40);
}

TEST_CASE("critics' wrappers stack around a soft target, an in-sample one, one of a list of actions",
          "[compose][wrappers]") {
  CHECK(wrapped<Rich, SoftBackup, 2>().composable > 20);
  CHECK(wrapped<Rich::with<value<Expectile>>, ValueBackup, 2>().composable > 10);
  CHECK(wrapped<DiscreteRich, SoftBackup, 2>().composable > 10);
}

TEST_CASE("a multiplier holds each constraint that has a weight", "[compose][wrappers]") {
  Counted n;
  const auto each = [&]<class... Cs>(list_of<Cs...>) {
    (use<typename Rich::template with<constraint<Lagrange<Cs>>>>(n), ...);
    (use<typename Rich::template with<constraint<Lagrange<Cs>>, critic<ValuePenalized<PolicyBackup>>>>(n), ...);
    (use<typename Rich::template with<constraint<Lagrange<Cs>>, critic<Lagrange<Conservative<PolicyBackup>>>>>(n), ...);
  };
  each(list_of<ForwardKl, SquaredError, SummedSquaredError, ReverseKl, Mmd<LaplacianKernel>, Mmd<GaussianKernel>,
               DualKl>{});
  CHECK(n.composable == n.all);
  CHECK(n.all == 21);
  static_assert(!legal<Rich, constraint<Lagrange<Lagrange<ReverseKl>>>>, "two multipliers of one penalty");
}

TEST_CASE("a model that learns on stands beside critics' wrappers", "[compose][wrappers]") {
  using recipes::Rambo;
  Counted n;
  use<Rambo>(n);
  use<Rambo::with<critic<Conservative<SoftBackup>>>>(n);
  use<Rambo::with<critic<Lagrange<Conservative<Diversified<SoftBackup>>>>>>(n);
  use<Rambo::with<critic<Conservative<SoftBackup, LogSumExp, PushUp, ImaginedStates>>>>(n);
  use<Rambo::with<uncertainty<SoftPenalty<MaxStd>>>>(n);
  CHECK(n.composable == n.all);
  static_assert(!legal<Rambo, dynamics<Adversarial<Adversarial<GaussianEnsemble>>>> &&
                !legal<Rambo, dynamics<Adversarial<TrueDynamics<Pendulum>>>>);
}

namespace {
/// A wrapper as a program writes it, that adds one term.
template <class Update, int i>
struct Extra : Update {
  using needs = typename Update::needs;
  static constexpr bool adds_penalty = true;
  template <class Step>
  static terms<typename Step::tensor> loss(const typename Update::params& h, Step& step) {
    auto sum = Update::loss(h, step);
    return sum.add("critic/extra", step.q(now, logged_action).sum());
  }
};
struct Five : recipes::Cql::with<critic<Extra<Extra<Extra<Conservative<SoftBackup>, 1>, 2>, 3>>> {};
}  // namespace

TEST_CASE("a loss has as many terms as its wrappers add", "[compose][wrappers]") {
  learner<Five, archetypes::SymbolicBackend> agent{archetypes::small_problem(), {}};
  agent.update(archetypes::symbolic_batch());
  std::vector<std::string> names;
  for (const auto& m : agent.metrics())
    if (std::string(m.name).starts_with("critic/")) names.emplace_back(m.name);
  CHECK(names ==
        std::vector<std::string>{"critic/td", "critic/conservative", "critic/extra", "critic/extra", "critic/extra"});
}
