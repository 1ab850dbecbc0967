#include "reference.hpp"

#include <ATen/core/ivalue.h>
//
#include <torch/torch.h>

#include <cmath>
#include <stdexcept>

namespace benchmarks {
namespace {
using torch::Tensor;

at::Device where = at::kCPU;  // the programs are made and run there
at::TensorOptions trained() { return at::TensorOptions(at::kFloat).device(where).requires_grad(true); }

/// What comes after each hidden layer's weights: relu; gelu; gelu, then LayerNorm.
enum class Hidden { relu, gelu, normed_gelu };

torch::nn::LayerNorm layer_norm(std::int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(1e-6));
}

torch::nn::Sequential mlp(std::int64_t in, const std::vector<std::int64_t>& hidden, std::int64_t out,
                          Hidden kind = Hidden::relu) {
  torch::nn::Sequential net;
  for (auto width : hidden) {
    net->push_back(torch::nn::Linear(in, width));
    if (kind == Hidden::relu) net->push_back(torch::nn::ReLU());
    else net->push_back(torch::nn::GELU(torch::nn::GELUOptions().approximate("tanh")));
    if (kind == Hidden::normed_gelu) net->push_back(layer_norm(width));
    in = width;
  }
  net->push_back(torch::nn::Linear(in, out));
  net->to(where);
  return net;
}

void copy_into(torch::nn::Sequential& net, const Weights& from) {
  torch::NoGradGuard guard;
  std::size_t i = 0;
  for (auto& module : *net)
    if (auto* linear = module.ptr()->as<torch::nn::Linear>()) {
      linear->weight.copy_(from.layers[i].first.t());
      linear->bias.copy_(from.layers[i].second);
      ++i;
    }
}

void copy_into(torch::nn::Sequential& net, torch::nn::Sequential& from) {
  torch::NoGradGuard guard;
  const auto to = net->parameters(), source = from->parameters();
  for (std::size_t i = 0; i < to.size(); ++i) to[i].copy_(source[i]);
}

void follow(torch::nn::Sequential& target, torch::nn::Sequential& source) {
  torch::NoGradGuard guard;
  const auto to = target->parameters(), from = source->parameters();
  for (std::size_t i = 0; i < to.size(); ++i) to[i].mul_(0.995).add_(from[i], 0.005);
}

torch::optim::Adam adam(std::vector<Tensor> parameters) {
  return torch::optim::Adam(std::move(parameters), torch::optim::AdamOptions(3e-4));
}

void descend(torch::optim::Adam& optimizer, const Tensor& loss) {
  optimizer.zero_grad();
  loss.backward();
  optimizer.step();
}

Tensor normal_log_prob(const Tensor& x, const Tensor& mean, const Tensor& log_std) {
  const auto z = (x - mean) / log_std.exp();
  return (-0.5 * z.square() - log_std - 0.5 * std::log(2 * M_PI)).sum(-1);
}

/// Two critics and their targets.
struct Critics {
  torch::nn::Sequential q1, q2, target1, target2;
  torch::optim::Adam optimizer;

  explicit Critics(const Sizes& s, Hidden kind = Hidden::relu)
      : q1(mlp(s.observation + s.action, s.hidden, 1, kind)), q2(mlp(s.observation + s.action, s.hidden, 1, kind)),
        target1(mlp(s.observation + s.action, s.hidden, 1, kind)),
        target2(mlp(s.observation + s.action, s.hidden, 1, kind)), optimizer(adam([&] {
          auto all = q1->parameters();
          for (auto& p : q2->parameters()) all.push_back(p);
          return all;
        }())) {}
  void copy(const Networks& from) {
    copy_into(q1, from.at("critic")[0]), copy_into(q2, from.at("critic")[1]);
    copy_into(target1, q1), copy_into(target2, q2);
  }
  static Tensor value(torch::nn::Sequential& q, const Tensor& s, const Tensor& a) {
    return q->forward(torch::cat({s, a}, 1)).squeeze(1);
  }
  Tensor min(const Tensor& s, const Tensor& a) { return torch::min(value(q1, s, a), value(q2, s, a)); }
  Tensor target(const Tensor& s, const Tensor& a) { return torch::min(value(target1, s, a), value(target2, s, a)); }
  static Tensor error(const Tensor& x1, const Tensor& x2, const Tensor& y) {
    return torch::mse_loss(x1, y) + torch::mse_loss(x2, y);
  }
  Tensor regress(const Transitions& b, const Tensor& y) {
    const auto loss = error(value(q1, b.observations, b.actions), value(q2, b.observations, b.actions), y);
    descend(optimizer, loss);
    return loss;
  }
  void move_targets() { follow(target1, q1), follow(target2, q2); }
};

/// N(tanh f(s), sigma^2) with one sigma for all states.
struct Gaussian {
  torch::nn::Sequential net;
  Tensor log_std;
  torch::optim::Adam optimizer;

