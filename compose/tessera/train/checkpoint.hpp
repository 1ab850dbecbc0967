#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/compose/learner.hpp>
#include <tessera/compose/name.hpp>
#include <tessera/io/safetensors.hpp>
#include <tessera/nn/backend.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/support/error.hpp>
#include <tessera/train/checkpoint_header.hpp>

namespace tessera {
namespace detail {
safetensors::Type saved_type(const at::Tensor& x);
at::ScalarType tensor_type(safetensors::Type type);
// A tensor as it is stored in a file: in host memory, row by row.
at::Tensor on_host(const at::Tensor& x);
std::string fault_of(const std::string& name, const at::Tensor& host);

// Collects what `each_buffer` lists: numbers and tensors.  They must stay valid until the file is written.
template <class T>
safetensors::Source source_of(const std::string& path, const std::string& name, const T& x) {
  if constexpr (std::is_same_v<T, std::int64_t>) {
    return {name, safetensors::Type::i64, {}, [&x] { return static_cast<const void*>(&x); }};
  } else {
    return {name, saved_type(x), x.sizes().vec(), [path, name, &x, host = at::Tensor()]() mutable {
              host = on_host(x);
              if (const auto fault = fault_of(name, host); !fault.empty())
                throw Diverged(path + ": is not written, because training diverged: " + fault +
                               "; the previous file is unchanged");
              return static_cast<const void*>(host.data_ptr());
            }};
  }
}
template <class T>
void read_buffer(const safetensors::File& file, const std::string& name, T& x) {
  if constexpr (std::is_same_v<T, std::int64_t>) {
    x = read_count(file, name);
  } else {
    const auto& t = file.at(name);
    const auto type = saved_type(x);
    if (x.dim() > 0 && x.size(0) == 0 &&
        t.shape.size() == std::size_t(x.dim())) {  // as many rows as there happen to be
      auto sizes = x.sizes().vec();
      sizes[0] = t.shape[0];
      x = at::zeros(sizes, x.options());
    }
    if (t.type != type || t.shape != x.sizes().vec())
      throw file.damaged("tensor '" + name + "' has another type or shape than its parameters say");
    at::NoGradGuard guard;
    const bool in_place = x.is_cpu() && x.is_contiguous() && x.scalar_type() == tensor_type(type);
    auto host = in_place ? x.detach() : at::empty(x.sizes(), tensor_type(type));
    switch (type) {
      case safetensors::Type::f64:
        file.read(name, host.template data_ptr<double>());
        break;
      case safetensors::Type::i64:
        file.read(name, host.template data_ptr<std::int64_t>());
        break;
      case safetensors::Type::u8:
        file.read(name, host.template data_ptr<std::uint8_t>());
        break;
      default:
        file.read(name, host.template data_ptr<float>());
    }
    if (const auto fault = fault_of(name, host); !fault.empty()) throw file.damaged(fault);
    if (!in_place) x.copy_(host);
  }
}
}  // namespace detail

/// Saves everything that an agent needs to act and to continue training: its algorithm, hyper-parameters, units,
/// networks, optimizers and counters, in one safetensors file, which PyPI's `safetensors` can open too.  `extra` is
/// additional text of the caller's, in UTF-8, which `checkpoint_metadata` returns.  The file is written under a
/// temporary name next to `path`, synced and renamed, with a checksum over all of its bytes, which detects accidents,
/// not forgery.
/// Throws Diverged, and leaves an existing file unchanged, if a number that would be saved is not finite.
template <class Agent>
void save_checkpoint(Agent& agent, const std::string& path, const std::map<std::string, std::string>& extra = {}) {
  using R = typename Agent::recipe_type;
  safetensors::Metadata metadata;
  metadata["format"] = detail::checkpoint_format;
  metadata["algorithm"] = kebab_case(type_name<R>());
  const auto& on = agent.problem();
  detail::write_problem(metadata, {on.observation_size, on.action_size, on.discrete});
  metadata["problem.seed"] = detail::entry_text(on.seed);
  auto p = agent.hyperparameters();
  detail::write_parameters(metadata, parameters<R>(p));
  const Normalizer& units = agent.units().normalizer();
  if (const auto fault = detail::fault_of(units); !fault.empty())
    throw Error(path + ": is not written: " + fault + "; make the agent with other units");
  detail::write_units(metadata, units);
  for (const auto& [key, text] : extra) metadata[std::string(detail::extra_prefix) + key] = text;
  std::vector<safetensors::Source> tensors;
  agent.each_buffer([&](const std::string& name, auto& x) { tensors.push_back(detail::source_of(path, name, x)); });
  safetensors::write(path, std::move(metadata), std::move(tensors));
}

/// An agent as it was saved, on the given device; `change(params)` may change hyper-parameters that no size depends on.
/// The file is held against its checksum, and against the sizes that its hyper-parameters ask for, before anything is
/// made.  Throws Error where it does not fit the agent's type, or is damaged.
template <class Agent, class Change>
Agent load_checkpoint(const std::string& path, typename Agent::backend::device device, const Change& change) {
  using R = typename Agent::recipe_type;
  using B = typename Agent::backend;
  const auto file = detail::open_checkpoint(path);
  auto h = detail::read_checkpoint_header<R>(file);
  change(h.params);
  Agent agent(problem_spec<B>{h.on.observation_size, h.on.action_size, h.seed, device},
              typename B::units(std::move(h.units)), std::move(h.params));
  agent.each_buffer([&](const std::string& name, auto& x) { detail::read_buffer(file, name, x); });
  return agent;
}
template <class Agent>
Agent load_checkpoint(const std::string& path, typename Agent::backend::device device = Agent::backend::cpu()) {
  return load_checkpoint<Agent>(path, device, [](const auto&) {});
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/checkpoint.impl.hpp>
#endif
