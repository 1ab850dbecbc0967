// Tables written by pandas, pyarrow and loggers, beside what pandas reads in them.
#include <tessera/sources/load.hpp>

#include <algorithm>

#include <tessera/io/arrow_table.hpp>

#include "helpers/expected.hpp"
#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;

namespace {
std::vector<std::string> names(const tessera::Dataset& data) {
  std::vector<std::string> all;
  for (const auto& warning : data.warnings) all.push_back(warning.name);
  return all;
}
using Names = std::vector<std::string>;
constexpr const char *cartpole =
                         "episode=episode,step=t,observation=x:x_dot:angle:angle_dot,action=action,reward=reward,",
                     *pendulum =
                         "episode=episode,step=t,observation=cos_theta:sin_theta:theta_dot,action=torque,"
                         "reward=reward";

tessera::Dataset compared(const std::string& file, const std::string& columns, support::ExpectedOptions options = {}) {
  const auto path = support::shared_file("formats/tables/" + file);
  if (path.empty()) return {};
  const auto data = tessera::load_dataset(path + (columns.empty() ? "" : "?columns=" + columns));
  support::check_expected(data, path + ".expected.json", options);
  return data;
}
}  // namespace

TEST_CASE("CSV files of pandas agree with pandas", "[data][csv][shared]") {
  if (support::shared_file("formats/tables").empty()) return;
  const auto ends = std::string("terminated=terminated,truncated=truncated");

  // Its names leave no doubt: x has next_x.
  const auto full = compared("a-full.csv", "");
  CHECK(names(full) == Names{"guessed-columns"});
  CHECK_THAT(full.warnings[0].message,
             Contains("episode=episode,step=t,observation=x:x_dot:angle:angle_dot,action=action,reward=reward,"
                      "terminated=terminated,truncated=truncated,next=next_'"));
  CHECK((full.kind == tessera::action_kind::discrete && full.action_size == 2));
  CHECK(full.spaces.observation_names == Names{"x", "x_dot", "angle", "angle_dot"});

  const auto plain = compared("a-plain-done.csv", pendulum + std::string(",done=done"));
  CHECK(names(plain) == Names{"terminals-of-one-length"});
  CHECK(plain.spaces.action_names == Names{"torque"});
  CHECK(plain.name == support::shared_file("formats/tables/a-plain-done.csv") + "?columns=" + pendulum + ",done=done");
  compared("c-unsorted.csv", "");
  CHECK(names(compared("c-interleaved.csv", cartpole + ends)) == Names{"sorted-rows", "dropped-timeout-rows"});
  for (const char* file : {"d-string-actions.csv", "d-string-actions-quoted-crlf-bom.csv"}) {
    const auto data = compared(file, cartpole + ends);
    CHECK(data.spaces.action_names == Names{"left", "right"});
  }
  CHECK(names(compared("e-pandas-index.csv", pendulum + std::string(",next=next_,") + ends)) ==
        Names{"unnamed-column"});
  compared("f-european.csv", std::string(pendulum) + "," + ends);
  compared("g-tabs.tsv", std::string(pendulum) + "," + ends);
  // pandas calls an end that is not marked none; here the episode's column ends it.
  const auto last = compared("h-final-observation-row.csv", pendulum, {.skip = {"episode_end", "truncations"}});
  CHECK(names(last) == Names{"no-end-marks"});
  CHECK(last.size() == 720);
  compared("i-comment-lines.csv", pendulum + std::string(",done=done"));
  const auto two = compared("j-two-actions.csv",
                            "episode=episode,step=t,observation=cos_theta:sin_theta:theta_dot,action=torque:torque2,"
                            "reward=reward," +
                                ends);
  CHECK(two.action_size == 2);
}

TEST_CASE("missing values of a CSV file are an error, or filled as the user says", "[data][csv][shared]") {
  const auto path = support::shared_file("formats/tables/b-missing.csv");
  if (path.empty()) return;
  const auto columns = "?columns=" + std::string(cartpole) + "terminated=terminated,truncated=truncated";
  CHECK_THAT(error_of([&] { tessera::load_dataset(path + columns); }),
             Contains("b-missing.csv: column 'x_dot', row 21 (line 23): the value is missing; correct it, or say "
                      "--missing drop-episode, previous (of the same episode), mean or a number"));
  CHECK_THAT(error_of([&] { tessera::load_dataset(path + columns + "&missing=previous"); }),
             Contains("column 'reward', row 29 (line 31): the reward is missing; correct it, or leave out such "
                      "episodes with --missing drop-episode"));
  // 24 values of x_dot and 10 rewards; pandas finds 7 episodes with all of their rewards.
  const auto filled = tessera::load_dataset(path + columns + "&missing=previous,1");
  CHECK(filled.episodes.size() == 15);
  CHECK(filled.observation(21)[1] == filled.observation(20)[1]);
  CHECK(filled.rewards[28] == 1);
  CHECK_THAT(filled.warnings[0].message, Contains("34 missing values are filled in"));
  const auto left = tessera::load_dataset(path + columns + "&missing=drop-episode");
  CHECK(left.episodes.size() < 15);
  CHECK_THAT(left.warnings[0].message, Contains("of 15 episodes have missing values and are left out"));
  const auto mean = error_of([&] { tessera::load_dataset(path + columns + "&missing=mean"); });
  CHECK_THAT(mean, Contains("column 'reward'"));
}

TEST_CASE("Parquet tables agree with pandas", "[data][tables][shared]") {
  if (support::shared_file("formats/tables").empty()) return;
  if (const auto why = tessera::why_no_arrow(); !why.empty()) {
    WARN("skipped: " << why);
    return;
  }
  const auto ends = std::string("terminated=terminated,truncated=truncated");
  for (const char* file : {"a-snappy.parquet", "a-plain-none.parquet"})
    CHECK(compared(file, pendulum + std::string(",next=next_,") + ends).format == "parquet");
  CHECK(compared("a-gzip-v2pages.parquet", "").kind == tessera::action_kind::discrete);
  CHECK(compared("d-string-actions-zstd.parquet", cartpole + ends).spaces.action_names == Names{"left", "right"});
  const auto index = compared("e-pandas-index.parquet", pendulum + std::string(",next=next_,") + ends);
  CHECK(names(index) == Names{"unnamed-column", "sorted-rows"});
  // LeRobot's names leave no doubt; a list of numbers is a column of several.
  const auto lists = compared("k-list-columns.parquet", "");
  CHECK((lists.observation_size == 4 && lists.action_size == 1));
  CHECK(lists.spaces.observation_names[3] == "observation.state[3]");
  const auto nulls = support::shared_file("formats/tables/b-nulls.parquet") + "?columns=" + cartpole + ends;
  CHECK_THAT(error_of([&] { tessera::load_dataset(nulls); }),
             Contains("column 'x_dot', row ") && Contains("is missing"));
  CHECK_THAT(tessera::load_dataset(nulls + "&missing=mean").warnings[0].message, Contains("17 missing values"));
}