  explicit Gaussian(const Sizes& s)
      : net(mlp(s.observation, s.hidden, s.action)), log_std(torch::zeros({s.action}, trained())), optimizer(adam([&] {
          auto all = net->parameters();
          all.push_back(log_std);
          return all;
        }())) {}
  void copy(const Networks& from) {
    copy_into(net, from.at("policy")[0]);
    torch::NoGradGuard guard;
    log_std.copy_(from.at("policy")[0].state_independent);
  }
  Tensor mean(const Tensor& s) { return net->forward(s).tanh(); }
  Tensor log_prob(const Tensor& s, const Tensor& a) { return normal_log_prob(a, mean(s), log_std.clamp(-5, 2)); }
  Tensor sample_from(const Tensor& mean, const Tensor& eps) {
    return (mean + log_std.clamp(-5, 2).exp() * eps).clamp(-1, 1);
  }
};

class Bc : public Reference {
 public:
  explicit Bc(const Sizes& s) : policy_(s) {}
  void copy(const Networks& from) override { policy_.copy(from); }
  void update(const Transitions& b, const Normal&, const Uniform&, Losses* losses) override {
    const auto loss = -policy_.log_prob(b.observations, b.actions).mean();
    descend(policy_.optimizer, loss);
    if (losses) *losses = {{"actor/bc", loss.item<double>()}};
  }

 private:
  Gaussian policy_;
};

class Td3Bc : public Reference {
 public:
  explicit Td3Bc(const Sizes& s)
      : critics_(s), policy_(mlp(s.observation, s.hidden, s.action)), target_(mlp(s.observation, s.hidden, s.action)),
        optimizer_(adam(policy_->parameters())) {}
  void copy(const Networks& from) override {
    critics_.copy(from);
    copy_into(policy_, from.at("policy")[0]);
    copy_into(target_, policy_);
  }
  void update(const Transitions& b, const Normal& normal, const Uniform&, Losses* losses) override {
    Tensor y;
    {
      torch::NoGradGuard guard;
      const auto mu = target_->forward(b.next_observations).tanh();
      const auto eps = (0.2 * normal(mu.size(0), mu.size(1))).clamp(-0.5, 0.5);
      y = b.rewards + 0.99 * b.not_done * critics_.target(b.next_observations, (mu + eps).clamp(-1, 1));
    }
    const auto td = critics_.regress(b, y);
    if (losses) *losses = {{"critic/td", td.item<double>()}};
    if (++updates_ % 2 != 0) return;
    const auto a = policy_->forward(b.observations).tanh();
    const auto q = Critics::value(critics_.q1, b.observations, a);
    const auto gain = -2.5 / q.detach().abs().mean() * q.mean();
    const auto distance = torch::mse_loss(a, b.actions);
    descend(optimizer_, gain + distance);
    critics_.move_targets();
    follow(target_, policy_);
    if (losses) losses->insert({{"actor/q", gain.item<double>()}, {"constraint/mse", distance.item<double>()}});
  }

