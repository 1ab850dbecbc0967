#include <tessera/critic/conservative.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <tessera/algorithms/discrete_cql.hpp>
#include <tessera/algorithms/sac.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/reflect/explain.hpp>
#include <tessera/torch.hpp>

#include "helpers/tensors.hpp"

// A critic from outside the library, with a network of its own form: one that learns the distribution of returns, as in
// the programs that QR-DQN and the discrete CQL of the paper are.  What the library's parts look up of a critic, it
// brings.
using namespace tessera;
using namespace support;

namespace {
/// M quantiles of the return of each action:
///   minimize sum_i E_j rho_i(y_j - theta_i(s, a)),   rho_i(u) = |tau_i - 1[u < 0]| huber(u),   tau_i = (i - 1/2) / M
///   y_j = r + gamma m thetabar_j(s', a*),   a* = argmax_a mean_j thetabar_j(s', a)
/// Q is the mean of the quantiles: to others an ensemble of one.
/// Source: Dabney et al. 2018 (QR-DQN), equations 10 and 13 and algorithm 1; kappa is 1.
struct QuantileBackup : EnsembleCritic {
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    std::int64_t quantiles = 8;
    std::int64_t members = 1;
    double discount = 0.99;
    double polyak = 0.005;

    static constexpr doc docs[] = {
        {"net", "the network"},
        {"adam", "its optimizer"},
        {"quantiles", "M, quantiles of each action's return (QR-DQN: 200)", 1, 10000},
        {"members", "1", 1, 1},
        {"discount", "gamma", 0, 1},
        {"polyak", "rate at which the target network follows", 0, 1},
    };
  };
  using needs = all_of<need<policy, want::discrete_policy>>;
  static constexpr const char* formula =
      "sum_i E_j rho_i(r + gamma m thetabar_j(s',a*) - theta_i(s,a)),  Q = mean_i theta_i";
  static constexpr const char* source = "Dabney et al. 2018, eq. 10";

  template <class B>
  struct state {
    typename B::network net;
    state(const params& h, const problem_spec<B>& on)
        : net(on, "critic", h.net, h.adam, on.observation_size, 1, head_layout{on.action_size * h.quantiles}, true) {}
    void each(auto&& f) { f("critic", net); }
  };

  template <class Step, class Backend>
  struct lookups : in_step<Step, lookups<Step, Backend>> {
    using tensor = typename Backend::tensor;
    double target_rate() { return h().polyak; }
    bool targets_moved = false;

    /// (B, A, M)
    tensor quantiles() { return shaped(net().trained(states(now)).out); }
    tensor target_quantiles(place where) {
      typename Backend::no_grad guard;
      return shaped(net().target(states(where)).out);
    }
    /// Q(s, .), (1, B, A), and Q(s, a_D), (1, B): the mean of the quantiles, asked for as in concepts/asked.hpp.
    template <class How = decltype(as::trained)>
    tensor q(place where, every_action_t, How how = {}) {
      [[maybe_unused]] gradient_guard<Backend, How> guard;
      return mean(shaped(ask(how, net(), states(where)).out));
    }
    template <class How = decltype(as::trained)>
    tensor q(place where, logged_action_t, How how = {}) {
      return Backend::pick(q(where, every_action, how), this->self().action());
    }

   private:
    const auto& h() { return this->template params_in<critic>(); }
    auto& net() { return this->template state_in<critic>().net; }
    const tensor& states(place where) { return this->self().state(where); }
    tensor shaped(const tensor& x) { return x.reshape({-1, this->self().action_size(), h().quantiles}); }
    static tensor mean(const tensor& x) { return x.mean(-1).unsqueeze(0); }
  };

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    using T = typename Step::tensor;
    const auto of = [&](const T& x, const T& a) -> T {
      return x.gather(1, a.unsqueeze(-1).unsqueeze(-1).expand({a.size(0), 1, h.quantiles})).squeeze(1);
    };
    const T best = step.q(next, every_action, as::target).squeeze(0).argmax(-1);
    const T y = step.reward().unsqueeze(-1) +
                h.discount * step.not_done().unsqueeze(-1) * of(step.target_quantiles(next), best);
    const T u = y.unsqueeze(1) - of(step.quantiles(), step.action()).unsqueeze(-1);  // (B, i, j)
    const T size = u.abs(), near = size.clamp_max(1), huber = near * (size - 0.5 * near);
    const T tau =
        ((at::arange(h.quantiles, u.options().requires_grad(false)) + 0.5) / double(h.quantiles)).view({1, -1, 1});
    const T weight = (tau - (u.detach() < 0).to(u.scalar_type())).abs();
    return {"critic/quantile", (weight * huber).mean(-1).sum(-1).mean()};
  }
};

