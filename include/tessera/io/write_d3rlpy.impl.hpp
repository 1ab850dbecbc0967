#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/io/hdf5.hpp>
#include <tessera/io/write_d3rlpy.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE Losses write_d3rlpy(const std::string& path, const Dataset& data) {
  const EpisodeParts all(data);
  const auto n = data.observation_size, d = data.action_size;
  write_atomically(path, [&](const std::string& name) {
    auto file = hdf5::File::create(name);
    std::vector<float> observations, actions, rewards;
    std::vector<std::int64_t> indices;
    std::int64_t episode = 0;
    for (const auto& part : all.parts()) {
      const auto rows = part.steps + (part.terminated ? 0 : 1);
      const auto begin = std::ptrdiff_t(part.first), end = begin + std::ptrdiff_t(part.steps);
      const auto key = [&](const char* column) { return column + std::to_string(episode); };
      observations.clear();
      all.observations(part, observations);
      observations.resize(std::size_t(rows * n));
      file.write(key("observations_"), observations, {rows, n});
      if (data.kind == action_kind::discrete) {
        indices.assign(data.action_indices.begin() + begin, data.action_indices.begin() + end);
        indices.resize(std::size_t(rows), 0);
        file.write(key("actions_"), indices, {rows, 1});
      } else {
        actions.assign(data.actions.begin() + begin * d, data.actions.begin() + end * d);
        actions.resize(std::size_t(rows * d), 0.0f);
        file.write(key("actions_"), actions, {rows, d});
      }
      rewards.assign(data.rewards.begin() + begin, data.rewards.begin() + end);
      rewards.resize(std::size_t(rows), 0.0f);
      file.write(key("rewards_"), rewards, {rows, 1});
      file.write_flags(key("terminated_"), {std::uint8_t(part.terminated)}, {});
      ++episode;
    }
    file.write_strings("columns", {"observations", "actions", "rewards", "terminated"});
    file.write("num_episodes", &episode, {});
    file.write_string("version", "2.1");
    file.close();
  });

  Losses lost;
  all.lose_propensities(lost), all.lose_rows(lost), all.lose_names(lost), all.lose_bounds(lost),
      all.lose_action_count(lost);
  all.lose_action_texts(lost), all.lose_task(lost);
  const auto known = all.count([](const auto& part) { return part.terminated && part.knows_last; });
  if (known > 0)
    lost.push_back({"last-observation", "where " + detail::counted(known, "terminal") +
                                            " led is not held: the layout has no place for it"});
  const auto cut = all.count([](const auto& part) { return !part.terminated; });
  if (cut > 0)
    lost.push_back({"added-steps", detail::counted(cut, "episode") +
                                       " that did not terminate has one more step, with action 0 and reward 0: it "
                                       "holds where the last one led, and is not used as a transition"});
  all.lose_inner_terminals(lost, "not held");
  all.lose_own_next(lost, "the next one's observation is held alone");
  all.lose_open_ends(lost, "it counts as cut there");
  return lost;
}
}  // namespace tessera
