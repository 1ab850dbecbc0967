#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/collect.hpp>

namespace tessera {
TESSERA_INLINE CollectedEpisodes::CollectedEpisodes(std::int64_t observation_size, std::int64_t action_size,
                                                    bool discrete, const CollectOptions& o)
    : observation_size_(std::size_t(observation_size)), action_size_(std::size_t(action_size)), discrete_(discrete),
      o_(o), episodes_(std::size_t(std::max<std::int64_t>(o.episodes, 0)),
                       Experience(observation_size, action_size, discrete)) {
  if (!(o.noise >= 0) || !std::isfinite(o.noise))
    throw Error("the noise must be a number of at least 0, not " + std::to_string(o.noise));
  if (discrete && o.noise > 0) throw Error("noise is added to continuous actions, and these are indices; leave it out");
  if (o.action_low.size() != o.action_high.size() || (!o.action_low.empty() && o.action_low.size() != action_size_))
    throw Error("the limits of actions have " + std::to_string(o.action_low.size()) + " and " +
                std::to_string(o.action_high.size()) + " numbers, and an action has " + std::to_string(action_size_));
}

TESSERA_INLINE EvaluationOptions CollectedEpisodes::options(std::function<bool(std::size_t)> wanted) {
  EvaluationOptions out{.episodes = o_.episodes, .seed = o_.seed, .horizon = o_.horizon, .keep_going = o_.keep_going};
  out.exploration = o_.exploration;
  if (o_.noise > 0) {
    // Each episode has a stream of its own, apart from that of its start.
    auto noise = std::make_shared<std::vector<Random>>();
    for (std::size_t i = 0; i < episodes_.size(); ++i) noise->emplace_back(o_.seed, (std::uint64_t{1} << 40) + i);
    out.disturb = [this, noise](float* actions) { disturb(actions, *noise); };
  }
  out.watch = [this, wanted = std::move(wanted)](const EvaluationStep& step) { keep(step, wanted); };
  return out;
}

TESSERA_INLINE void CollectedEpisodes::disturb(float* actions, std::vector<Random>& noise) const {
  for (std::size_t i = 0; i < episodes_.size(); ++i)
    for (std::size_t k = 0; k < action_size_; ++k) {
      float& a = actions[i * action_size_ + k];
      a = static_cast<float>(a + o_.noise * noise[i].normal());
      if (!o_.action_low.empty()) a = std::clamp(a, o_.action_low[k], o_.action_high[k]);
    }
}

TESSERA_INLINE void CollectedEpisodes::keep(const EvaluationStep& step,
                                            const std::function<bool(std::size_t)>& wanted) {
  for (std::size_t i = 0; i < episodes_.size(); ++i) {
    if (step.over[i] != 0 || (wanted && !wanted(i))) continue;
    const float index = discrete_ ? float(step.action_indices[i]) : 0;
    const auto of = [i](const float* all, std::size_t width) { return std::span(all + i * width, width); };
    episodes_[i].add(0, {of(step.observations, observation_size_),
                         discrete_ ? std::span(&index, 1) : of(step.actions, action_size_), step.rewards[i],
                         step.terminated[i] != 0                               ? Experience::end::terminated
                         : step.truncated != nullptr && step.truncated[i] != 0 ? Experience::end::truncated
                                                                               : Experience::end::none,
                         of(step.next_observations, observation_size_)});
  }
}

TESSERA_INLINE FlatRows CollectedEpisodes::rows() const {
  FlatRows out;
  out.format = "collected";
  out.kind = discrete_ ? action_kind::discrete : action_kind::continuous;
  out.observation_size = std::int64_t(observation_size_), out.action_size = std::int64_t(action_size_);
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  for (const auto& e : episodes_)
    for (std::int64_t i = 0; i < e.size(); ++i) {
      const auto t = e[i];
      append(out.observations, t.observation), append(out.next_observations, t.next_observation);
      if (discrete_) out.action_indices.push_back(std::int64_t(t.action[0]));
      else append(out.actions, t.action);
      out.rewards.push_back(t.reward);
      const bool terminal = t.ends == Experience::end::terminated;
      out.terminals.push_back(terminal), out.timeouts.push_back(!terminal && i + 1 == e.size());
    }
  return out;
}

TESSERA_INLINE double CollectedEpisodes::episode_return(std::size_t episode) const {
  double sum = 0;
  const auto& e = episodes_[episode];
  for (std::int64_t i = 0; i < e.size(); ++i) sum += double(e[i].reward);
  return sum;
}
}  // namespace tessera
