#pragma once
#include <string>
#include <vector>

#include <tessera/data/dataset.hpp>
#include <tessera/data/error.hpp>
#include <tessera/data/nearest_name.hpp>
#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>

namespace tessera::cli {
template <class... Es>
struct environment_list {};
using environments = environment_list<CartPole, Pendulum>;

inline std::vector<std::string> environment_names() {
  return []<class... Es>(environment_list<Es...>) { return std::vector<std::string>{Es::name...}; }(environments{});
}

namespace detail {
template <class F, class E, class... Es>
auto in_one_of(const std::string& name, F& f, environment_list<E, Es...>) {
  if constexpr (sizeof...(Es) > 0)
    if (name != E::name) return in_one_of(name, f, environment_list<Es...>{});
  return f.template operator()<E>();
}
}  // namespace detail

/// Throws Error where no environment has the name.
inline void require_environment(const std::string& name) {
  const auto names = environment_names();
  std::string all;
  for (const auto& n : names) {
    if (n == name) return;
    all += (all.empty() ? "" : ", ") + n;
  }
  const auto near = nearest_name(name, names);
  throw Error("unknown environment '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") + " (there are " + all + ")");
}

/// Calls f<E>() with the environment of that name.
template <class F>
auto in_environment(const std::string& name, F f) {
  require_environment(name);
  return detail::in_one_of(name, f, environments{});
}

/// Fits a data set to the environment it is meant for: sizes must agree, and its actions must lie inside the
/// environment's limits, which then replace the largest actions seen as the policy's range.
inline void fit_to_environment(Dataset& data, const std::string& environment) {
  in_environment(environment, [&]<class E>() {
    const bool discrete = std::is_same_v<typename E::space, Discrete>;
    const auto about = data.name + " does not come from " + environment + ": ";
    if ((data.kind == action_kind::discrete) != discrete)
      throw Error(about + "its actions are " + (discrete ? "continuous" : "discrete") + "; choose another --env");
    if (data.observation_size != E::observation_size)
      throw Error(about + "its observations have size " + std::to_string(data.observation_size) + ", not " +
                  std::to_string(E::observation_size) + "; choose another --env");
    if (discrete ? data.action_size > E::action_size : data.action_size != E::action_size)
      throw Error(about + "its actions have size " + std::to_string(data.action_size) + ", not " +
                  std::to_string(E::action_size) + "; choose another --env");
    data.action_size = E::action_size;
    if constexpr (requires { E::action_low; }) {
      for (std::size_t j = 0; j < data.action_low.size(); ++j) {
        const float slack = 1e-4f * float(E::action_high - E::action_low);
        if (data.action_low[j] < float(E::action_low) - slack || data.action_high[j] > float(E::action_high) + slack)
          throw Error(about + "its actions reach " + std::to_string(data.action_low[j]) + " .. " + std::to_string(data.action_high[j]) +
                      ", outside " + std::to_string(E::action_low) + " .. " + std::to_string(E::action_high) + "; choose another --env");
        data.action_low[j] = float(E::action_low);
        data.action_high[j] = float(E::action_high);
      }
    }
  });
}
}  // namespace tessera::cli
