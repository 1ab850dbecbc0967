#include <tessera/sources/icu_sepsis.hpp>

#include <tessera/dataset/statistics.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/tabular_log.hpp>
#include <tessera/tabular/value_iteration.hpp>

#include "helpers/npz.hpp"
#include "tabular/support.hpp"

using namespace support;
using namespace tessera::tabular;
using Catch::Contains;
using tessera::IcuSepsis;
using tessera::load_dataset;

namespace {
/// A file in the layout of ICU-Sepsis: one patient's state, of which action 0 leads to survival with probability .8 and
/// action 1 with .5, death, survival and the end; two features.
std::vector<std::pair<std::string, std::string>> small_file() {
  std::vector<double> p(4 * 2 * 4, 0.0), r(4 * 2 * 4, 0.0);
  const auto at = [](std::size_t s, std::size_t a, std::size_t z) { return (s * 2 + a) * 4 + z; };
  p[at(0, 0, 1)] = 0.2, p[at(0, 0, 2)] = 0.8, p[at(0, 1, 1)] = 0.5, p[at(0, 1, 2)] = 0.5;
  for (std::size_t a = 0; a < 2; ++a) {
    for (std::size_t s = 1; s < 4; ++s) p[at(s, a, 3)] = 1;
    r[at(0, a, 2)] = 1;
  }
  return {{"tx_mat.npy", npy("(4, 2, 4)", p)},
          {"r_mat.npy", npy("(4, 2, 4)", r)},
          {"d_0.npy", npy("(4,)", {1, 0, 0, 0})},
          {"expert_policy.npy", npy("(4, 2)", {0.25, 0.75, 0, 0, 0, 0, 0, 0})},
          {"state_cluster_centers.npy", npy("(4, 3)", {0.5, -0.5, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0})}};
}
std::string without(const std::string& key) {
  auto members = small_file();
  std::erase_if(members, [&](const auto& m) { return m.first == key + ".npy"; });
  return zip(members);
}
}  // namespace

TEST_CASE("a small file in the layout of ICU-Sepsis", "[tabular][icu]") {
  const Folder folder;
  const auto path = folder / "dynamics.npz";
  write_bytes(path, zip(small_file()));
  const IcuSepsis icu(path);
  CHECK(icu.observation_size("features") == 3);
  CHECK(expected_return(icu.mdp(), icu.clinicians()) == Approx(0.25 * 0.8 + 0.75 * 0.5));
  CHECK(expected_return(icu.mdp(), icu.policy("random")) == Approx(0.65));
  CHECK(expected_return(icu.mdp(), icu.policy("optimal")) == Approx(0.8));
  CHECK(expected_length(icu.mdp(), icu.clinicians()) == Approx(1));  // death and survival end it, not the state behind
  CHECK(icu.task("features").observation_size() == 3);
  CHECK(icu.task("features").observation(0)[1] == -0.5f);
  CHECK(icu.task("one-hot").observation_size() == 4);

  const auto data = load_dataset("icu-sepsis:" + path + "?episodes=4000&observations=features");
  CHECK(data.name == "icu-sepsis:" + path + "?episodes=4000&observations=features");
  CHECK(data.size() == 4000);
  CHECK(data.observation_size == 3);
  CHECK(data.action_size == 2);
  CHECK(tessera::summarize(data).episode_return.mean == Approx(0.575).margin(0.03));
  CHECK(tessera::summarize(data).terminal_fraction == 1);
  const auto again = load_dataset("icu-sepsis:" + path + "?observations=features&episodes=4000&seed=0&policy=expert");
  CHECK(again.action_indices == data.action_indices);
  CHECK(again.rewards == data.rewards);
  CHECK(load_dataset("icu-sepsis:" + path + "?episodes=4000&seed=1").rewards != data.rewards);
}

