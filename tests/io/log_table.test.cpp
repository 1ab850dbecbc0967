#include <tessera/io/log_table.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <tessera/dataset/require_sound.hpp>
#include <tessera/sources/load.hpp>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using tessera::Dataset;
using tessera::TableColumn;
using tessera::TableSource;

namespace {
using Flags = std::vector<std::uint8_t>;
using Floats = std::vector<float>;
using Names = std::vector<std::string>;
const double none = std::numeric_limits<double>::quiet_NaN();

// A table in memory, as a reader of another format would hand it over.
struct Table {
  std::vector<TableColumn> columns;
  Table& add(const std::string& name, std::vector<double> numbers, bool whole = false, std::int64_t width = 1) {
    TableColumn c;
    c.name = name, c.numbers = std::move(numbers), c.whole = whole, c.width = width;
    columns.push_back(std::move(c));
    return *this;
  }
  Table& add(const std::string& name, const Names& texts) {
    TableColumn c;
    c.name = name;
    for (const auto& text : texts) {
      const auto at = std::find(c.texts.begin(), c.texts.end(), text);
      c.codes.push_back(text.empty() ? TableColumn::no_text : std::uint32_t(at - c.texts.begin()));
      if (!text.empty() && at == c.texts.end()) c.texts.push_back(text);
    }
    columns.push_back(std::move(c));
    return *this;
  }
  TableSource source() const {
    TableSource out{"log", "mine", {}, {}, {}};
    for (const auto& c : columns) out.columns.push_back({c.name, c.width, c.is_text()});
    out.read = [all = columns](const std::vector<TableSource::Wanted>& wanted) {
      tessera::LogTable t;
      for (const auto& w : wanted) t.columns.push_back(all[w.column]);
      for (const auto& c : t.columns)
        t.rows = c.is_text() ? std::int64_t(c.codes.size()) : std::int64_t(c.numbers.size()) / c.width;
      return t;
    };
    return out;
  }
  Dataset read(const std::string& mapping, std::optional<std::string> missing = {}) const {
    auto data = tessera::read_log_table(source(), {mapping, missing});
    tessera::require_sound(data);
    return data;
  }
};
// Six rows of x = 0, 1, ..., in two episodes of three.
Table six() {
  return Table()
      .add("e", {0, 0, 0, 1, 1, 1})
      .add("x", {0, 1, 2, 3, 4, 5})
      .add("a", {0.5, 0.25, 0.5, 0.25, 0.5, 0.25})
      .add("r", {1, 2, 3, 4, 5, 6});
}
const std::string four = "episode=e,observation=x,action=a,reward=r";
Names names(const Dataset& data) {
  Names all;
  for (const auto& w : data.warnings) all.push_back(w.name);
  return all;
}
std::string message(const Dataset& data, const std::string& name) {
  for (const auto& w : data.warnings)
    if (w.name == name) return w.message;
  return "(none)";
}
}  // namespace

TEST_CASE("which mark ends an episode how", "[data][tables]") {
  const std::vector<double> ends = {0, 0, 1, 0, 0, 1}, first = {0, 0, 1, 0, 0, 0}, second = {0, 0, 0, 0, 0, 1};
  const auto with = [&](const std::string& more,
                        const std::vector<std::pair<std::string, std::vector<double>>>& flags) {
    auto t = six();
    for (const auto& [name, values] : flags) t.add(name, values);
    return t.read(four + more);
  };
  // (terminals of the transitions, how many there are)
  const auto done = with(",done=d", {{"d", ends}});
  CHECK(done.terminals == Flags{0, 0, 1, 0, 0, 1});
  CHECK(done.unknown_next == Flags{0, 0, 1, 0, 0, 1});
  const auto done_cut = with(",done=d,truncated=c", {{"d", ends}, {"c", second}});
  CHECK(done_cut.terminals == Flags{0, 0, 1, 0, 0});
  const auto done_terminated = with(",done=d,terminated=t", {{"d", ends}, {"t", first}});
  CHECK(done_terminated.terminals == Flags{0, 0, 1, 0, 0});
  CHECK(done_terminated.timeouts == Flags{0, 0, 0, 0, 1});
  const auto both = with(",terminated=t,truncated=c", {{"t", first}, {"c", ends}});
  CHECK(both.terminals == Flags{0, 0, 1, 0, 0});
  CHECK(names(both) == Names{"terminal-and-timeout", "dropped-timeout-rows"});
  CHECK(done.episodes[1].episode_return == 15);
  CHECK(done.rewards == Floats{1, 2, 3, 4, 5, 6});

  // Without marks the episode's column cuts; a missing flag is 0; words are flags too.
  const auto unmarked = with("", {});
  CHECK(unmarked.size() == 4);
  CHECK(names(unmarked) == Names{"no-end-marks", "dropped-timeout-rows"});
  CHECK_THAT(message(with(",done=d", {{"d", {none, 0, 1, none, 0, 1}}}), "missing-flags"),
             Contains("2 rows, first row 0: column 'd' is missing there"));
  auto words = six();
  words.add("d", Names{"no", "N", "yes", "f", "False", "T"});
  CHECK(words.read(four + ",done=d").terminals == Flags{0, 0, 1, 0, 0, 1});
  auto odd = six();
  odd.add("d", {0, 0, 1, 0, 2, 1}).add("w", Names{"no", "no", "yes", "no", "dead", "yes"});
  CHECK_THAT(error_of([&] { odd.read(four + ",done=d"); }),
             Contains("column 'd', row 4: holds 2 where a flag is 0 or 1"));
  CHECK_THAT(error_of([&] { odd.read(four + ",done=w"); }), Contains("column 'w', row 4: 'dead' where a flag"));
}

