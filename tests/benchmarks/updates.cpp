// Updates per second of the algorithms, against the same algorithms in plain libtorch and against the matrix product's
// peak.
#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/version.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <set>
#include <span>
#include <thread>

#include <tessera/algorithms/awac.hpp>
#include <tessera/algorithms/bc.hpp>
#include <tessera/algorithms/cql.hpp>
#include <tessera/algorithms/fql.hpp>
#include <tessera/algorithms/idql.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/algorithms/rlpd.hpp>
#include <tessera/algorithms/sac.hpp>
#include <tessera/algorithms/td3_bc.hpp>
#include <tessera/math/bounded_normal.hpp>
#include <tessera/nn/device.hpp>
#include <tessera/nn/gemm.hpp>
#include <tessera/nn/network.hpp>
#include <tessera/nn/precision.hpp>
#include <tessera/torch.hpp>

#include "reference.hpp"

namespace benchmarks {
namespace {
using namespace tessera;
using clock = std::chrono::steady_clock;

double seconds(const std::function<void()>& f) {
  const auto start = clock::now();
  f();
  return std::chrono::duration<double>(clock::now() - start).count();
}
// Where both programs run; waits for what was asked of it.
at::Device device = at::kCPU;
void finish() {
  if (!device.is_cpu()) at::detail::getCUDAHooks().deviceSynchronize(device.index());
}
#if TESSERA_CUDA_KERNELS
constexpr bool own_kernels = true;
#else
constexpr bool own_kernels = false;
#endif
at::TensorOptions on(at::ScalarType type) { return at::TensorOptions(type).device(device); }

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  const auto n = x.size();
  return n == 0 ? 0 : n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

// Floating-point operations that one update of the algorithm asks for, matrix products alone: 2 per multiply-add.  What
// an implementation computes twice, or for states it does not need, does not count.
struct Flops {
  Sizes s;
  double weights(std::int64_t in, std::int64_t out) const {
    double sum = 0;
    for (auto width : s.hidden) sum += double(in * width), in = width;
    return sum + double(in * out);
  }
  double forward(std::int64_t in, std::int64_t out) const { return 2 * double(s.batch) * weights(in, out); }
  double first(std::int64_t in) const { return 2 * double(s.batch * in * s.hidden.front()); }
  // Forward, gradient of the weights, gradient of the activations except the network's input.
  double train(std::int64_t in, std::int64_t out) const { return 3 * forward(in, out) - first(in); }
  double policy() const { return forward(s.observation, s.action); }
  double train_policy() const { return train(s.observation, s.action); }
  double q() const { return forward(s.observation + s.action, 1); }
  double train_q() const { return train(s.observation + s.action, 1); }
  // At several actions a state, which share its part of the first layer.
  double train_q(std::int64_t actions) const {
    const double shared = first(s.observation),
                 each = 3 * q() - 3 * first(s.observation + s.action) + 2 * first(s.action);
    return double(actions) * each + 2 * shared;
  }
  // Forward, and back to the action alone.
  double action_gradient() const { return 2 * q() - first(s.observation); }

  // A diffusion's training, without the times' code: there are as many different times as steps, fewer than states.
  double diffusion() const {
    const DiffusionSizes h;
    const auto inner = h.width * (2 * h.blocks * h.inner + s.action), first = (s.observation + s.action) * h.width;
    return 2 * double(s.batch) * double(3 * inner + 2 * first);
  }

