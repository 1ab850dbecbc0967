#pragma once
#include <utility>

#include <tessera/cli/preloaded.hpp>
#include <tessera/support/hash.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE Preloaded& Preloaded::here() {
  static Preloaded all;
  return all;
}

TESSERA_CLI_INLINE std::optional<Dataset> Preloaded::take(const std::string& source) {
  const auto found = data_.find(source);
  if (found == data_.end()) return std::nullopt;
  auto out = std::move(found->second);
  data_.erase(found);
  return out;
}

TESSERA_CLI_INLINE std::uint64_t Preloaded::key_of(const Dataset& data, const std::vector<std::int64_t>& transitions,
                                                   const Normalizer& units, const std::string& device,
                                                   const std::vector<ReplayColumn>& columns) {
  ContentHash hash;
  hash.add(data.name), hash.add(data.size()), hash.add(device);
  hash.add(std::int64_t(transitions.size()));
  for (const auto i : transitions) hash.add(i);
  for (const auto* numbers :
       {&units.observation_shift, &units.observation_scale, &units.action_low, &units.action_high}) {
    hash.add(std::int64_t(numbers->size()));
    for (const auto x : *numbers) hash.add(x);
  }
  for (const auto x : {units.reward_scale, units.reward_shift, units.observation_clip, units.reward_limit}) hash.add(x);
  for (const auto& column : columns) hash.add(std::string(column.name));
  return hash.value();
}
}  // namespace tessera::cli
