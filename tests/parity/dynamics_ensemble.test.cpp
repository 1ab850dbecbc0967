#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/uncertainty/measures.hpp>
#include <tessera/uncertainty/soft_penalty.hpp>

#include <cmath>
#include <memory>

#include "parity/support.hpp"

using namespace tessera;

namespace {
using Model = GaussianEnsemble::state<parity::Scripted>;

/// A step that hands out a fixture's noise.
struct ImaginingStep {
  using tensor = at::Tensor;
  using backend = parity::Scripted;
  Model* own;
  template <template <class> class Slot>
  Model& state_of() {
    return *own;
  }
  tensor draw(noise kind, std::int64_t columns, const tensor& like) {
    return parity::Scripted::draw(kind, 0, 0, 0, columns, like);
  }
};

/// The ensemble of the fixture next to ours.  Theirs has no output for the task's end; ours has one, which
/// nothing asks for here, and whose weights are 0.  Their bounds are ours less where ours start.
struct Ensemble {
  const parity::Fixture& f;
  GaussianEnsembleParams h;
  problem_spec<parity::Scripted> on{3, 2, 0, at::kCPU};
  std::unique_ptr<Model> model;

  explicit Ensemble(const parity::Fixture& fixture) : f(fixture) {
    h.net.hidden = {8, 8}, h.adam.learning_rate = f.hyper("lr");
    h.members = std::int64_t(f.hyper("members")), h.elites = std::int64_t(f.hyper("elites"));
    h.bounds_weight = f.hyper("logvar_loss_coef"), h.beta = 0;
    model = std::make_unique<Model>(h, on);
    at::NoGradGuard guard;
    put("init/", {0, 1, 2});
    model->input_shift.value = get("scaler/mean").reshape(-1), model->input_scale.value = get("scaler/std").reshape(-1);
    model->target_shift.value = at::zeros({4}, parity::Scripted::precision),
    model->target_scale.value = at::ones({4}, parity::Scripted::precision);
  }
  at::Tensor get(const std::string& key) const { return f(key).to(parity::Scripted::precision); }

  /// Our buffer with the fixture's numbers, members in a given order.
  at::Tensor parameters(const std::string& prefix, const std::vector<int>& order) const {
    const nn::Mlp mlp(h.net, 5, h.members, GaussianEnsemble::layout(3));
    auto buffer = at::zeros({h.members, mlp.row()}, at::kDouble);
    auto v = mlp.look(buffer);
    for (std::size_t m = 0; m < order.size(); ++m)
      for (std::size_t i = 0; i < v.layers.size(); ++i) {
        const auto layer = prefix + "model/" + std::to_string(order[m]) + "/layers/" + std::to_string(i) + "/";
        const auto weight = f(layer + "weight").t(), bias = f(layer + "bias");
        v.layers[i].weight.select(0, std::int64_t(m)).narrow(-1, 0, weight.size(1)).copy_(weight);
        v.layers[i].bias.select(0, std::int64_t(m)).select(0, 0).narrow(-1, 0, bias.size(0)).copy_(bias);
      }
    v.state_independent.copy_(at::cat({f(prefix + "bounds/max_logvar") - 0.5, f(prefix + "bounds/min_logvar") + 10.0}));
    return buffer;
  }
  void put(const std::string& prefix, const std::vector<int>& order) {
    at::NoGradGuard guard;
    at::Tensor buffer = model->net.parameters();
    buffer.copy_(parameters(prefix, order));
  }
  std::vector<double> decays() const {
    return {f.hyper("weight_decay_layer0"), f.hyper("weight_decay_layer1"), f.hyper("weight_decay_layer2")};
  }
};

void check(const char* what, const at::Tensor& ours, const at::Tensor& theirs) {
  INFO(what);
  CHECK(parity::deviation(ours, theirs) <= parity::tolerance());
}
}  // namespace

