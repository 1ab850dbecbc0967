#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/collect.hpp>

namespace tessera {
TESSERA_INLINE CollectedEpisodes::CollectedEpisodes(std::int64_t observation_size, std::int64_t action_size,
                                                    bool discrete, const CollectOptions& o)
    : observation_size_(std::size_t(observation_size)), action_size_(std::size_t(action_size)), discrete_(discrete),
      o_(o), episodes_(std::size_t(std::max<std::int64_t>(o.episodes, 0))) {
  if (!(o.noise >= 0) || !std::isfinite(o.noise))
    throw Error("the noise must be a number of at least 0, not " + std::to_string(o.noise));
  if (discrete && o.noise > 0) throw Error("noise is added to continuous actions, and these are indices; leave it out");
  if (o.action_low.size() != o.action_high.size() || (!o.action_low.empty() && o.action_low.size() != action_size_))
    throw Error("the limits of actions have " + std::to_string(o.action_low.size()) + " and " +
                std::to_string(o.action_high.size()) + " numbers, and an action has " + std::to_string(action_size_));
}

TESSERA_INLINE EvaluationOptions CollectedEpisodes::options(std::function<bool(std::size_t)> wanted) {
  EvaluationOptions out{.episodes = o_.episodes, .seed = o_.seed, .horizon = o_.horizon, .keep_going = o_.keep_going};
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
    auto& e = episodes_[i];
    const auto append = [i](auto& to, const auto* from, std::size_t width) {
      to.insert(to.end(), from + i * width, from + (i + 1) * width);
    };
    append(e.observations, step.observations, observation_size_);
    append(e.next_observations, step.next_observations, observation_size_);
    if (discrete_) e.action_indices.push_back(step.action_indices[i]);
    else append(e.actions, step.actions, action_size_);
    e.rewards.push_back(step.rewards[i]);
    e.terminal = step.terminated[i] != 0;
  }
}

TESSERA_INLINE FlatRows CollectedEpisodes::rows() const {
  FlatRows out;
  out.format = "collected";
  out.kind = discrete_ ? action_kind::discrete : action_kind::continuous;
  out.observation_size = std::int64_t(observation_size_), out.action_size = std::int64_t(action_size_);
  for (const auto& e : episodes_) {
    if (e.rewards.empty()) continue;
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(out.observations, e.observations), append(out.next_observations, e.next_observations);
    append(out.actions, e.actions), append(out.action_indices, e.action_indices), append(out.rewards, e.rewards);
    out.terminals.resize(out.rewards.size(), 0), out.timeouts.resize(out.rewards.size(), 0);
    (e.terminal ? out.terminals : out.timeouts).back() = 1;
  }
  return out;
}

TESSERA_INLINE double CollectedEpisodes::episode_return(std::size_t episode) const {
  double sum = 0;
  for (const float r : episodes_[episode].rewards) sum += double(r);
  return sum;
}
}  // namespace tessera