 private:
  Critics critics_;
  torch::nn::Sequential policy_, target_;
  torch::optim::Adam optimizer_;
  std::int64_t updates_ = 0;
};

class Awac : public Reference {
 public:
  explicit Awac(const Sizes& s) : critics_(s), policy_(s) {}
  void copy(const Networks& from) override { critics_.copy(from), policy_.copy(from); }
  void update(const Transitions& b, const Normal& normal, const Uniform&, Losses* losses) override {
    const auto n = b.actions.size(0), d = b.actions.size(1);
    Tensor y;
    {
      torch::NoGradGuard guard;
      const auto a = policy_.sample_from(policy_.mean(b.next_observations), normal(n, d));
      y = b.rewards + 0.99 * b.not_done * critics_.target(b.next_observations, a);
    }
    const auto td = critics_.regress(b, y);
    const auto mean = policy_.mean(b.observations);
    Tensor w;
    {
      torch::NoGradGuard guard;
      const auto v = critics_.min(b.observations, policy_.sample_from(mean, normal(n, d)));
      w = (critics_.min(b.observations, b.actions) - v).softmax(0);
    }
    const auto loss = -(w * normal_log_prob(b.actions, mean, policy_.log_std.clamp(-5, 2))).sum();
    descend(policy_.optimizer, loss);
    critics_.move_targets();
    if (losses) *losses = {{"critic/td", td.item<double>()}, {"actor/awr", loss.item<double>()}};
  }

 private:
  Critics critics_;
  Gaussian policy_;
};

class Iql : public Reference {
 public:
  explicit Iql(const Sizes& s)
      : critics_(s), value_(mlp(s.observation, s.hidden, 1)), value_optimizer_(adam(value_->parameters())), policy_(s) {
  }
  void copy(const Networks& from) override {
    critics_.copy(from), policy_.copy(from);
    copy_into(value_, from.at("value")[0]);
  }
  void update(const Transitions& b, const Normal&, const Uniform&, Losses* losses) override {
    Tensor q;
    {
      torch::NoGradGuard guard;
      q = critics_.target(b.observations, b.actions);
    }
    const auto u = q - value_->forward(b.observations).squeeze(1);
    const auto expectile = (torch::where(u < 0, 0.3, 0.7) * u.square()).mean();
    descend(value_optimizer_, expectile);
    Tensor w, y;
    {
      torch::NoGradGuard guard;
      w = (3.0 * (q - value_->forward(b.observations).squeeze(1))).exp().clamp_max(100.0);
      y = b.rewards + 0.99 * b.not_done * value_->forward(b.next_observations).squeeze(1);
    }
    const auto loss = -(w * policy_.log_prob(b.observations, b.actions)).mean();
    descend(policy_.optimizer, loss);
    const auto td = critics_.regress(b, y);
    critics_.move_targets();
    if (losses)
      *losses = {{"value/expectile", expectile.item<double>()},
                 {"actor/awr", loss.item<double>()},
                 {"critic/td", td.item<double>()}};
  }

 private:
  Critics critics_;
  torch::nn::Sequential value_;
  torch::optim::Adam value_optimizer_;
  Gaussian policy_;
};

/// IQL's critics and value alone.
struct IqlValues {
  Critics critics;
  torch::nn::Sequential value;
  torch::optim::Adam optimizer;

  explicit IqlValues(const Sizes& s)
      : critics(s), value(mlp(s.observation, s.hidden, 1)), optimizer(adam(value->parameters())) {}
  void copy_values(const Networks& from) {
    critics.copy(from);
    copy_into(value, from.at("value")[0]);
  }
  void update_values(const Transitions& b, Losses* losses) {
    Tensor q, y;
    {
      torch::NoGradGuard guard;
      q = critics.target(b.observations, b.actions);
    }
    const auto u = q - value->forward(b.observations).squeeze(1);
    const auto expectile = (torch::where(u < 0, 0.3, 0.7) * u.square()).mean();
    descend(optimizer, expectile);
    {
      torch::NoGradGuard guard;
      y = b.rewards + 0.99 * b.not_done * value->forward(b.next_observations).squeeze(1);
    }
    const auto td = critics.regress(b, y);
    critics.move_targets();
    if (losses) *losses = {{"value/expectile", expectile.item<double>()}, {"critic/td", td.item<double>()}};
  }
};

/// tanh(u), u ~ N(mu(s), sigma(s)^2), with a temperature that keeps its entropy.
struct SoftActor {
  torch::nn::Sequential policy;
  torch::optim::Adam optimizer;
  Tensor log_alpha;
  torch::optim::Adam alpha_optimizer;
  double target_entropy;

