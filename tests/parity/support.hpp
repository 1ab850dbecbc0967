#pragma once
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <tessera/compose/learner.hpp>
#include <tessera/io/npz.hpp>
#include <tessera/nn/device.hpp>
#include <tessera/torch.hpp>

/// Whole updates of other programs as numbers (tests/parity/fixtures), and a learner of ours that makes the same: from
/// the same parameters, batches and noise.  A fixture is met twice: in double, on libtorch's operations, and in float,
/// on the CPU's kernels; or, with TESSERA_TEST_DEVICE (cuda), both on that device.
namespace parity {
/// One file of numbers.  Names: tests/parity/README.md.
class Fixture {
 public:
  explicit Fixture(const std::string& name)
      : name_(name), file_(TESSERA_SOURCE_DIR "/tests/parity/fixtures/" + name + ".npz") {}
  const std::string& name() const { return name_; }
  bool has(const std::string& key) const { return file_.exists(key); }
  at::Tensor operator()(const std::string& key) const {
    const auto a = file_.read(key);
    return at::tensor(a.values, at::kDouble).view(a.shape);
  }
  /// "step1/" + key.
  at::Tensor operator()(int step, const std::string& key) const { return (*this)(at(step) + key); }
  double number(const std::string& key) const { return (*this)(key).item<double>(); }
  double hyper(const std::string& key) const { return number("hyper/" + key); }
  static std::string at(int step) { return "step" + std::to_string(step) + "/"; }

 private:
  std::string name_;
  tessera::NpzFile file_;
};

/// libtorch in either precision, whose noise is what a test says it is.
struct Scripted : tessera::torch_backend {
  static inline at::ScalarType precision = at::kDouble;
  static inline std::deque<at::Tensor> noise;  ///< handed out in order

  struct network : tessera::nn::Network {
    template <class Problem, class Options>
    network(const Problem& on, std::string_view, const Options& h, const tessera::AdamOptions& adam,
            std::int64_t inputs, std::int64_t members, const tessera::head_layout& top, bool with_target)
        : tessera::nn::Network(h, adam, inputs, members, top, with_target, on.device,
                               tessera::nn::generator(at::kCPU, on.seed, tessera::nn::stream::initialization, 0),
                               precision) {}
  };
  struct scalar : tessera::nn::Scalar {
    template <class Problem>
    scalar(double value, const tessera::AdamOptions& adam, const Problem& on)
        : tessera::nn::Scalar(value, adam, on.device, precision) {}
  };
  template <std::size_t N>
  static tensor filled(const std::array<std::int64_t, N>& sizes, double x, const device& where) {
    return at::full(sizes, x, at::TensorOptions(precision).device(where));
  }
  static tensor observations(const tensor& x, std::int64_t, const device& where) { return x.to(where, precision); }
  static tensor are_finite(const tensor&) { return {}; }
  static tensor one_hot(const tensor& a, std::int64_t size) { return at::one_hot(a, size).to(precision); }
  static tensor draw(tessera::noise kind, std::uint64_t, std::int64_t, std::int64_t, std::int64_t columns,
                     const tensor& like) {
    if (kind == tessera::noise::none) return {};
    if (noise.empty()) throw std::logic_error("more noise was asked for than the fixture has");
    const auto eps = noise.front();
    noise.pop_front();
    if (eps.numel() != like.size(0) * columns)
      throw std::logic_error("noise of another size was asked for than the fixture has next");
    return eps.reshape({like.size(0), columns}).to(like.device(), precision);
  }
};

inline at::Device device() {
  const char* name = std::getenv("TESSERA_TEST_DEVICE");
  return name != nullptr && *name != 0 ? tessera::nn::device(name) : at::Device(at::kCPU);
}
/// How far apart the two programs may be:  |ours - theirs| <= tolerance (1 + |theirs|).
inline double tolerance() { return Scripted::precision == at::kDouble ? 1e-9 : 1e-4; }
inline double deviation(const at::Tensor& ours, const at::Tensor& theirs) {
  if (ours.numel() != theirs.numel()) throw std::logic_error("of different sizes");
  const auto a = ours.detach().to(at::kCPU, at::kDouble).reshape(-1), b = theirs.to(at::kDouble).reshape(-1);
  return ((a - b).abs() / (1.0 + b.abs())).max().item<double>();
}

/// Packs a network of the fixture's into our buffer of (N, row) numbers: `names` are the members' prefixes.  `free` are
/// the names of its parameters that do not depend on the state, in our order, and `free_shift` what is added to theirs
/// to be ours.
struct Layout {
  tessera::nn::Mlp mlp;
  std::vector<std::string> state_independent{};
  std::vector<double> free_shift{};