struct QrDqn : recipes::DiscreteCql::with<critic<QuantileBackup>> {};
/// The paper's discrete CQL: the same, with the gap added to it.
struct QuantileCql : recipes::DiscreteCql::with<critic<Conservative<QuantileBackup>>> {};
static_assert(Composable<QrDqn> && Composable<QuantileCql> &&
              Composable<recipes::DiscreteCql::with<critic<Lagrange<Conservative<QuantileBackup>>>>>);
static_assert(!Composable<recipes::Sac::with<critic<QuantileBackup>>>,
              "actions without a list have no list of quantiles");

const problem_spec<torch_backend> on{1, 2, 3, at::kCPU};
nn::Units plain() { return nn::Units(nn::Units(Normalizer{{0}, {1}, 1, 0, {}, {}}), on); }
/// Two states, three transitions of action 0 and one of action 1, all of which end.
batch<at::Tensor> endings(const at::Tensor& rewards, const at::Tensor& actions) {
  const auto n = rewards.size(0);
  return {at::ones({n, 1}), actions, rewards, at::ones({n, 1}), at::zeros({n})};
}
template <class R>
params_of<R> small() {
  params_of<R> p;
  p.critic.net.hidden = {};
  p.critic.adam.learning_rate = 0.02;
  p.critic.quantiles = 4;
  return p;
}
}  // namespace

TEST_CASE("a quantile critic's loss, computed by hand", "[critic]") {
  auto p = small<QrDqn>();
  p.critic.quantiles = 2, p.critic.adam.learning_rate = 0;
  learner<QrDqn> agent(on, plain(), p);
  auto& net = agent.state_of<critic>().net;
  auto v = net.mlp().look(net.parameters());
  v.layers[0].weight.zero_();
  v.layers[0].bias.copy_(
      torch::tensor({0.0f, 3.0f, 1.0f, 1.0f}).view({1, 1, 4}));  // theta of action 0: 0 and 3; of action 1: 1 and 1
  agent.update(endings(torch::tensor({1.0f}), torch::tensor({0}, at::kLong)));
  // y = 1 for both j.  u = 1: 1/4 * 1/2;  u = -2: |3/4 - 1| (2 - 1/2).
  CHECK(number(agent.metrics()[0].value) == Approx(0.25 * 0.5 + 0.25 * 1.5));
  // Where the task goes on: the better action's quantiles at s', 0 and 3 of mean 3/2.
  auto b = endings(torch::tensor({1.0f}), torch::tensor({1}, at::kLong));
  b.not_done = at::ones({1});
  net.follow(1);
  agent.update(b);
  // y = 1 + .99 (0, 3) = 1, 3.97 against theta = 1, 1: u = 0 and 2.97, for tau 1/4 and 3/4, mean over j.
  CHECK(number(agent.metrics()[0].value) == Approx((0.25 + 0.75) * (2.97 - 0.5) / 2).epsilon(1e-5));
}

TEST_CASE("a quantile critic learns the distribution of rewards, and Q is its mean", "[critic]") {
  auto p = small<QrDqn>();
  learner<QrDqn> agent(on, plain(), p);
  // Action 0 is paid 0, 10, 20, 30, each as often; action 1 always 12.
  const auto rewards = torch::tensor({0.0f, 10.0f, 20.0f, 30.0f, 12.0f, 12.0f, 12.0f, 12.0f});
  const auto actions = torch::tensor({0, 0, 0, 0, 1, 1, 1, 1}, at::kLong);
  for (int k = 0; k < 4000; ++k) agent.update(endings(rewards, actions));
  auto& net = agent.state_of<critic>().net;
  const auto theta = net.fixed(at::ones({1, 1})).out.view({2, 4}).to(at::kDouble);
  // tau = 1/8, 3/8, 5/8, 7/8 lie in the middle of the four rewards, up to the width of the Huber loss.
  CHECK(close(theta[0], row({0, 10, 20, 30}), 1.01));
  CHECK(close(theta[1], row({12, 12, 12, 12}), 0.2));
  CHECK(number(agent.act(at::ones({1, 1}))) == 0);  // mean 15 against 12
}

TEST_CASE("a quantile critic is pressed on by the gap as any other, saved, and explained", "[critic]") {
  auto p = small<QuantileCql>();
  p.critic.weight = 20;
  learner<QuantileCql> agent(on, plain(), p);
  const auto b = endings(torch::tensor({1.0f, 1.0f}), torch::tensor({1, 1}, at::kLong));
  for (int k = 0; k < 300; ++k) agent.update(b);
  CHECK(agent.metrics().size() == 2);
  CHECK(number(agent.act(at::ones({1, 1}))) == 1);  // the value of action 0, which is not in the data, is minimized
  std::vector<std::string> kept;
  agent.each_buffer([&](const std::string& name, auto&) { kept.push_back(name); });
  CHECK(std::find(kept.begin(), kept.end(), "critic/target") != kept.end());
  std::ostringstream out;
  explain<QuantileCql>(out);
  CHECK(out.str().find("critic.quantiles") != std::string::npos);
  CHECK(out.str().find("critic<Conservative<QuantileBackup") != std::string::npos);
}
