#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/io/write_ogbench.hpp>
#include <tessera/io/zip_write.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE Losses write_ogbench(const std::string& path, const Dataset& data) {
  const EpisodeParts all(data);
  const auto n = data.observation_size, d = data.action_size;
  const bool discrete = data.kind == action_kind::discrete;
  const auto rows = all.steps() + std::int64_t(all.parts().size());
  write_atomically(path, [&](AtomicFile& file) {
    NpzWriter npz(file);
    std::vector<float> piece;
    // One array: `fill(part, piece)` appends the rows of an episode, the one behind its last step as well.
    const auto floats = [&](const char* key, const std::vector<std::int64_t>& shape, auto&& fill) {
      npz.array(key, "<f4", shape);
      for (const auto& part : all.parts()) piece.clear(), fill(part), npz.write(piece);
    };
    const auto copied = [&](const EpisodeParts::Part& part, const std::vector<float>& from, std::int64_t width) {
      const auto begin = from.begin() + std::ptrdiff_t(part.first * width);
      piece.assign(begin, begin + std::ptrdiff_t(part.steps * width));
      piece.resize(std::size_t((part.steps + 1) * width), 0.0f);
    };
    floats("observations", {rows, n}, [&](const auto& part) { all.observations(part, piece); });
    if (discrete) {
      npz.array("actions", "<i4", {rows});
      std::vector<std::int32_t> indices;
      for (const auto& part : all.parts()) {
        indices.clear();
        for (auto i = part.first; i < part.first + part.steps; ++i)
          indices.push_back(std::int32_t(data.action_indices[std::size_t(i)]));
        indices.push_back(0);
        npz.write(indices);
      }
    } else {
      floats("actions", {rows, d}, [&](const auto& part) { copied(part, data.actions, d); });
    }
    npz.array("terminals", "|b1", {rows});
    std::vector<std::uint8_t> flags;
    for (const auto& part : all.parts()) {
      flags.assign(std::size_t(part.steps + 1), 0), flags.back() = 1;
      npz.write(flags);
    }
    floats("rewards", {rows}, [&](const auto& part) { copied(part, data.rewards, 1); });
    floats("masks", {rows}, [&](const auto& part) {
      piece.assign(std::size_t(part.steps + 1), 1.0f);
      for (std::int64_t t = 0; t < part.steps; ++t)
        if (data.terminals[std::size_t(part.first + t)] != 0) piece[std::size_t(t)] = 0.0f;
    });
    npz.finish();
  });

  Losses lost;
  all.lose_propensities(lost), all.lose_rows(lost), all.lose_names(lost), all.lose_bounds(lost),
      all.lose_action_count(lost);
  all.lose_action_texts(lost), all.lose_task(lost);
  all.lose_unknown_next(lost, "their own observation is written in its place, as if they had led there");
  all.lose_own_next(lost, "the next one's observation is held alone");
  all.lose_open_ends(lost, "it counts as cut there");
  return lost;
}
}  // namespace tessera