  at::Tensor pack(const Fixture& f, const std::string& prefix, const std::vector<std::string>& names) const {
    auto buffer = at::zeros({mlp.members(), mlp.row()}, at::kDouble);
    auto v = mlp.look(buffer);
    if (mlp.residual()) return pack_residual(f, prefix + names.at(0) + "/", v), buffer;
    for (std::int64_t m = 0; m < mlp.members(); ++m) {
      const auto net = prefix + names.at(std::size_t(m)) + "/";
      for (std::size_t i = 0; i < v.layers.size(); ++i) {
        auto& l = v.layers[i];
        const auto layer = net + "layers/" + std::to_string(i) + "/";
        const bool heads = !f.has(layer + "weight");  // a mean and a log-std on one trunk
        const auto both = [&](const std::string& what) {
          return heads ? at::cat({f(net + "mean/" + what), f(net + "log_std/" + what)}) : f(layer + what);
        };
        l.weight.select(0, m).copy_(both("weight").t());
        l.bias.select(0, m).copy_(both("bias").unsqueeze(0));
        if (l.gain.defined()) {
          l.gain.select(0, m).copy_(f(layer + "norm/scale").unsqueeze(0));
          l.shift.select(0, m).copy_(f(layer + "norm/bias").unsqueeze(0));
        }
      }
    }
    std::int64_t at = 0;
    for (std::size_t k = 0; k < state_independent.size(); ++k) {
      const auto x = f(prefix + state_independent[k]).reshape(-1);
      v.state_independent.narrow(0, at, x.numel()).copy_(x + (free_shift.empty() ? 0.0 : free_shift.at(k)));
      at += x.numel();
    }
    return buffer;
  }

 private:
  // Theirs is of [a, s, code], ours of [s, a, code].
  void pack_residual(const Fixture& f, const std::string& net, tessera::nn::Mlp::views& v) const {
    const auto d = mlp.top().outputs, n = mlp.inputs() - 1 - d;
    v.frequencies.copy_(f(net + "fourier/weight").view({1, 1, -1}));
    std::vector<std::string> names;
    const auto count = v.layers.size();
    std::size_t times = 0, blocks = 0;
    while (f.has(net + "time/layers/" + std::to_string(times) + "/weight"))
      names.push_back("time/layers/" + std::to_string(times++));
    names.push_back("input");
    while (f.has(net + "blocks/" + std::to_string(blocks) + "/norm/scale")) {
      const auto block = "blocks/" + std::to_string(blocks++) + "/layers/";
      names.push_back(block + "0"), names.push_back(block + "1");
    }
    names.push_back("output");
    if (names.size() != count) throw std::logic_error("a residual network of another shape than the fixture's");
    for (std::size_t i = 0; i < count; ++i) {
      auto w = f(net + names[i] + "/weight");
      if (names[i] == "input")
        w = at::cat({w.narrow(1, d, n), w.narrow(1, 0, d), w.narrow(1, n + d, w.size(1) - n - d)}, 1);
      v.layers[i].weight.select(0, 0).copy_(w.t());
      v.layers[i].bias.select(0, 0).copy_(f(net + names[i] + "/bias").unsqueeze(0));
      if (!v.layers[i].gain.defined()) continue;
      const auto norm = net + names[i].substr(0, names[i].find("/layers")) + "/norm/";
      v.layers[i].gain.select(0, 0).copy_(f(norm + "scale").unsqueeze(0));
      v.layers[i].shift.select(0, 0).copy_(f(norm + "bias").unsqueeze(0));
    }
  }
};

/// What a loss of the fixture's is in our terms:  theirs = factor * (sum of ours) + offset.  Theirs may be a sum too:
/// "critic_0+critic_1".
struct Loss {
  std::string theirs;
  std::vector<std::string> ours;
  double factor = 1, offset = 0;
};

/// A learner of recipe R next to a fixture.
template <class R>
class Twin {
 public:
  using Learner = tessera::learner<R, Scripted>;
  using params = typename Learner::params;
  using P = typename R::template get<tessera::policy>;
  using C = typename R::template get<tessera::critic>;
  using V = typename R::template get<tessera::value>;
  static constexpr bool discrete = std::is_same_v<typename P::space, tessera::Discrete>;

