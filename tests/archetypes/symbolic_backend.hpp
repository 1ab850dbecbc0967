#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/compose/step.hpp>

/// The minimum that a learner asks of its backend: every operation that the parts use exists, and computes
/// nothing.  What would change a network is written down, so that the order of updates can be seen.
namespace archetypes {
/// A tensor of no value, which knows how many axes it has.  It has no operation that no part needs.
struct Symbolic {
  int axes = 2;

  int dim() const { return axes; }
  Symbolic with(std::int64_t n) const { return {static_cast<int>(n)}; }
  Symbolic less_one() const { return with(axes > 0 ? axes - 1 : 0); }

  Symbolic detach() const { return *this; }
  Symbolic exp() const { return *this; }
  Symbolic log() const { return *this; }
  Symbolic abs() const { return *this; }
  Symbolic sigmoid() const { return *this; }
  Symbolic tanh() const { return *this; }
  Symbolic atanh() const { return *this; }
  Symbolic square() const { return *this; }
  Symbolic sqrt() const { return *this; }
  Symbolic sign() const { return *this; }
  Symbolic floor() const { return *this; }
  Symbolic ceil() const { return *this; }
  Symbolic argsort() const { return *this; }
  Symbolic transpose(int, int) const { return *this; }
  Symbolic index_select(int, const Symbolic&) const { return *this; }
  Symbolic amax(int) const { return less_one(); }
  Symbolic repeat_interleave(std::int64_t, int) const { return *this; }
  Symbolic reshape(std::initializer_list<std::int64_t> shape) const { return with(std::ssize(shape)); }
  Symbolic expand(std::initializer_list<std::int64_t> shape) const { return with(std::ssize(shape)); }
  Symbolic mean() const { return with(0); }
  Symbolic mean(int) const { return less_one(); }
  Symbolic sum() const { return with(0); }
  Symbolic sum(int) const { return less_one(); }
  Symbolic amin(int) const { return less_one(); }
  Symbolic argmax(int) const { return less_one(); }
  Symbolic softmax(int) const { return *this; }
  Symbolic clamp(double, double) const { return *this; }
  Symbolic clamp_min(double) const { return *this; }
  Symbolic clamp_max(double) const { return *this; }
  Symbolic select(int, std::int64_t) const { return less_one(); }
  Symbolic narrow(int, std::int64_t, std::int64_t) const { return *this; }
  Symbolic gather(int, const Symbolic&) const { return *this; }
  Symbolic unsqueeze(int) const { return with(axes + 1); }
  Symbolic squeeze(int) const { return less_one(); }
  void copy_(const Symbolic&) const {}
  std::int64_t size(int) const { return 2; }

  static Symbolic both(const Symbolic& a, const Symbolic& b) { return a.axes < b.axes ? b : a; }
  friend Symbolic operator+(const Symbolic& a, const Symbolic& b) { return both(a, b); }
  friend Symbolic operator-(const Symbolic& a, const Symbolic& b) { return both(a, b); }
  friend Symbolic operator*(const Symbolic& a, const Symbolic& b) { return both(a, b); }
  friend Symbolic operator/(const Symbolic& a, const Symbolic& b) { return both(a, b); }
  friend Symbolic operator-(const Symbolic& a) { return a; }
  friend Symbolic operator+(const Symbolic& a, double) { return a; }
  friend Symbolic operator-(const Symbolic& a, double) { return a; }
  friend Symbolic operator*(const Symbolic& a, double) { return a; }
  friend Symbolic operator/(const Symbolic& a, double) { return a; }
  friend Symbolic operator+(double, const Symbolic& a) { return a; }
  friend Symbolic operator-(double, const Symbolic& a) { return a; }
  friend Symbolic operator*(double, const Symbolic& a) { return a; }
  friend Symbolic maximum(const Symbolic& a, const Symbolic& b) { return both(a, b); }
  friend Symbolic minimum(const Symbolic& a, const Symbolic& b) { return both(a, b); }
  friend Symbolic full_like(const Symbolic& a, double) { return a; }
  friend Symbolic softplus(const Symbolic& a) { return a; }
  friend Symbolic logsumexp(const Symbolic& a, int) { return a.less_one(); }
  friend Symbolic log_softmax(const Symbolic& a, int) { return a; }
};

struct SymbolicBackend {
  using tensor = Symbolic;
  struct device {};
  static device cpu() { return {}; }
  static constexpr std::int64_t single = 0;

  /// What happened since the log was cleared: "critic.apply", "draw -1 0", ...
  static std::vector<std::string>& log() {
    static std::vector<std::string> lines;
    return lines;
  }

  /// How deep in regions without gradient the program is.
  static int& without_grad() {
    static int depth = 0;
    return depth;
  }
  struct no_grad {
    no_grad() { ++without_grad(); }
    ~no_grad() { --without_grad(); }
    no_grad(const no_grad&) = delete;
    no_grad& operator=(const no_grad&) = delete;
  };
  struct with_grad {
    with_grad() : before(without_grad()) { without_grad() = 0; }
    ~with_grad() { without_grad() = before; }
    with_grad(const with_grad&) = delete;
    with_grad& operator=(const with_grad&) = delete;
    int before;
  };