TEST_CASE("episodes without a column of their own", "[data][tables]") {
  // By marks; by steps that begin again; the last one is open.
  auto t = six();
  t.add("t", {0, 1, 2, 0, 1, 2}).add("d", {0, 0, 1, 0, 0, 0});
  const std::string columns = "observation=x,action=a,reward=r";
  const auto marked = t.read(columns + ",done=d");
  REQUIRE(marked.episodes.size() == 2);
  CHECK(marked.size() == 5);
  CHECK_FALSE(marked.episodes[1].complete);
  const auto stepped = t.read(columns + ",step=t");
  REQUIRE(stepped.episodes.size() == 2);
  CHECK(stepped.next_observation_row == std::vector<std::int64_t>{1, 2, 4, 5});
  CHECK(t.read(columns).episodes.size() == 1);
}

TEST_CASE("rows are put in order", "[data][tables]") {
  // Two columns make an id; text sorts as text; steps decide inside.
  Table t;
  t.add("ward", Names{"b", "a", "b", "a", "b", "a"}).add("bed", {1, 2, 1, 2, 1, 2}).add("t", {2, 1, 0, 0, 1, 2});
  t.add("x", {0, 1, 2, 3, 4, 5}).add("a", {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}).add("r", {0, 1, 2, 3, 4, 5});
  const auto data = t.read("episode=ward:bed,step=t,observation=x,action=a,reward=r");
  CHECK(data.observations == Floats{3, 1, 5, 2, 4, 0});
  CHECK(data.rewards == Floats{3, 1, 2, 4});
  CHECK(names(data) == Names{"sorted-rows", "no-end-marks", "dropped-timeout-rows"});
  const auto unstepped = t.read("episode=ward,observation=x,action=a,reward=r");
  CHECK(unstepped.observations == Floats{1, 3, 5, 0, 2, 4});
  // Episodes that stand together keep their order.
  Table ordered;
  ordered.add("e", {9, 9, 2, 2}).add("x", {0, 1, 2, 3}).add("a", {0.5, 0, 0.5, 0}).add("r", {1, 1, 1, 1});
  CHECK(ordered.read(four).observations == Floats{0, 1, 2, 3});
  auto without = t;
  without.columns[1].numbers[3] = none;
  CHECK_THAT(error_of([&] { without.read("episode=bed,observation=x,action=a"); }),
             Contains("column 'bed', row 3: is missing; every row needs one"));
}

TEST_CASE("repeated and missing steps are found", "[data][tables]") {
  std::vector<double> e, step, x, a;
  for (int i = 0; i < 120; ++i)
    e.push_back(i / 60), step.push_back(i % 60 + (i >= 80 ? 2 : 0)), x.push_back(i), a.push_back(i % 7 / 8.0);
  step[5] = 4;
  Table t;
  t.add("e", e).add("t", step).add("x", x).add("a", a);
  const auto data = t.read("episode=e,step=t,observation=x,action=a");
  CHECK_THAT(message(data, "repeated-steps"), Contains("1 row, first row 5: column 't'"));
  CHECK_THAT(message(data, "step-gaps"), Contains("2 rows, first row 6: column 't' is more than the usual 1"));
  CHECK_THAT(message(data, "no-rewards"), Contains("--columns reward=NAME"));
}