  double of(const std::string& algorithm) const {
    if (algorithm == "bc") return train_policy();
    if (algorithm == "td3-bc") return policy() + 2 * q() + 2 * train_q() + (train_policy() + action_gradient()) / 2;
    if (algorithm == "awac") return policy() + 2 * q() + 2 * train_q() + 4 * q() + train_policy();
    // One V(s) and one V(s'); the update order of the paper evaluates V(s) once more after V's step.
    if (algorithm == "iql")
      return train(s.observation, 1) + forward(s.observation, 1) + 2 * q() + 2 * train_q() + train_policy();
    const auto outputs = 2 * s.action;
    const double soft_actor = train(s.observation, outputs) + 2 * action_gradient();
    // The policy once at s and once at s', whatever the actions drawn from it; the critic at these and at the data's.
    if (algorithm == "cql")
      return forward(s.observation, outputs) + 2 * q() + 2 * train_q(1 + 3 * cql_actions) + soft_actor;
    // The target of the two members that are drawn alone; the actor, and its climb of all members, now and then.
    if (algorithm == "rlpd")
      return forward(s.observation, outputs) + 2 * q() + double(rlpd_members) * train_q() +
             (train(s.observation, outputs) + double(rlpd_members) * action_gradient()) / double(rlpd_period);
    // The flow is trained, and followed from noise to an action; the policy at s and s', and its climb of both critics.
    if (algorithm == "fql") {
      const auto in = s.observation + s.action;
      return train(in + 1, s.action) + double(fql_steps) * forward(in + 1, s.action) + forward(in, s.action) + 2 * q() +
             2 * train_q() + train(in, s.action) + 2 * action_gradient();
    }
    if (algorithm == "idql")
      return diffusion() + train(s.observation, 1) + forward(s.observation, 1) + 2 * q() + 2 * train_q();
    return forward(s.observation, outputs) + 2 * q() + 2 * train_q() + soft_actor;
  }
};
// Of a step of the dynamics' ensemble, and of its prediction.
double dynamics_step_flops(const DynamicsSizes& s) {
  return double(s.members) * Flops{{s.observation, s.action, s.hidden, s.batch}}.train(s.inputs(), 2 * s.targets());
}
double dynamics_rollout_flops(const DynamicsSizes& s) {
  return double(s.elites) * Flops{{s.observation, s.action, s.hidden, s.rollouts}}.forward(s.inputs(), 2 * s.targets());
}

Dataset random_data(const Sizes& s, std::int64_t count) {
  Dataset d;
  d.name = "random numbers", d.format = "builtin";
  d.observation_size = s.observation, d.action_size = s.action;
  auto g = nn::generator(at::kCPU, 0, 0, 0);
  const auto fill = [&](std::vector<float>& v, std::int64_t n) {
    v.resize(std::size_t(n));
    at::from_blob(v.data(), {n}, at::kFloat).normal_(0, 1, g);
  };
  fill(d.observations, (count + 1) * s.observation), fill(d.actions, count * s.action), fill(d.rewards, count);
  for (float& a : d.actions) a = std::tanh(a);
  for (std::int64_t i = 0; i < count; ++i) {
    d.observation_row.push_back(i), d.next_observation_row.push_back(i + 1);
    d.terminals.push_back(i % 1000 == 999), d.timeouts.push_back(0);
  }
  d.action_low.assign(std::size_t(s.action), -1.0f), d.action_high.assign(std::size_t(s.action), 1.0f);
  for (std::int64_t first = 0; first < count; first += 1000) {
    const auto n = std::min<std::int64_t>(1000, count - first);
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += double(d.rewards[std::size_t(first + i)]);
    d.episodes.push_back({first, n, n, sum, sum, true});
  }
  return d;
}

// What a row measures: so many updates, ours or the reference's.
class Program {
 public:
  virtual ~Program() = default;
  virtual void run(std::int64_t updates) = 0;
  virtual void set_precision(precision) { throw std::logic_error("the reference has one precision"); }
  /// From now on a run's updates are launches, each of so many updates of so many seeds, that are recorded and
  /// repeated; false, where they cannot be.  Of no seeds: updates one by one.
  virtual bool set_recorded(std::int64_t seeds, std::int64_t updates_per_launch) {
    (void)updates_per_launch;
    return seeds == 0;
  }
};

void append(std::vector<Weights>& to, const nn::Mlp& mlp, const at::Tensor& buffer) {
  const auto v = mlp.look(buffer);
  for (std::int64_t i = 0; i < buffer.size(0); ++i) {
    Weights w;
    for (const auto& l : v.layers) w.layers.emplace_back(l.weight[i].clone(), l.bias[i][0].clone());
    if (v.state_independent.defined()) w.state_independent = v.state_independent.clone();
    if (v.frequencies.defined()) w.frequencies = v.frequencies[i][0].clone();
    to.push_back(std::move(w));
  }
}

// An algorithm of ours, whatever its type.
class Ours : public Program {
 public:
  virtual Networks networks() = 0;
  virtual Losses update(std::int64_t& index) = 0;
  virtual const Replay& replay() const = 0;
};

template <class Learner>
class OursOf : public Ours {
 public:
  OursOf(const Dataset& data, const Sizes& s)
      : s_(s), data_(data), agent_(data, with_hidden(s), {.device = device}),
        replay_(data, agent_.transitions(), agent_.units(), device) {}

