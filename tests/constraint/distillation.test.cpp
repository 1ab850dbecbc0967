#include <tessera/constraint/distillation.hpp>

#include <tessera/actor/maximize_q.hpp>
#include <tessera/behavior/generator.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/policy/one_step.hpp>
#include <tessera/select/sample.hpp>

#include "helpers/fixed_step.hpp"
#include "train/sound_updates.hpp"

using namespace tessera;
using namespace support;

namespace {
using Climbing = recipe<policy<OneStepPolicy>, behavior<Generator<FlowPolicy>>, critic<PolicyBackup>, actor<MaximizeQ>,
                        constraint<Distillation>, tessera::select<Sample>>;
}  // namespace

TEST_CASE("distillation is the squared distance of the two at equal noise, computed by hand", "[constraint]") {
  laws::workbench<Climbing> bench(laws::small<Climbing>());
  const auto b = laws::some_batch<Climbing>(1, 6);
  bench.lift("policy", 1.5);
  bench.with_step(b, [&](auto& s) {
    const auto [z, a] = s.pi(now).latent_sample();
    const auto& h = s.template params_of_slot<behavior>();
    const auto target = Generator<FlowPolicy>::generate(h, s, b.observations, z);
    CHECK_FALSE(target.requires_grad());
    CHECK((a.max().template item<float>() > 1));  // before the clip
    const auto distance = (a - target).square().sum(-1) / 2;
    CHECK(close(Distillation::at({}, s, now), distance, 1e-6));
    const auto sum = Distillation::weighted_loss({}, s, 3.0);
    CHECK(number(only(sum.loss, "constraint/distillation")) == Approx(3 * number(distance.mean())));
    CHECK(number(sum.amount) == Approx(number(distance.mean())));
  });
  // It moves the policy alone; so does the ascent on Q.
  for (const auto& [name, g] : bench.slope_of(b, [](auto& s) { return laws::total(s.summands(stage::actor{})); })) {
    INFO(name);
    CHECK((g.abs().max().item<float>() > 0) == (name == "policy"));
  }
}