  Twin(const Fixture& f, const params& p)
      : f_(f), n_(f("step0/batch/observations").size(1)), d_(actions(f)), p_(p),
        learner_(tessera::problem_spec<Scripted>{n_, d_ / tessera::detail::actions_at_once<R>(p), 0, device()},
                 tessera::nn::Units(plain(n_)), p) {
    using tessera::nn::Mlp;
    if constexpr (tessera::HeadPolicy<P>)
      add("policy", "actor", "target_actor", {Mlp(p.policy.net, n_, 1, P::layout(p.policy, d_))});
    if constexpr (!std::is_void_v<C>) {
      std::vector<std::string> online, target;
      for (std::int64_t i = 0; i < p.critic.members; ++i)
        online.push_back("critic/" + std::to_string(i)), target.push_back("target_critic/" + std::to_string(i));
      const auto top = discrete ? tessera::head_layout{d_} : tessera::head_layout::value();
      nets_["critic"] = {{Mlp(p.critic.net, n_ + (discrete ? 0 : d_), p.critic.members, top)}, online, target};
    }
    if constexpr (tessera::FittedValue<V>)
      add("value", "value", "", {Mlp(p.value.net, n_, 1, tessera::head_layout::value())});
  }

  /// A network that is not one of policy, critic, value; or another form of one.
  void add(const std::string& ours, const std::string& theirs, const std::string& their_target, Layout layout) {
    nets_[ours] = {std::move(layout), {theirs}, {their_target}};
  }
  /// The names of a network's free parameters: see Layout.
  void free(const std::string& ours, std::vector<std::string> names, std::vector<double> shift = {}) {
    nets_.at(ours).layout.state_independent = std::move(names), nets_.at(ours).layout.free_shift = std::move(shift);
  }
  /// A trained number: ours = theirs + shift.
  void number(const std::string& ours, const std::string& theirs, double shift = 0) {
    numbers_[ours] = {theirs, shift};
  }
  /// Noise that the fixture has in another form than we draw it: what it is in ours.
  void noise_as(const std::string& name, std::function<at::Tensor(const at::Tensor&)> form) {
    forms_[name] = std::move(form);
  }
  Learner& learner() { return learner_; }

  /// Makes the updates.  `noise(t)` names the noise of update t in the order in which we ask for it; `losses` are
  /// compared wherever the fixture has them.
  /// Where one update of theirs is several of ours, each has so many of its rows, in turn.
  void run(const std::vector<Loss>& losses, const std::function<std::vector<std::string>(int)>& noise = {},
           std::int64_t logged = -1, int pieces = 1) {
    put();
    double worst_loss = 0, worst_parameter = 0;
    for (int t = 0; t < 3; ++t) {
      INFO(f_.name() << (Scripted::precision == at::kDouble ? " in double" : " in float") << ", update " << t);
      Scripted::noise.clear();
      if (noise)
        for (const auto& each : noise(t))
          Scripted::noise.push_back(forms_.contains(each) ? forms_.at(each)(f_(t, "noise/" + each))
                                                          : f_(t, "noise/" + each));
      if (pieces == 1) {
        learner_.update(batch(t, logged));
      } else {
        for (int i = 0; i < pieces; ++i) {
          auto b = batch(t, logged);
          const auto rows = b.rewards.size(0) / pieces;
          for (auto* x : {&b.observations, &b.actions, &b.rewards, &b.next_observations, &b.not_done})
            *x = x->narrow(0, i * rows, rows);
          learner_.update(b);
        }
      }
      CHECK(Scripted::noise.empty());
      for (const auto& l : losses) {
        double sum = 0;
        bool found = false;
        for (const auto& m : learner_.metrics())
          if (std::find(l.ours.begin(), l.ours.end(), m.name) != l.ours.end())
            sum += m.value.template item<double>(), found = true;
        INFO("loss " << l.theirs);
        const auto theirs = their_loss(t, l.theirs);
        CHECK(found == theirs.defined());
        if (!found || !theirs.defined()) continue;
        const double off = deviation(at::full({}, l.factor * sum + l.offset, at::kDouble), theirs);
        INFO("ours " << l.factor * sum + l.offset << ", theirs " << theirs.template item<double>());
        CHECK(off <= tolerance());
        worst_loss = std::max(worst_loss, off);
      }
      learner_.each_buffer([&](const std::string& name, auto& x) {
        if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) {
          const auto theirs = expected(name, Fixture::at(t) + "after/");
          if (!theirs.defined()) return;
          INFO(name);
          const double off = deviation(x, theirs);
          CHECK(off <= tolerance());
          worst_parameter = std::max(worst_parameter, off);
        }
      });
    }
    std::printf("parity %-18s %s  losses %.1e  parameters %.1e\n", f_.name().c_str(),
                Scripted::precision == at::kDouble ? "double" : "float ", worst_loss, worst_parameter);
  }