  void run(std::int64_t updates) override {
    if (!recorded_)
      return train(agent_, replay_, {.updates = agent_.updates() + updates, .batch = s_.batch, .record = false});
    for (std::int64_t i = 0; i < updates; ++i)
      recorded_->update_many(recorded_agents_.front().updates() + 1, updates_per_launch_);
  }
  bool set_recorded(std::int64_t seeds, std::int64_t updates_per_launch) override {
    recorded_.reset(), recorded_agents_.clear();
    if (seeds == 0) return true;
    for (std::int64_t i = 0; i < seeds; ++i)
      recorded_agents_.emplace_back(data_, with_hidden(s_),
                                    learner_options<torch_backend>{.seed = std::uint64_t(i), .device = device});
    windows_.assign(std::size_t(seeds), {}), updates_per_launch_ = updates_per_launch;
    recorded_ = recorded_updates(
        std::span(recorded_agents_), replay_, s_.batch,
        {.made = [this](std::size_t i, std::int64_t k, const auto& metrics) { windows_[i].add(k, metrics); },
         .note =
             [](const std::string& line) {
               fmt::print(stderr, "{}: {}\n", kebab_case(type_name<typename Learner::recipe_type>()), line);
             }});
    run(4 * RecordedUpdates::warm_ups + 4);  // of a delayed actor too
    return recorded_->repeated() > 0;
  }
  void set_precision(precision p) override { agent_.set_precision(p); }
  Losses update(std::int64_t& index) override {
    index = agent_.updates() + 1;
    agent_.update(replay_.sample(0, index, s_.batch));
    Losses out;
    for (const auto& m : agent_.metrics()) out[m.name] = m.value.template item<double>();
    return out;
  }
  Networks networks() override {
    Networks all;
    const auto& p = agent_.hyperparameters();
    using P = typename Learner::recipe_type::template get<policy>;
    agent_.each_buffer([&](const std::string& name, auto& buffer) {
      if constexpr (std::is_same_v<std::decay_t<decltype(buffer)>, at::Tensor>) {
        if constexpr (requires { P::layout(p.policy, s_.action); }) {
          if (name == "policy/parameters")
            add(all["policy"], p.policy.net, s_.observation, P::layout(p.policy, s_.action), buffer);
        } else if (name == "policy/parameters") {  // on noise, and of several steps on the time too
          const auto in = s_.observation + s_.action + (OneStepGenerator<P> ? 0 : 1);
          add(all["policy"], p.policy.net, in, head_layout{s_.action}, buffer);
        }
        if constexpr (requires { p.behavior.model.net; })
          if (name == "behavior/parameters")
            add(all["behavior"], p.behavior.model.net, s_.observation + s_.action + 1, head_layout{s_.action}, buffer);
        if constexpr (requires { p.critic.net; })
          if (name == "critic/parameters")
            add(all["critic"], p.critic.net, s_.observation + s_.action, head_layout{1}, buffer);
        if constexpr (requires { p.value.net; })
          if (name == "value/parameters") add(all["value"], p.value.net, s_.observation, head_layout{1}, buffer);
      }
    });
    return all;
  }
  const Replay& replay() const override { return replay_; }

 private:
  static auto with_hidden(const Sizes& s) {
    typename Learner::params p;
    if constexpr (requires { p.policy.net.hidden; }) p.policy.net.hidden = s.hidden;
    if constexpr (requires { p.behavior.model.net; }) p.behavior.model.net.hidden = s.hidden;
    if constexpr (requires { p.critic.net; }) p.critic.net.hidden = s.hidden;
    if constexpr (requires { p.value.net; }) p.value.net.hidden = s.hidden;
    p.policy.adam.learning_rate = AdamOptions{}.learning_rate;  // the reference's, for all
    p.policy.adam.cosine_steps = 0;
    if constexpr (requires { p.actor.adam; }) p.actor.adam.learning_rate = AdamOptions{}.learning_rate;
    return p;
  }
  static void add(std::vector<Weights>& to, const auto& h, std::int64_t in, const head_layout& top,
                  const at::Tensor& buffer) {
    append(to, nn::Mlp(h, in, buffer.size(0), top), buffer);
  }

