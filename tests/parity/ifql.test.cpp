#include <tessera/algorithms/ifql.hpp>

#include "parity/support.hpp"

using namespace tessera;
using parity::small;

TEST_CASE("IFQL makes the updates of its authors' program, and acts as it does", "[parity]") {
  parity::in_both_precisions("ifql", [](const parity::Fixture& f) {
    parity::Twin<recipes::Ifql>::params p;
    const double rate = f.hyper("lr");
    small(p.policy.net, p.policy.adam, rate), small(p.critic.net, p.critic.adam, rate),
        small(p.value.net, p.value.adam, rate);
    CHECK((p.value.net.layer_norm && p.value.net.norm_last && p.value.net.norm_epsilon == f.hyper("layer_norm_eps")));
    CHECK(p.value.tau == f.hyper("expectile"));
    p.policy.steps = std::int64_t(f.hyper("flow_steps")), p.select.samples = std::int64_t(f.hyper("num_samples"));
    p.critic.discount = f.hyper("discount"), p.critic.polyak = f.hyper("tau");
    parity::Twin<recipes::Ifql> twin(f, p);
    twin.add("policy", "flow", "", {nn::Mlp(p.policy.net, 6, 1, {2})});
    twin.run({{"value", {"value/expectile"}}, {"critic", {"critic/td"}}, {"flow", {"actor/flow"}}}, [](int) {
      return std::vector<std::string>{"flow_x0", "flow_t"};
    });
    parity::Scripted::noise = {f("stepsampler/noise/candidate_noise")};
    const auto a = twin.learner().act(f("stepsampler/observation").view({1, 3}));
    CHECK(parity::deviation(a, f("stepsampler/action")) <= parity::tolerance());
  });
}