 private:
  static tessera::Normalizer plain(std::int64_t n) {
    return {std::vector<float>(std::size_t(n), 0.0f), std::vector<float>(std::size_t(n), 1.0f), 1, 0, {}, {}};
  }
  struct Net {
    Layout layout;
    std::vector<std::string> online, target;
  };
  struct Number {
    std::string theirs;
    double shift;
  };

  // A loss of the fixture's, or the sum of several; undefined where it has none.
  at::Tensor their_loss(int t, const std::string& names) const {
    at::Tensor sum;
    for (std::size_t from = 0; from <= names.size();) {
      const auto to = std::min(names.find('+', from), names.size());
      const auto key = "loss/" + names.substr(from, to - from);
      if (!f_.has(Fixture::at(t) + key)) return {};
      sum = sum.defined() ? sum + f_(t, key) : f_(t, key);
      from = to + 1;
    }
    return sum;
  }
  static std::int64_t actions(const Fixture& f) {
    if constexpr (discrete) return std::int64_t(f.hyper("actions"));
    else return f("step0/batch/actions").size(1);
  }
  // What a buffer of ours is in the fixture, under a prefix; undefined where that has none.
  at::Tensor expected(const std::string& name, const std::string& prefix) const {
    for (const auto& [ours, net] : nets_) {
      if (name == ours + "/parameters") return net.layout.pack(f_, prefix, net.online);
      if (name == ours + "/target") {
        auto layout = net.layout;
        for (auto& each : layout.state_independent)
          if (each.starts_with(net.online[0] + "/")) each = net.target[0] + each.substr(net.online[0].size());
        return layout.pack(f_, prefix, net.target);
      }
    }
    for (const auto& [ours, number] : numbers_)
      if (name == ours + "/value") return f_(prefix + number.theirs).reshape({1}) + number.shift;
    return {};
  }
  void put() {
    at::NoGradGuard guard;
    std::size_t found = 0;
    learner_.each_buffer([&](const std::string& name, auto& x) {
      if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) {
        const auto theirs = expected(name, "init/");
        if (!theirs.defined()) return;
        x.copy_(theirs.reshape(x.sizes()));
        found += !name.ends_with("/target");
      }
    });
    REQUIRE(found == nets_.size() + numbers_.size());
  }
  tessera::batch<at::Tensor> batch(int t, std::int64_t logged) const {
    const auto get = [&](const std::string& key) { return f_(t, "batch/" + key).to(device(), Scripted::precision); };
    tessera::batch<at::Tensor> b{get("observations"), get("actions"), get("rewards"), get("next_observations"),
                                 1.0 - get("terminals")};
    if constexpr (discrete) b.actions = b.actions.to(at::kLong);
    if (f_.has(Fixture::at(t) + "batch/next_actions")) {
      b.set<tessera::column::next_action>(get("next_actions"));
      b.set<tessera::column::next_action_known>(at::ones_like(b.rewards));
    }
    if (f_.has(Fixture::at(t) + "batch/mc_returns")) b.set<tessera::column::returns>(get("mc_returns"));
    if (f_.has(Fixture::at(t) + "batch/chunk_valid")) b.set<tessera::column::chunk_valid>(get("chunk_valid"));
    b.logged = logged;
    return b;
  }

  const Fixture& f_;
  std::int64_t n_, d_;
  params p_;
  Learner learner_;
  std::map<std::string, Net> nets_;
  std::map<std::string, Number> numbers_;
  std::map<std::string, std::function<at::Tensor(const at::Tensor&)>> forms_;
};

/// Runs a test of a fixture in both precisions.
template <class F>
void in_both_precisions(const std::string& name, F test) {
  const Fixture f(name);
  for (auto type : {at::kDouble, at::kFloat}) {
    Scripted::precision = type;
    test(f);
  }
}
/// Hidden layers and Adam's step size of a fixture's network.
inline void small(tessera::MlpOptions& net, tessera::AdamOptions& adam, double rate) {
  net.hidden = {8, 8}, adam.learning_rate = rate;
}
}  // namespace parity