  Sizes s_;
  const Dataset& data_;
  Learner agent_;
  Replay replay_;
  std::vector<Learner> recorded_agents_;
  std::vector<MetricsWindow> windows_;
  std::int64_t updates_per_launch_ = 1;
  std::optional<RecordedUpdates> recorded_;
};

// RLPD's updates, on a log alone.
struct LoggedRlpd : recipes::Rlpd::with<tessera::data<Offline>> {};

std::unique_ptr<Ours> make_ours(const std::string& algorithm, const Dataset& data, const Sizes& s) {
  if (algorithm == "bc") return std::make_unique<OursOf<Bc>>(data, s);
  if (algorithm == "td3-bc") return std::make_unique<OursOf<Td3Bc>>(data, s);
  if (algorithm == "awac") return std::make_unique<OursOf<Awac>>(data, s);
  if (algorithm == "iql") return std::make_unique<OursOf<Iql>>(data, s);
  if (algorithm == "cql") return std::make_unique<OursOf<Cql>>(data, s);
  if (algorithm == "rlpd") return std::make_unique<OursOf<learner<LoggedRlpd>>>(data, s);
  if (algorithm == "fql") return std::make_unique<OursOf<Fql>>(data, s);
  if (algorithm == "idql") return std::make_unique<OursOf<Idql>>(data, s);
  return std::make_unique<OursOf<Sac>>(data, s);
}

Transitions plain(const batch<at::Tensor>& b) {
  return {b.observations.contiguous(), b.actions.contiguous(), b.rewards.contiguous(), b.next_observations.contiguous(),
          b.not_done.contiguous()};
}

void compare(const std::string& row, std::int64_t update, const Losses& got, const Losses& wanted) {
  for (const auto& [name, x] : wanted)
    if (!got.contains(name) || std::abs(got.at(name) - x) > 1e-3 * std::abs(x) + 1e-5)
      throw std::runtime_error(fmt::format("{}: {} at update {} is {}, but the reference has {}", row, name, update,
                                           got.contains(name) ? got.at(name) : std::nan(""), x));
}

// Both make the same updates from the same numbers, so their losses agree; if not, the comparison means nothing.
void check(const std::string& algorithm, const Sizes& s, const Dataset& data) {
  const auto ours = make_ours(algorithm, data, s);
  const auto reference = make_reference(algorithm, s, device);
  reference->copy(ours->networks());
  for (std::int64_t i = 0; i < (algorithm == "rlpd" ? rlpd_period + 1 : 6); ++i) {
    std::int64_t index = 0;
    const auto got = ours->update(index);
    std::int64_t draws = 0;
    const auto drawn = [&](noise kind) {
      return [&, kind](std::int64_t rows, std::int64_t columns) {
        return torch_backend::draw(kind, 0, index, draws++, columns, at::empty({rows, columns}, on(at::kFloat)));
      };
    };
    Losses wanted;
    reference->update(plain(ours->replay().sample(0, index, s.batch)), drawn(noise::normal), drawn(noise::uniform),
                      &wanted);
    compare(algorithm, index, got, wanted);
  }
}

// The reference as a program of its own would run it.
class Plain : public Program {
 public:
  Plain(const std::string& algorithm, const Sizes& s, const Replay& replay)
      : s_(s), reference_(make_reference(algorithm, s, device)), data_(plain(replay.all())) {}
  void run(std::int64_t updates) override {
    const auto normal = [](std::int64_t rows, std::int64_t columns) {
      return at::randn({rows, columns}, on(at::kFloat));
    };
    const auto uniform = [](std::int64_t rows, std::int64_t columns) {
      return at::rand({rows, columns}, on(at::kFloat));
    };
    for (std::int64_t i = 0; i < updates; ++i) {
      const auto index = at::randint(data_.rewards.size(0), {s_.batch}, on(at::kLong));
      const auto take = [&](const at::Tensor& t) { return t.index_select(0, index); };
      reference_->update({take(data_.observations), take(data_.actions), take(data_.rewards),
                          take(data_.next_observations), take(data_.not_done)},
                         normal, uniform, nullptr);
    }
  }

 private:
  Sizes s_;
  std::unique_ptr<Reference> reference_;
  Transitions data_;
};

// A fixed number of batches of the dynamics' ensemble, each member's its own, and of states that it predicts from.
struct DynamicsData {
  std::vector<at::Tensor> x, y, states;
  explicit DynamicsData(const DynamicsSizes& s) {
    auto g = nn::generator(at::kCPU, 0, 0, 0);
    const auto normal = [&](at::IntArrayRef sizes) { return at::empty(sizes, at::kFloat).normal_(0, 1, g); };
    const auto map = normal({s.inputs(), s.targets()}) * 0.2;
    for (int i = 0; i < 8; ++i) {
      const auto in = normal({s.members, s.batch, s.inputs()});
      x.push_back(in.to(device));
      y.push_back((in.matmul(map).tanh() + 0.1 * normal({s.members, s.batch, s.targets()})).to(device));
      states.push_back(normal({s.elites, s.rollouts, s.inputs()}).to(device));
    }
  }
  std::size_t at(std::int64_t step) const { return std::size_t(step) % x.size(); }
};

// An ensemble of ours: trained, or predicting.
class OurDynamics : public Program {
 public:
  OurDynamics(const DynamicsSizes& s, bool trains)
      : s_(s), data_(s), trains_(trains),
        net_({.hidden = s.hidden, .activation = activation::silu}, {}, s.inputs(), s.members,
             {2 * s.targets(), 2 * s.targets()}, false, device, nn::generator(at::kCPU, 1, 0, 0)) {}
  void set_precision(precision p) override { precision_ = p; }
  void run(std::int64_t updates) override {
    const nn::in_precision guard(precision_);
    for (std::int64_t i = 0; i < updates; ++i)
      if (trains_) step(data_.x[data_.at(i)], data_.y[data_.at(i)]);
      else net_.fixed_apart(data_.states[data_.at(i)]);
  }
  at::Tensor step(const at::Tensor& x, const at::Tensor& y) {
    const auto [out, free] = net_.trained_apart(x);
    const auto d = s_.targets();
    const at::Tensor high = s_.high + free.narrow(0, 0, d), low = s_.low + free.narrow(0, d, d);
    const std::array<at::Tensor, 2> losses{math::bounded_normal_nll(out, low, high, y),
                                           s_.bounds * (high.sum() - low.sum())};
    torch_backend::backward(losses);
    net_.decay(s_.decay);
    net_.apply();
    return losses[0].detach();
  }
  at::Tensor predict(const at::Tensor& x) { return net_.fixed_apart(x).out; }
  std::vector<Weights> members() const {
    std::vector<Weights> all;
    append(all, net_.mlp(), net_.parameters());
    return all;
  }
  const DynamicsData& data() const { return data_; }

