#include <tessera/data/synonyms.hpp>
//
#include <catch2/catch.hpp>

using namespace tessera;
using Keys = std::vector<std::string>;

TEST_CASE("a hyper-parameter is known by what other libraries call it") {
  const Keys keys = {"policy.net.hidden",
                     "policy.adam.learning_rate",
                     "critic.adam.learning_rate",
                     "critic.discount",
                     "critic.polyak",
                     "value.tau",
                     "actor.beta",
                     "data.standardize"};
  CHECK(meant_keys("gamma", keys) == Keys{"critic.discount"});
  CHECK(meant_keys("critic.gamma", keys) == Keys{"critic.discount"});
  CHECK(meant_keys("lr", keys) == Keys{"policy.adam.learning_rate", "critic.adam.learning_rate"});
  CHECK(meant_keys("critic.lr", keys) == Keys{"critic.adam.learning_rate"});
  CHECK(meant_keys("tau", keys) == Keys{"value.tau", "critic.polyak"});  // both are called so
  CHECK(meant_keys("beta", keys) == Keys{"actor.beta"});
  CHECK(meant_keys("Hidden-Dims", keys) == Keys{"policy.net.hidden"});
  CHECK(meant_keys("normalize", keys) == Keys{"data.standardize"});
  CHECK(meant_keys("batch_size", keys) == Keys{"--batch"});
}

TEST_CASE("a slip of the pen is the nearest name, and nonsense none") {
  const Keys keys = {"critic.discount", "critic.polyak", "actor.beta"};
  CHECK(meant_keys("actor.bta", keys) == Keys{"actor.beta"});
  CHECK(meant_keys("critic.discont", keys) == Keys{"critic.discount"});
  CHECK(meant_keys("zzzzzzzzzzzz", keys) == Keys{});
}
