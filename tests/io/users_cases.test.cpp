// Logs as people have them: layouts, forms of actions and next observations that public reports of users are about.
#include <tessera/sources/load.hpp>

#include <cmath>
#include <limits>

#include <tessera/dataset/cut_episodes.hpp>
#include <tessera/dataset/findings.hpp>
#include <tessera/dataset/require_sound.hpp>

#include "helpers/files.hpp"
#include "helpers/npz.hpp"

using Catch::Contains;
using support::error_of;
using tessera::action_kind;
using tessera::Dataset;

namespace {
using Names = std::vector<std::string>;
using Floats = std::vector<float>;
constexpr std::int64_t rows = 300, length = 30;

// A log of 10 episodes: observation (i, i / 2, -i, 1), reward i / 300.
struct Log {
  Floats observations, next, rewards, ends, zeros = Floats(std::size_t(rows), 0.0f);
  std::vector<std::int64_t> codes;
  Log() {
    for (std::int64_t i = 0; i < rows; ++i) {
      const auto x = float(i), y = float((i + 1) % rows);
      observations.insert(observations.end(), {x, x / 2, -x, 1});
      next.insert(next.end(), {y, y / 2, -y, 1});
      rewards.push_back(x / 300);
      ends.push_back(i % length == length - 1 ? 1.0f : 0.0f);
      codes.push_back(i * 7 % 3);
    }
  }
};
const Log& log() {
  static const Log all;
  return all;
}
template <class Write>
Dataset read(Write write, const std::string& options = "") {
  const support::Folder folder;
  const auto path = folder / "log.h5";
  auto file = tessera::hdf5::File::create(path);
  write(file);
  file.close();
  auto data = tessera::load_dataset(path + options);
  tessera::require_sound(data);
  return data;
}
// Under D4RL's names, with actions of one's own.
template <class Actions>
Dataset with_actions(Actions actions, const std::string& options = "") {
  return read(
      [&](auto& file) {
        file.write("observations", log().observations, {rows, 4});
        actions(file);
        file.write("rewards", log().rewards);
        file.write("terminals", log().zeros);
        file.write("timeouts", log().ends);
      },
      options);
}
std::string found(const Dataset& data) {
  std::string all;
  for (const auto& w : data.warnings) all += w.name + ": " + w.message + "\n";
  for (const auto& w : tessera::findings(data)) all += w.name + ": " + w.message + "\n";
  return all;
}
Dataset from_csv(const std::string& text, const std::string& options = "") {
  const support::Folder folder;
  support::write_bytes(folder / "log.csv", text);
  return tessera::load_dataset(folder / "log.csv" + options);
}
}  // namespace

TEST_CASE("HDF5 files with other keys are read by their names", "[data][tables]") {
  const Floats actions(std::size_t(2 * rows), 0.5f);
  struct Layout {
    const char *observations, *next, *actions, *rewards, *terminated, *truncated;
  };
  // tianshou's and Spinning Up's buffers; Gymnasium's names.
  for (const Layout& l :
       {Layout{"obs", "obs_next", "act", "rew", "done", nullptr}, Layout{"obs", "obs2", "act", "rew", "done", nullptr},
        Layout{"observations", nullptr, "actions", "rewards", "terminations", "truncations"},
        Layout{"states", "next_states", "actions", "rewards", "dones", nullptr}}) {
    const auto data = read([&](auto& file) {
      file.write(l.observations, log().observations, {rows, 4});
      file.write(l.actions, actions, {rows, 2});
      file.write(l.rewards, log().rewards);
      file.write(l.terminated, l.truncated != nullptr ? log().zeros : log().ends);
      if (l.truncated != nullptr) file.write(l.truncated, log().ends);
      if (l.next != nullptr) file.write(l.next, log().next, {rows, 4});
    });
    INFO(l.observations << " " << found(data));
    CHECK((data.observation_size == 4 && data.action_size == 2 && data.kind == action_kind::continuous));
    CHECK(data.episodes.size() == 10);
    // A step before a cut leads to nowhere that is known.
    CHECK(data.size() == (l.truncated != nullptr ? 290 : 300));
    CHECK(data.observation(40)[0] + 1 == data.next_observation(40)[0]);
    CHECK_THAT(data.warnings[0].message, Contains("read as --columns 'observation=" + std::string(l.observations)));
    CHECK(data.format == "hdf5");
  }
}