 private:
  DynamicsSizes s_;
  DynamicsData data_;
  bool trains_;
  precision precision_ = precision::float32;
  nn::Network net_;
};

class PlainDynamics : public Program {
 public:
  PlainDynamics(const DynamicsSizes& s, bool trains)
      : data_(s), trains_(trains), reference_(make_dynamics_reference(s, device)) {
    reference_->copy(OurDynamics(s, trains).members());
  }
  void run(std::int64_t updates) override {
    for (std::int64_t i = 0; i < updates; ++i)
      if (trains_) reference_->step(data_.x[data_.at(i)], data_.y[data_.at(i)]);
      else reference_->predict(data_.states[data_.at(i)]);
  }

 private:
  DynamicsData data_;
  bool trains_;
  std::unique_ptr<DynamicsReference> reference_;
};

// The losses of some steps, and what the networks then predict.
void check_dynamics(const std::string& row, const DynamicsSizes& s) {
  OurDynamics ours(s, true);
  const auto reference = make_dynamics_reference(s, device);
  reference->copy(ours.members());
  const auto& data = ours.data();
  for (int i = 0; i < 12; ++i) {
    const auto &x = data.x[data.at(i)], &y = data.y[data.at(i)];
    compare(row, i + 1, {{"dynamics/likelihood", ours.step(x, y).item<double>()}},
            {{"dynamics/likelihood", reference->step(x, y).item<double>()}});
    const auto got = ours.predict(data.states[0]), wanted = reference->predict(data.states[0]);
    const double apart = (got - wanted).abs().max().item<double>();
    if (!(apart <= 1e-3 * wanted.abs().max().item<double>()))
      throw std::runtime_error(
          fmt::format("{}: after update {} predictions are {} from the reference's", row, i + 1, apart));
  }
}

// Threads of libtorch's own operations, and of its BLAS.
struct LibtorchThreads {
  int operations, blas;
  void set() const {
    at::set_num_threads(operations);
    nn::detail::set_blas_threads(blas);
  }
  std::string text() const { return fmt::format("{}+{}", operations, blas); }
};
int blas_threads() {
  for (const char* name : {"openblas_get_num_threads", "MKL_Get_Max_Threads", "bli_thread_get_num_threads"})
    if (void* f = dlsym(RTLD_DEFAULT, name)) return reinterpret_cast<int (*)()>(f)();
  return 1;
}

// Updates per second over about `duration` seconds.
double rate(const std::function<void(std::int64_t)>& run, double duration) {
  std::int64_t count = 1;
  const auto once = [&] { run(count), finish(); };
  for (;; count *= 2) {
    const double t = seconds(once);
    if (t > duration / 4) {
      count = std::max<std::int64_t>(1, std::int64_t(double(count) * duration / t));
      break;
    }
  }
  return double(count) / seconds(once);
}

// The peak of one matrix product of 256 x 256 x 256 float32, in GFLOP/s over all cores: each core its own product.
double gemm_gflops(nn::gemm_function* gemm, double duration) {
  const std::int64_t n = 256, threads = nn::pool().threads();
  std::vector<at::Tensor> x;
  for (std::int64_t i = 0; i < 3 * threads; ++i) x.push_back(at::rand({n, n}));
  const auto run = [&](std::int64_t count) {
    auto task = [&](std::int64_t i) {
      const auto at = [&](std::int64_t k) { return x[std::size_t(3 * i + k)].data_ptr<float>(); };
      for (std::int64_t k = 0; k < count; ++k) gemm(false, false, n, n, n, at(0), n, at(1), n, 0.0f, at(2), n);
    };
    nn::pool().run(threads, task);
  };
  return rate(run, duration) * double(threads) * 2 * double(n * n * n) * 1e-9;
}

std::string cpu_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

// How much faster bf16 products are than float ones, rounding of the operands included: those of the layers of a
// critic's pass forward and back, on this thread.
double product_gain(const Sizes& s, double duration) {
  double in_float = 0, in_bf16 = 0;
  std::int64_t in = s.observation + s.action;
  const auto widest = std::max<std::int64_t>(*std::max_element(s.hidden.begin(), s.hidden.end()), in);
  const auto x = at::rand({s.batch, widest}), y = at::rand({s.batch, widest}), w = at::rand({widest, widest}),
             rows = at::empty_like(x), weights = at::empty_like(w);
  const auto at = [](const at::Tensor& t) { return t.data_ptr<float>(); };
  for (const auto out : s.hidden) {
    const auto products = [&](nn::gemm_function* f) {
      return 1 / rate(
                     [&](std::int64_t n) {
                       for (std::int64_t i = 0; i < n; ++i) {
                         f(false, false, s.batch, out, in, at(x), in, at(w), out, 0.0f, at(rows), out);
                         f(false, true, s.batch, in, out, at(y), out, at(w), out, 0.0f, at(rows), in);
                         f(true, false, in, out, s.batch, at(x), in, at(y), out, 0.0f, at(weights), out);
                       }
                     },
                     duration);
    };
    in_float += products(nn::gemms().front().second), in_bf16 += products(nn::bf16_gemm);
    in = out;
  }
  return in_float / in_bf16;
}

struct Row {
  std::string name;
  double flops;
  Sizes sizes;
  std::function<void()> check;
  std::function<std::unique_ptr<Program>()> make_ours, make_reference;
  std::unique_ptr<Program> ours = {}, reference = {};
  LibtorchThreads best = {};
  std::vector<double> updates = {}, to_best = {}, to_default = {}, fraction = {};
};

Row algorithm_row(const std::string& name, const std::string& algorithm, const Sizes& s, const Dataset& data) {
  const auto plain_of = [=, &data] {
    const auto replay = make_ours(algorithm, data, s);
    return std::make_unique<Plain>(algorithm, s, replay->replay());
  };
  return {name,
          Flops{s}.of(algorithm),
          s,
          [=, &data] { check(algorithm, s, data); },
          [=, &data] { return make_ours(algorithm, data, s); },
          plain_of};
}
Row dynamics_row(const std::string& name, const DynamicsSizes& s, bool trains) {
  return {name,
          trains ? dynamics_step_flops(s) : dynamics_rollout_flops(s),
          {s.observation, s.action, s.hidden, trains ? s.batch : s.rollouts},
          [=] { check_dynamics(name, s); },
          [=] { return std::make_unique<OurDynamics>(s, trains); },
          [=] { return std::make_unique<PlainDynamics>(s, trains); }};
}

// Our updates in float and in bf16, in turns.
void compare_precisions(std::vector<Row>& rows, int repetitions, double duration, int threads) {
  fmt::print("{}, {} thread{}; GEMM {} ({}); libtorch {}\n{:<18}{:>16}{:>16}{:>10}{:>22}\n", cpu_name(), threads,
             threads == 1 ? "" : "s", nn::gemm_name(), nn::gemm_core_type(), TORCH_VERSION, "", "float updates/s",
             "bf16 updates/s", "x float", "products alone, x");
  for (auto& r : rows) r.ours = r.make_ours();
  std::vector<std::vector<double>> in_float(rows.size()), in_bf16(rows.size()), ratio(rows.size()), gain(rows.size());
  for (int i = 0; i < repetitions; ++i)
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const auto measured = [&](precision p) {
        rows[k].ours->set_precision(p);
        return rate([&](auto n) { rows[k].ours->run(n); }, duration);
      };
      in_float[k].push_back(measured(precision::float32)), in_bf16[k].push_back(measured(precision::bf16));
      ratio[k].push_back(in_bf16[k].back() / in_float[k].back());
      gain[k].push_back(product_gain(rows[k].sizes, duration / 10));
    }
  for (std::size_t k = 0; k < rows.size(); ++k)
    fmt::print("{:<18}{:>16.1f}{:>16.1f}{:>10.2f}{:>22.2f}\n", rows[k].name, median(in_float[k]), median(in_bf16[k]),
               median(ratio[k]), median(gain[k]));
}

// On a GPU: updates made one by one, recorded and repeated, several in a launch, and those of several seeds in a
// launch, all of which count; and plain libtorch's.
void compare_recorded(std::vector<Row>& rows, int repetitions, double duration, const std::string& where,
                      std::int64_t seeds, std::int64_t per_launch) {
  const std::vector<std::pair<std::string, std::array<std::int64_t, 2>>> ways = {
      {"one by one", {0, 1}},
      {"recorded", {1, 1}},
      {fmt::format("{} a launch", per_launch), {1, per_launch}},
      {fmt::format("{} seeds", seeds), {seeds, 1}}};
  fmt::print("{}, libtorch {}, {} kernels\n{:<18}", where, TORCH_VERSION, own_kernels ? "own" : "libtorch's",
             "updates/s");
  for (const auto& [name, how] : ways) fmt::print("{:>14}", name);
  fmt::print("{:>14}{:>20}{:>20}\n", "plain", "recorded / plain", "recorded / single");
  for (auto& r : rows) {
    r.ours->run(3), r.reference->run(3), finish();  // the first make plans and reserve memory
    std::vector<std::vector<double>> speed(ways.size());
    std::vector<double> reference;
    for (int i = 0; i < repetitions; ++i) {
      for (std::size_t k = 0; k < ways.size(); ++k) {
        const auto [count, at_once] = ways[k].second;
        if (!r.ours->set_recorded(count, at_once)) continue;
        const double launches = rate([&](auto n) { r.ours->run(n); }, duration);
        speed[k].push_back(launches * double(std::max<std::int64_t>(count, 1) * at_once));
      }
      r.ours->set_recorded(0, 1);
      reference.push_back(rate([&](auto n) { r.reference->run(n); }, duration));
    }
    fmt::print("{:<18}", r.name);
    for (const auto& x : speed) fmt::print("{:>14}", x.empty() ? "-" : fmt::format("{:.0f}", median(x)));
    const double best = median(speed[1].empty() ? speed[0] : speed[1]);
    fmt::print("{:>14.0f}{:>20.2f}{:>20.2f}\n", median(reference), best / median(reference), best / median(speed[0]));
    std::fflush(stdout);
  }
}

int main(int argc, char** argv) {
  CLI::App app{"Updates per second of the algorithms, against plain libtorch and against the matrix product's peak"};
  bool as_json = false, only_check = false, unchecked = false, bf16 = false;
  std::string where = "cpu";
  int repetitions = 5, threads = 0;
  std::int64_t seeds = 32, per_launch = 8;
  double duration = 0.5;
  std::vector<std::string> only;
  app.add_flag("--json", as_json, "one JSON object on standard output");
  app.add_flag("--check", only_check, "compare the losses with the reference's, and measure nothing");
  app.add_flag("--unchecked", unchecked, "measure without this comparison")->excludes("--check");
  app.add_flag("--bf16", bf16, "our updates with bf16 products against those in float, instead of the reference's")
      ->excludes("--json")
      ->excludes("--check");
  app.add_option("--device", where, "cpu, cuda, cuda:1, ...")->capture_default_str();
  app.add_option("--only", only,
                 "rows to measure: bc, td3-bc, awac, iql, sac, cql, rlpd, idql, fql, iql-512x3-b1024, dynamics-step, "
                 "dynamics-rollout");
  app.add_option("--repetitions", repetitions, "interleaved rounds, of which the median counts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seconds", duration, "length of one measurement")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--threads", threads, "cores for our updates (default: as for a user who says nothing)")
      ->check(CLI::Range(1, 1024));
  app.add_option("--seeds", seeds, "on a GPU: of one launch")->check(CLI::Range(1, 1024))->capture_default_str();
  app.add_option("--per-launch", per_launch, "on a GPU: updates in one launch")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  device = nn::device(where);
  if (as_json && !device.is_cpu()) {
    fmt::print(stderr, "bench_updates: error: --json: there is no JSON of {}; leave one of them out\n", where);
    return 2;
  }

  const LibtorchThreads defaults{at::get_num_threads(), blas_threads()};  // before our pool changes them
  if (threads > 0) nn::set_threads(threads);
  threads = nn::pool().threads();
  const int cores = int(std::max(1u, std::thread::hardware_concurrency()));

  const auto data = random_data({}, 100'000);
  std::vector<Row> rows;
  for (const char* name : {"bc", "td3-bc", "awac", "iql", "sac", "cql", "rlpd", "idql"})
    rows.push_back(algorithm_row(name, name, {}, data));
  rows.push_back(algorithm_row("fql", "fql", {.hidden = {512, 512, 512, 512}}, data));
  rows.push_back(algorithm_row("iql-512x3-b1024", "iql", {.hidden = {512, 512, 512}, .batch = 1024}, data));
  rows.push_back(dynamics_row("dynamics-step", {}, true));
  rows.push_back(dynamics_row("dynamics-rollout", {}, false));
  for (const auto& wanted : only)
    if (std::none_of(rows.begin(), rows.end(), [&](const Row& r) { return r.name == wanted; })) {
      fmt::print(stderr, "bench_updates: error: --only {}: no such row; --help lists them\n", wanted);
      return 2;
    }
  if (!only.empty())
    std::erase_if(rows, [&](const Row& r) { return std::find(only.begin(), only.end(), r.name) == only.end(); });

  if (bf16) {
    torch_backend::require_precision(precision::bf16, device);
    compare_precisions(rows, repetitions, duration, threads);
    return 0;
  }

  const auto note = [&](const std::string& text) { fmt::print(stderr, "{}\n", text); };
  for (auto& r : rows) {
    if (!unchecked) r.check();
    if (only_check) {
      fmt::print("{}: the losses are the reference's\n", r.name);
      continue;
    }
    r.ours = r.make_ours();
    r.reference = r.make_reference();
    if (!device.is_cpu()) continue;
    // The best setting of libtorch's two pools.
    double fastest = 0;
    const std::set<int> counts{1, std::max(1, cores / 2), cores};
    for (int operations : counts)
      for (int blas : counts) {
        const LibtorchThreads t{operations, blas};
        t.set();
        r.reference->run(3);
        if (const double x = rate([&](auto n) { r.reference->run(n); }, duration / 2); x > fastest)
          fastest = x, r.best = t;
      }
    note(fmt::format("{}: the reference is fastest with {} threads (operations + BLAS)", r.name, r.best.text()));
  }
  if (only_check) return 0;

  if (!device.is_cpu()) {
    compare_recorded(rows, repetitions, duration, where, seeds, per_launch);
    return 0;
  }

  std::map<std::string, std::vector<double>> peaks;
  std::vector<double> peak;
  std::string gemm;
  for (int i = 0; i < repetitions; ++i)
    for (auto& r : rows) {
      LibtorchThreads{1, 1}.set();
      double best_gemm = 0;
      for (const auto& [name, f] : nn::gemms()) {
        const double x = gemm_gflops(f, duration / 4);
        peaks[name].push_back(x);
        best_gemm = std::max(best_gemm, x);
      }
      peak.push_back(best_gemm);
      const double mine = rate([&](auto n) { r.ours->run(n); }, duration);
      defaults.set();
      const double plain_default = rate([&](auto n) { r.reference->run(n); }, duration);
      r.best.set();
      const double plain_best = rate([&](auto n) { r.reference->run(n); }, duration);
      r.updates.push_back(mine);
      r.fraction.push_back(mine * r.flops * 1e-9 / best_gemm);
      r.to_best.push_back(mine / std::max(plain_best, plain_default));
      r.to_default.push_back(mine / plain_default);
    }
  for (const auto& [name, x] : peaks)
    if (gemm.empty() || median(x) > median(peaks[gemm])) gemm = name;

  nlohmann::ordered_json out = {{"cpu", cpu_name()},
                                {"gemm", nn::gemm_name()},
                                {"core_type", nn::gemm_core_type()},
                                {"threads", threads},
                                {"libtorch", TORCH_VERSION},
                                {"native_build", TESSERA_NATIVE != 0},
                                {"gemm_peak_gflops", median(peak)},
                                {"gemm_peak_of", gemm}};
  for (const auto& r : rows)
    out["algorithms"][r.name] = {
        {"updates_per_second", median(r.updates)},      {"gflops", median(r.updates) * r.flops * 1e-9},
        {"mflop_per_update", r.flops * 1e-6},           {"fraction_of_peak", median(r.fraction)},
        {"ratio_to_reference_best", median(r.to_best)}, {"ratio_to_reference_default", median(r.to_default)},
        {"reference_best_threads", r.best.text()}};
  if (as_json) {
    std::cout << out.dump() << std::endl;
    return 0;
  }
  fmt::print("{}, {} thread{}; GEMM {} ({}), peak of {} at 256^3: {:.0f} GFLOP/s; libtorch {}; {} build\n",
             out["cpu"].get<std::string>(), threads, threads == 1 ? "" : "s", nn::gemm_name(), nn::gemm_core_type(),
             gemm, median(peak), TORCH_VERSION, TESSERA_NATIVE ? "-march=native" : "generic");
  fmt::print("{:<18}{:>10}{:>10}{:>12}{:>16}{:>19}\n", "", "updates/s", "GFLOP/s", "of peak", "x plain, best",
             "x plain, defaults");
  for (const auto& [name, a] : out["algorithms"].items())
    fmt::print("{:<18}{:>10.0f}{:>10.0f}{:>12.2f}{:>16.2f}{:>19.2f}\n", name, a["updates_per_second"].get<double>(),
               a["gflops"].get<double>(), a["fraction_of_peak"].get<double>(),
               a["ratio_to_reference_best"].get<double>(), a["ratio_to_reference_default"].get<double>());
  return 0;
}
}  // namespace
}  // namespace benchmarks

int main(int argc, char** argv) {
  try {
    return benchmarks::main(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_updates: error: %s\n", e.what());
    return 2;
  }
}
