#pragma once
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/spaces.hpp>
#include <tessera/env/floor_plan.hpp>
#include <tessera/env/tabular.hpp>

namespace tessera::cli {
/// Type-erased copies of a task; `Number` is the element type of an action.
template <class Number>
class AnyCopies {
 public:
  using number = Number;
  virtual ~AnyCopies() = default;
  virtual std::int64_t count() const = 0;
  virtual int horizon() const = 0;
  virtual const float* observations() const = 0;
  virtual const std::uint8_t* truncated() const = 0;  ///< as that of `CutsEpisodes`; null where there is none
  virtual void reset(std::uint64_t seed) = 0;
  virtual void step(const Number* actions, float* rewards, std::uint8_t* terminated) = 0;
};

namespace detail {
template <class Number, Simulation S>
class CopiesOf final : public AnyCopies<Number> {
 public:
  CopiesOf(S copies, std::int64_t numbers_of_an_action) : copies_(std::move(copies)), numbers_(numbers_of_an_action) {}
  std::int64_t count() const override { return copies_.count(); }
  int horizon() const override { return copies_.horizon(); }
  const float* observations() const override { return copies_.observations(); }
  const std::uint8_t* truncated() const override {
    if constexpr (CutsEpisodes<S>) return copies_.truncated();
    else return nullptr;
  }
  void reset(std::uint64_t seed) override { copies_.reset(seed); }
  void step(const Number* actions, float* rewards, std::uint8_t* terminated) override {
    using Own = typename S::action_type;
    if constexpr (std::is_same_v<Own, Number>) {
      copies_.step(actions, rewards, terminated);
    } else {
      converted_.resize(static_cast<std::size_t>(count() * numbers_));
      for (std::size_t i = 0; i < converted_.size(); ++i) converted_[i] = static_cast<Own>(actions[i]);
      copies_.step(converted_.data(), rewards, terminated);
    }
  }

 private:
  S copies_;
  std::int64_t numbers_;
  std::vector<typename S::action_type> converted_;
};
}  // namespace detail

/// A type-erased task, so that every algorithm can be evaluated in every task, whoever wrote them.
struct AnyTask {
  std::string name;
  bool discrete = false;
  std::int64_t observation_size = 0, action_size = 0;
  int default_horizon = 0;
  /// (action_size) the limits of continuous actions, where the environment says them; else empty.  May be infinite.
  std::vector<float> action_low{}, action_high{};
  LogSpaces spaces{};                     ///< what its numbers and actions are called, where it says that
  std::optional<FloorPlan> floor_plan{};  ///< where the environment's type has one
  std::optional<TabularTask> table{};     ///< the task itself, where it is a finite problem
  /// The frames of an episode before its steps `shown`, as the bytes of a "png" or "gif", where the task can be seen:
  /// copy 0 of that seed, whose actions these are.
  std::function<std::string(std::uint64_t seed, int horizon, std::span<const float> actions,
                            std::span<const std::int64_t> indices, const std::vector<std::int64_t>& shown,
                            const std::string& format)>
      film{};
  std::vector<Warning> warnings{};  ///< what is to be said where it is opened

  bool has_limits() const { return !action_low.empty(); }
  /// Whether uniform actions can be drawn.
  bool has_finite_limits() const {
    const auto finite = [](float x) { return std::isfinite(x); };
    return has_limits() && std::all_of(action_low.begin(), action_low.end(), finite) &&
           std::all_of(action_high.begin(), action_high.end(), finite);
  }
  std::function<std::unique_ptr<AnyCopies<float>>(std::int64_t count, int horizon, std::uint64_t seed)>
      continuous_copies{};
  std::function<std::unique_ptr<AnyCopies<std::int64_t>>(std::int64_t count, int horizon, std::uint64_t seed)>
      discrete_copies{};

  template <Task T>
  static AnyTask of(T task) {
    using Space = typename T::space;
    constexpr bool discrete = std::is_same_v<Space, Discrete>;
    static_assert(discrete || std::is_same_v<Space, Continuous>,
                  "the command line knows the spaces Continuous and Discrete");
    AnyTask out{.name = task.name(),
                .discrete = discrete,
                .observation_size = task.observation_size(),
                .action_size = task.action_size(),
                .default_horizon = task.default_horizon()};
    if constexpr (requires {
                    T::environment::action_low;
                    T::environment::action_high;
                  }) {
      out.action_low.assign(std::size_t(out.action_size), float(T::environment::action_low));
      out.action_high.assign(std::size_t(out.action_size), float(T::environment::action_high));
    }
    if constexpr (requires { T::environment::floor_plan(); }) out.floor_plan = T::environment::floor_plan();
    if constexpr (std::is_same_v<T, TabularTask>) out.table = task;
    const auto copies = [task]<class Number>(Number, std::int64_t count, int horizon,
                                             std::uint64_t seed) -> std::unique_ptr<AnyCopies<Number>> {
      using S = decltype(task.make(count, horizon, seed));
      return std::make_unique<detail::CopiesOf<Number, S>>(task.make(count, horizon, seed),
                                                           discrete ? 1 : task.action_size());
    };
    if constexpr (discrete) out.discrete_copies = [copies](auto... how) { return copies(std::int64_t{}, how...); };
    else out.continuous_copies = [copies](auto... how) { return copies(float{}, how...); };
    return out;
  }
};

/// The same as a `Task` with one kind of actions; refers to the task, which must outlive it.
template <class Space>
class TaskIn {
 public:
  using space = Space;
  using Number = std::conditional_t<std::is_same_v<Space, Discrete>, std::int64_t, float>;

  /// A `Simulation`.
  class Copies {
   public:
    using space = Space;
    using action_type = Number;
    explicit Copies(std::unique_ptr<AnyCopies<Number>> copies) : copies_(std::move(copies)) {}
    std::int64_t count() const { return copies_->count(); }
    int horizon() const { return copies_->horizon(); }
    const float* observations() const { return copies_->observations(); }
    const std::uint8_t* truncated() const { return copies_->truncated(); }
    void reset(std::uint64_t seed) { copies_->reset(seed); }
    void step(const Number* actions, float* rewards, std::uint8_t* terminated) {
      copies_->step(actions, rewards, terminated);
    }

   private:
    std::unique_ptr<AnyCopies<Number>> copies_;
  };

  explicit TaskIn(const AnyTask& task) : task_(task) {}
  const std::string& name() const { return task_.name; }
  std::int64_t observation_size() const { return task_.observation_size; }
  std::int64_t action_size() const { return task_.action_size; }
  int default_horizon() const { return task_.default_horizon; }
  Copies make(std::int64_t count, int horizon, std::uint64_t seed) const {
    if constexpr (std::is_same_v<Space, Discrete>) return Copies(task_.discrete_copies(count, horizon, seed));
    else return Copies(task_.continuous_copies(count, horizon, seed));
  }

 private:
  const AnyTask& task_;
};
static_assert(Task<TaskIn<Continuous>> && Task<TaskIn<Discrete>>);
}  // namespace tessera::cli