TEST_CASE("HDF5 files whose keys say nothing name them, and a mapping that works", "[data][tables]") {
  const auto write = [](auto& file) {
    file.write("sensors/pressure", log().observations, {rows, 4});
    file.write("valve", log().ends);
    file.write("gain", log().rewards);
    file.write("over", log().ends);
    file.write("about/version", std::vector<std::int64_t>{3});
  };
  const auto said = error_of([&] { read(write); });
  CHECK_THAT(said, Contains("log.h5: is HDF5 of an unknown layout, with the keys [about, gain, over, sensors, valve]"));
  CHECK_THAT(said, Contains("--columns"));
  const auto data = read(write, "?columns=observation=sensors,action=valve,reward=gain,done=over&actions=discrete");
  CHECK((data.kind == action_kind::discrete && data.action_size == 2));
  CHECK(data.spaces.observation_names ==
        Names{"sensors/pressure[0]", "sensors/pressure[1]", "sensors/pressure[2]", "sensors/pressure[3]"});
  CHECK(data.name.ends_with("log.h5?columns=observation=sensors,action=valve,reward=gain,done=over&actions=discrete"));
  CHECK_THAT(error_of([&] { read(write, "?columns=observation=sensor,action=valve"); }),
             Contains("observation=sensor: there is no such column; did you mean"));
  CHECK_THAT(error_of([&] { read(write, "?columns=observation=gain,action=valve,reward=sensors"); }),
             Contains("reward=sensors/pressure has 4 numbers in a row; name a column of one"));
}

TEST_CASE(".npz files are read by the names of their arrays, or by a mapping", "[data][tables]") {
  const support::Folder folder;
  std::vector<double> x, r, ends;
  std::vector<std::int64_t> a;
  for (int i = 0; i < 60; ++i)
    x.insert(x.end(), {double(i), i / 2.0}), r.push_back(i / 60.0), ends.push_back(i % 20 == 19), a.push_back(i % 3);
  const auto write = [&](const std::string& observations, const std::string& actions) {
    support::write_bytes(folder / "log.npz",
                         support::zip({{observations + ".npy", support::npy("(60, 2)", x)},
                                       {actions + ".npy", support::npy<std::int64_t>("<i8", "(60,)", a)},
                                       {"rew.npy", support::npy("(60,)", r)},
                                       {"done.npy", support::npy("(60, 1)", ends)},
                                       {"infos.npy", support::npy<char>("|O", "(60,)", std::vector<char>(9))}}));
    return folder / "log.npz";
  };
  const auto data = tessera::load_dataset(write("obs", "act"));
  CHECK((data.format == "npz" && data.kind == action_kind::discrete && data.action_size == 3));
  CHECK((data.size() == 60 && data.episodes.size() == 3 && data.observation(7)[1] == 3.5f));
  CHECK_THAT(data.warnings[0].message, Contains("observation=obs,action=act,reward=rew,done=done"));
  const auto odd = write("sensors", "valve");
  CHECK_THAT(error_of([&] { tessera::load_dataset(odd); }),
             Contains("is a .npz file of an unknown layout, with the arrays [done, infos, rew, sensors, valve]") &&
                 Contains("--columns 'observation=sensors,action=valve,reward=rew,done=done'"));
  const auto mapped =
      tessera::load_dataset(odd + "?columns=observation=sensors,action=valve,reward=rew,done=done&actions=continuous");
  CHECK((mapped.kind == action_kind::continuous && mapped.size() == 60));
  CHECK_THAT(error_of([&] { tessera::load_dataset(odd + "?columns=observation=sensors,action=infos"); }),
             Contains("action=infos: there is no such column"));
}

TEST_CASE("observations in a group are flattened", "[data][tables]") {
  const auto data = read([](auto& file) {
    file.write("observations/BEV", Floats(std::size_t(rows) * 8, 2.0f), {rows, 2, 2, 2});
    file.write("observations/speed", log().rewards, {rows, 1});
    file.write("actions", log().observations, {rows, 4});
    file.write("rewards", log().rewards);
    file.write("terminals", log().zeros);
    file.write("timeouts", log().ends);
  });
  CHECK(data.observation_size == 9);
  CHECK(data.spaces.observation_names[7] == "observations/BEV[7]");
  CHECK(data.spaces.observation_names[8] == "observations/speed");
  CHECK(data.observation(12)[8] == 12.0f / 300);
  CHECK_THAT(found(data), Contains("flattened: key 'observations/BEV' has rows of rank 3"));
}