TEST_CASE("the Gaussian ensemble makes the updates of OfflineRL-Kit's", "[parity]") {
  parity::in_both_precisions("dynamics_ensemble", [](const parity::Fixture& f) {
    Ensemble e(f);
    auto& net = e.model->net;
    const auto x = GaussianEnsemble::input(*e.model, e.get("data/observations"), e.get("data/actions"));
    const auto y = GaussianEnsemble::target(*e.model, e.get("data/observations"), e.get("data/next_observations"),
                                            at::Tensor(e.get("data/rewards").squeeze(1)));
    for (int t = 0; t < 3; ++t) {
      INFO((parity::Scripted::precision == at::kDouble ? "double" : "float") << ", update " << t);
      const auto row = f(t, "batch/rows").to(at::kLong).view(-1);
      const auto of = [&](const at::Tensor& all) { return all.index_select(0, row).view({3, 8, -1}); };
      check("inputs", of(x), f(t, "mid/inputs"));
      check("targets", of(y), f(t, "mid/targets"));
      const auto out = net.trained_apart(of(x));
      {
        const auto [low, high] = GaussianEnsemble::bounds(out.state_independent);
        const auto prediction = math::bounded_normal(at::Tensor(out.out.narrow(-1, 0, 8)), low, high);
        check("mean", prediction.mean, f(t, "mid/mean"));
        check("log-variance", prediction.log_variance, f(t, "mid/logvar"));
      }
      const auto sum = GaussianEnsemble::loss(e.h, *e.model, out, of(y), at::zeros({3, 8}));
      REQUIRE(sum.items.size() == 2);
      check("likelihood", sum.items[0].value.view(1),
            (f(t, "loss/weighted_mse_by_member") + f(t, "loss/logvar_by_member")).sum().view(1));
      const at::Tensor all = sum.items[0].value + sum.items[1].value;
      // The decay is in the gradient alone: its share of their loss is the rest.
      check("loss", at::Tensor(all.detach().to(at::kDouble) + f(t, "loss/decay")).view(1), f(t, "loss/total").view(1));
      parity::Scripted::backward({&all, 1});
      net.decay(e.decays());
      net.apply();
      check("parameters", net.parameters(), e.parameters(parity::Fixture::at(t) + "after/", {0, 1, 2}));
    }
  });
}

TEST_CASE("the Gaussian ensemble imagines, and measures its uncertainty, as OfflineRL-Kit's", "[parity]") {
  parity::in_both_precisions("dynamics_ensemble", [](const parity::Fixture& f) {
    Ensemble e(f);
    at::NoGradGuard guard;
    // Its elites are members 1 and 0, in that order; ours are the first.
    REQUIRE(f("step_imagine/elites").to(at::kLong).equal(at::tensor({1, 0}, at::kLong)));
    e.put("step2/after/", {1, 0, 2});
    const auto s = e.get("data/observations"), a = e.get("data/actions");
    const auto y = GaussianEnsemble::target(*e.model, s, e.get("data/next_observations"),
                                            at::Tensor(e.get("data/rewards").squeeze(1)));
    const auto errors = (e.model->net.fixed(GaussianEnsemble::input(*e.model, s, a)).out.narrow(-1, 0, 4) - y)
                            .square()
                            .mean(-1)
                            .mean(-1);
    check("validation errors", errors,
          f("step_imagine/validation_mse_by_member").index_select(0, at::tensor({1, 0, 2}, at::kLong)));

    const auto from = e.get("step_imagine/observations"), by = e.get("step_imagine/actions");
    const auto prediction = GaussianEnsemble::predict(*e.model, from, by);
    // Rows' elites: member 1 is our first, 0 our second; the middle of each half of [0, 1).  Of their noise,
    // a row's own member's.
    const auto member = f("step_imagine/noise/elite_of_row").to(at::kLong), ours = 1 - member;
    parity::Scripted::noise = {
        (ours.to(at::kDouble) + 0.5) / 2,
        f("step_imagine/noise/model_noise").gather(0, member.view({1, 8, 1}).expand({1, 8, 4})).squeeze(0)};
    ImaginingStep step{e.model.get()};
    auto next = GaussianEnsemble::imagine(e.h, step, from, by, prediction);
    check("next state", next.next, f("step_imagine/next_observations"));
    check("reward", next.reward, f("step_imagine/raw_reward"));
    CHECK(next.not_done.min().item<double>() == 1);

    check("largest deviation", MaxStd::measure(prediction), f("step_imagine/penalty_aleatoric"));
    check("deviation of the means", EnsembleStd::measure(prediction), f("step_imagine/penalty_ensemble_std"));
    const auto raw = next.reward.clone();
    SoftPenalty<MaxStd>::penalize({.weight = f.hyper("penalty_coef")}, step, prediction, next);
    check("penalized reward", next.reward, f("step_imagine/reward_aleatoric"));
    next.reward = raw;
    SoftPenalty<EnsembleStd>::penalize({.weight = f.hyper("penalty_coef")}, step, prediction, next);
    check("reward charged for the means", next.reward, f("step_imagine/reward_ensemble_std"));
    // What that program calls pairwise-diff is no difference of pairs, and not our Disagreement: the largest
    // distance of a member's mean from the mean of all, which is at most that of two members, and at least
    // half of it.
    const auto theirs = f("step_imagine/penalty_pairwise_diff").squeeze(1);
    const auto largest = Disagreement::measure(prediction).to(at::kDouble);
    CHECK((theirs < largest * (1 - 1e-6)).all().item<bool>());
    CHECK((2 * theirs >= largest * (1 - 1e-6)).all().item<bool>());
    const auto mu = prediction.means.narrow(-1, 0, 3);
    check("distance from the mean of the means", (mu - mu.mean(0, true)).square().sum(-1).amax(0).sqrt(), theirs);
    std::printf("parity %-18s %s\n", "imagined step", parity::Scripted::precision == at::kDouble ? "double" : "float ");
  });
}