  explicit SoftActor(const Sizes& s)
      : policy(mlp(s.observation, s.hidden, 2 * s.action)), optimizer(adam(policy->parameters())),
        log_alpha(torch::zeros({}, trained())), alpha_optimizer(adam({log_alpha})), target_entropy(-double(s.action)) {}
  void copy(const Networks& from) { copy_into(policy, from.at("policy")[0]); }
  std::pair<Tensor, Tensor> sample(const Tensor& s, const Tensor& eps) {
    const auto out = policy->forward(s).chunk(2, -1);
    const auto log_std = out[1].clamp(-5, 2);
    const auto u = out[0] + log_std.exp() * eps;
    const auto slope = 2 * (std::log(2.0) - u - torch::softplus(-2 * u));
    return {u.tanh(), normal_log_prob(u, out[0], log_std) - slope.sum(-1)};
  }
  /// `before_step` runs once the loss is taken, with the policy as it was.
  void improve(
      const Transitions& b, Critics& critics, const Normal& normal, Losses* losses,
      const std::function<void()>& before_step = [] {}) {
    const auto [a, log_pi] = sample(b.observations, normal(b.actions.size(0), b.actions.size(1)));
    const auto entropy = log_alpha.detach().exp() * log_pi.mean();
    const auto q = -critics.min(b.observations, a).mean();
    before_step();
    descend(optimizer, entropy + q);
    const auto temperature = -log_alpha * (log_pi.detach().mean() + target_entropy);
    descend(alpha_optimizer, temperature);
    if (losses)
      losses->insert({{"actor/entropy", entropy.item<double>()},
                      {"actor/q", q.item<double>()},
                      {"actor/temperature", temperature.item<double>()}});
  }
};

class Sac : public Reference {
 public:
  explicit Sac(const Sizes& s) : critics_(s), actor_(s) {}
  void copy(const Networks& from) override { critics_.copy(from), actor_.copy(from); }
  void update(const Transitions& b, const Normal& normal, const Uniform&, Losses* losses) override {
    Tensor y;
    {
      torch::NoGradGuard guard;
      const auto [a, log_pi] = actor_.sample(b.next_observations, normal(b.actions.size(0), b.actions.size(1)));
      y = b.rewards + 0.99 * b.not_done * (critics_.target(b.next_observations, a) - actor_.log_alpha.exp() * log_pi);
    }
    const auto td = critics_.regress(b, y);
    if (losses) *losses = {{"critic/td", td.item<double>()}};
    actor_.improve(b, critics_, normal, losses);
    critics_.move_targets();
  }

 private:
  Critics critics_;
  SoftActor actor_;
};

/// CQL(H), its targets without the entropy bonus, the losses of actor and critics at networks that have not moved.
/// Draws, in order: the actor's, a' of the target, the uniform actions, those of pi(.|s), those of pi(.|s').
class Cql : public Reference {
 public:
  explicit Cql(const Sizes& s) : critics_(s), actor_(s) {}
  void copy(const Networks& from) override { critics_.copy(from), actor_.copy(from); }
  void update(const Transitions& b, const Normal& normal, const Uniform& uniform, Losses* losses) override {
    const auto n = b.actions.size(0), d = b.actions.size(1), k = cql_actions;
    Tensor y, actions, log_density;
    actor_.improve(b, critics_, normal, losses, [&] {
      torch::NoGradGuard guard;
      const auto next = actor_.sample(b.next_observations, normal(n, d)).first;
      y = b.rewards + 0.99 * b.not_done * critics_.target(b.next_observations, next);
      // Row b * k + i is action i at state b.
      const auto anywhere = 2 * uniform(n * k, d) - 1;
      const auto [now_a, now_log_pi] = actor_.sample(b.observations.repeat_interleave(k, 0), normal(n * k, d));
      const auto [next_a, next_log_pi] = actor_.sample(b.next_observations.repeat_interleave(k, 0), normal(n * k, d));
      const auto by_state = [&](const Tensor& x) { return x.view({n, k, -1}); };
      actions = torch::cat({by_state(anywhere), by_state(now_a), by_state(next_a)}, 1).view({-1, d});
      const auto log_uniform = torch::full({n, k}, double(d) * std::log(0.5), y.options());
      log_density = torch::cat({log_uniform, now_log_pi.view({n, k}), next_log_pi.view({n, k})}, 1);
    });
    const auto states = b.observations.repeat_interleave(3 * k, 0);
    const auto gap = [&](torch::nn::Sequential& q, const Tensor& of_data) {
      const auto all = Critics::value(q, states, actions).view({n, 3 * k});
      return (torch::logsumexp(all - log_density, 1) - of_data).mean();
    };
    const auto q1 = Critics::value(critics_.q1, b.observations, b.actions),
               q2 = Critics::value(critics_.q2, b.observations, b.actions);
    const auto td = Critics::error(q1, q2, y);
    const auto conservative = cql_weight * (gap(critics_.q1, q1) + gap(critics_.q2, q2));
    descend(critics_.optimizer, td + conservative);
    if (losses)
      losses->insert({{"critic/td", td.item<double>()}, {"critic/conservative", conservative.item<double>()}});
    critics_.move_targets();
  }

