#include <tessera/dataset/require_sound.hpp>
#include <tessera/io/d4rl.hpp>
#include <tessera/io/from_arrays.hpp>

#include <Eigen/Core>
#include <cmath>
#include <functional>
#include <limits>

#include "helpers/files.hpp"

using namespace tessera;
using Catch::Contains;
using support::error_of;

namespace {
/// Two episodes of three steps of two numbers; the first ends, the second is cut.
struct Log {
  std::vector<float> x{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, next{2, 3, 4, 5, 20, 21, 8, 9, 10, 11, 30, 31},
      a{-1, 0, 1, 0.5f, -0.5f, 0}, r{1, 2, 3, 4, 5, 6};
  std::vector<std::int64_t> index{0, 1, 2, 1, 0, 2};
  std::vector<std::uint8_t> ended{0, 0, 1, 0, 0, 0}, cut{0, 0, 0, 0, 0, 1};
  std::vector<float> low{}, high{};
  std::int64_t observation_size = 2, action_size = 1;
  std::string name = "plant";

  LogArrays arrays() const {
    return {.name = name,
            .observation_size = observation_size,
            .action_size = action_size,
            .observations = x,
            .next_observations = next,
            .actions = a,
            .rewards = r,
            .terminals = ended,
            .timeouts = cut,
            .action_low = low,
            .action_high = high};
  }
};
std::string wrong(const std::function<void(Log&)>& spoil) {
  Log log;
  spoil(log);
  const auto error = error_of([&] { dataset_from_arrays(log.arrays()); });
  CHECK(error.starts_with("plant: "));
  CHECK(error.find('\n') == std::string::npos);
  return error;
}
}  // namespace

TEST_CASE("a data set from arrays is that of a file with the same columns", "[data][arrays]") {
  Log log;
  const auto data = dataset_from_arrays(log.arrays());
  const support::Folder folder;
  {
    auto file = hdf5::File::create(folder / "d.h5");
    file.write("observations", log.x.data(), {6, 2}), file.write("next_observations", log.next.data(), {6, 2});
    file.write("actions", log.a.data(), {6, 1}), file.write("rewards", log.r.data(), {6});
    const std::vector<float> ended(log.ended.begin(), log.ended.end()), cut(log.cut.begin(), log.cut.end());
    file.write("terminals", ended.data(), {6}), file.write("timeouts", cut.data(), {6});
  }
  const auto read = read_d4rl(hdf5::File::open(folder / "d.h5"));
  CHECK(data.observations == read.observations);
  CHECK(data.observation_row == read.observation_row);
  CHECK(data.next_observation_row == read.next_observation_row);
  CHECK(data.actions == read.actions);
  CHECK(data.rewards == read.rewards);
  CHECK(data.terminals == read.terminals);
  CHECK(data.timeouts == read.timeouts);
  CHECK(data.action_low == read.action_low);
  CHECK(data.episodes.size() == read.episodes.size());
  CHECK(data.limits_from == limits_origin::seen);
  CHECK(data.size() == 6);
  CHECK_NOTHROW(require_sound(data));
}

TEST_CASE("a data set from arrays takes the true limits of actions, indices, and arrays without next observations",
          "[data][arrays]") {
  Log log;
  log.low = {-2}, log.high = {2}, log.next.clear();
  const auto data = dataset_from_arrays(log.arrays());
  CHECK(data.action_low == std::vector<float>{-2});
  CHECK(data.action_high == std::vector<float>{2});
  CHECK(data.limits_from == limits_origin::user);
  CHECK(data.size() == 5);  // where the cut row led is not known
  const auto discrete = dataset_from_arrays({.observation_size = 2,
                                             .action_size = 4,
                                             .observations = log.x,
                                             .action_indices = log.index,
                                             .rewards = log.r,
                                             .terminals = log.ended,
                                             .timeouts = log.cut});
  CHECK(discrete.kind == action_kind::discrete);
  CHECK(discrete.action_size == 4);  // also where the last never occurs
  CHECK_NOTHROW(require_sound(discrete));
  log.cut.clear();
  const auto joined = dataset_from_arrays(log.arrays());
  CHECK(joined.warnings.front().name == "no-timeouts");
}

TEST_CASE("matrices become rows, whatever their order and number", "[data][arrays]") {
  Eigen::MatrixXd columns(2, 3);
  columns << 1, 2, 3, 4, 5, 6;
  const std::vector<float> rows{1, 2, 3, 4, 5, 6};
  CHECK(row_major(columns) == rows);
  CHECK(row_major(Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>(columns.cast<float>())) ==
        rows);
  CHECK(row_major(columns.rightCols(1)) == std::vector<float>{3, 6});
  CHECK(row_major(Eigen::VectorXf(Eigen::VectorXf::Ones(2))) == std::vector<float>{1, 1});
}

TEST_CASE("what is wrong with arrays is one line with column and row", "[data][arrays]") {
  constexpr float no_number = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  CHECK_THAT(wrong([](Log& l) { l.observation_size = 0; }), Contains("observation_size is 0"));
  CHECK_THAT(wrong([](Log& l) { l.action_size = 0; }), Contains("action_size is 0"));
  CHECK_THAT(wrong([](Log& l) { l.observation_size = -3; }), Contains("observation_size is -3"));
  CHECK_THAT(
      wrong([](Log& l) { l.observation_size = 5; }),
      Contains("observations holds 12 numbers, where 6 rows of 5 are 30 (rewards has 6); set observation_size to 2"));
  CHECK_THAT(wrong([](Log& l) { l.x.pop_back(); }),
             Contains("observations holds 11 numbers") && Contains("; give one entry for every row"));
  CHECK_THAT(wrong([](Log& l) { l.action_size = 2, l.a.resize(6); }),
             Contains("where 6 rows of 2 are 12 (rewards has 6); set action_size to 1"));
  CHECK_THAT(wrong([](Log& l) { l.r.clear(); }), Contains("rewards is empty"));
  CHECK_THAT(wrong([](Log& l) { l.ended.clear(); }), Contains("terminals is empty"));
  CHECK_THAT(wrong([](Log& l) { l.ended.pop_back(); }), Contains("terminals holds 5 numbers"));
  CHECK_THAT(wrong([](Log& l) { l.cut.pop_back(); }), Contains("timeouts holds 5 numbers"));
  CHECK_THAT(wrong([](Log& l) { l.a.pop_back(); }), Contains("actions holds 5 numbers, where 6 rows of 1 are 6"));
  CHECK_THAT(wrong([](Log& l) { l.a.clear(); }), Contains("actions holds 0 numbers"));
  CHECK_THAT(wrong([](Log& l) { l.x.clear(); }), Contains("observations holds 0 numbers"));
  CHECK_THAT(wrong([](Log& l) { l.next.pop_back(); }), Contains("next_observations holds 11 numbers"));
  CHECK_THAT(wrong([](Log& l) { l.r.push_back(1); }),
             Contains("observations holds 12 numbers, where 7 rows of 2 are 14 (rewards has 7)"));
  CHECK_THAT(wrong([=](Log& l) { l.x[7] = no_number; }), Contains("observations is NaN in row 3, column 1"));
  CHECK_THAT(wrong([=](Log& l) { l.r[2] = -inf; }), Contains("rewards is infinite in row 2"));
  CHECK_THAT(wrong([=](Log& l) { l.a[5] = no_number; }), Contains("actions is NaN in row 5"));
  CHECK_THAT(wrong([=](Log& l) { l.next[1] = no_number; }), Contains("next_observations is NaN in row 0, column 1"));
  CHECK_THAT(wrong([](Log& l) { l.ended[1] = 2; }), Contains("terminals is 2 in row 1"));
  CHECK_THAT(wrong([](Log& l) { l.low = {1}, l.high = {-1}; }),
             Contains("action_low 1 is not below action_high -1 in column 0"));
  CHECK_THAT(wrong([](Log& l) { l.low = {-1}; }),
             Contains("action_high holds 0 numbers, and an action has 1; give as many, or leave out both limits"));
  CHECK_THAT(wrong([](Log& l) { l.low = {-1, -1}, l.high = {1, 1}; }), Contains("action_low holds 2 numbers"));
  CHECK_THAT(wrong([](Log& l) { l.low = {-0.5f}, l.high = {1}; }),
             Contains("actions is -1 in row 0, column 0, outside its limits -0.5 to 1; clip"));
  CHECK_THAT(wrong([=](Log& l) { l.low = {no_number}, l.high = {1}; }), Contains("action_low is NaN in column 0; "));
  CHECK_THAT(wrong([=](Log& l) { l.low = {-1}, l.high = {inf}; }), Contains("action_high is infinite in column 0; "));
  // Of -1, 0, 1, 0.5, -0.5, 0 four are beyond 0.25, and 1 first by the most.
  CHECK_THAT(wrong([](Log& l) { l.low = {-0.25f}, l.high = {0.25f}; }),
             Contains("actions is -1 in row 0, column 0") && Contains("(the first of 4 rows; the furthest is -1)"));
  CHECK_THAT(wrong([](Log& l) { l.low = {-1e-9f}, l.high = {1e-9f}; }), Contains("outside its limits -1e-09 to 1e-09"));
  CHECK_THAT(wrong([](Log& l) { l.next = l.x; }), Contains("next_observations is observations in every row; "));
  Log l;
  l.next[4] = l.next[5] = no_number;  // of a terminal row
  CHECK(dataset_from_arrays(l.arrays()).unknown_next == std::vector<std::uint8_t>{0, 0, 1, 0, 0, 0});
  l.index[4] = 3;
  const LogArrays discrete{.name = "plant",
                           .observation_size = 2,
                           .action_size = 3,
                           .observations = l.x,
                           .action_indices = l.index,
                           .rewards = l.r,
                           .terminals = l.ended};
  CHECK_THAT(error_of([&] { dataset_from_arrays(discrete); }), Contains("action_indices is 3 in row 4"));
  auto both = discrete;
  both.actions = l.a;
  CHECK_THAT(error_of([&] { dataset_from_arrays(both); }), Contains("both actions and action_indices"));
}

TEST_CASE("what is odd about arrays is a warning that says what to do", "[data][arrays]") {
  const auto names = [](const Log& log) {
    std::vector<std::string> found;
    for (const auto& w : dataset_from_arrays(log.arrays()).warnings) found.push_back(w.name);
    return found;
  };
  using Names = std::vector<std::string>;
  Log log;
  log.low = {-2}, log.high = {2};
  CHECK(names(log) == Names{});
  log.low = log.high = {};
  CHECK(names(log) == Names{"limits-not-given"});
  log.low = {-2}, log.high = {2};
  log.cut[2] = 1;
  CHECK(names(log) == Names{"terminal-and-timeout"});

  // Three episodes of two steps.  All that end by themselves: is it a time limit?
  log.next.clear();
  log.ended = {0, 1, 0, 1, 0, 1}, log.cut = {0, 0, 0, 0, 0, 0};
  CHECK(names(log) == Names{"terminals-of-one-length"});
  CHECK(dataset_from_arrays(log.arrays())
            .warnings[0]
            .message.starts_with("all 3 episodes end with terminals = 1 after 2 rows; where"));
  log.ended = {0, 1, 0, 0, 0, 1};
  CHECK(names(log) == Names{});
  log.ended = {1, 1, 1, 1, 1, 1};  // a bandit
  CHECK(names(log) == Names{});
  log.ended = {0, 1, 0, 1, 0, 0}, log.cut = {0, 0, 0, 0, 0, 1};
  CHECK(names(log) == Names{"dropped-timeout-rows"});

  log.ended.assign(6, 0), log.cut.clear();
  const auto joined = dataset_from_arrays(log.arrays()).warnings;
  CHECK(joined[0].name == "no-timeouts");
  CHECK_THAT(joined[0].message, Contains("set timeouts to 1 in the last row of each"));
  // Of a task in which nothing ever moves the next observation is the same.
  log.x.assign(12, 1.0f), log.next = log.x;
  CHECK_NOTHROW(dataset_from_arrays(log.arrays()));
}

TEST_CASE("a data set filled by hand is looked through", "[data][arrays]") {
  const auto good = dataset_from_arrays(Log().arrays());
  const auto fault = [&](const std::function<void(Dataset&)>& spoil) {
    auto data = good;
    spoil(data);
    return error_of([&] { require_sound(data); });
  };
  constexpr float no_number = std::numeric_limits<float>::quiet_NaN();
  CHECK_THAT(fault([](Dataset& d) { d = Dataset{}; }), Contains("data set: observation_size is 0"));
  CHECK_THAT(fault([](Dataset& d) { d.observation_size = 0; }), Contains("plant: observation_size is 0"));
  CHECK_THAT(fault([](Dataset& d) { d.rewards.clear(); }), Contains("no transitions"));
  CHECK_THAT(fault([](Dataset& d) { d.observation_row[2] = 99; }), Contains("observation_row is 99 in row 2"));
  CHECK_THAT(fault([](Dataset& d) { d.next_observation_row[2] = -1; }),
             Contains("next_observation_row is -1 in row 2"));
  CHECK_THAT(fault([](Dataset& d) { d.next_observation_row.clear(); }), Contains("next_observation_row holds 0"));
  CHECK_THAT(fault([](Dataset& d) { d.terminals.clear(); }), Contains("terminals holds 0"));
  CHECK_THAT(fault([](Dataset& d) { d.timeouts.pop_back(); }), Contains("timeouts holds 5"));
  CHECK_THAT(fault([](Dataset& d) { d.actions.pop_back(); }), Contains("actions holds 5"));
  CHECK_THAT(fault([](Dataset& d) { d.action_low.clear(); }), Contains("action_low holds 0"));
  CHECK_THAT(fault([](Dataset& d) { std::swap(d.action_low, d.action_high); }), Contains("is not below"));
  CHECK_THAT(fault([=](Dataset& d) { d.action_high[0] = no_number; }), Contains("action_high is NaN in column 0"));
  CHECK_THAT(fault([=](Dataset& d) { d.observations[3] = no_number; }),
             Contains("observations is NaN in row 1, column 1"));
  CHECK_THAT(fault([=](Dataset& d) { d.actions[3] = no_number; }), Contains("actions is NaN in row 3"));
  CHECK_THAT(fault([](Dataset& d) { d.episodes.clear(); }), Contains("its episodes hold 0 of 6"));
  CHECK_THAT(fault([](Dataset& d) { d.episodes[1].first = 5; }), Contains("episode 1 begins at transition 5"));
  CHECK_THAT(fault([](Dataset& d) { d.episodes[1].transitions = 1'000'000; }), Contains("episode 1"));
  CHECK_THAT(fault([](Dataset& d) { d.observations.pop_back(); }), Contains("observations holds"));
}
