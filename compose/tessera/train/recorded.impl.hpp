#pragma once
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tessera/nn/clock.hpp>
#include <tessera/nn/graph.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/recorded.hpp>

namespace tessera {
struct RecordedUpdates::Impl {
  using names = std::vector<const char*>;
  struct Recording {
    std::unique_ptr<nn::Graph> graph;
    int warm = 0;
    bool done = false;
    std::vector<std::vector<names>> measured;  // by agent, and by update of the launch
    at::Tensor values;                         // of all agents and updates one after another, in the graph's memory
  };
  void update_many(std::int64_t first, std::int64_t count);
  // What the agents ask the device for in these updates; empty, where no later ones are like them.
  std::vector<std::int64_t> pattern(std::int64_t first, std::int64_t count) const;
  void one_by_one(std::int64_t first, std::int64_t count);
  void warm_up(Recording& r, std::int64_t first, std::int64_t count);
  bool record(Recording& r, std::int64_t first, std::int64_t count);
  void try_record(Recording& r, std::int64_t first, std::int64_t count, std::string& why);
  void made(std::size_t agent, std::int64_t number) const {
    if (o.made) o.made(agent, number, agents[agent]->metrics());
  }
  void say(const std::string& line) const {
    if (o.note) o.note(line);
  }

  std::vector<std::unique_ptr<detail::UpdatedAgent>> agents;
  RecordingOptions o;
  bool records = false;
  std::vector<nn::Clock> clocks;  // one for each agent, whose branches of a graph do not wait for one another
  std::map<std::vector<std::int64_t>, Recording> recordings;
  std::int64_t repeated = 0;
};

TESSERA_INLINE std::function<batch<at::Tensor>(std::int64_t)> detail::further_batches_of(const Replay& replay,
                                                                                         std::uint64_t seed,
                                                                                         const std::int64_t& number,
                                                                                         std::int64_t count) {
  return [&replay, seed, &number, count](std::int64_t j) {
    return replay.sample(nn::random_key(seed, nn::stream::further_batches, std::uint64_t(j)), number, count);
  };
}

namespace detail {
inline std::vector<std::unique_ptr<UpdatedAgent>> only(std::unique_ptr<UpdatedAgent> agent) {
  std::vector<std::unique_ptr<UpdatedAgent>> out;
  out.push_back(std::move(agent));
  return out;
}
}  // namespace detail
TESSERA_INLINE RecordedUpdates::RecordedUpdates(std::unique_ptr<detail::UpdatedAgent> agent, RecordingOptions o)
    : RecordedUpdates(detail::only(std::move(agent)), std::move(o)) {}
TESSERA_INLINE RecordedUpdates::RecordedUpdates(std::vector<std::unique_ptr<detail::UpdatedAgent>> agents,
                                                RecordingOptions o)
    : impl_(std::make_unique<Impl>()) {
  auto& own = *impl_;
  own.agents = std::move(agents), own.o = std::move(o);
  if (own.agents.empty()) throw Error("recorded updates: there is no agent");
  const auto device = own.agents.front()->device();
  for (const auto& agent : own.agents)
    if (agent->device() != device)
      throw Error("recorded updates: agents on two devices, " + device.str() + " and " + agent->device().str());
  if (device.is_cpu() || !own.o.record) return;
  auto why_not = own.agents.front()->why_not();
  if (!nn::graph_on(device)) why_not = "this build has no graphs of such a device";
  if (!why_not.empty()) {
    own.say("updates on " + device.str() + " are made one by one, not recorded as a graph: " + why_not);
    return;
  }
  const auto count = own.agents.size();
  own.say("updates on " + device.str() + " are recorded as a graph, and repeated" +
          (count == 1 ? "" : ", of " + std::to_string(count) + " agents side by side"));
  own.records = true;
  for (std::size_t i = 0; i < count; ++i) own.clocks.emplace_back(device);
}
TESSERA_INLINE RecordedUpdates::RecordedUpdates(RecordedUpdates&&) noexcept = default;
TESSERA_INLINE RecordedUpdates& RecordedUpdates::operator=(RecordedUpdates&&) noexcept = default;
TESSERA_INLINE RecordedUpdates::~RecordedUpdates() = default;
TESSERA_INLINE void RecordedUpdates::update_many(std::int64_t first, std::int64_t count) {
  impl_->update_many(first, count);
}
TESSERA_INLINE std::int64_t RecordedUpdates::repeated() const { return impl_->repeated; }

TESSERA_INLINE std::vector<std::int64_t> RecordedUpdates::Impl::pattern(std::int64_t first, std::int64_t count) const {
  std::vector<std::int64_t> all{count};
  for (const auto& agent : agents)
    for (std::int64_t k = 0; k < count; ++k) {
      const auto one = agent->pattern(first + k);
      if (one.empty()) return {};
      all.push_back(std::int64_t(one.size()));
      all.insert(all.end(), one.begin(), one.end());
    }
  return all;
}

TESSERA_INLINE void RecordedUpdates::Impl::one_by_one(std::int64_t first, std::int64_t count) {
  for (std::size_t i = 0; i < agents.size(); ++i)
    for (std::int64_t k = 0; k < count; ++k) {
      agents[i]->update(first + k);
      made(i, first + k);
    }
}

TESSERA_INLINE void RecordedUpdates::Impl::update_many(std::int64_t first, std::int64_t count) {
  const auto asked = records ? pattern(first, count) : std::vector<std::int64_t>{};
  if (asked.empty()) return one_by_one(first, count);
  auto& r = recordings[asked];
  if (!r.graph) r.graph = nn::graph_on(agents.front()->device());
  if (r.warm < warm_ups) return warm_up(r, first, count);
  if (r.done) {
    for (auto& clock : clocks) clock.before(first), clock.repeated(count);
  } else if (!record(r, first, count)) {
    return one_by_one(first, count);
  }
  r.graph->repeat();
  repeated += count;
  // The graph's memory is written again by the next repetition.
  std::vector<at::Tensor> values;
  if (r.values.defined()) values = r.values.clone().unbind();
  auto value = values.begin();
  for (std::size_t i = 0; i < agents.size(); ++i)
    for (std::int64_t k = 0; k < count; ++k) {
      std::vector<term<at::Tensor>> metrics;
      for (const char* name : r.measured[i][std::size_t(k)]) metrics.push_back({name, *value++});
      agents[i]->repeated(first + k, std::move(metrics));
      made(i, first + k);
    }
}

TESSERA_INLINE void RecordedUpdates::Impl::warm_up(Recording& r, std::int64_t first, std::int64_t count) {
  ++r.warm;
  std::vector<nn::Graph::work> branches;
  for (std::size_t i = 0; i < agents.size(); ++i)
    branches.emplace_back([this, i, first, count] {
      for (std::int64_t k = 0; k < count; ++k) {
        agents[i]->update(first + k);
        made(i, first + k);
      }
    });
  r.graph->warm_up(branches);
}

TESSERA_INLINE void RecordedUpdates::Impl::try_record(Recording& r, std::int64_t first, std::int64_t count,
                                                      std::string& why) {
  std::vector<at::Tensor> measured;
  std::vector<nn::Graph::work> branches;
  r.measured.assign(agents.size(), {});
  for (std::size_t i = 0; i < agents.size(); ++i)
    branches.emplace_back([&, i] {
      const nn::Clock::Running guard(clocks[i]);
      std::vector<at::Tensor> values;
      for (std::int64_t k = 0; k < count; ++k) {
        clocks[i].tick();
        agents[i]->update(first + k);
        names of_update;
        for (const auto& m : agents[i]->metrics()) of_update.push_back(m.name), values.push_back(m.value);
        r.measured[i].push_back(std::move(of_update));
        if (agents[i]->asked_number())
          why =
              "a part looks at the number of the update (`step.update()`), and none says when it is the same again; "
              "declare `rhythm_of(h)` in that part";
      }
      if (!values.empty()) measured.push_back(at::stack(values));
    });
  r.graph->record(branches, [&] {
    if (!measured.empty()) r.values = measured.size() == 1 ? measured.front() : at::cat(measured);
  });
  r.done = true;
}

TESSERA_INLINE bool RecordedUpdates::Impl::record(Recording& r, std::int64_t first, std::int64_t count) {
  std::string why;
  for (auto& clock : clocks) clock.before(first);
  try {
    try_record(r, first, count, why);
  } catch (const c10::Error& e) {
    why = e.what_without_backtrace();
  } catch (const std::exception& e) {
    why = e.what();
  }
  if (why.empty()) return true;
  // Nothing was done on the device; the host takes its steps back.
  records = false;
  recordings.clear();
  for (const auto& agent : agents) agent->repeated(first - 1, {});
  say("updates on " + agents.front()->device().str() + " are made one by one from update " + std::to_string(first) +
      " on, not recorded as a graph: " + why.substr(0, why.find('\n')));
  return false;
}
}  // namespace tessera
