#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/concepts/environment.hpp>

namespace tessera {
struct EnvironmentCheck {
  int steps = 30;          ///< of a walk
  std::uint64_t seed = 7;  ///< of the first of them
  /// Whether copies and seeds differ, in where they start or in what happens; false for a task without chance.
  bool by_chance = true;
  /// (action_size) limits of continuous actions; empty: action_low and action_high of the environment, or -1 and 1.
  std::vector<float> action_low{}, action_high{};
};

/// Which laws of an environment are broken.
struct EnvironmentReport {
  std::string name;                 ///< the environment's
  std::vector<std::string> broken;  ///< the law, and what was seen
  explicit operator bool() const { return broken.empty(); }
  bool breaks(std::string_view law) const {
    return std::any_of(broken.begin(), broken.end(), [&](const auto& line) { return line.starts_with(law); });
  }
  /// In one line.
  std::string text() const {
    std::string all = "environment " + name + (broken.empty() ? " keeps every law" : " breaks ");
    for (std::size_t i = 0; i < broken.size(); ++i) all += (i == 0 ? "'" : "; '") + broken[i] + "'";
    return all;
  }
  template <class Out>
  friend Out& operator<<(Out& out, const EnvironmentReport& r) {
    out << r.text();
    return out;
  }
};

namespace detail {
/// Copies whose type is forgotten: an action is d numbers, or one that is an index.
class CheckedCopies {
 public:
  virtual ~CheckedCopies() = default;
  virtual std::int64_t count() const = 0;
  virtual int horizon() const = 0;
  virtual const float* observations() const = 0;
  virtual const std::uint8_t* truncated() const = 0;
  virtual void reset(std::uint64_t seed) = 0;
  virtual void step(const std::vector<double>& actions, float* rewards, std::uint8_t* terminated) = 0;
};
template <Simulation S>
class CheckedCopiesOf final : public CheckedCopies {
 public:
  explicit CheckedCopiesOf(S copies) : copies_(std::move(copies)) {}
  std::int64_t count() const override { return copies_.count(); }
  int horizon() const override { return copies_.horizon(); }
  const float* observations() const override { return copies_.observations(); }
  const std::uint8_t* truncated() const override {
    if constexpr (CutsEpisodes<S>) return copies_.truncated();
    else return nullptr;
  }
  void reset(std::uint64_t seed) override { copies_.reset(seed); }
  void step(const std::vector<double>& actions, float* rewards, std::uint8_t* terminated) override {
    given_.clear();
    for (const double a : actions) given_.push_back(static_cast<typename S::action_type>(a));
    copies_.step(given_.data(), rewards, terminated);
  }

 private:
  S copies_;
  std::vector<typename S::action_type> given_;
};
struct CheckedTask {
  std::string name;
  std::int64_t observation_size, action_size;
  int default_horizon;
  bool discrete;
  std::function<std::unique_ptr<CheckedCopies>(std::int64_t count, int horizon, std::uint64_t seed)> make;
};
EnvironmentReport environment_report(const CheckedTask& task, const EnvironmentCheck& o);
}  // namespace detail

/// Steps copies of a task and reports which laws are broken: those of `Simulation`, `Environment` and `Task`, which a
/// compiler cannot see.  For an environment of your own this is a test.  What is looked at:
///   what it says of itself   a name, sizes, a horizon, limits in order; the count and horizon asked for
///   shapes                   a step writes a reward and a flag of each copy, and nothing beyond
///   ranges                   observations and rewards are finite, flags are 0 or 1, every action is taken
///   the seed                 equal seeds and actions give equal trajectories, others give others; a copy does not
///                            depend on how many there are, or on what the others do; a reset begins anew
///   end marks                a copy that has ended is not reset by a step
///   time limit               the horizon is the caller's, and no end of the task
template <Task T>
EnvironmentReport environment_report(const T& task, EnvironmentCheck o = {}) {
  if constexpr (requires {
                  T::environment::action_low;
                  T::environment::action_high;
                })
    if (o.action_low.empty()) {
      o.action_low.assign(static_cast<std::size_t>(task.action_size()), float(T::environment::action_low));
      o.action_high.assign(static_cast<std::size_t>(task.action_size()), float(T::environment::action_high));
    }
  return detail::environment_report(
      {.name = task.name(),
       .observation_size = task.observation_size(),
       .action_size = task.action_size(),
       .default_horizon = task.default_horizon(),
       .discrete = std::is_same_v<typename T::space, Discrete>,
       .make = [&task](std::int64_t count, int horizon, std::uint64_t seed) -> std::unique_ptr<detail::CheckedCopies> {
         using S = decltype(task.make(count, horizon, seed));
         return std::make_unique<detail::CheckedCopiesOf<S>>(task.make(count, horizon, seed));
       }},
      o);
}
template <Environment E>
EnvironmentReport environment_report(EnvironmentCheck o = {}) {
  return environment_report(TaskOf<E>{}, std::move(o));
}

namespace detail {
void require_laws(const EnvironmentReport& report);
}
/// The same, which throws an Error that names the laws that are broken:  `check_environment<Tank>();`  in a test.
template <Environment E>
void check_environment(EnvironmentCheck o = {}) {
  detail::require_laws(environment_report<E>(std::move(o)));
}
template <Task T>
void check_environment(const T& task, EnvironmentCheck o = {}) {
  detail::require_laws(environment_report(task, std::move(o)));
}
/// A type that is not an environment is one error, which says what is missing.
template <class E>
  requires(!Environment<E>)
void check_environment(EnvironmentCheck = {}) { static_assert(detail::must_be<E, an_environment>::size > 0); }
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/env/check_environment.impl.hpp>
#endif
