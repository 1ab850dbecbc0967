// Every format that we both write and read, from there to every other and back: equal to the bit where both hold it.
#include "helpers/data_sets.hpp"
#include "helpers/files.hpp"

#include <algorithm>
#include <cmath>

#include <tessera/dataset/content_hash.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/write.hpp>

using support::difference;
using support::ends;
using tessera::action_kind;
using tessera::Dataset;

namespace {
struct Format {
  std::string file;         ///< its ending asks for the format
  std::vector<ends> holds;  ///< the ends of which it holds all
};
const std::vector<Format>& formats() {
  using enum ends;
  static const std::vector<Format> all = {
      {"a.hdf5", {terminated, truncated, open}},
      {"a-v0/", {terminated, terminated_unknown, truncated, open}},
      {"a.csv", {terminated, terminated_unknown, truncated}},
      {"a.npz", {terminated, truncated}},
      {"a.h5", {terminated_unknown, truncated}},
      {"a.store", {terminated, terminated_unknown, truncated, open}},
  };
  return all;
}

Dataset through(const Dataset& data, const Format& format, const std::string& folder) {
  const auto path = folder + format.file;
  tessera::write_dataset(path, data, {.overwrite = true});
  return tessera::load_dataset(path);
}
// Ends that both hold: 30 episodes, and one that breaks off if they hold that.
std::vector<ends> ends_of(const Format& a, const Format& b) {
  std::vector<ends> out;
  for (int i = 0; i < 30; ++i)
    for (const auto end : a.holds)
      if (end != ends::open && std::count(b.holds.begin(), b.holds.end(), end) != 0) out.push_back(end);
  if (out.empty()) return out;
  for (const auto* each : {&a, &b})
    if (std::count(each->holds.begin(), each->holds.end(), ends::open) == 0) return out;
  out.push_back(ends::open);
  return out;
}
}  // namespace

TEST_CASE("round trips are equal to the bit", "[data][write]") {
  const support::Folder folder;
  for (const auto kind : {action_kind::continuous, action_kind::discrete})
    for (const auto& from : formats())
      for (const auto& to : formats()) {
        const auto which = ends_of(from, to);
        if (which.empty()) continue;
        INFO(from.file << " to " << to.file << " and back, "
                       << (kind == action_kind::discrete ? "discrete" : "continuous"));
        const auto data = support::made_data(kind, which, 7);
        const auto first = through(data, from, folder / "1"), second = through(first, to, folder / "2"),
                   back = through(second, from, folder / "3");
        CHECK(difference(data, first) == "");
        CHECK(difference(first, second) == "");
        CHECK(difference(second, back) == "");
        CHECK(tessera::content_hash(data) == tessera::content_hash(back));
      }
}

TEST_CASE("terminals of which it is unknown where they led", "[data][write]") {
  using enum ends;
  const support::Folder folder;
  std::vector<ends> mixed, alone(40, terminated_unknown);
  for (int i = 0; i < 40; ++i) mixed.insert(mixed.end(), {terminated_unknown, truncated});
  for (const auto& which : {mixed, alone}) {
    const auto data = support::made_data(action_kind::continuous, which, 3);
    CHECK(difference(data, through(data, {"a.hdf5", {}}, folder / "")) == "");
  }
}

TEST_CASE("terminals before the end of an episode, which goes on", "[data][write]") {
  const support::Folder folder;
  auto data = support::made_data(action_kind::continuous, std::vector<ends>(20, ends::truncated), 5);
  REQUIRE(data.episodes[1].transitions > 2);
  data.terminals[std::size_t(data.episodes[1].first)] = 1;
  CHECK(difference(data, through(data, {"a.npz", {}}, folder / "")) == "");
  CHECK(difference(data, through(data, {"a.store", {}}, folder / "")) == "");
  for (const char* other : {"a.hdf5", "a.h5", "a.csv", "a-v0/"}) {
    const auto lost = tessera::write_dataset(folder / other, data);
    CHECK(std::count_if(lost.begin(), lost.end(), [](const auto& each) { return each.name == "inner-terminal"; }) == 1);
  }
}

TEST_CASE("names, bounds and labels come back where a format holds them", "[data][write]") {
  const support::Folder folder;
  auto data = support::made_data(action_kind::discrete, std::vector<ends>(20, ends::terminated), 5, 2, 3);
  data.spaces.observation_names = {"position[0]", "agent, velocity"};
  data.spaces.observation_low = {-4.8f, -INFINITY}, data.spaces.observation_high = {4.8f, INFINITY};
  data.spaces.action_names = {"left", "stay", "right"}, data.spaces.first_action = 2;
  data.task.environment = "Cart-v1", data.task.max_steps = 9, data.task.score_zero = 0, data.task.score_hundred = 10;
  const auto minari = through(data, {"a-v0/", {}}, folder / "");
  CHECK(minari.spaces == data.spaces);
  CHECK((minari.task.environment == "Cart-v1" && minari.task.max_steps == 9 && minari.task.score_hundred == 10));
  // The labels' order is a table's own: what they mean is not changed.
  const auto csv = through(data, {"a.csv", {}}, folder / "");
  CHECK(csv.spaces.observation_names == data.spaces.observation_names);
  REQUIRE(csv.size() == data.size());
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const auto label = [&](const Dataset& of) {
      return of.spaces.action_names[std::size_t(of.action_indices[std::size_t(i)])];
    };
    REQUIRE(label(csv) == label(data));
  }

  data.spaces = {};
  data.action_size = 6, data.spaces.action_factors = {2, 3}, data.action_indices[0] = 5;
  const auto choices = through(data, {"b-v0/", {}}, folder / "");
  CHECK(difference(data, choices) == "");
  CHECK(choices.spaces.action_factors == data.spaces.action_factors);

  auto arm = support::made_data(action_kind::continuous, std::vector<ends>(20, ends::terminated), 5, 2, 2);
  arm.action_low = {-4, -4}, arm.action_high = {1e20f, 4}, arm.limits_from = tessera::limits_origin::file;
  for (float& x : arm.actions) x = std::clamp(x, -2.0f, 2.0f);
  arm.spaces.action_names = {"shoulder", "elbow"};
  const auto limited = through(arm, {"c-v0/", {}}, folder / "");
  CHECK((limited.limits_from == tessera::limits_origin::file && limited.action_high == arm.action_high));
  CHECK(limited.spaces.action_names == arm.spaces.action_names);
}

TEST_CASE("whole numbers as continuous actions stay continuous", "[data][write]") {
  const support::Folder folder;
  auto data = support::made_data(action_kind::continuous, std::vector<ends>(20, ends::truncated), 5, 2, 1);
  for (float& x : data.actions) x = x < 0 ? -1.0f : 1.0f;
  data.action_low = {-1}, data.action_high = {1};
  CHECK(difference(data, through(data, {"a.csv", {}}, folder / "")) == "");
}
