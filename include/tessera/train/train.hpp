#pragma once
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tessera/data/error.hpp>
#include <tessera/train/fit_dynamics.hpp>
#include <tessera/train/replay.hpp>

namespace tessera {
/// Means of the losses' summands since the last report.
struct Report {
  std::int64_t updates;                                ///< done so far
  std::vector<std::pair<std::string, double>> metrics;  ///< term and its mean, in order of first appearance
};

struct TrainOptions {
  std::int64_t updates = 10'000;    ///< in all: a resumed learner goes on to this number
  std::int64_t batch = 256;         ///< transitions per update
  std::int64_t report_every = 100;  ///< updates between reports; numbers leave the device only then
  std::function<void(const Report&)> report{};
  std::function<bool(std::int64_t)> after_update{};  ///< called with the number of updates; false stops
};

namespace detail {
/// Keeps the metrics of a window of updates as tensors, and reads them all at once.
class Window {
 public:
  template <class Metrics>
  void add(std::int64_t update, const Metrics& metrics) {
    for (const auto& m : metrics) {
      names_.push_back(m.name);
      values_.push_back(m.value);
      updates_.push_back(update);
    }
  }
  /// Empties the window.  Throws Diverged at its first number that is not finite.
  std::vector<std::pair<std::string, double>> read() {
    std::vector<std::pair<std::string, double>> means;
    if (values_.empty()) return means;
    const auto all = at::stack(values_).to(at::kCPU, at::kDouble);
    const double* x = all.data_ptr<double>();
    std::map<std::string, std::pair<std::size_t, double>> at_name;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (!std::isfinite(x[i]))
        throw Diverged("training diverged: " + std::string(names_[i]) + " is " + (std::isnan(x[i]) ? "NaN" : "infinite") +
                       " at update " + std::to_string(updates_[i]) +
                       "; lower the learning rate, or check the scale of rewards with `tessera inspect`");
      auto [it, fresh] = at_name.try_emplace(names_[i], means.size(), 0.0);
      if (fresh) means.emplace_back(names_[i], 0.0);
      means[it->second.first].second += x[i];
      it->second.second += 1;
    }
    for (auto& [name, sum] : means) sum /= at_name[name].second;
    names_.clear(), values_.clear(), updates_.clear();
    return means;
  }

 private:
  std::vector<const char*> names_;
  std::vector<at::Tensor> values_;
  std::vector<std::int64_t> updates_;
};
}  // namespace detail

/// Updates the agent until it has made `o.updates`.  Batches are a function of (seed, update): a run that was
/// interrupted and resumed makes the same updates as one that was not, if it is to be as long: what decays over the run
/// (AdamOptions::cosine_steps) decays over `o.updates`.  Returns, where a part reads them, are those under
/// the value's target copy, which a checkpoint holds.
template <class Agent>
void train(Agent& agent, Replay& replay, const TrainOptions& o) {
  if (o.batch < 1) throw Error("batch must be at least 1, not " + std::to_string(o.batch));
  if constexpr (requires { agent.plan(o.updates); }) agent.plan(o.updates);
  detail::Window window;
  auto report = [&] {
    auto means = window.read();
    if (o.report && !means.empty()) o.report({agent.updates(), std::move(means)});
  };
  if constexpr (requires { agent.returns_of(replay); }) agent.returns_of(replay);
  if constexpr (requires { agent.prepare_imagination(replay); }) agent.prepare_imagination(replay);
  while (agent.updates() < o.updates) {
    if constexpr (requires { agent.imagine(replay); }) {
      if (agent.imagination_is_due()) agent.imagine(replay);
      agent.update(agent.mixed(replay, agent.updates() + 1, o.batch));
    } else {
      const auto seed = agent.problem().seed;
      const auto number = agent.updates() + 1;
      if constexpr (requires { requires Agent::fits_to_fresh_data; })
        agent.update(replay.sample(seed, number, o.batch), [&](std::int64_t j) {
          return replay.sample(nn::random_key(seed, nn::stream::further_batches, std::uint64_t(j)), number, o.batch);
        });
      else agent.update(replay.sample(seed, number, o.batch));
    }
    window.add(agent.updates(), agent.metrics());
    if constexpr (requires { agent.returns_of(replay); })
      if (agent.returns_are_stale()) agent.returns_of(replay);
    if (agent.updates() % o.report_every == 0) report();
    if (o.after_update && !o.after_update(agent.updates())) break;
  }
  report();
}

template <class Agent>
void train(Agent& agent, Replay&& replay, const TrainOptions& o) {
  train(agent, replay, o);
}

/// The transitions of a data set as an agent learns from them: in its units, with the columns that its parts read.
template <class Agent>
Replay replay_for(const Agent& agent, const Dataset& data, const std::vector<std::int64_t>& transitions) {
  return Replay(data, transitions, agent.units(), agent.problem().device, {Agent::reads_next_action, Agent::reads_returns});
}

/// The same, from a data set: the transitions and units are those the agent was made with.  A dynamics model that has not been trained
/// is trained first.
template <class Agent>
void train(Agent& agent, const Dataset& data, const TrainOptions& o = {}) {
  if constexpr (requires { agent.dynamics().trained; })
    if (agent.dynamics().trained.value == 0) fit_dynamics(agent, data);
  train(agent, replay_for(agent, data, agent.transitions()), o);
}

/// A learner that does not compose is an error already.
template <class Agent>
  requires requires { typename Agent::does_not_compose; }
void train(Agent&, const Dataset&, const TrainOptions& = {}) {}
}  // namespace tessera
