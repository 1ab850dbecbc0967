#include <tessera/algorithms/cql.hpp>
#include <tessera/algorithms/discrete_bcq.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

namespace {
// The programs copy the critic into its target after every update whose number, counted from 0, is a multiple of the
// interval.
struct Copies : Order<stage::critic, stage::behavior, stage::targets> {
  template <class S>
  static constexpr phase when(S, const params& h) {
    if constexpr (std::is_same_v<S, stage::targets>) return {h.targets, 1};
    else return {};
  }
};
struct CopyingCql : recipes::DiscreteCql::with<schedule<Copies>> {};

// The reference squares the log-probabilities, where the authors square the network's outputs.
struct LogProbabilitiesSquared : CategoricalSupport {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto log_b =
        CategoricalPolicy::log_probs(h.model, step.template state_of<behavior>().net.trained(step.state(now)));
    terms<typename Step::tensor> sum{"behavior/nll", -log_b.gather(-1, step.action().unsqueeze(-1)).mean()};
    return sum.add("behavior/logits", h.logit_weight * log_b.square().mean());
  }
};
struct CopyingBcq : recipes::DiscreteBcq::with<behavior<LogProbabilitiesSquared>, schedule<Copies>> {};

template <class P>
void settings(P& p, const parity::Fixture& f) {
  small(p.critic.net, p.critic.adam, f.hyper("lr"));
  p.critic.discount = f.hyper("gamma"), p.critic.polyak = 1;
  CHECK(p.critic.huber == f.hyper("huber_delta"));
  p.schedule.targets = std::int64_t(f.hyper("target_update_interval"));
}
}  // namespace

TEST_CASE("discrete CQL makes the updates of d3rlpy's program", "[parity]") {
  parity::in_both_precisions("discrete_cql", [](const parity::Fixture& f) {
    parity::Twin<CopyingCql>::params p;
    settings(p, f);
    p.critic.weight = f.hyper("alpha");
    parity::Twin<CopyingCql> twin(f, p);
    twin.run({{"td", {"critic/td"}},
              {"conservative", {"critic/conservative"}, 1 / f.hyper("alpha")},
              {"total", {"critic/td", "critic/conservative"}}});
  });
}

TEST_CASE("discrete BCQ makes the updates of d3rlpy's program", "[parity]") {
  parity::in_both_precisions("discrete_bcq", [](const parity::Fixture& f) {
    parity::Twin<CopyingBcq>::params p;
    settings(p, f);
    small(p.behavior.model.net, p.behavior.model.adam, f.hyper("lr"));
    p.behavior.threshold = f.hyper("action_flexibility"), p.behavior.logit_weight = f.hyper("beta");
    parity::Twin<CopyingBcq> twin(f, p);
    twin.add("behavior", "imitator", "", {nn::Mlp(p.behavior.model.net, 3, 1, {3})});
    twin.run({{"td", {"critic/td"}},
              {"imitation", {"behavior/nll"}},
              {"logit_penalty", {"behavior/logits"}},
              {"total", {"critic/td", "behavior/nll", "behavior/logits"}}});
  });
}
