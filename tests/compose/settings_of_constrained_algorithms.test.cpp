#include <tessera/algorithms/bear.hpp>
#include <tessera/algorithms/brac.hpp>
#include <tessera/algorithms/discrete_bcq.hpp>
#include <tessera/algorithms/discrete_cql.hpp>
#include <tessera/algorithms/re_brac.hpp>

#include <catch2/catch.hpp>

using namespace tessera;
using widths = std::vector<std::int64_t>;

// What an algorithm starts with is what its authors' programs start with; where it is not, the recipe says so.

TEST_CASE("ReBRAC's settings are its authors'", "[compose][settings]") {
  const params_of<recipes::ReBrac> p;
  for (const auto* net : {&p.policy.net, &p.critic.net}) {
    CHECK(net->hidden == widths{256, 256, 256});
    CHECK((net->norm_last && net->norm_epsilon == 1e-6 && net->init == initialization::biased));
  }
  CHECK((p.critic.net.layer_norm && !p.policy.net.layer_norm));
  CHECK((p.critic.net.last_bound == 3e-3 && p.policy.net.last_bound == 1e-3));
  CHECK((p.critic.adam.learning_rate == 1e-3 && p.policy.adam.learning_rate == 1e-3));
  CHECK((p.critic.smoothing == 0.2 && p.critic.smoothing_clip == 0.5 && p.schedule.actor == 2 && p.schedule.targets == 2));
  CHECK((p.actor.normalize && p.actor.alpha == 1 && !p.data.standardize));
}

TEST_CASE("BEAR's settings are its authors'", "[compose][settings]") {
  const params_of<recipes::Bear> p;
  CHECK((p.policy.net.hidden == widths{400, 300} && p.critic.net.hidden == widths{400, 300}));
  CHECK((p.behavior.encoder.hidden == widths{750, 750} && p.behavior.decoder.hidden == widths{750, 750}));
  CHECK((p.policy.adam.learning_rate == 1e-3 && p.critic.adam.learning_rate == 1e-3 && p.behavior.adam.learning_rate == 1e-3));
  CHECK((p.behavior.head_start == 0 && p.behavior.beside && p.behavior.kl_weight == 0.5));
  CHECK((p.critic.samples == 10 && p.critic.least_weight == 0.75 && p.actor.samples == 5 && p.constraint.samples == 5));
  CHECK((p.constraint.target == 0.05 && p.constraint.bandwidth == 10 && p.constraint.multiplier_adam.learning_rate == 1e-3));
  CHECK((std::log(p.constraint.least_weight) == Approx(-5).epsilon(0.01) && std::log(p.constraint.most_weight) == Approx(10).epsilon(0.01)));
  CHECK_FALSE(p.data.standardize);
}

TEST_CASE("BRAC's settings are its authors'", "[compose][settings]") {
  const auto check = [](const auto& p) {
    CHECK((p.policy.net.hidden == widths{200, 200} && p.critic.net.hidden == widths{300, 300}));
    CHECK((p.policy.adam.learning_rate == 3e-4 && p.critic.adam.learning_rate == 1e-3));
    CHECK((p.policy.log_std_min == -5 && p.policy.log_std_max == 0));
    CHECK((p.actor.without_q == 20'000 && p.actor.temperature == 0 && p.constraint.weight == 1 && !p.data.standardize));
    if constexpr (requires { p.behavior; }) {
      CHECK((p.behavior.model.net.hidden == widths{200, 200} && p.behavior.model.adam.learning_rate == 5e-4 && p.behavior.model.log_std_max == 0));
      CHECK(p.constraint.samples == 4);
    } else {
      CHECK((p.constraint.net.hidden == widths{300, 300} && p.constraint.adam.learning_rate == 1e-3 && p.constraint.steps == 3 && p.constraint.slope_weight == 5));
    }
  };
  check(params_of<recipes::BracP>{}), check(params_of<recipes::BracV>{}), check(params_of<recipes::BracVDual>{});
  // The generic recipe of the same form has no author.
  const params_of<recipes::ReverseKlActorCritic> generic;
  CHECK((generic.actor.without_q == 0 && generic.constraint.samples == 1 && generic.policy.log_std_max == 2));
}

TEST_CASE("the settings of algorithms of discrete actions are their authors'", "[compose][settings]") {
  const params_of<recipes::DiscreteBcq> bcq;
  CHECK((bcq.behavior.threshold == 0.3 && bcq.behavior.logit_weight == 0.01 && bcq.behavior.head_start == 0));
  CHECK((bcq.critic.huber == 1 && bcq.critic.members == 1 && bcq.critic.polyak == 0.005 && bcq.critic.net.hidden == widths{256, 256}));
  CHECK((bcq.critic.adam.learning_rate == 3e-4 && bcq.behavior.model.adam.learning_rate == 3e-4 && !bcq.data.standardize));
  const params_of<recipes::DiscreteCql> cql;
  CHECK((cql.critic.huber == 1 && cql.critic.members == 1 && cql.critic.weight == 1));
}