TEST_CASE("a last row without an action is the last observation", "[data][tables]") {
  Table t;
  t.add("e", {0, 0, 0, 1, 1, 2})
      .add("x", {0, 1, 2, 3, 4, 5})
      .add("a", {0.5, 0.25, none, 0.5, none, none})
      .add("r", {1, 2, none, 3, none, none});
  t.add("d", {0, 0, 1, 0, 0, 0});
  const auto data = t.read(four + ",done=d");
  CHECK(data.size() == 3);
  CHECK(data.terminals == Flags{0, 1, 0});
  CHECK(data.unknown_next.empty());
  CHECK(data.next_observation(1)[0] == 2);
  CHECK(data.next_observation(2)[0] == 4);
  CHECK_THAT(message(data, "rows-without-step"), Contains("1 row, first row 5"));
  // Without an episode's column such a row ends one.
  CHECK(t.read("observation=x,action=a,reward=r").episodes.size() == 2);
  auto middle = t;
  middle.columns[2].numbers[1] = none, middle.columns[2].numbers[2] = 0.5;
  CHECK_THAT(error_of([&] { middle.read(four); }), Contains("column 'a', row 1: the action is missing"));
  CHECK_THAT(error_of([&] { middle.read(four, "0"); }), Contains("the action is missing"));
}

TEST_CASE("missing values are filled by the rules in turn", "[data][tables]") {
  Table t;
  t.add("e", {0, 0, 0, 1, 1, 1})
      .add("x", {1, none, 3, none, 5, 7})
      .add("y", {1, 2, 3, 4, 5, 6})
      .add("a", {0.5, 0.5, 0.25, 0.5, 0.5, 0.25});
  t.add("r", {1, 1, 1, 1, none, 1}).add("d", {0, 0, 1, 0, 0, 1});
  const std::string columns = "episode=e,observation=x:y,action=a,reward=r,done=d";
  const auto x = [&](const Dataset& data) {
    Floats out;
    for (std::size_t i = 0; i < data.observations.size(); i += 2) out.push_back(data.observations[i]);
    return out;
  };
  CHECK_THAT(error_of([&] { t.read(columns); }), Contains("column 'x', row 1: the value is missing"));
  CHECK_THAT(error_of([&] { t.read(columns, "error"); }), Contains("the value is missing"));
  CHECK_THAT(error_of([&] { t.read(columns, "previous"); }),
             Contains("column 'x', row 3: the value is missing, and no row of its episode before has one"));
  CHECK_THAT(error_of([&] { t.read(columns, "mean"); }), Contains("column 'r', row 4: the reward is missing"));
  CHECK(x(t.read(columns, "previous,-1")) == Floats{1, 1, 3, -1, 5, 7});
  CHECK(t.read(columns, "previous,-1").rewards[4] == -1);
  auto rewarded = t;
  rewarded.columns[4].numbers[4] = 1;
  CHECK(x(rewarded.read(columns, "mean")) == Floats{1, 4, 3, 4, 5, 7});  // (1 + 3 + 5 + 7) / 4
  CHECK(x(rewarded.read(columns, "previous,mean")) == Floats{1, 1, 3, 4, 5, 7});
  const auto left = t.read(columns, "previous,drop-episode");
  CHECK(x(left) == Floats{1, 1, 3});
  CHECK_THAT(message(left, "dropped-episodes"), Contains("1 of 2 episodes"));
  CHECK_THAT(error_of([&] { t.read(columns, "drop-episode"); }), Contains("every episode has a missing value"));
  for (const char* wrong : {"middle", "mean,previous", "1e99", "", "0,mean", "inf"})
    CHECK_THAT(error_of([&] { t.read(columns, wrong); }), Contains("missing="));
}

