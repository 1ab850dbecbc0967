#include <tessera/compose/recipe.hpp>

#include <catch2/catch.hpp>
#include <tessera/algorithms.hpp>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>
#include <tessera/select/greedy.hpp>
#include <tessera/select/sample.hpp>
#include <tessera/value/quantile.hpp>
#include <tuple>
#include <utility>

#include "archetypes/models.hpp"
#include "archetypes/use.hpp"

using namespace tessera;
template <class A, class B>
constexpr bool same = std::is_same_v<A, B>;

// What is in a recipe.
static_assert(same<recipes::Iql::get<policy>, GaussianPolicy>);
static_assert(same<recipes::Iql::get<critic>, ValueBackup>);
static_assert(same<recipes::Iql::get<constraint>, void>, "an empty slot holds nothing");
static_assert(same<recipes::Bc::get<tessera::select>, Mode>, "unless it has a neutral part");
static_assert(same<recipes::Bc::get<tessera::data>, Offline>);
static_assert(same<recipes::Bc::get<schedule>, CriticFirst>);
static_assert(same<recipes::Iql::get<schedule>, ValueFirst>);
static_assert(recipes::Iql::count<policy> == 1 && recipes::Iql::count<constraint> == 0);
static_assert(recipe<policy<GaussianPolicy>, policy<TanhGaussianPolicy>>::count<policy> == 2);

// `with` refills a slot where it stands, ...
static_assert(
    same<recipes::Bc::with<policy<TanhGaussianPolicy>>, recipe<policy<TanhGaussianPolicy>, actor<BehaviorCloning>>>);
// ... adds those that are not there, in the order of the edits, ...
static_assert(
    same<recipes::Bc::with<tessera::select<Sample>, constraint<ForwardKl>>,
         recipe<policy<GaussianPolicy>, actor<BehaviorCloning>, tessera::select<Sample>, constraint<ForwardKl>>>);
// ... does both at once, ...
static_assert(same<recipes::Bc::with<constraint<ForwardKl>, policy<TanhGaussianPolicy>>,
                   recipe<policy<TanhGaussianPolicy>, actor<BehaviorCloning>, constraint<ForwardKl>>>);
// ... takes the last of two edits of a slot, whether the recipe has it or not, ...
static_assert(same<recipes::Bc::with<policy<TanhGaussianPolicy>, policy<CategoricalPolicy>>,
                   recipe<policy<CategoricalPolicy>, actor<BehaviorCloning>>>);
static_assert(same<recipes::Bc::with<constraint<ForwardKl>, constraint<SquaredError>>,
                   recipe<policy<GaussianPolicy>, actor<BehaviorCloning>, constraint<SquaredError>>>);
// ... changes nothing when there is nothing to change, and can be repeated.
static_assert(same<recipes::Bc::with<>, recipes::Bc::slots>);
static_assert(same<recipes::Bc::with<policy<TanhGaussianPolicy>>::with<policy<GaussianPolicy>>, recipes::Bc::slots>);
static_assert(
    same<recipes::Bc::completed, recipe<policy<GaussianPolicy>, actor<BehaviorCloning>, tessera::data<Offline>,
                                        tessera::select<Mode>, schedule<CriticFirst>>>);

// Everything published composes (tests/compose/all_recipes.test.cpp), ...
static_assert(UsesTargetPolicy<recipes::Crr::get<critic>> && UsesTargetPolicy<recipes::CrrBinary::get<critic>>);
static_assert(Composable<recipes::Xql::with<actor<BoltzmannWeighted>>>);
// ... so do their usual relatives ...
static_assert(Composable<recipes::Sac::with<policy<GaussianPolicy>>>);
static_assert(Composable<recipes::Td3::with<policy<GaussianPolicy>>>);
static_assert(Composable<recipes::Iql::with<value<Quantile>>>);
static_assert(Composable<recipes::Iql::with<value<PolicyMean>>>);
static_assert(Composable<recipes::DiscreteIql::with<tessera::select<Greedy>>>);
static_assert(Composable<recipes::Awac::with<constraint<ForwardKl>>>);
// ... and these do not, each for the reason given.
static_assert(!Composable<recipes::Td3Bc::with<constraint<ForwardKl>>>, "a deterministic policy has no density");
static_assert(!Composable<recipes::DiscreteBc::with<constraint<SquaredError>>>, "there is no distance between indices");
static_assert(!Composable<recipes::Bc::with<value<Expectile>>>, "a value of what");
static_assert(!Composable<recipes::Eql::with<value<Expectile>>>, "an expectile has no temperature");
static_assert(!Composable<recipes::Bc::with<actor<MaximizeQ>>>, "no Q to maximize");
static_assert(!Composable<recipes::DiscreteAwac::with<actor<MaximizeQ>>>, "an index has no gradient");
static_assert(!Composable<recipe<policy<GaussianPolicy>>>, "nothing trains it");
static_assert(!Composable<recipe<>>);

