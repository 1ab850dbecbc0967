#include <tessera/algorithms/sac.hpp>
#include <tessera/algorithms/sac_n.hpp>

#include "parity/densities.hpp"
#include "parity/support.hpp"

using namespace tessera;
using parity::small;

namespace {
using Names = std::vector<std::string>;

/// The settings of a fixture of any of these programs.
template <class R>
typename parity::Twin<R>::params settings(const parity::Fixture& f, const char* temperature_rate) {
  typename parity::Twin<R>::params p;
  small(p.policy.net, p.policy.adam, f.hyper("actor_lr")), small(p.critic.net, p.critic.adam, f.hyper("critic_lr"));
  p.policy.log_std_min = f.hyper("log_std_min"), p.policy.log_std_max = f.hyper("log_std_max");
  p.critic.discount = f.hyper("gamma"), p.critic.polyak = f.hyper("tau");
  p.actor.adam.learning_rate = f.hyper(temperature_rate),
  p.actor.target_entropy = f.hyper("target_entropy") / 2;  // ours is that of each of 2 dimensions
  return p;
}
const parity::Loss actor{"actor", {"actor/entropy", "actor/q"}}, temperature{"alpha", {"actor/temperature"}};

struct PaddedSac : recipes::Sac::with<policy<parity::PaddedDensity>> {};
struct PaddedSacN : recipes::SacN::with<policy<parity::PaddedDensity>> {};

/// EDAC's authors add 1e-10 to the length of a slope, which is 2e-9 of their diversity here; ours is 1e-20
/// beneath the root.
template <class Update>
struct PaddedSlopes : Update {
  using params = joined<typename Update::params, DiversityParams>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto slopes = step.q_action_gradient(now, step.action());
    const auto square = slopes.square().sum(-1), none = at::zeros_like(square);
    const auto length = at::where(square > 0, at::where(square > 0, square, none + 1).sqrt(),
                                  none);  // a length of 0 has no slope of its own
    const auto g = slopes / (length + 1e-10).unsqueeze(-1);
    const auto likeness = (g.sum(0).square().sum(-1) - g.square().sum(-1).sum(0)).mean();
    return Update::loss(h, step).add("critic/diversity", h.diversity / double(h.members - 1) * likeness);
  }
};
struct ExactEdac : recipes::Edac::with<critic<PaddedSlopes<SoftBackup>>> {};
struct PaddedEdac : ExactEdac::with<policy<parity::PaddedDensity>> {};

template <class R>
void sac(const std::string& name) {
  parity::in_both_precisions(name, [](const parity::Fixture& f) {
    auto p = settings<R>(f, "alpha_lr");
    p.actor.max_temperature = 1;
    parity::Twin<R> twin(f, p);
    twin.number("log_alpha", "log_alpha/value");
    twin.run({{"critic_0+critic_1", {"critic/td"}}, actor, temperature}, [](int) {
      return Names{"next_action_noise", "pi_action_noise"};
    });
  });
}
template <class R>
void ensemble(const std::string& name) {
  parity::in_both_precisions(name, [](const parity::Fixture& f) {
    auto p = settings<R>(f, "alpha_learning_rate");
    p.critic.members = std::int64_t(f.hyper("num_critics"));
    std::vector<parity::Loss> losses{temperature, actor, {"critic", {"critic/td", "critic/diversity"}}};
    if constexpr (requires { p.critic.diversity; }) {
      p.critic.diversity = f.hyper("eta");
      losses.push_back({"critic_td", {"critic/td"}}),
          losses.push_back({"diversity", {"critic/diversity"}, 1 / f.hyper("eta")});
    }
    parity::Twin<R> twin(f, p);
    twin.number("log_alpha", "log_alpha/value");
    twin.run(losses, [](int) { return Names{"alpha_action_noise", "actor_action_noise", "next_action_noise"}; });
  });
}
}  // namespace

TEST_CASE("SAC makes the updates of OfflineRL-Kit's, which is what MOPO, MOReL and RAMBO plan with", "[parity]") {
  sac<recipes::Sac>("sac_exact");
  sac<PaddedSac>("sac");
}

TEST_CASE("SAC-N makes the updates of CORL's program", "[parity]") {
  ensemble<recipes::SacN>("sac_n_exact");
  ensemble<PaddedSacN>("sac_n");
}

TEST_CASE("EDAC makes the updates of CORL's program", "[parity]") {
  ensemble<ExactEdac>("edac_exact");
  ensemble<PaddedEdac>("edac");
}