TEST_CASE("requests for ICU-Sepsis that cannot be met", "[tabular][icu]") {
  const Folder folder;
  const auto path = folder / "dynamics.npz";
  const auto of = [&](const std::string& request) { return error_of([&] { load_dataset("icu-sepsis:" + request); }); };
  CHECK_THAT(of("absent.npz"), Contains("absent.npz: there is no such file"));
  CHECK_THAT(of(path + "?polcy=expert"), Contains("did you mean 'policy='"));
  CHECK_THAT(of(path + "?policy=export"), Contains("did you mean 'expert'") && Contains("expert, random, optimal"));
  CHECK_THAT(of(path + "?observations=hot"), Contains("one-hot, features"));
  CHECK_THAT(of(path + "?episodes=0"), Contains("episodes is '0'") && Contains("from 1"));
  CHECK_THAT(of(path + "?seed=-1"), Contains("seed is '-1'"));
  for (const auto* key : {"tx_mat", "r_mat", "d_0", "expert_policy", "state_cluster_centers"}) {
    write_bytes(path, without(key));
    CHECK_THAT(of(path), Contains(std::string("array ") + key + ": is missing") && Contains("the file has the keys ["));
  }
  const auto whole = zip(small_file());
  write_bytes(path, whole.substr(0, whole.size() - 40));
  CHECK_THAT(of(path), Contains("dynamics.npz"));
  auto members = small_file();
  members[3].second = npy("(4, 2)", {0.25, 0.25, 0, 0, 0, 0, 0, 0});
  write_bytes(path, zip(members));
  CHECK_THAT(of(path), Contains("array expert_policy") && Contains("0.5"));
  members[3].second = npy("(2, 4)", {0.25, 0.75, 0, 0, 0, 0, 0, 0});
  write_bytes(path, zip(members));
  CHECK_THAT(of(path), Contains("(2, 4), not (4, 2)"));
}

TEST_CASE("ICU-Sepsis: published returns and lengths", "[tabular][icu][shared]") {
  const auto path = shared_file("icu-sepsis/dynamics.npz");
  if (path.empty()) return;
  const IcuSepsis icu(path);
  const auto& mdp = icu.mdp();
  CHECK(mdp.states() == 716);
  CHECK(mdp.actions() == 25);
  CHECK(icu.observation_size("features") == 47);
  const struct {
    const char* policy;
    double value, length;
  } expected[] = {{"random", 0.7801, 9.46}, {"expert", 0.7818, 9.24}, {"optimal", 0.8751, 10.99}};
  for (const auto& e : expected) {
    const auto policy = icu.policy(e.policy);
    INFO(e.policy);
    CHECK(expected_return(mdp, policy) == Approx(e.value).margin(5e-5));
    CHECK(expected_length(mdp, policy) == Approx(e.length).margin(5e-3));
  }
  CHECK(mdp.start().dot(optimal_values(mdp).v) == Approx(0.8751).margin(5e-5));
}

TEST_CASE("ICU-Sepsis: value iteration on what clinicians' data show", "[tabular][icu][shared]") {
  const auto path = shared_file("icu-sepsis/dynamics.npz");
  if (path.empty()) return;
  const IcuSepsis icu(path);
  const auto task = icu.task("one-hot");
  const auto log = log_episodes(task, icu.clinicians(), 20'000, IcuSepsis::default_horizon, 0);
  CHECK(double(log.steps.size()) / 20'000 == Approx(9.24).margin(0.15));
  const auto counted = maximum_likelihood(task, log);
  CHECK(double((counted.counts.array() > 0).count()) == Approx(7'900).epsilon(0.02));
  // Few data for a pair are believed too much: the maximum picks the luckiest.
  const struct { double min, value, believed; } expected[] = {{1, 0.782, 0.993}, {5, 0.790, 0.953}, {20, 0.831, 0.868}};
  for (const auto& e : expected) {
    INFO("pairs seen at least " << e.min << " times");
    const auto allowed = supported(counted.counts, e.min);
    const auto solved = in_sample_values(counted.model, allowed);
    const auto policy = with_fallback(greedy_policy(solved.q, allowed), counted.behavior());
    CHECK(expected_return(icu.mdp(), policy) == Approx(e.value).margin(0.01));
    CHECK(counted.model.start().dot(solved.v) == Approx(e.believed).margin(0.01));
  }
}