namespace {
template <class R, class... Edits>
struct join {
  using type = R;
};
template <class R, template <class> class S, class C, class... Edits>
struct join<R, S<C>, Edits...> : join<typename R::template with<S<C>>, Edits...> {};
template <class R, template <class> class S, class... Edits>
struct join<R, S<void>, Edits...> : join<R, Edits...> {};

template <class... Parts>
struct list {
  static constexpr std::size_t size = sizeof...(Parts);
  template <std::size_t i>
  using at = std::tuple_element_t<i, std::tuple<Parts...>>;
};
using Policies =
    list<GaussianPolicy, StateDependentGaussianPolicy, TanhGaussianPolicy, DeterministicPolicy, CategoricalPolicy>;
using Critics = list<void, PolicyBackup, SmoothedPolicyBackup, SoftBackup, ValueBackup>;
using Values = list<void, Expectile, Quantile, PolicyMean>;
using Actors = list<BehaviorCloning, AdvantageWeighted, SoftmaxAdvantageWeighted, MaximizeQ, SoftMaximizeQ>;
using Constraints = list<void, ForwardKl, SquaredError>;
constexpr std::size_t combinations = Policies::size * Critics::size * Values::size * Actors::size * Constraints::size;

/// Combination i, its digits read from the last slot to the first.
template <std::size_t i>
struct combination {
  static constexpr std::size_t c = i % Constraints::size, rest_c = i / Constraints::size;
  static constexpr std::size_t a = rest_c % Actors::size, rest_a = rest_c / Actors::size;
  static constexpr std::size_t v = rest_a % Values::size, rest_v = rest_a / Values::size;
  static constexpr std::size_t q = rest_v % Critics::size, p = rest_v / Critics::size;
  using type = typename join<recipe<policy<Policies::at<p>>, actor<Actors::at<a>>>, critic<Critics::at<q>>,
                             value<Values::at<v>>, constraint<Constraints::at<c>>>::type;
};

template <std::size_t first, std::size_t... i>
constexpr std::size_t count_composable(std::index_sequence<i...>) {
  std::size_t sum = 0;  // not a fold: compilers bound how deep one may nest
  for (bool composes : {Composable<typename combination<first + i>::type>...}) sum += std::size_t(composes);
  return sum;
}
constexpr std::size_t of_one_policy = combinations / Policies::size;
template <std::size_t policy_index>
constexpr std::size_t composable =
    count_composable<policy_index * of_one_policy>(std::make_index_sequence<of_one_policy>{});

// A Gaussian policy has a density and a reparameterized sample.  Triples of critic, value and actor:
//   no critic: no value either, so only cloning                                               1
//   PolicyBackup, SmoothedPolicyBackup: without a value cloning and the two maximizers (3),
//     with one of three values all five actors (15)                                        2 * 18
//   SoftBackup: the actor must be SoftMaximizeQ; any value or none                            4
//   ValueBackup: one of three values, five actors                                            15
// in all 56, each with any of three constraints (or none): 168.
static_assert(composable<0> == 168 && composable<1> == 168 && composable<2> == 168);
// A deterministic policy has no density: MaximizeQ is its only actor, and it needs a critic.
//   PolicyBackup, SmoothedPolicyBackup: any value or none 4 + 4; ValueBackup 3; in all 11; without or with
//   SquaredError: 22.
static_assert(composable<3> == 22);
// A categorical policy has a density and no pathwise gradient.
//   no critic: cloning 1; PolicyBackup: cloning, or three values with three actors 1 + 9;
//   ValueBackup: 9; SoftBackup: the temperature is that of a continuous actor, 0; in all 20; without or with ForwardKl:
//       40.
static_assert(composable<4> == 40);

template <std::size_t i>
std::size_t use_composable() {
  using R = typename combination<i>::type;
  if constexpr (Composable<R>) archetypes::use<R>();
  return std::size_t(Composable<R>);
}
template <std::size_t... i>
std::size_t use_every_seventeenth(std::index_sequence<i...>) {
  return (0 + ... + use_composable<17 * i>());
}
}  // namespace

