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
#include <tessera/support/inline.hpp>
#include <tessera/train/recorded.hpp>

namespace tessera {
struct RecordedUpdates::Impl {
  struct Recording {
    std::unique_ptr<nn::Graph> graph;
    int warm = 0;
    bool done = false;
    std::vector<const char*> names;
    at::Tensor values;  // in the graph's memory
  };
  void update(std::int64_t number);
  bool record(Recording& r, std::int64_t number);
  void say(const std::string& line) const {
    if (note) note(line);
  }

  std::unique_ptr<detail::UpdatedAgent> agent;
  std::function<void(const std::string&)> note;
  bool records = false;
  std::unique_ptr<nn::Clock> clock;
  std::map<std::vector<std::int64_t>, Recording> recordings;
  std::int64_t repeated = 0;
};

TESSERA_INLINE RecordedUpdates::RecordedUpdates(std::unique_ptr<detail::UpdatedAgent> agent,
                                                std::function<void(const std::string&)> note)
    : impl_(std::make_unique<Impl>()) {
  auto& own = *impl_;
  own.agent = std::move(agent), own.note = std::move(note);
  const auto device = own.agent->device();
  if (device.is_cpu()) return;
  auto why_not = own.agent->why_not();
  if (!nn::graph_on(device)) why_not = "this build has no graphs of such a device";
  if (!why_not.empty()) {
    own.say("updates on " + device.str() + " are made one by one, not recorded as a graph: " + why_not);
    return;
  }
  own.say("updates on " + device.str() + " are recorded as a graph, and repeated");
  own.records = true;
  own.clock = std::make_unique<nn::Clock>(device);
}
TESSERA_INLINE RecordedUpdates::RecordedUpdates(RecordedUpdates&&) noexcept = default;
TESSERA_INLINE RecordedUpdates& RecordedUpdates::operator=(RecordedUpdates&&) noexcept = default;
TESSERA_INLINE RecordedUpdates::~RecordedUpdates() = default;
TESSERA_INLINE void RecordedUpdates::operator()(std::int64_t number) { impl_->update(number); }
TESSERA_INLINE std::int64_t RecordedUpdates::repeated() const { return impl_->repeated; }

TESSERA_INLINE void RecordedUpdates::Impl::update(std::int64_t number) {
  const auto pattern = records ? agent->pattern(number) : std::vector<std::int64_t>{};
  if (pattern.empty()) return agent->update(number);
  auto& r = recordings[pattern];
  if (!r.graph) r.graph = nn::graph_on(agent->device());
  if (r.warm < warm_ups) {
    ++r.warm;
    return r.graph->warm_up([&] { agent->update(number); });
  }
  if (r.done) {
    clock->before(number);
    clock->repeated();
  } else if (!record(r, number)) {
    return agent->update(number);
  }
  r.graph->repeat();
  ++repeated;
  // The graph's memory is written again by the next repetition.
  std::vector<term<at::Tensor>> metrics;
  if (!r.names.empty()) {
    const auto values = r.values.clone().unbind();
    for (std::size_t i = 0; i < values.size(); ++i) metrics.push_back({r.names[i], values[i]});
  }
  agent->repeated(number, std::move(metrics));
}

TESSERA_INLINE bool RecordedUpdates::Impl::record(Recording& r, std::int64_t number) {
  std::string why;
  clock->before(number);
  try {
    r.graph->record([&] {
      const nn::Clock::Running guard(*clock);
      clock->tick();
      agent->update(number);
      std::vector<at::Tensor> values;
      for (const auto& m : agent->metrics()) r.names.push_back(m.name), values.push_back(m.value);
      if (!values.empty()) r.values = at::stack(values);
    });
    r.done = true;
    if (agent->asked_number())
      why =
          "a part looks at the number of the update (`step.update()`), and none says when it is the same again; "
          "declare `rhythm_of(h)` in that part";
  } catch (const c10::Error& e) {
    why = e.what_without_backtrace();
  } catch (const std::exception& e) {
    why = e.what();
  }
  if (why.empty()) return true;
  // Nothing was done on the device; the host takes its step back.
  records = false;
  recordings.clear();
  agent->repeated(number - 1, {});
  say("updates on " + agent->device().str() + " are made one by one from update " + std::to_string(number) +
      " on, not recorded as a graph: " + why.substr(0, why.find('\n')));
  return false;
}
}  // namespace tessera