TEST_CASE("observations and actions of rank 1 are one number each", "[data][tables]") {
  std::vector<std::int64_t> states, actions;
  for (std::int64_t i = 0; i < rows; ++i) states.push_back(i % 48), actions.push_back(i % 4);
  const auto write = [&](const auto& observations, const auto& taken) {
    return read([&](auto& file) {
      file.write("observations", observations);
      file.write("actions", taken);
      file.write("rewards", log().rewards);
      file.write("terminals", log().zeros);
      file.write("timeouts", log().ends);
    });
  };
  const auto numbered = write(states, actions);
  CHECK((numbered.observation_size == 1 && numbered.kind == action_kind::discrete && numbered.action_size == 4));
  CHECK(numbered.observation(5)[0] == 5);
  const auto dose = write(log().rewards, log().rewards);
  CHECK((dose.observation_size == 1 && dose.kind == action_kind::continuous && dose.action_size == 1));
}

TEST_CASE("discrete actions in every form", "[data][tables][declared]") {
  Floats as_floats, one_hot(std::size_t(rows) * 3, 0.0f);
  for (std::size_t i = 0; i < std::size_t(rows); ++i)
    as_floats.push_back(float(log().codes[i])), one_hot[3 * i + std::size_t(log().codes[i])] = 1;
  std::vector<std::uint8_t> flags;
  for (const auto k : log().codes) flags.push_back(k > 0);
  std::vector<std::int64_t> kept;  // of the steps that are used
  for (std::size_t i = 0; i < std::size_t(rows); ++i)
    if (log().ends[i] == 0) kept.push_back(log().codes[i]);

  const auto column = [&](auto& file) { file.write("actions", as_floats, {rows, 1}); };
  const auto flat = [&](auto& file) { file.write("actions", as_floats); };
  const auto integers = [&](auto& file) { file.write("actions", log().codes, {rows, 1}); };
  const auto hot = [&](auto& file) { file.write("actions", one_hot, {rows, 3}); };
  CHECK(with_actions(column).kind == action_kind::continuous);
  CHECK_THAT(found(with_actions(column)), Contains("whole-number-actions") && Contains("--actions discrete"));
  CHECK_THAT(found(with_actions(hot)), Contains("one-hot-actions") && Contains("--actions discrete"));
  CHECK(with_actions(integers).kind == action_kind::discrete);
  CHECK(with_actions([&](auto& file) { file.write("actions", flags); }).action_size == 2);
  const auto check = [&](const Dataset& data) {
    CHECK(data.kind == action_kind::discrete);
    CHECK(data.action_size == 3);
    CHECK(data.action_indices == kept);
    CHECK(data.actions.empty());
    CHECK(data.action_low.empty());
    CHECK_THAT(found(data), !Contains("-actions"));
  };
  check(with_actions(column, "?actions=discrete"));
  check(with_actions(flat, "?actions=discrete"));
  check(with_actions(integers, "?actions=discrete"));
  check(with_actions(hot, "?actions=discrete"));

  CHECK_THAT(
      error_of([&] { with_actions([&](auto& file) { file.write("actions", log().rewards); }, "?actions=discrete"); }),
      Contains("actions cannot be discrete: action [0] is 0.003333333 in row 1, which is no whole number"));
  CHECK_THAT(error_of([&] { with_actions(column, "?actions=both"); }),
             Contains("actions=both: there are continuous and discrete"));
}

TEST_CASE("whole numbers that mean an amount", "[data][tables][declared]") {
  std::vector<std::int64_t> dose;
  for (std::int64_t i = 0; i < rows; ++i) dose.push_back(i * 37 % 101);
  const auto one = [&](auto& file) { file.write("actions", dose, {rows, 1}); };
  const auto read_as_codes = with_actions(one);
  CHECK((read_as_codes.kind == action_kind::discrete && read_as_codes.action_size == 101));
  CHECK_THAT(found(read_as_codes), Contains("many-actions") && Contains("--actions continuous"));
  const auto amount = with_actions(one, "?actions=continuous");
  CHECK((amount.kind == action_kind::continuous && amount.action_size == 1));
  CHECK(amount.actions[3] == float(3 * 37 % 101));
  CHECK((amount.action_low == Floats{0} && amount.action_high == Floats{100}));
  CHECK(amount.action_indices.empty());
  // In a table more than 64 of them are an amount in the first place.
  std::string text = "obs_0,action,reward,done\n";
  for (std::int64_t i = 0; i < rows; ++i)
    text += std::to_string(i) + "," + std::to_string(dose[std::size_t(i)]) + ",1," + (i % 30 == 29 ? "1\n" : "0\n");
  CHECK(from_csv(text).kind == action_kind::continuous);
  CHECK_THAT(found(from_csv(text)), Contains("column 'action' holds more than 64 different whole numbers"));
  CHECK(from_csv(text, "?actions=discrete").action_size == 101);
  const auto two = with_actions([&](auto& file) {
    auto both = dose;
    both.insert(both.end(), dose.begin(), dose.end());
    file.write("actions", both, {rows, 2});
  });
  CHECK((two.kind == action_kind::continuous && two.action_size == 2));
}

