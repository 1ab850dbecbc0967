// The metadata.json of a Minari data set: Python's JSON, with spaces as texts of JSON in it, and what is made of the
// spaces.
#include "fuzz.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include <tessera/io/minari.hpp>

namespace {
// Rows of the least values, and what becomes of them.
std::vector<double> least(const tessera::minari::SpacePart& part, std::size_t rows) {
  std::vector<double> row;
  for (std::int64_t i = 0; i < part.stored_size(); ++i)
    row.push_back(part.is_discrete() ? double(part.first[std::size_t(i)]) : 0.5);
  std::vector<double> all;
  for (std::size_t r = 0; r < rows; ++r) all.insert(all.end(), row.begin(), row.end());
  return all;
}
using tessera::fuzz::require;
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tessera;
  constexpr std::size_t rows = 2;
  constexpr std::int64_t large = 1 << 16;
  try {
    const auto found = minari::read_metadata(fuzz::text_of(data, size), "metadata.json");
    require(found.episodes >= -1 && found.steps >= -1 && found.task.max_steps >= 0);
    for (const bool one_hot : {true, false}) try {
        const minari::ObservationLayout layout(minari::choose_parts(found.observation, "", "observation", "o"), one_hot,
                                               "o");
        require(layout.size() >= 1);
        if (layout.size() > large) continue;
        const auto width = static_cast<std::size_t>(layout.size());
        std::vector<float> x(rows * width, -7);
        LogSpaces spaces;
        layout.describe(spaces);
        require(spaces.observation_low.size() == width && spaces.observation_high.size() == width);
        require(spaces.observation_names.empty() || spaces.observation_names.size() == width);
        for (std::size_t k = 0; k < layout.parts().size(); ++k) layout.place(k, least(layout.parts()[k], rows), x, "o");
        for (const float value : x) require(value == 0 || value == 0.5f || value == 1);  // every number was written
      } catch (const Error& error) {
        fuzz::require_one_line(error.what());
      }
    const minari::ActionLayout actions(minari::choose_parts(found.action, "", "action", "a"), "a");
    require(actions.size() >= 1);
    LogSpaces spaces;
    actions.describe(spaces);
    const bool discrete = actions.kind() == action_kind::discrete;
    require(!discrete || actions.size() <= large);
    require(spaces.action_names.empty() || std::int64_t(spaces.action_names.size()) == actions.size());
    require(actions.low().size() == (discrete ? 0 : std::size_t(actions.size())));
    if (actions.size() > large) return 0;
    std::vector<float> a(discrete ? 0 : rows * std::size_t(actions.size()), -7);
    std::vector<std::int64_t> indices(discrete ? rows : 0, 0);
    for (std::size_t k = 0; k < actions.parts().size(); ++k)
      actions.place(k, least(actions.parts()[k], rows), a, indices, "a");
    for (const float value : a) require(value == 0.5f);
    for (const auto index : indices) require(index == 0);
  } catch (const Error& error) {
    fuzz::require_one_line(error.what());
  }
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  return {
      R"({"total_episodes": 2, "total_steps": 9, "data_format": "hdf5", "observation_space": "{\"type\": \"Box\", \"dtype\": \"float32\", \"shape\": [2], \"low\": [-Infinity, 0.0], \"high\": [Infinity, 1]}", "action_space": "{\"type\": \"Discrete\", \"start\": 1, \"n\": 3}", "env_spec": "{\"id\": \"A-v0\", \"max_episode_steps\": 5}", "ref_min_score": -1.5})",
      R"({"observation_space": {"type": "Dict", "subspaces": {"a": {"type": "Tuple", "subspaces": [{"type": "MultiBinary", "n": [2, 1]}, {"type": "MultiDiscrete", "nvec": [2, 3], "start": [0, 1]}]}, "b": {"type": "Discrete", "n": 2, "start": -1}}}, "action_space": {"type": "Dict", "subspaces": {"x": {"type": "Box", "shape": [], "low": 0, "high": 1}, "y": {"type": "Box", "shape": [1, 2]}}}, "env_spec": null})",
      R"({"observation_space": {"type": "Dict", "subspaces": {"image": {"type": "Box", "dtype": "uint8", "shape": [64, 64, 3], "low": 0, "high": 255}, "say": {"type": "Text"}}}, "action_space": {"type": "MultiDiscrete", "nvec": [[2, 3], [4, 5]], "start": [[0, 0], [0, 1]]}, "data_format": "parquet"})",
      R"([NaN, Infinity, -Infinity, "\"NaN", {"a": 1e3}])"};
}
