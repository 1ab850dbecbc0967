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

torch::nn::Sequential mlp(std::int64_t in, const std::vector<std::int64_t>& hidden, std::int64_t out) {
  torch::nn::Sequential net;
  for (auto width : hidden) {
    net->push_back(torch::nn::Linear(in, width));
    net->push_back(torch::nn::ReLU());
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

  explicit Critics(const Sizes& s)
      : q1(mlp(s.observation + s.action, s.hidden, 1)), q2(mlp(s.observation + s.action, s.hidden, 1)),
        target1(mlp(s.observation + s.action, s.hidden, 1)), target2(mlp(s.observation + s.action, s.hidden, 1)),
        optimizer(adam([&] {
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
  throw std::invalid_argument("no reference for " + algorithm);
}
}  // namespace benchmarks