  struct units {
    units() = default;
    template <class Problem>
    units(units&&, const Problem&) {}
    tensor observations(const tensor&) const { return {}; }
    tensor imagined_observations(const tensor&) const { return {}; }
    tensor imagined_rewards(const tensor&) const { return {}; }
    tensor task_observations(const tensor&) const { return {}; }
    tensor task_rewards(const tensor&) const { return {}; }
    tensor actions(const tensor&) const { return {}; }
  };

  struct network {
    template <class Problem, class Net, class Adam>
    network(const Problem&, std::string_view called, const Net&, const Adam&, std::int64_t of_inputs,
            std::int64_t of_members, const tessera::head_layout& top, bool with_target)
        : name(called), inputs(of_inputs), members(of_members), outputs(top.outputs), has_target(with_target) {}
    network(const network&) = delete;
    tessera::head<tensor> trained(const tensor&, const tensor& = {}) {
      return seen(without_grad() == 0 ? "trained" : "trained in vain");
    }
    tessera::head<tensor> frozen(const tensor&, const tensor& = {}, std::int64_t = 0) { return seen("frozen"); }
    tessera::head<tensor> fixed(const tensor&, const tensor& = {}) const { return seen("fixed"); }
    tessera::head<tensor> target(const tensor&, const tensor& = {}) const {
      return seen(has_target ? "target" : "target that is not");
    }
    tessera::head<tensor> trained_many(const tensor&, const tensor&) { return seen("trained many"); }
    tessera::head<tensor> frozen_many(const tensor&, const tensor&, std::int64_t = 0) { return seen("frozen many"); }
    tessera::head<tensor> trained_apart(const tensor&) { return seen("trained apart"); }
    tessera::head<tensor> fixed_apart(const tensor&) const { return seen("fixed apart"); }
    tessera::head<tensor> fixed_many(const tensor&, const tensor&) const { return seen("fixed many"); }
    tessera::head<tensor> target_of(const tensor&, const tensor&, const tensor& = {}) const {
      return seen("target of some");
    }
    tessera::head<tensor> target_many(const tensor&, const tensor&) const { return seen("target many"); }
    tensor action_gradient(const tensor&, const tensor&) { return seen("action gradient").out; }
    std::array<tessera::head<tensor>, 2> trained_and_fixed(const tensor&, const tensor&) {
      return {seen(without_grad() == 0 ? "trained and fixed" : "trained and fixed in vain"), {}};
    }
    std::array<tessera::head<tensor>, 2> both_fixed(const tensor&, const tensor&) const {
      return {seen("both fixed"), {}};
    }
    void apply() {
      seen("apply");
      ++moves;
    }
    void apply_and_follow(double) {
      seen("apply and follow");
      ++moves;
    }
    void follow(double) { seen("follow"); }
    void decay(const std::vector<double>&) {}
    struct slope {
      tessera::head<tensor> value() const { return {}; }
      tessera::head<tensor> times(const tensor&) const { return {}; }
      tensor transposed_times(const tessera::head<tensor>&) const { return {}; }
    };
    slope jacobian(const tensor&) const { return seen("jacobian"), slope{}; }
    tensor gathered_gradient() const { return {}; }
    void move(const tensor&) {
      seen("move");
      ++moves;
    }
    std::int64_t version() const { return moves; }
    void each_buffer(const std::string& owner, auto&& f) { f(owner + "/parameters", moves); }

    std::string name;
    std::int64_t inputs, members, outputs, moves = 0;
    bool has_target;

   private:
    tessera::head<tensor> seen(const char* what) const {
      log().push_back(name + "." + what);
      return {};
    }
  };

  struct scalar {
    template <class Adam, class Problem>
    scalar(double, const Adam&, const Problem&) {}
    tensor value() const { return {}; }
    void apply() { log().push_back("scalar.apply"); }
    void clamp(double, double) {}
    void each_buffer(const std::string& owner, auto&& f) { f(owner + "/value", steps); }
    std::int64_t steps = 0;
  };

  static tensor constant(double, const tensor&) { return {}; }
  template <std::size_t N>
  static tensor cat(const std::array<tensor, N>& all, int) {
    return all[0];
  }
  template <std::size_t N>
  static tensor filled(const std::array<std::int64_t, N>&, double, const device&) {
    return {};
  }
  static tensor listed(std::span<const double>, const tensor&) { return {}; }
  static tensor one_hot(const tensor&, std::int64_t) { return {}; }
  static tensor whole(const tensor& x) { return x; }
  static tensor stop(const tensor& x) { return x; }
  static std::int64_t columns(const tensor&) { return 1; }
  static tensor pick(const tensor&, const tensor&) { return {}; }
  static tensor draw(tessera::noise, std::uint64_t, std::int64_t index, std::int64_t draw, std::int64_t,
                     const tensor&) {
    log().push_back("draw " + std::to_string(index) + " " + std::to_string(draw));
    return {};
  }
  static void backward(std::span<const tensor> summands) {
    log().push_back("backward " + std::to_string(summands.size()));
  }

  struct prepared {
    units normalizer;
    std::vector<std::int64_t> transitions;
  };
  template <class R, class Data, class Params>
  static prepared prepare(const Data&, const Params&) {
    return {};
  }
};

/// A problem with 3-dimensional observations and 2-dimensional actions, or 2 actions.
inline tessera::problem_spec<SymbolicBackend> small_problem() { return {3, 2, 0, {}}; }
inline tessera::batch<Symbolic> symbolic_batch() { return {}; }
}  // namespace archetypes