TEST_CASE("what is said to compose compiles and runs", "[compose]") {
  // 17 shares no factor with the numbers of parts, so every part comes with many others.
  CHECK(use_every_seventeenth(std::make_index_sequence<combinations / 17>{}) > 20);
}

namespace {
struct BoldDefaults : no_parameters<role::default_values> {
  static constexpr void on(AdvantageWeighted::params& h) { h.beta = 7; }
  static constexpr void on(SoftmaxAdvantageWeighted::params& h) { h.beta = 8; }
};
struct Bold : recipes::Awac::with<actor<AdvantageWeighted>, defaults<BoldDefaults>> {};
}  // namespace

TEST_CASE("a recipe's hyper-parameters stand under their slot's name", "[compose]") {
  params_of<recipes::Iql> p;
  CHECK(p.actor.beta == 3.0);
  CHECK(p.value.tau == 0.7);
  CHECK(p.critic.members == 2);
  p.value.tau = 0.9;
  const auto copy = p;
  CHECK(copy.value.tau == 0.9);
  CHECK(same<decltype(p.actor), AdvantageWeighted::params>);
  CHECK(same<decltype(p.data), OfflineParams>);  // a neutral part has parameters, too
}

TEST_CASE("an algorithm's defaults reach its parts, and leave with them", "[compose]") {
  CHECK(params_of<Bold>{}.actor.beta == 7);
  CHECK(params_of<Bold::with<actor<SoftmaxAdvantageWeighted>>>{}.actor.beta == 8);    // they know this part, too
  CHECK(params_of<recipes::Awac::with<actor<AdvantageWeighted>>>{}.actor.beta == 3);  // the part's own

  const params_of<recipes::Iql> iql;
  CHECK(iql.policy.adam.cosine_steps == of_the_run);
  CHECK_FALSE(iql.data.standardize);
  // Another value: its own defaults; the rest stays.
  const params_of<recipes::Iql::with<value<PolicyMean>>> mean;
  CHECK(mean.value.samples == 1);
  CHECK(mean.policy.adam.cosine_steps == of_the_run);
  // Without the table, every part is at its own.
  const params_of<recipes::Iql::with<defaults<archetypes::MinimalDefaults>>> plain;
  CHECK(plain.policy.adam.cosine_steps == 0);
  CHECK(plain.data.standardize);

  const params_of<recipes::Xql> xql;  // its own table extends IQL's
  CHECK((xql.critic.huber == 20 && xql.critic.net.init == initialization::orthogonal &&
         xql.policy.adam.cosine_steps == of_the_run));
  CHECK(
      (xql.value.beta == 2 && xql.value.max_z == 7 && xql.value.net.layer_norm && xql.value.net.norm_epsilon == 1e-6));
  CHECK(params_of<recipes::Sql>{}.value.net.norm_epsilon == 1e-6);
  const params_of<recipes::InAc> in_ac;
  CHECK((in_ac.policy.log_std_min == -6 && in_ac.policy.log_std_max == 0 && in_ac.behavior.model.log_std_min == -6));
  CHECK((in_ac.behavior.pretrain_updates == 0 && in_ac.behavior.keep_training && !in_ac.data.standardize &&
         in_ac.actor.temperature == 0.1));
  CHECK((params_of<recipes::DiscreteInAc>{}.behavior.pretrain_updates == 0));
  const params_of<recipes::Eql> eql;
  CHECK(
      (eql.value.alpha == 2 && eql.value.max_z == 5 && eql.value.net.layer_norm && eql.value.net.norm_epsilon == 1e-6));
  CHECK((eql.actor.sharpness == 10 && eql.actor.max_weight == 100));
  CHECK(params_of<recipes::DiscreteIql>{}.policy.adam.cosine_steps == 0);

  CHECK(params_of<recipes::Td3>{}.schedule.actor == 2);
  CHECK(params_of<recipes::Td3>{}.actor.normalize == false);
  CHECK(params_of<recipes::Td3Bc>{}.schedule.targets == 2);  // its own table extends TD3's
  CHECK(params_of<recipes::Td3Bc>{}.actor.alpha == 2.5);
  CHECK(params_of<recipes::Td3Bc>{}.actor.normalize);
  CHECK(params_of<recipes::Sac>{}.schedule.actor == 1);
}
