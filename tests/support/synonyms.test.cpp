#include <tessera/support/synonyms.hpp>
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

TEST_CASE("an algorithm is known by other spellings and other names") {
  const std::vector<std::string> names = {"bc",  "cql",        "cql-lagrange", "discrete-cql",
                                          "iql", "percent-bc", "td3",          "td3-bc"};
  for (const char* text : {"TD3+BC", "td3bc", "td3_bc", "TD3-BC", "td3plusbc"})
    CHECK(meant_algorithm(text, names) == "td3-bc");
  for (const char* text : {"CQL", "cql_sac", "CQL(H)", "cqll"}) CHECK(meant_algorithm(text, names) == "cql");
  CHECK(meant_algorithm("behavior_cloning", names) == "bc");
  CHECK(meant_algorithm("DiscreteCQL", names) == "discrete-cql");
  CHECK(meant_algorithm("zzzzzzzz", names).empty());
}

TEST_CASE("a flag is known by other names") {
  const std::vector<std::string> flags = {"--algorithm", "--dataset", "--steps", "--seed", "--batch", "--eval-every"};
  CHECK(meant_flag("--algo", flags) == "--algorithm");
  CHECK(meant_flag("--data", flags) == "--dataset");
  CHECK(meant_flag("--epochs", flags) == "--steps");
  CHECK(meant_flag("--batch-size", flags) == "--batch");
  CHECK(meant_flag("--eval_every", flags) == "--eval-every");
  CHECK(meant_flag("-seed", flags) == "--seed");
  CHECK(meant_flag("--sede", flags) == "--seed");
  CHECK(meant_flag("--epochs", {"--seed"}).empty());
  CHECK(meant_flag("--zzzzzz", flags).empty());
}

TEST_CASE("keys that had other names are known by them", "[support]") {
  const std::vector<std::string> keys{"policy.net.hidden",
                                      "behavior.pretrain_updates",
                                      "behavior.keep_training",
                                      "actor.warmup_updates",
                                      "critic.min_weight",
                                      "constraint.min_multiplier",
                                      "constraint.max_multiplier",
                                      "data.rollout_batch",
                                      "data.rollout_every",
                                      "data.retain",
                                      "data.cut_range",
                                      "data.standardize"};
  CHECK(meant_keys("behavior.head_start", keys) == Keys{"behavior.pretrain_updates"});
  CHECK(meant_keys("behavior.beside", keys) == Keys{"behavior.keep_training"});
  CHECK(meant_keys("actor.without_q", keys) == Keys{"actor.warmup_updates"});
  CHECK(meant_keys("critic.least_weight", keys) ==
        Keys{"constraint.min_multiplier", "critic.min_weight"});  // two had this name
  CHECK(meant_keys("constraint.most_weight", keys) == Keys{"constraint.max_multiplier"});
  CHECK(meant_keys("data.starts", keys) == Keys{"data.rollout_batch"});
  CHECK(meant_keys("data.every", keys) == Keys{"data.rollout_every"});
  CHECK(meant_keys("data.keep", keys) == Keys{"data.retain"});
  CHECK(meant_keys("data.range", keys) == Keys{"data.cut_range"});
}