TEST_CASE("codes with gaps keep their numbers as names", "[data][tables][declared]") {
  const std::string text = "obs_0,action,reward,done\n1,0,1,0\n2,3,1,0\n3,2,1,0\n4,0,1,1\n";
  const auto data = from_csv(text);
  CHECK((data.kind == action_kind::discrete && data.action_size == 3));
  CHECK(data.action_indices == std::vector<std::int64_t>{0, 2, 1, 0});
  CHECK(data.spaces.action_names == Names{"0", "2", "3"});
  CHECK_THAT(found(data), Contains("action-codes: column 'action' holds the codes 0, 2, 3"));
  const auto amounts = from_csv(text, "?actions=continuous");
  CHECK(amounts.actions == Floats{0, 3, 2, 0});
  CHECK(amounts.spaces.action_names.empty());
  // One below another: the first says it all.
  const auto from_one = from_csv("obs_0,action,reward,done\n1,1,1,0\n2,3,1,0\n3,2,1,0\n4,1,1,1\n");
  CHECK((from_one.spaces.first_action == 1 && from_one.spaces.action_names.empty() && from_one.action_size == 3));
  // A column of floats with gaps, declared.
  const auto declared = with_actions(
      [&](auto& file) {
        Floats a;
        for (const auto k : log().codes) a.push_back(k == 0 ? 0.0f : float(k + 1));
        file.write("actions", a, {rows, 1});
      },
      "?actions=discrete");
  CHECK(declared.spaces.action_names == Names{"0", "2", "3"});
  CHECK(declared.action_indices[1] == log().codes[1]);
}

TEST_CASE("an action of several choices", "[data][tables][declared]") {
  const std::string text = "obs_0,valve,pump,reward,done\n1,open,2,1,0\n2,shut,0,1,0\n3,open,1,1,0\n4,shut,2,1,1\n",
                    columns = "?columns=observation=obs_0,action=valve:pump,reward=reward,done=done";
  const auto data = from_csv(text, columns);
  CHECK((data.kind == action_kind::discrete && data.action_size == 6));
  CHECK(data.spaces.action_factors == std::vector<std::int64_t>{2, 3});
  CHECK(data.action_indices == std::vector<std::int64_t>{2, 3, 1, 5});
  CHECK(data.spaces.action_names[5] == "shut/2");
  const auto numbers = from_csv("obs_0,a_0,a_1,reward,done\n1,1,2,1,0\n2,0,5,1,0\n3,1,2,1,1\n", "?actions=discrete");
  CHECK(numbers.spaces.action_factors == std::vector<std::int64_t>{2, 2});
  CHECK(numbers.action_indices == std::vector<std::int64_t>{2, 1, 2});
  CHECK(numbers.spaces.action_names == Names{"0/2", "0/5", "1/2", "1/5"});
  CHECK_THAT(error_of([&] { from_csv(text, columns + "&actions=continuous"); }),
             Contains("actions cannot be continuous: one is called 'open'"));
  CHECK(from_csv("obs_0,a_0,a_1,reward,done\n1,1,2,1,0\n2,0,5,1,1\n").actions == Floats{1, 2, 0, 5});
}

