#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/dataset/spaces.hpp>

namespace tessera {
struct GymnasiumOptions {
  /// Keyword arguments of `gymnasium.make`, the environment's own among them.  A value is JSON (1.5, true, [1, 2]) or a
  /// literal of Python's (True, None), and any other text is a text.
  std::vector<std::pair<std::string, std::string>> arguments{};
  std::vector<std::string> imports{};  ///< modules that register environments; "module:Name-v0" does the same
  int processes = 1;                   ///< of Python, which share the copies between them; results do not depend on it
  double seconds = 60;                 ///< that an environment may take for one thing: being made, a reset, a step
  std::string python{};                ///< the program; empty: what TESSERA_PYTHON names, or python3
  std::string log{};  ///< a file to which what the environments print is appended; empty: it is not shown
  /// Asked five times a second while an environment does not answer; false: nobody waits any longer, its process is
  /// ended, and that is an Error.
  std::function<bool()> wanted{};
  bool shared_memory = true;  ///< arrays lie in memory that both see, where the system has memfd_create; else in pipes
};

namespace detail {
class GymnasiumPool;
class GymnasiumSession;
}  // namespace detail

/// An environment of Gymnasium, in Python, by the name that `gymnasium.make` takes: "Hopper-v5", "my_package:Mine-v0".
///
/// It runs in a process of Python's own, which is started here: nothing of Python is compiled or linked in.  One that
/// raises, crashes or hangs is an `Error` that says at which step, and never takes this process with it.  What it
/// prints goes nowhere, or to `GymnasiumOptions::log`.
///
/// Spaces: Box, Discrete, MultiDiscrete, MultiBinary, and Dict and Tuple of them.  Observations are laid out as
/// `gymnasium.spaces.flatten` does.  Actions are numbers, or one index: of several choices at once their combination,
/// the last fastest.  A copy that has ended stays where it is, with reward 0 and its end mark, until `reset`.
///
/// Copies share one process.  Each has an environment of its own, made when it is: some of Gymnasium's do not forget at
/// a reset what was before (BipedalWalker-v3, of 1.4), and equal seeds would not give equal episodes.  May be copied,
/// and used from several threads, one after the other.
class Gymnasium {
 public:
  /// Throws an Error if there is no such environment, no Python, or no Gymnasium.
  explicit Gymnasium(std::string name, GymnasiumOptions options = {});

  const std::string& name() const;  ///< as `gymnasium.make` takes it
  bool discrete() const;
  std::int64_t observation_size() const;
  std::int64_t action_size() const;
  /// Gymnasium's time limit; 1000 where the environment has none.
  int default_horizon() const;
  bool has_time_limit() const;
  /// (action_size) of continuous actions; may be infinite.
  const std::vector<float>& action_low() const;
  const std::vector<float>& action_high() const;
  /// Names, where the environment has a Dict or a Tuple; bounds of observations; what its actions are called.
  const LogSpaces& spaces() const;
  /// What Gymnasium warned of when it made the environment.
  const std::vector<std::string>& warnings() const;

  /// Copies.  Where `horizon` is beyond Gymnasium's time limit, that is raised to it.
  std::shared_ptr<detail::GymnasiumSession> copies(std::int64_t count, int horizon, std::uint64_t seed) const;

  /// A film of an episode: the frame before the first action of `shown` and so on, as the bytes of a picture.  The
  /// episode is that of copy 0 with that seed, whose actions these are: (steps, action_size) numbers, or (steps)
  /// indices.  `format` is "png", frames in rows of six, or "gif", for which Pillow must be there.
  /// Throws an Error if the environment renders no "rgb_array".
  std::string film(std::uint64_t seed, int horizon, std::span<const float> actions,
                   std::span<const std::int64_t> indices, const std::vector<std::int64_t>& shown,
                   const std::string& format) const;

 private:
  std::shared_ptr<detail::GymnasiumPool> pool_;
};

namespace detail {
/// Copies of an environment; without the type of their actions.
class GymnasiumSession {
 public:
  virtual ~GymnasiumSession() = default;
  virtual std::int64_t count() const = 0;
  virtual int horizon() const = 0;
  virtual const float* observations() const = 0;
  virtual const std::uint8_t* truncated() const = 0;
  virtual void reset(std::uint64_t seed) = 0;
  virtual void step(const void* actions, float* rewards, std::uint8_t* terminated) = 0;
};
}  // namespace detail

/// Copies of a Gymnasium environment.  Copy i of `reset(seed)` is reset with Gymnasium's seed `seed + i`, as a vector
/// environment does it (modulo 2^31), so that a loop in Python with these seeds sees the same.
template <class Space>
class GymnasiumCopies {
 public:
  using space = Space;
  using action_type = std::conditional_t<std::is_same_v<Space, Discrete>, std::int64_t, float>;
  explicit GymnasiumCopies(std::shared_ptr<detail::GymnasiumSession> session) : session_(std::move(session)) {}

  std::int64_t count() const { return session_->count(); }
  int horizon() const { return session_->horizon(); }
  const float* observations() const { return session_->observations(); }
  /// (count) flags of the copies that the environment has cut, by its time limit or for a reason of its own.
  const std::uint8_t* truncated() const { return session_->truncated(); }
  void reset(std::uint64_t seed) { session_->reset(seed); }
  void step(const action_type* actions, float* rewards, std::uint8_t* terminated) {
    session_->step(actions, rewards, terminated);
  }

 private:
  std::shared_ptr<detail::GymnasiumSession> session_;
};

namespace detail {
void require_space(const Gymnasium& environment, bool discrete);
}
/// A Gymnasium environment as a `Task`:  `evaluate(agent, GymnasiumTask<Continuous>("Hopper-v5"))`.
template <class Space>
class GymnasiumTask {
 public:
  using space = Space;
  static_assert(std::is_same_v<Space, Continuous> || std::is_same_v<Space, Discrete>);

  /// Throws an Error if the environment's actions are of the other kind.
  explicit GymnasiumTask(Gymnasium environment) : environment_(std::move(environment)) {
    detail::require_space(environment_, std::is_same_v<Space, Discrete>);
  }
  explicit GymnasiumTask(std::string name, GymnasiumOptions options = {})
      : GymnasiumTask(Gymnasium(std::move(name), std::move(options))) {}

  const Gymnasium& environment() const { return environment_; }
  const std::string& name() const { return environment_.name(); }
  std::int64_t observation_size() const { return environment_.observation_size(); }
  std::int64_t action_size() const { return environment_.action_size(); }
  int default_horizon() const { return environment_.default_horizon(); }
  GymnasiumCopies<Space> make(std::int64_t count, int horizon, std::uint64_t seed) const {
    return GymnasiumCopies<Space>(environment_.copies(count, horizon, seed));
  }

 private:
  Gymnasium environment_;
};
static_assert(Task<GymnasiumTask<Continuous>> && Task<GymnasiumTask<Discrete>>);
static_assert(CutsEpisodes<GymnasiumCopies<Continuous>>);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/env/gymnasium.impl.hpp>
#endif