TEST_CASE("numbers that do not fit, and columns of the wrong kind", "[data][tables]") {
  auto t = six();
  t.columns[1].numbers[2] = 1e39;
  CHECK_THAT(error_of([&] { t.read(four); }), Contains("column 'x', row 2: is larger than single precision holds"));
  t.columns[1].numbers[2] = std::numeric_limits<double>::infinity();
  CHECK_THAT(error_of([&] { t.read(four); }), Contains("column 'x', row 2: is infinite"));
  auto words = six();
  words.add("w", Names{"a", "b", "c", "d", "e", "f"});
  CHECK_THAT(error_of([&] { words.read("episode=e,observation=w,action=a"); }),
             Contains("column 'w' holds texts, such as 'a', and is named for observation; name columns of numbers"));
  CHECK_THAT(error_of([&] { words.read("episode=e,observation=x,action=w:a"); }),
             Contains("column 'a' holds neither texts nor whole numbers"));
  auto wide = six();
  wide.add("o", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, false, 2);
  const auto data = wide.read("episode=e,observation=o:x,action=a,reward=r");
  CHECK(data.spaces.observation_names == Names{"o[0]", "o[1]", "x"});
  CHECK((data.observation(1)[0] == 2 && data.observation(1)[1] == 3 && data.observation(1)[2] == 1));
}

TEST_CASE("dates and times", "[data][tables]") {
  using tessera::time_stamp;
  CHECK(time_stamp("1970-01-01") == 0.0);
  CHECK(time_stamp("1970-01-02 00:00:01") == 86401.0);
  CHECK(time_stamp("2000-03-01T12:00:00Z") == 951912000.0);  // date -u -d '2000-03-01 12:00' +%s
  CHECK(time_stamp("2000-03-01 14:30:00+02:30") == 951912000.0);
  CHECK(time_stamp("2000-03-01 07:00:00-05") == 951912000.0);
  CHECK(time_stamp("2000/03/01 12:00") == 951912000.0);
  CHECK(time_stamp("1970-01-01 00:00:00.25") == 0.25);
  for (const char* wrong : {"", "2000", "2000-13-01", "2000-02-30", "01/02/2000", "2000-03-01 25:00", "2000-03-01 12",
                            "2000-03-01 12:60", "2000-03-01 12:00:00.", "2000-03-01 12:00 PM", "2000-03-01 12:00:00+1"})
    CHECK_FALSE(time_stamp(wrong));
}

TEST_CASE("propensities of logged actions", "[data][tables]") {
  const support::Folder folder;
  const auto path = folder / "a.csv";
  const auto load = [&](const std::string& text, const std::string& more = "") {
    support::write_bytes(path, text);
    return tessera::load_dataset(path + "?columns=episode=id,observation=x,action=a,reward=r,propensity=p" + more);
  };
  const std::string head = "id,x,a,r,p\n";
  const auto data = load(head + "1,0,0,1,0.5\n1,1,1,1,0.25\n1,2,0,0,1\n2,5,1,1,0.75\n2,6,1,1,0.125\n");
  // The last step of each episode led nowhere that is known, and is no transition.
  CHECK(data.propensities == std::vector<float>{0.5f, 0.25f, 0.75f});
  CHECK(data.has_propensities());
  CHECK_THAT(support::error_of([&] { load(head + "1,0,0,1,0.5\n1,1,1,1,1.25\n"); }),
             Catch::Contains("column 'p', row 1 (line 3): the propensity is 1.25") && Catch::Contains("at most 1"));
  CHECK_THAT(support::error_of([&] { load(head + "1,0,0,1,0\n1,1,1,1,0.5\n"); }),
             Catch::Contains("row 0 (line 2): the propensity is 0"));
  CHECK_THAT(support::error_of([&] { load(head + "1,0,0,1,\n1,1,1,1,0.5\n"); }),
             Catch::Contains("the propensity is missing"));
  // A density may be any positive number; with next columns the rows go another way.
  const auto wide = load("id,x,a,r,p,next_x\n1,0,0.5,1,3.5,1\n1,1,1.5,1,0.25,2\n2,9,2.5,1,1e-3,4\n", ",next=next_");
  CHECK(wide.propensities == std::vector<float>{3.5f, 0.25f, 1e-3f});
  CHECK_THAT(support::error_of([&] { load(head + "1,0,0.5,1,-1\n1,1,1.5,1,0.5\n"); }),
             Catch::Contains("the propensity is -1") && Catch::Contains("density"));
  // Found by its name; and nothing is done with those of an episode that is left out.
  support::write_bytes(path,
                       "episode,obs_0,action,reward,propensity\n1,0,0,1,0.5\n1,1,1,1,1\n2,0,0,1,0.25\n2,,1,1,7\n");
  CHECK(tessera::load_dataset(path + "?missing=drop-episode").propensities == std::vector<float>{0.5f});
}