TEST_CASE("a next observation that pandas shifted away is unknown", "[data][tables]") {
  // groupby("episode").shift(-1) leaves nothing in the last row of each.
  const std::string header = "episode,obs_0,action,reward,done,next_obs_0\n";
  const auto terminal = from_csv(header + "0,1,0.5,1,0,2\n0,2,0.5,1,1,\n1,5,0.5,1,0,6\n1,6,0.5,1,1,NaN\n");
  CHECK(terminal.size() == 4);
  CHECK(terminal.unknown_next == std::vector<std::uint8_t>{0, 1, 0, 1});
  const auto cut = from_csv(header + "0,1,0.5,1,0,2\n0,2,0.5,1,0,\n1,5,0.5,1,0,6\n1,6,0.5,1,0,NaN\n");
  CHECK(cut.size() == 2);
  CHECK(cut.episodes.size() == 2);
  CHECK_THAT(found(cut), Contains("dropped-timeout-rows: 2 rows, first row 1"));
  CHECK_THAT(error_of([&] { from_csv(header + "0,1,0.5,1,0,\n0,2,0.5,1,0,3\n0,3,0.5,1,1,4\n"); }),
             Contains("column 'next_obs_0', row 0 (line 2): the next observation is missing inside an episode"));
}

TEST_CASE("next observations that are those of another episode are not used", "[data][tables]") {
  // next = obs[1:], as automatic resets give it: position drifts from 0 to 29, and begins again.
  std::string text = "episode,obs_0,action,reward,done,truncated,next_obs_0\n";
  for (int i = 0; i < 600; ++i) {
    const double x = i % 30 + 0.01 * ((i * 13) % 7), y = (i + 1) % 30 + 0.01 * (((i + 1) * 13) % 7);
    text += std::to_string(i / 30) + "," + std::to_string(x) + ",0.5,1," + (i % 30 == 29 ? "1,1," : "0,0,") +
            std::to_string(y) + "\n";
  }
  const auto data = from_csv(text);
  CHECK(data.size() == 580);
  CHECK(data.episodes.size() == 20);
  CHECK_THAT(found(data), Contains("next-of-another-episode"));
}

TEST_CASE("a table without a header, and a log without cut marks", "[data][tables]") {
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += "-0." + std::to_string(10 + i) + ",0.01,0.5,-0.1," + (i == 39 ? "1" : "0") + "\n";
  CHECK_THAT(error_of([&] { from_csv(text); }),
             Contains("holds the columns [0, 1, 2, 3, 4], whose names do not say which of them are what; say it, as in "
                      "--columns 'observation=0:1:2,action=3,reward=4'"));
  const auto data = from_csv(text, "?columns=observation=0:1,action=2,reward=3,terminated=4");
  CHECK((data.size() == 40 && data.episodes.size() == 1));
  CHECK(tessera::cut_episodes(data, 20).episodes.size() == 2);
}

TEST_CASE("a patient log: stays, time stamps, words, gaps and deaths", "[data][tables]") {
  const std::string text =
      "patient_id,charttime,age,sofa,hr,dose,outcome_reward,died\n"
      "p2,2019-03-02 12:00,64,3,88.5,low,0,no\n"
      "p1,2019-03-01 20:00,70,5,100,high,0,no\n"
      "p1,2019-03-02T00:00:00Z,70,6,,high,0,no\n"
      "p2,2019-03-02 08:00,64,4,90,none,0,no\n"
      "p1,2019-03-02T02:00:00+02:30,70,7,104,low,-1,yes\n"
      "p2,2019-03-02 16:00,64,2,80,none,1,no\n";
  const std::string columns =
      "?columns=episode=patient_id,step=charttime,observation=age:sofa:hr,action=dose,reward=outcome_reward,done=died";
  CHECK_THAT(error_of([&] { from_csv(text, columns); }), Contains("column 'hr', row 2 (line 4): the value is missing"));
  const auto data = from_csv(text, columns + "&missing=previous");
  // 02:00 at +02:30 is 23:30 of the day before: the last row of p1 is its second.
  CHECK(data.spaces.action_names == Names{"high", "low", "none"});
  REQUIRE(data.episodes.size() == 3);
  CHECK(data.observation(0)[1] == 5);
  CHECK(data.observation(1)[1] == 7);
  CHECK(data.terminals[1] == 1);
  CHECK_THAT(found(data), Contains("end-inside-episode: 1 row, first row 4"));
  CHECK_THAT(error_of([&] {
               from_csv("e,t,obs_0,a,r\n0,01/02/2019,1,1,1\n",
                        "?columns=episode=e,step=t,observation=obs_0,action=a,reward=r");
             }),
             Contains("'01/02/2019' is neither a number nor a date and time like 2019-03-01 12:00:00"));
}