 private:
  Critics critics_;
  SoftActor actor_;
};

/// SAC of RLPD: ten critics with LayerNorm, of which two drawn ones are each target's minimum; the actor on every 20th
/// update.  The members' layers are one product each.  Draws, in order: a' of the target, the members, the actor's.
class Rlpd : public Reference {
 public:
  explicit Rlpd(const Sizes& s) : s_(s), actor_(s), optimizer_(adam(make_parameters())) {
    actor_.target_entropy = -0.5 * double(s.action);
    follow_at_once();
  }
  void copy(const Networks& from) override {
    actor_.copy(from);
    torch::NoGradGuard guard;
    for (std::size_t n = 0; n < std::size_t(rlpd_members); ++n)
      for (std::size_t i = 0; i < layers(); ++i) {
        online_[4 * i][std::int64_t(n)].copy_(from.at("critic")[n].layers[i].first);
        online_[4 * i + 1][std::int64_t(n)][0].copy_(from.at("critic")[n].layers[i].second);
      }
    follow_at_once();
  }
  void update(const Transitions& b, const Normal& normal, const Uniform& uniform, Losses* losses) override {
    Tensor y;
    {
      torch::NoGradGuard guard;
      const auto [a, log_pi] = actor_.sample(b.next_observations, normal(b.actions.size(0), b.actions.size(1)));
      const auto members = uniform(1, rlpd_members).argsort().select(0, 0).narrow(0, 0, 2);
      std::vector<Tensor> some;
      for (const auto& p : target_) some.push_back(p.index_select(0, members));
      y = b.rewards +
          0.99 * b.not_done * (values(some, b.next_observations, a).amin(0) - actor_.log_alpha.exp() * log_pi);
    }
    const auto td = (values(online_, b.observations, b.actions) - y).square().mean(1).sum();
    descend(optimizer_, td);
    if (losses) *losses = {{"critic/td", td.item<double>()}};
    if (++updates_ % rlpd_period == 0) {
      const auto [a, log_pi] = actor_.sample(b.observations, normal(b.actions.size(0), b.actions.size(1)));
      const auto entropy = actor_.log_alpha.detach().exp() * log_pi.mean();
      const auto q = -values(online_, b.observations, a).mean();
      descend(actor_.optimizer, entropy + q);
      const auto temperature = -actor_.log_alpha.exp() * (log_pi.detach().mean() + actor_.target_entropy);
      descend(actor_.alpha_optimizer, temperature);
      if (losses)
        losses->insert({{"actor/entropy", entropy.item<double>()},
                        {"actor/q", q.item<double>()},
                        {"actor/temperature", temperature.item<double>()}});
    }
    torch::NoGradGuard guard;
    for (std::size_t i = 0; i < target_.size(); ++i) target_[i].mul_(0.995).add_(online_[i], 0.005);
  }

