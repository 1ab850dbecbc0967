#include <tessera/algorithms/combo.hpp>
#include <tessera/algorithms/cql.hpp>
#include <tessera/algorithms/mobile.hpp>
#include <tessera/algorithms/mopo.hpp>
#include <tessera/algorithms/morel.hpp>
#include <tessera/algorithms/rambo.hpp>
#include <tessera/algorithms/sac.hpp>
#include <tessera/algorithms/sac_n.hpp>

#include <catch2/catch.hpp>

using namespace tessera;

namespace {
template <class R, class Schedule>
constexpr bool ordered = std::is_same_v<typename R::template get<schedule>, Schedule>;
}  // namespace

TEST_CASE("algorithms on soft actor-critic have the settings of their authors' programs",
          "[compose][recipe]") {
  const params_of<recipes::Sac> sac;
  CHECK(
      (sac.critic.entropy && sac.actor.adam.learning_rate == 3e-4 && sac.policy.adam.learning_rate == 3e-4));

  // The temperature learns as fast as the policy.
  const auto slow = [](const auto& p) {
    CHECK(p.policy.adam.learning_rate == 1e-4);
    CHECK(p.actor.adam.learning_rate == 1e-4);
    CHECK(p.critic.adam.learning_rate == 3e-4);
  };
  slow(params_of<recipes::Cql>{}), slow(params_of<recipes::CqlLagrange>{}),
      slow(params_of<recipes::CqlLowerBound>{}), slow(params_of<recipes::Combo>{});
  slow(params_of<recipes::Mopo>{}), slow(params_of<recipes::Morel>{}), slow(params_of<recipes::Mobile>{}),
      slow(params_of<recipes::Rambo>{});

  // Who backs the entropy up.
  CHECK((params_of<recipes::Mopo>{}.critic.entropy && params_of<recipes::MopoDisagreement>{}.critic.entropy));
  CHECK((params_of<recipes::Morel>{}.critic.entropy && params_of<recipes::Rambo>{}.critic.entropy));
  CHECK((params_of<recipes::SacN>{}.critic.entropy && params_of<recipes::Edac>{}.critic.entropy));
  CHECK_FALSE((params_of<recipes::Cql>{}.critic.entropy || params_of<recipes::CqlLagrange>{}.critic.entropy));
  CHECK_FALSE((params_of<recipes::Combo>{}.critic.entropy || params_of<recipes::Mobile>{}.critic.entropy));

  // Who standardises observations.
  CHECK((sac.data.standardize && params_of<recipes::Rambo>{}.data.standardize));
  CHECK_FALSE((params_of<recipes::SacN>{}.data.standardize || params_of<recipes::Edac>{}.data.standardize));
  CHECK_FALSE(
      (params_of<recipes::Cql>{}.data.standardize || params_of<recipes::CqlLagrange>{}.data.standardize));
  CHECK_FALSE(
      (params_of<recipes::CqlLowerBound>{}.data.standardize || params_of<recipes::Combo>{}.data.standardize));
  CHECK_FALSE((params_of<recipes::Mopo>{}.data.standardize || params_of<recipes::Morel>{}.data.standardize ||
               params_of<recipes::Mobile>{}.data.standardize));

  // Who begins how.
  const auto biased = [](const auto& p) {
    CHECK((p.policy.net.init == initialization::biased && p.policy.net.last_bound == 1e-3));
    CHECK((p.critic.net.init == initialization::biased && p.critic.net.last_bound == 3e-3));
  };
  biased(params_of<recipes::SacN>{}), biased(params_of<recipes::Edac>{}), biased(params_of<recipes::Cql>{}),
      biased(params_of<recipes::CqlLagrange>{});
  CHECK((params_of<recipes::Combo>{}.critic.net.init == initialization::kaiming_uniform &&
         params_of<recipes::Combo>{}.policy.net.last_bound == 0));

  CHECK((params_of<recipes::CqlLagrange>{}.critic.target == 5 &&
         params_of<recipes::CqlLagrange>{}.critic.weight == 1));
  CHECK(params_of<recipes::Cql>{}.critic.weight == 5);
  CHECK((params_of<recipes::Mobile>{}.actor.max_temperature == 1 &&
         params_of<recipes::Mopo>{}.actor.max_temperature == 0));
  CHECK((params_of<recipes::Mobile>{}.policy.adam.cosine_steps == of_the_run &&
         params_of<recipes::Mopo>{}.policy.adam.cosine_steps == 0));
  CHECK((params_of<recipes::Mobile>{}.data.real_ratio == 0.05 &&
         params_of<recipes::Combo>{}.data.real_ratio == 0.5));
}

TEST_CASE("algorithms on soft actor-critic have the orders of their authors' programs", "[compose][recipe]") {
  CHECK((ordered<recipes::Sac, CriticFirst> && ordered<recipes::Mopo, CriticFirst> &&
         ordered<recipes::Mobile, CriticFirst> && ordered<recipes::Rambo, CriticFirst>));
  CHECK((ordered<recipes::SacN, TemperatureFirst> && ordered<recipes::Edac, TemperatureFirst>));
  CHECK((ordered<recipes::Cql, AllAtOnce> && ordered<recipes::CqlLagrange, AllAtOnce> &&
         ordered<recipes::CqlLowerBound, AllAtOnce>));
  CHECK((ordered<recipes::Combo, ActorThenTemperature> && ordered<recipes::DiscreteCql, CriticFirst>));
}
