#include "train/sound_updates.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using laws::update_laws;

// The laws of updates find out who breaks them; tests/train/every_recipe_*.test.cpp run them on all recipes.

namespace {
/// The losses of another part, with the wrong sign.
template <class Part>
struct Contrary : Part {
  template <class Step>
  static terms<typename Step::tensor> loss(const typename Part::params& h, Step& step) {
    auto sum = Part::loss(h, step);
    for (auto& t : sum.items) t.value = -t.value;
    return sum;
  }
};
/// One summand of it.
template <class Part, char first>
struct ContraryIn : Part {
  template <class Step>
  static terms<typename Step::tensor> loss(const typename Part::params& h, Step& step) {
    auto sum = Part::loss(h, step);
    for (auto& t : sum.items)
      if (t.name[std::string_view("critic/").size()] == first) t.value = -t.value;
    return sum;
  }
};
/// Moves its multiplier the other way.
struct ContraryMultiplier : SoftMaximizeQ {
  template <class Step>
  static void run(stage::duals, const params& h, Step& step) {
    auto sum = temperature_loss(h, step);
    for (auto& t : sum.items) t.value = -t.value;
    step.descend(sum, step.template state_of<actor>().log_alpha);
  }
};
/// Twice the gradient of what it says.
struct Doubled : MaximizeQ {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    auto sum = MaximizeQ::loss(h, step);
    for (auto& t : sum.items) t.value = 2 * t.value - t.value.detach();
    return sum;
  }
};
/// Moves the policy too.
struct Meddling : PolicyBackup {
  template <class Step>
  static void run(stage::critic at, const params& h, Step& step) {
    PolicyBackup::run(at, h, step);
    auto& net = step.policy_network();
    net.move(at::full_like(net.parameters(), 1e-3));
  }
  template <class Step>
  static void run(stage::targets at, const params& h, Step& step) {
    PolicyBackup::run(at, h, step);
  }
};
/// Steps up.
struct Climbing : NaturalPolicyGradient {
  template <class Step>
  static void move(stage::actor at, const params& h, Step& step) {
    auto& net = step.policy_network();
    const auto before = net.parameters().clone();
    NaturalPolicyGradient::move(at, h, step);
    net.move(2 * (before - net.parameters()));
  }
};
/// Lets the gradient into the temperature.
struct Leaking : SoftMaximizeQ {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    auto sum = SoftMaximizeQ::loss(h, step);
    return sum.add("actor/leak", step.template state_of<actor>().log_alpha.value());
  }
};
}  // namespace

TEST_CASE("a loss of the wrong sign is found out", "[train][algorithms][laws]") {
  CHECK(update_laws<recipes::Td3::with<actor<Contrary<MaximizeQ>>>>().breaks("a step of the actor raises"));
  CHECK(update_laws<recipes::Bc::with<actor<Contrary<BehaviorCloning>>>>().breaks(
      "a step of the actor makes the log's actions likelier"));
  CHECK(update_laws<recipes::Td3::with<critic<Contrary<PolicyBackup>>>>().breaks("a step of the critic brings Q"));
  CHECK(update_laws<recipes::Iql::with<value<Contrary<Expectile>>>>().breaks("a step of the value brings V"));
  CHECK(update_laws<recipes::Td3Bc::with<constraint<Contrary<SquaredError>>>>().breaks(
      "a step of the constraint brings"));
  CHECK(update_laws<recipes::ReverseKlActorCritic::with<behavior<Contrary<Density<TanhGaussianPolicy>>>>>().breaks(
      "the behavior's model comes"));
}

TEST_CASE("a summand of the wrong sign is found out, and a multiplier's", "[train][algorithms][laws]") {
  CHECK(update_laws<recipes::Cql::with<critic<ContraryIn<Conservative<SoftBackup>, 'c'>>>>().breaks(
      "a conservative critic lowers Q elsewhere"));
  CHECK(update_laws<recipes::Edac::with<critic<ContraryIn<Diversified<SoftBackup>, 'd'>>>>().breaks(
      "critics that are to differ"));
  CHECK(update_laws<recipes::Sac::with<actor<ContraryMultiplier>>>().breaks("a multiplier moves against the excess"));
}

TEST_CASE("a step that is not its objective's, or of another's network, is found out", "[train][algorithms][laws]") {
  CHECK(update_laws<recipes::Td3::with<actor<MaximizeQ>, critic<PolicyBackup>>>());
  CHECK(update_laws<recipes::Td3::with<actor<Doubled>>>().breaks("the gradient of a stage's sum is its slope"));
  CHECK(update_laws<recipes::Td3::with<critic<Meddling>>>().breaks("a stage moves its own networks alone"));
  CHECK(
      update_laws<recipes::Sac::with<actor<Leaking>>>().breaks("the gradient reaches the stage's own networks alone"));
  CHECK(update_laws<recipes::MorelNpg>());
  CHECK(update_laws<recipes::MorelNpg::with<actor<Climbing>>>().breaks("an update lowers the stage's objective"));
}
