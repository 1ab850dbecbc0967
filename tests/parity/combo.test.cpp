#include <tessera/algorithms/combo.hpp>

#include "parity/densities.hpp"
#include "parity/support.hpp"

using namespace tessera;
using parity::small;

namespace {
using Names = std::vector<std::string>;

/// What OfflineRL-Kit's soft maximum is, where the result of a reshape is discarded: of each k the uniform
/// action, the one at s and the one at s' alone, and then the mean over k.  Ours is that of all actions of a
/// state.
struct OfEachTriple : LogSumExp {
  template <class T>
  static T gap(const ConservativeParams& h, const T& x, const T& q) {
    const auto members = x.size(0), states = x.size(1), triples = x.size(2) / 3;
    const T apart = x.reshape({members, states, 3, triples}).transpose(2, 3).reshape({members, states * triples, 3});
    return LogSumExp::gap(h, apart, T(q.repeat_interleave(triples, 1)));
  }
};
struct PaddedCombo : recipes::Combo::with<policy<parity::PaddedDensity>> {};
struct ComboAsRun : PaddedCombo::with<critic<Conservative<SoftBackup, OfEachTriple>>> {};

template <class R>
void combo(const std::string& name) {
  parity::in_both_precisions(name, [](const parity::Fixture& f) {
    typename parity::Twin<R>::params p;
    small(p.policy.net, p.policy.adam, f.hyper("actor_lr")), small(p.critic.net, p.critic.adam, f.hyper("critic_lr"));
    p.policy.log_std_min = f.hyper("log_std_min"), p.policy.log_std_max = f.hyper("log_std_max");
    p.critic.discount = f.hyper("gamma"), p.critic.polyak = f.hyper("tau");
    p.critic.weight = f.hyper("cql_weight"), p.critic.temperature = f.hyper("temperature");
    p.critic.uniform_actions = p.critic.policy_actions = p.critic.next_policy_actions =
        std::int64_t(f.hyper("num_repeat_actions"));
    p.actor.adam.learning_rate = f.hyper("alpha_lr"),
    p.actor.target_entropy = f.hyper("target_entropy") / 2;  // ours is that of each of 2 dimensions
    p.dynamics.net.hidden = {8},
    p.data.rollout_batch = 8;  // neither is asked: the batch is given, rows 0 to 3 logged, 4 to 7 imagined
    parity::Twin<R> twin(f, p);
    twin.number("log_alpha", "log_alpha/value");
    twin.noise_as("cql_uniform_actions", [](const at::Tensor& a) { return 0.5 * (a + 1); });  // ours is in [0, 1)
    twin.run(
        {{"actor", {"actor/entropy", "actor/q"}},
         {"alpha", {"actor/temperature"}},
         {"conservative_0+conservative_1", {"critic/conservative"}},
         {"critic_0+critic_1", {"critic/td", "critic/conservative"}}},
        [](int) {
          return Names{"pi_action_noise", "next_action_noise", "cql_uniform_actions", "cql_current_noise",
                       "cql_next_noise"};
        },
        4);
  });
}
}  // namespace

TEST_CASE("COMBO makes the updates of OfflineRL-Kit's, with one action of each kind", "[parity]") {
  combo<recipes::Combo>("combo_exact");
  combo<PaddedCombo>("combo");
}

TEST_CASE(
    "COMBO makes the updates of OfflineRL-Kit's as that runs with several actions, where the soft maximum is "
    "that of each triple",
    "[parity]") {
  combo<ComboAsRun>("combo_as_run");
}
