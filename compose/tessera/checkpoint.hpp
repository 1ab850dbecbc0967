#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/compose/learner.hpp>
#include <tessera/compose/name.hpp>
#include <tessera/compose/reflect.hpp>
#include <tessera/data/atomic_file.hpp>
#include <tessera/data/hdf5.hpp>
#include <tessera/nn/backend.hpp>

namespace tessera {
namespace detail {
inline constexpr const char* checkpoint_format = "tessera-checkpoint-1";

inline std::vector<float> read_column(const hdf5::File& file, const std::string& key, std::int64_t size) {
  auto values = file.read<float>(key);
  if (std::int64_t(values.size()) != size)
    throw Error(file.path() + ": " + key + " has " + std::to_string(values.size()) + " entries where " + std::to_string(size) +
                " were expected; the file is damaged, use another");
  return values;
}

// Hyper-parameters as an attribute, a line of "key=value" for each.
inline void write_parameters(hdf5::File& file, const std::vector<Parameter>& all) {
  std::string text;
  for (const auto& each : all) text += each.key + "=" + each.text() + "\n";
  file.write_attribute("/", "parameters", text);
}
inline void read_parameters(const hdf5::File& file, const std::vector<Parameter>& all) {
  const auto text = file.read_attribute("/", "parameters");
  for (std::size_t from = 0; from < text.size();) {
    const auto end = std::min(text.find('\n', from), text.size()), equal = text.find('=', from);
    if (equal >= end) throw Error(file.path() + ": the list of parameters is damaged; use another file");
    set_parameter(all, text.substr(from, equal - from), std::string_view(text).substr(equal + 1, end - equal - 1));
    from = end + 1;
  }
}

// What `each_buffer` lists: numbers and tensors.
template <class T>
void write_buffer(hdf5::File& file, const std::string& key, const T& x) {
  if constexpr (std::is_same_v<T, std::int64_t>) {
    file.write(key, &x, {});
  } else {
    const auto host = x.to(at::kCPU, at::kFloat).contiguous();
    file.write(key, host.template data_ptr<float>(), host.sizes().vec());
  }
}
template <class T>
void read_buffer(const hdf5::File& file, const std::string& key, T& x) {
  if constexpr (std::is_same_v<T, std::int64_t>) {
    x = file.read_scalar<std::int64_t>(key);
  } else {
    if (file.info(key).shape != x.sizes().vec())
      throw Error(file.path() + ": " + key + " has another shape than its parameters say; the file is damaged, use another");
    auto values = file.read<float>(key);
    at::NoGradGuard guard;
    x.copy_(at::from_blob(values.data(), x.sizes(), at::kFloat));
  }
}
}  // namespace detail

/// Saves everything an agent needs to act and to train on: its algorithm, hyper-parameters, units, networks, optimisers
/// and counters, in one HDF5 file, written beside `path` and renamed.
template <class Agent>
void save_checkpoint(Agent& agent, const std::string& path) {
  using R = typename Agent::recipe_type;
  write_atomically(path, [&](const std::string& name) {
    auto file = hdf5::File::create(name);
    file.write_attribute("/", "format", detail::checkpoint_format);
    file.write_attribute("/", "algorithm", kebab_case(type_name<R>()));
    auto p = agent.hyperparameters();
    detail::write_parameters(file, parameters<R>(p));

    const auto& on = agent.problem();
    const std::int64_t sizes[] = {on.observation_size, on.action_size, std::int64_t(on.seed)};
    file.write("problem", sizes, {3});
    const Normalizer& u = agent.units().normalizer();
    file.write("units/observation_shift", u.observation_shift);
    file.write("units/observation_scale", u.observation_scale);
    file.write("units/reward", std::vector<float>{u.reward_scale, u.reward_shift});
    file.write("units/limits", std::vector<float>{u.observation_clip, u.reward_limit});
    file.write("units/action_low", u.action_low);
    file.write("units/action_high", u.action_high);

    agent.each_buffer([&](const std::string& key, auto& x) { detail::write_buffer(file, "state/" + key, x); });
    file.close();
  });
}

/// The algorithm of a checkpoint, in kebab case.  Throws Error where the file is not a checkpoint.
inline std::string checkpoint_algorithm(const std::string& path) {
  const auto file = hdf5::File::open(path);
  const auto format = file.read_attribute("/", "format");
  if (format != detail::checkpoint_format)
    throw Error(path + ": is not a checkpoint of this version (format '" + format + "', expected '" + detail::checkpoint_format +
                "'); give the folder of a run made by `tessera train`");
  return file.read_attribute("/", "algorithm");
}

/// An agent as it was saved, on the given device.  Throws Error where the file does not fit the agent's type.
template <class Agent>
Agent load_checkpoint(const std::string& path, typename Agent::backend::device device = Agent::backend::cpu()) {
  using R = typename Agent::recipe_type;
  using B = typename Agent::backend;
  const auto saved = checkpoint_algorithm(path), wanted = kebab_case(type_name<R>());
  if (saved != wanted) throw Error(path + ": was saved by " + saved + ", not by " + wanted + "; load it as " + saved);
  const auto file = hdf5::File::open(path);

  typename Agent::params p;
  detail::read_parameters(file, parameters<R>(p));

  const auto sizes = file.read<std::int64_t>("problem");
  if (sizes.size() != 3 || sizes[0] < 1 || sizes[1] < 1)
    throw Error(path + ": problem is damaged (observation size, action size, seed); use another checkpoint");
  const std::int64_t limits = std::is_same_v<typename Agent::space, Continuous> ? sizes[1] : 0;
  Normalizer u;
  u.observation_shift = detail::read_column(file, "units/observation_shift", sizes[0]);
  u.observation_scale = detail::read_column(file, "units/observation_scale", sizes[0]);
  u.action_low = detail::read_column(file, "units/action_low", limits);
  u.action_high = detail::read_column(file, "units/action_high", limits);
  const auto reward = detail::read_column(file, "units/reward", 2);
  u.reward_scale = reward[0], u.reward_shift = reward[1];
  if (file.exists("units/limits")) {
    const auto clipped = detail::read_column(file, "units/limits", 2);
    u.observation_clip = clipped[0], u.reward_limit = clipped[1];
  }

  Agent agent(problem_spec<B>{sizes[0], sizes[1], std::uint64_t(sizes[2]), device}, typename B::units(std::move(u)), std::move(p));
  agent.each_buffer([&](const std::string& key, auto& x) { detail::read_buffer(file, "state/" + key, x); });
  return agent;
}
}  // namespace tessera
