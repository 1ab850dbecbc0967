#include <tessera/io/trajectories_npz.hpp>

#include <tessera/sources/load.hpp>

#include "helpers/npz.hpp"

using namespace support;
using Catch::Contains;
using floats = std::vector<float>;
using flags = std::vector<std::uint8_t>;
using Rows = std::vector<std::int64_t>;
using Members = std::vector<std::pair<std::string, std::string>>;

namespace {
std::string f4(const std::string& shape, const floats& values) { return npy<float>("<f4", shape, values); }
std::string i8(const std::string& shape, const Rows& values) { return npy<std::int64_t>("<i8", shape, values); }
std::string b1(const std::string& shape, const flags& values) { return npy<std::uint8_t>("|b1", shape, values); }
tessera::Dataset load(const Members& members, const std::string& options = "") {
  const Folder folder;
  write_bytes(folder / "log.npz", zip(members));
  return tessera::load_dataset(folder / "log.npz" + options);
}
std::string error(const Members& members, const std::string& options = "") {
  return error_of([&] { load(members, options); });
}
Members replaced(Members members, const std::string& name, const std::string& bytes) {
  for (auto& member : members)
    if (member.first == name) member.second = bytes;
  return members;
}

// Two episodes, of 2 steps and of 1, in imitation's layout.
const Members demonstrations = {
    {"obs.npy", f4("(5, 1)", {0, 1, 2, 10, 11})}, {"acts.npy", i8("(3,)", {1, 0, 2})},
    {"rews.npy", f4("(3,)", {1, 2, 4})},          {"infos.npy", npy<char>("|O", "(3,)", {'c', 'o', 's'})},
    {"terminal.npy", b1("(2,)", {0, 1})},         {"indices.npy", i8("(1,)", {2})}};
// The same in that of Stable-Baselines 2, without the last observations.
const Members expert = {{"obs.npy", f4("(3, 1)", {0, 1, 10})},
                        {"actions.npy", f4("(3, 1)", {1, 0, 2})},
                        {"rewards.npy", npy("(3,)", {1, 2, 4})},
                        {"episode_returns.npy", npy("(2,)", {3, 4})},
                        {"episode_starts.npy", b1("(3,)", {1, 0, 1})}};
}  // namespace

TEST_CASE("demonstrations of imitation", "[data][npz]") {
  const auto data = load(demonstrations);
  CHECK((data.format == "imitation" && data.kind == tessera::action_kind::discrete && data.action_size == 3));
  CHECK(data.observation_row == Rows{0, 1, 3});
  CHECK(data.next_observation_row == Rows{1, 2, 4});
  CHECK(data.action_indices == Rows{1, 0, 2});
  CHECK(data.rewards == floats{1, 2, 4});
  CHECK((data.terminals == flags{0, 0, 1} && data.timeouts == flags{0, 1, 0}));
  CHECK(data.warnings.empty());
  auto silent = demonstrations;
  silent.erase(silent.begin() + 2);
  const auto without = load(silent);
  CHECK((without.rewards == floats{0, 0, 0} && without.warnings.at(0).name == "no-rewards"));
}

TEST_CASE("expert trajectories of Stable-Baselines 2", "[data][npz]") {
  const auto data = load(expert);
  CHECK(data.format == "sb2");
  CHECK((data.rewards == floats{1} && data.actions == floats{1}));  // the last step of each led to nobody knows where
  CHECK((data.episodes.size() == 2 && data.episodes[1].episode_return == 4 && !data.episodes[1].complete));
  CHECK((data.warnings.at(0).name == "ends-not-said" && data.warnings.at(1).name == "dropped-last-row"));
  const auto ended = load(expert, "?ends=terminated");
  CHECK((ended.rewards == floats{1, 2, 4} && ended.terminals == flags{0, 1, 1} && ended.warnings.empty()));
  CHECK(ended.unknown_next == flags{0, 1, 1});
  CHECK(load(expert, "?ends=truncated").timeouts == flags{1});
  CHECK_THAT(error(expert, "?ends=maybe"), Contains("ends=maybe") && Contains("terminated or truncated"));
}

TEST_CASE("trajectories whose bounds do not fit are refused in one line", "[data][npz][hostile]") {
  const auto bounds = [](const Rows& values) {
    return error(replaced(demonstrations, "indices.npy", i8("(" + std::to_string(values.size()) + ",)", values)));
  };
  CHECK_THAT(bounds({}), Contains("array indices") && Contains("0 numbers") && Contains("2 episodes"));
  for (const std::int64_t at : {std::int64_t(-1), std::int64_t(0), std::int64_t(4), INT64_MAX, INT64_MIN})
    CHECK_THAT(bounds({at}), Contains("array indices") && Contains("episode 0"));
  CHECK_THAT(bounds({3}), Contains("episode 1 would be of the steps 3 to 3"));
  CHECK_THAT(error(replaced(demonstrations, "indices.npy", f4("(1,)", {0.5f}))), Contains("not a whole number"));
  CHECK_THAT(error(replaced(demonstrations, "obs.npy", f4("(4, 1)", {0, 1, 2, 10}))),
             Contains("array obs") && Contains("4 rows") && Contains("asks for 5"));
  CHECK_THAT(error(replaced(demonstrations, "acts.npy", npy<char>("|O", "(3,)", {1}))), Contains("never unpickled"));
  CHECK_THAT(error(replaced(expert, "rewards.npy", npy("(2,)", {1, 2}))), Contains("array rewards"));
  CHECK_THAT(error(replaced(expert, "episode_starts.npy", f4("(3,)", {1, 0, 0.5f}))), Contains("row 2"));
}
