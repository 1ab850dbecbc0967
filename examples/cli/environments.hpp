#pragma once
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/data/dataset.hpp>
#include <tessera/data/error.hpp>
#include <tessera/data/nearest_name.hpp>
#include <tessera/data/query.hpp>
#include <tessera/env/cartpole.hpp>
#include <tessera/env/icu_sepsis.hpp>
#include <tessera/env/pendulum.hpp>

namespace tessera::cli {
template <class... Es>
struct environment_list {};
using environments = environment_list<CartPole, Pendulum>;

/// Those that need no file.
inline std::vector<std::string> environment_names() {
  return []<class... Es>(environment_list<Es...>) { return std::vector<std::string>{Es::name...}; }(environments{});
}

/// "icu-sepsis:PATH" or "icu-sepsis:PATH?observations=features".
class IcuSepsisRequest {
 public:
  static constexpr const char* prefix = "icu-sepsis:";
  static bool matches(const std::string& name) { return name.starts_with(prefix); }

  explicit IcuSepsisRequest(const std::string& name)
      : name_(name), query_(name, name.substr(std::string(prefix).size()), {"observations"}) {
    observations_ = query_.one_of("observations", {"one-hot", "features", ""}, "");
    problem();
  }

  /// What its file is read by.
  static std::function<IcuSepsis(const std::string& path)>& reader() {
    static std::function<IcuSepsis(const std::string& path)> read = [](const std::string& path) { return IcuSepsis(path); };
    return read;
  }

  /// The task whose states are seen as so many numbers, where the name does not say how they are.
  TabularTask task(std::int64_t observation_size) const {
    const auto& icu = *problem();
    if (!observations_.empty()) return icu.task(observations_);
    for (const char* form : {"one-hot", "features"})
      if (icu.observation_size(form) == observation_size) return icu.task(form);
    throw Error(name_ + ": its states are seen as " + std::to_string(icu.observation_size("one-hot")) + " numbers (one-hot) or " +
                std::to_string(icu.observation_size("features")) + " (features), not " + std::to_string(observation_size) +
                "; choose another --env");
  }

 private:
  // The file takes a second to read, and a run asks for it at every evaluation.
  const std::shared_ptr<const IcuSepsis>& problem() const {
    static std::string path;
    static std::shared_ptr<const IcuSepsis> kept;
    if (!kept || path != query_.source()) kept = std::make_shared<const IcuSepsis>(reader()(query_.source())), path = query_.source();
    return kept;
  }

  std::string name_;
  Query query_;
  std::string observations_;
};

namespace detail {
// As Gymnasium has it: Pendulum-v1 is pendulum.
inline std::string plain_name(std::string name) {
  if (const auto version = name.rfind("-v"); version != std::string::npos && version + 2 < name.size() && name.find_first_not_of("0123456789", version + 2) == std::string::npos)
    name.resize(version);
  for (char& x : name) x = char(std::tolower(static_cast<unsigned char>(x)));
  return name;
}
}  // namespace detail

/// Throws Error where no environment has the name, or its file is not what it should be.
inline void require_environment(const std::string& name) {
  if (IcuSepsisRequest::matches(name)) return void(IcuSepsisRequest(name));
  auto names = environment_names();
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  if (name == "icu-sepsis") throw Error("environment icu-sepsis is read from its file; write icu-sepsis:PATH, with the path of dynamics.npz");
  names.push_back("icu-sepsis:PATH");
  std::string all;
  for (const auto& n : names) all += (all.empty() ? "" : ", ") + n;
  const auto near = nearest_name(detail::plain_name(name), names);
  throw Error("unknown environment '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") + " (there are " + all + ")");
}

namespace detail {
template <class F, class E, class... Es>
auto in_one_of(const std::string& name, F& f, environment_list<E, Es...>) {
  if constexpr (sizeof...(Es) > 0)
    if (name != E::name) return in_one_of(name, f, environment_list<Es...>{});
  return f(TaskOf<E>{});
}
}  // namespace detail

/// Calls f(task) with the task of that name; of those a task may come in, the one with observations of that size.
template <class F>
auto in_environment(const std::string& name, std::int64_t observation_size, F f) {
  if (IcuSepsisRequest::matches(name)) return f(IcuSepsisRequest(name).task(observation_size));
  require_environment(name);
  return detail::in_one_of(name, f, environments{});
}

/// Fits a data set to the environment it is meant for: sizes must agree, and its actions must lie inside the
/// environment's limits, which then replace the largest actions seen as the policy's range.
inline void fit_to_environment(Dataset& data, const std::string& environment) {
  in_environment(environment, data.observation_size, [&]<class T>(const T& task) {
    constexpr bool discrete = std::is_same_v<typename T::space, Discrete>;
    const auto about = data.name + " does not come from " + environment + ": ";
    if ((data.kind == action_kind::discrete) != discrete)
      throw Error(about + "its actions are " + (discrete ? "continuous" : "discrete") + "; choose another --env");
    if (data.observation_size != task.observation_size())
      throw Error(about + "its observations have size " + std::to_string(data.observation_size) + ", not " +
                  std::to_string(task.observation_size()) + "; choose another --env");
    if (discrete ? data.action_size > task.action_size() : data.action_size != task.action_size())
      throw Error(about + "its actions have size " + std::to_string(data.action_size) + ", not " + std::to_string(task.action_size()) +
                  "; choose another --env");
    data.action_size = task.action_size();
    if constexpr (requires { T::environment::action_low; }) {
      using E = typename T::environment;
      for (std::size_t j = 0; j < data.action_low.size(); ++j) {
        const float slack = 1e-4f * float(E::action_high - E::action_low);
        if (data.action_low[j] < float(E::action_low) - slack || data.action_high[j] > float(E::action_high) + slack)
          throw Error(about + "its actions reach " + std::to_string(data.action_low[j]) + " .. " + std::to_string(data.action_high[j]) +
                      ", outside " + std::to_string(E::action_low) + " .. " + std::to_string(E::action_high) + "; choose another --env");
        data.action_low[j] = float(E::action_low);
        data.action_high[j] = float(E::action_high);
      }
      data.limits_from = limits_origin::environment;
    }
  });
}
}  // namespace tessera::cli