 private:
  std::size_t layers() const { return s_.hidden.size() + 1; }
  void follow_at_once() {
    target_.clear();
    for (const auto& p : online_) target_.push_back(p.detach().clone());
  }
  // Of each layer: weights, biases, LayerNorm's gain and shift.
  std::vector<Tensor> make_parameters() {
    auto sizes = s_.hidden;
    sizes.insert(sizes.begin(), s_.observation + s_.action);
    sizes.push_back(1);
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
      const double bound = 1 / std::sqrt(double(sizes[i]));
      for (const auto rows : {sizes[i], std::int64_t{1}}) {
        torch::NoGradGuard guard;
        online_.push_back(torch::empty({rlpd_members, rows, sizes[i + 1]}, trained()).uniform_(-bound, bound));
      }
      online_.push_back(torch::ones({rlpd_members, 1, sizes[i + 1]}, trained()));
      online_.push_back(torch::zeros({rlpd_members, 1, sizes[i + 1]}, trained()));
    }
    return online_;
  }
  // (M, B)
  Tensor values(const std::vector<Tensor>& p, const Tensor& s, const Tensor& a) const {
    auto z = torch::cat({s, a}, 1).unsqueeze(0).expand({p[0].size(0), -1, -1});
    for (std::size_t i = 0; i < layers(); ++i) {
      z = torch::baddbmm(p[4 * i + 1], z, p[4 * i]);
      if (i + 1 == layers()) break;
      z = torch::relu(torch::layer_norm(z, {z.size(-1)}, {}, {}, 1e-6) * p[4 * i + 2] + p[4 * i + 3]);
    }
    return z.squeeze(-1);
  }

  Sizes s_;
  SoftActor actor_;
  std::vector<Tensor> online_, target_;
  torch::optim::Adam optimizer_;
  std::int64_t updates_ = 0;
};

/// Every part's loss at the networks as they were before the update.  Draws, in order: the flow's noise and times, the
/// policy's noise at s', and at s.
class Fql : public Reference {
 public:
  explicit Fql(const Sizes& s)
      : critics_(s, Hidden::normed_gelu), policy_(mlp(s.observation + s.action, s.hidden, s.action, Hidden::gelu)),
        flow_(mlp(s.observation + s.action + 1, s.hidden, s.action, Hidden::gelu)),
        policy_optimizer_(adam(policy_->parameters())), flow_optimizer_(adam(flow_->parameters())) {}
  void copy(const Networks& from) override {
    critics_.copy(from);
    copy_into(policy_, from.at("policy")[0]), copy_into(flow_, from.at("behavior")[0]);
  }
  void update(const Transitions& b, const Normal& normal, const Uniform& uniform, Losses* losses) override {
    const auto n = b.actions.size(0), d = b.actions.size(1);
    const auto &s = b.observations, &a = b.actions;
    const auto from = normal(n, d), t = uniform(n, 1);
    const auto matching = torch::mse_loss(velocity(s, (1 - t) * from + t * a, t), a - from);
    Tensor y;
    {
      torch::NoGradGuard guard;
      const auto next = act(b.next_observations, normal(n, d)).clamp(-1, 1);
      y = b.rewards + 0.99 * b.not_done *
                          (0.5 * (Critics::value(critics_.target1, b.next_observations, next) +
                                  Critics::value(critics_.target2, b.next_observations, next)));
    }
    const auto td = Critics::error(Critics::value(critics_.q1, s, a), Critics::value(critics_.q2, s, a), y);
    const auto z = normal(n, d);
    Tensor goal = z;
    {
      torch::NoGradGuard guard;
      for (std::int64_t k = 0; k < fql_steps; ++k)
        goal = goal +
               velocity(s, goal, torch::full({n, 1}, double(k) / double(fql_steps), z.options())) / double(fql_steps);
      goal = goal.clamp(-1, 1);
    }
    const auto made = act(s, z);
    const auto distillation = fql_weight * torch::mse_loss(made, goal);
    const auto climbed = made.clamp(-1, 1);
    const auto q = -(0.5 * (Critics::value(critics_.q1, s, climbed) + Critics::value(critics_.q2, s, climbed))).mean();
    critics_.move_targets();
    descend(flow_optimizer_, matching);
    descend(policy_optimizer_, q + distillation);  // which leaves a gradient in the critics that their step clears
    descend(critics_.optimizer, td);
    if (losses)
      *losses = {{"behavior/matching", matching.item<double>()},
                 {"critic/td", td.item<double>()},
                 {"actor/q", q.item<double>()},
                 {"constraint/distillation", distillation.item<double>()}};
  }

 private:
  Tensor act(const Tensor& s, const Tensor& z) { return policy_->forward(torch::cat({s, z}, 1)); }
  Tensor velocity(const Tensor& s, const Tensor& x, const Tensor& t) {
    return flow_->forward(torch::cat({s, x, t}, 1));
  }

  Critics critics_;
  torch::nn::Sequential policy_, flow_;
  torch::optim::Adam policy_optimizer_, flow_optimizer_;
};

/// The residual network of a diffusion, on [s, x, t].
struct Residual {
  Tensor frequencies;
  std::vector<torch::nn::Linear> layers;  // of the time's code; of the input; two a block; of the output
  std::vector<torch::nn::LayerNorm> norms;
  std::size_t codes;

  Residual(std::int64_t in, std::int64_t out, const DiffusionSizes& h)
      : frequencies(torch::randn({h.frequencies}, trained().requires_grad(false)).mul_(0.2).requires_grad_()),
        codes(h.time.size()) {
    std::int64_t code = 2 * h.frequencies;
    for (const auto width : h.time) layers.emplace_back(torch::nn::Linear(code, width)), code = width;
    layers.emplace_back(torch::nn::Linear(in + code, h.width));
    for (std::int64_t b = 0; b < h.blocks; ++b) {
      norms.push_back(layer_norm(h.width));
      layers.emplace_back(torch::nn::Linear(h.width, h.inner));
      layers.emplace_back(torch::nn::Linear(h.inner, h.width));
    }
    layers.emplace_back(torch::nn::Linear(h.width, out));
    for (auto& l : layers) l->to(where);
    for (auto& l : norms) l->to(where);
  }
  std::vector<Tensor> parameters() const {
    std::vector<Tensor> all{frequencies};
    const auto add = [&](const auto& modules) {
      for (const auto& m : modules)
        for (auto& p : m->parameters()) all.push_back(p);
    };
    add(layers), add(norms);
    return all;
  }
  void copy(const Weights& from) {
    torch::NoGradGuard guard;
    frequencies.copy_(from.frequencies);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      layers[i]->weight.copy_(from.layers[i].first.t());
      layers[i]->bias.copy_(from.layers[i].second);
    }
  }
  Tensor forward(const Tensor& x, const Tensor& t) {
    const auto phase = 2 * M_PI * t * frequencies;
    auto code = torch::cat({phase.cos(), phase.sin()}, 1);
    for (std::size_t i = 0; i < codes; ++i) code = layers[i]->forward(i > 0 ? torch::mish(code) : code);
    auto z = layers[codes]->forward(torch::cat({x, code}, 1));
    for (std::size_t b = 0; b < norms.size(); ++b)
      z = z + layers[codes + 2 + 2 * b]->forward(torch::mish(layers[codes + 1 + 2 * b]->forward(norms[b]->forward(z))));
    return layers.back()->forward(torch::mish(z));
  }
};

/// Draws, in order: the diffusion's times, its noise.
class Idql : public Reference {
 public:
  explicit Idql(const Sizes& s)
      : noise_(s.observation + s.action, s.action, {}), average_(s.observation + s.action, s.action, {}),
        noise_optimizer_(noise_.parameters(), torch::optim::AdamWOptions(3e-4).weight_decay(1e-4)), iql_(s) {
    const DiffusionSizes h;
    double product = 1;
    for (std::int64_t t = 1; t <= h.steps; ++t) {
      const double steps = double(h.steps);
      product *= std::exp(-0.1 / steps - 0.5 * (10 - 0.1) * (2 * double(t) - 1) / (steps * steps));
      kept_.push_back(float(product));
    }
  }
  void copy(const Networks& from) override {
    noise_.copy(from.at("policy")[0]), average_.copy(from.at("policy")[0]);
    iql_.copy_values(from);
  }
  void update(const Transitions& b, const Normal& normal, const Uniform& uniform, Losses* losses) override {
    const auto n = b.actions.size(0), d = b.actions.size(1);
    const auto t = (uniform(n, 1) * double(kept_.size())).floor();
    const auto eps = normal(n, d);
    const auto kept = torch::tensor(kept_).to(where).index_select(0, t.squeeze(1).to(torch::kLong)).unsqueeze(1);
    const auto x = torch::cat({b.observations, kept.sqrt() * b.actions + (1 - kept).sqrt() * eps}, 1);
    const auto loss = (noise_.forward(x, t) - eps).square().sum(1).mean();
    noise_optimizer_.zero_grad();
    loss.backward();
    noise_optimizer_.step();
    {
      torch::NoGradGuard guard;
      const auto to = average_.parameters(), from = noise_.parameters();
      for (std::size_t i = 0; i < to.size(); ++i) to[i].mul_(0.999).add_(from[i], 0.001);
    }
    iql_.update_values(b, losses);
    if (losses) losses->insert({"actor/noise", loss.item<double>()});
  }

 private:
  Residual noise_, average_;
  torch::optim::AdamW noise_optimizer_;
  IqlValues iql_;
  std::vector<float> kept_;
};

class Dynamics : public DynamicsReference {
 public:
  explicit Dynamics(const DynamicsSizes& s)
      : s_(s), low_(torch::full({s.targets()}, s.low, trained())), high_(torch::full({s.targets()}, s.high, trained())),
        optimizer_(adam(make_parameters())) {}
  void copy(const std::vector<Weights>& members) override {
    torch::NoGradGuard guard;
    for (std::size_t i = 0; i < weights_.size(); ++i)
      for (std::int64_t n = 0; n < s_.members; ++n) {
        weights_[i][n].copy_(members[std::size_t(n)].layers[i].first);
        biases_[i][n][0].copy_(members[std::size_t(n)].layers[i].second);
      }
  }
  Tensor step(const Tensor& x, const Tensor& y) override {
    const auto out = forward(x).chunk(2, -1);
    const auto upper = high_ - torch::softplus(high_ - out[1]), log_variance = low_ + torch::softplus(upper - low_);
    const auto likelihood = ((out[0] - y).square() * torch::exp(-log_variance) + log_variance).mean({1, 2}).sum();
    auto loss = likelihood + s_.bounds * (high_.sum() - low_.sum());
    for (std::size_t i = 0; i < weights_.size(); ++i) loss = loss + 0.5 * s_.decay[i] * weights_[i].square().sum();
    descend(optimizer_, loss);
    return likelihood.detach();
  }
  Tensor predict(const Tensor& x) override {
    torch::NoGradGuard guard;
    return forward(x);
  }

 private:
  std::vector<Tensor> make_parameters() {
    std::vector<Tensor> all{low_, high_};
    auto sizes = s_.hidden;
    sizes.insert(sizes.begin(), s_.inputs());
    sizes.push_back(2 * s_.targets());
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
      weights_.push_back(torch::empty({s_.members, sizes[i], sizes[i + 1]}, trained()));
      biases_.push_back(torch::empty({s_.members, 1, sizes[i + 1]}, trained()));
      all.insert(all.end(), {weights_.back(), biases_.back()});
    }
    return all;
  }
  Tensor forward(Tensor z) {
    const auto members = z.size(0);
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      z = torch::baddbmm(biases_[i].narrow(0, 0, members), z, weights_[i].narrow(0, 0, members));
      if (i + 1 < weights_.size()) z = torch::silu(z);
    }
    return z;
  }

  DynamicsSizes s_;
  std::vector<Tensor> weights_, biases_;
  Tensor low_, high_;
  torch::optim::Adam optimizer_;
};
}  // namespace

std::unique_ptr<DynamicsReference> make_dynamics_reference(const DynamicsSizes& s, const at::Device& device) {
  where = device;
  return std::make_unique<Dynamics>(s);
}

std::unique_ptr<Reference> make_reference(const std::string& algorithm, const Sizes& s, const at::Device& device) {
  where = device;
  if (algorithm == "bc") return std::make_unique<Bc>(s);
  if (algorithm == "td3-bc") return std::make_unique<Td3Bc>(s);
  if (algorithm == "awac") return std::make_unique<Awac>(s);
  if (algorithm == "iql") return std::make_unique<Iql>(s);
  if (algorithm == "sac") return std::make_unique<Sac>(s);
  if (algorithm == "cql") return std::make_unique<Cql>(s);
  if (algorithm == "rlpd") return std::make_unique<Rlpd>(s);
  if (algorithm == "fql") return std::make_unique<Fql>(s);
  if (algorithm == "idql") return std::make_unique<Idql>(s);
  throw std::invalid_argument("no reference for " + algorithm);
}
}  // namespace benchmarks
