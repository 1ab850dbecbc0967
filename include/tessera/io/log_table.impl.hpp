#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/episode_log.hpp>
#include <tessera/dataset/flat_rows.hpp>
#include <tessera/dataset/unknown_next.hpp>
#include <tessera/io/d4rl.hpp>
#include <tessera/io/log_table.hpp>
#include <tessera/io/row_windows.hpp>
#include <tessera/io/table_parts.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
TESSERA_INLINE std::optional<double> time_stamp(std::string_view text) {
  const auto digits = [&](std::size_t count) -> std::optional<int> {
    int x = 0;
    if (text.size() < count) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      x = 10 * x + (text[i] - '0');
    }
    text.remove_prefix(count);
    return x;
  };
  const auto sign = [&](char a, char b) {
    if (text.empty() || (text[0] != a && text[0] != b)) return false;
    text.remove_prefix(1);
    return true;
  };
  const auto year = digits(4);
  if (!year || !sign('-', '/')) return std::nullopt;
  const auto month = digits(2);
  if (!month || !sign('-', '/')) return std::nullopt;
  const auto day = digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(unsigned(*month)),
                                         std::chrono::day(unsigned(*day))};
  if (!date.ok()) return std::nullopt;
  double seconds = 86400.0 * double(std::chrono::sys_days(date).time_since_epoch().count());
  if (text.empty()) return seconds;
  if (!sign(' ', 'T')) return std::nullopt;
  const auto hour = digits(2);
  if (!hour || *hour > 24 || !sign(':', ':')) return std::nullopt;
  const auto minute = digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  seconds += 3600.0 * *hour + 60.0 * *minute;
  if (sign(':', ':')) {
    const auto second = digits(2);
    if (!second || *second > 60) return std::nullopt;
    seconds += *second;
    if (sign('.', ',')) {
      double unit = 0.1;
      if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
      for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), unit /= 10)
        seconds += unit * (text[0] - '0');
    }
  }
  if (text.empty() || text == "Z" || text == " UTC") return seconds;
  const double way = text[0] == '-' ? -1 : 1;
  if (!sign('+', '-')) return std::nullopt;
  const auto hours = digits(2);
  if (!hours || *hours > 23) return std::nullopt;
  seconds -= way * 3600.0 * *hours;
  if (text.empty()) return seconds;
  sign(':', ':');
  const auto minutes = digits(2);
  if (!minutes || *minutes > 59 || !text.empty()) return std::nullopt;
  return seconds - way * 60.0 * *minutes;
}
}  // namespace tessera

namespace tessera::log_table {
inline constexpr std::size_t most_codes = 64;         // of whole numbers that are taken for discrete actions
inline constexpr std::int64_t most_actions = 65'536;  // as in flat files

// What is done about missing observations, in turn.
struct MissingRules {
  bool drop_episode = false, previous = false, mean = false;
  std::optional<double> value{};

  bool any() const { return drop_episode || previous || mean || value; }
  static MissingRules of(const std::optional<std::string>& given, const std::string& file) {
    MissingRules out;
    if (!given || *given == "error") return out;
    for (const auto& rule : split_at(*given, ',')) {
      const bool closed = out.drop_episode || out.mean || out.value;
      if (rule == "drop-episode") out.drop_episode = true;
      else if (rule == "previous") out.previous = true;
      else if (rule == "mean") out.mean = true;
      else if (const auto x = real_number(rule); x && std::abs(*x) <= std::numeric_limits<float>::max()) out.value = x;
      else
        throw Error(file + ": missing=" + printable_name(*given) +
                    ": write error, drop-episode, previous, mean or a number, or previous and one more with a comma "
                    "between");
      if (closed)
        throw Error(file + ": missing=" + printable_name(*given) + ": nothing is left for '" + printable_name(rule) +
                    "' to do; leave it out");
    }
    return out;
  }
};

// What all rows of a column hold.
struct ColumnValues {
  bool text = false, whole = true;
  bool amounts = false;  // some number is none that could be a code
  std::set<std::string> texts{};
  std::set<double> numbers{};

  void add(const TableColumn& c) {
    text = text || c.is_text();
    if (!c.is_text()) whole = whole && c.whole;
    std::vector<std::uint8_t> used(c.texts.size(), 0);
    for (const auto code : c.codes)
      if (code != TableColumn::no_text) used[code] = 1;
    for (std::size_t k = 0; k < used.size() && texts.size() <= std::size_t(most_actions); ++k)
      if (used[k] != 0) texts.insert(c.texts[k]);
    for (const double x : c.numbers) {
      if (std::isnan(x) || amounts) continue;
      amounts = x != std::floor(x) || std::abs(x) > 1e9;
      if (!amounts && numbers.size() <= std::size_t(most_actions)) numbers.insert(x);
    }
  }
};
// What all rows of a table decide, where it is read in parts.
struct Survey {
  std::map<std::size_t, ColumnValues> columns;  // of actions
  std::vector<double> mean;                     // of the observations, where missing ones become it
  bool several = false;                         // whether there is more than one part
};

// The table and what it is about.
class Reading {
 public:
  Reading(const std::string& file, std::string format, LogTable table, ChosenColumns chosen, MissingRules missing,
          std::vector<Warning> warnings)
      : file_(file), format_(std::move(format)), t_(std::move(table)), c_(std::move(chosen)), missing_(missing),
        warnings_(std::move(warnings)) {}

  /// The table is a part of another one, all of which has been surveyed; `last`: nothing of that follows.
  Reading& part(const Survey& all, bool last) {
    all_ = &all, last_ = last;
    for (const auto& [i, values] : all.columns) column(i).whole = values.whole;
    return *this;
  }
  /// How many rows belong to episodes that end in the table, if more follow; of its columns only those are used that
  /// say so.
  std::int64_t rows_of_whole_episodes() {
    last_ = false;
    divide();
    return begin_of_last_;
  }
  Dataset read() {
    read_all();
    return c_.next.empty() ? from_episodes() : finished(flat_rows());
  }
  /// With next columns: the rows before placeholders and jumps are looked for.
  FlatRows read_rows() {
    read_all();
    return flat_rows();
  }
  /// With what was found out of these.
  static Dataset assembled(FlatRows rows, const std::vector<UnknownNext>& unknown, std::int64_t first,
                           const SameObservation* jumps) {
    mark_unknown_next(rows, unknown, first);
    if (jumps != nullptr) mark_jumps(rows, *jumps);
    return assemble(std::move(rows));
  }
  // An unmarked jump ends an episode only if nothing else is said of ends, and every next observation is one.
  bool looks_for_jumps() const { return c_.episode.empty() && !c_.truncated; }

 private:
  void divide() {
    find_rows_without_action();
    sort_rows();
    find_flags();
    find_groups();
  }
  void read_all() {
    if (t_.rows == 0) fail("holds no rows; give a table with data");
    for (const auto i : c_.observation) n_ += column(i).width;
    divide();
    read_observations();
    read_rewards();
    read_actions();
    read_propensities();
    fill_missing();
    split_at_marks();
  }

  struct Group {
    std::int64_t first, steps;  // positions in order_; the row of a last observation is not one of the steps
    bool has_last = false;      // whether that row follows
    bool marked = true;         // whether it is known that it ends
    bool dropped = false;
  };

  [[noreturn]] void fail(const std::string& what) const { throw Error(file_ + ": " + what); }
  TableColumn& column(std::size_t i) { return t_.columns[i]; }
  std::string quoted(std::size_t i) const { return "column '" + printable_name(t_.columns[i].name) + "'"; }
  std::string row_text(std::int64_t row) const {
    return "row " + std::to_string(t_.first_row + row) +
           (t_.first_line > 0 ? " (line " + std::to_string(t_.first_line + row) + ")" : std::string());
  }
  [[noreturn]] void fail_at(std::size_t i, std::int64_t row, const std::string& what) const {
    fail(quoted(i) + ", " + row_text(row) + ": " + what);
  }
  std::int64_t row(std::int64_t position) const { return order_.empty() ? position : order_[std::size_t(position)]; }
  bool is_missing(const TableColumn& c, std::int64_t at) const {
    if (c.is_text()) return c.codes[std::size_t(at)] == TableColumn::no_text;
    const auto w = std::size_t(c.width);
    for (std::size_t j = 0; j < w; ++j)
      if (!std::isnan(c.numbers[std::size_t(at) * w + j])) return false;
    return true;
  }
  void say(const std::string& name, const std::string& what) { warnings_.push_back({name, what}); }

  void find_rows_without_action() {
    no_action_.assign(std::size_t(t_.rows), 1);
    for (const auto i : c_.action) {
      const auto& a = column(i);
      for (std::int64_t r = 0; r < t_.rows; ++r)
        if (no_action_[std::size_t(r)] != 0 && !is_missing(a, r)) no_action_[std::size_t(r)] = 0;
    }
  }

  // The values of a column that rows are sorted by; texts by their order.
  std::vector<double> keys_of(std::size_t i, bool time) {
    auto& c = column(i);
    std::vector<double> out;
    if (c.is_text()) {
      std::vector<double> value(c.texts.size());
      if (time) {
        for (std::size_t k = 0; k < value.size(); ++k) {
          const auto x = time_stamp(c.texts[k]);
          const auto number = x ? x : real_number(c.texts[k]);
          if (!number) {
            const auto at = std::find(c.codes.begin(), c.codes.end(), std::uint32_t(k)) - c.codes.begin();
            fail_at(i, at,
                    "'" + printable_name(c.texts[k]) +
                        "' is neither a number nor a date and time like 2019-03-01 12:00:00; write it so");
          }
          value[k] = *number;
        }
      } else {
        std::vector<std::uint32_t> sorted(c.texts.size());
        std::iota(sorted.begin(), sorted.end(), 0u);
        std::sort(sorted.begin(), sorted.end(), [&](auto a, auto b) { return c.texts[a] < c.texts[b]; });
        for (std::size_t k = 0; k < sorted.size(); ++k) value[sorted[k]] = double(k);
      }
      out.reserve(c.codes.size());
      for (std::size_t r = 0; r < c.codes.size(); ++r) {
        if (c.codes[r] == TableColumn::no_text) fail_at(i, std::int64_t(r), "is missing; every row needs one");
        out.push_back(value[c.codes[r]]);
      }
      std::vector<std::uint32_t>().swap(c.codes);
    } else {
      out = std::move(c.numbers);
      for (std::size_t r = 0; r < out.size(); ++r)
        if (!std::isfinite(out[r]))
          fail_at(i, std::int64_t(r),
                  std::isnan(out[r]) ? "is missing; every row needs one" : "is infinite; correct it");
    }
    return out;
  }
  bool same_episode(std::int64_t a, std::int64_t b) const {
    return std::all_of(episode_.begin(), episode_.end(),
                       [&](const auto& k) { return k[std::size_t(a)] == k[std::size_t(b)]; });
  }
  int compare_episodes(std::int64_t a, std::int64_t b) const {
    for (const auto& k : episode_)
      if (k[std::size_t(a)] != k[std::size_t(b)]) return k[std::size_t(a)] < k[std::size_t(b)] ? -1 : 1;
    return 0;
  }
  void sort_rows() {
    for (const auto i : c_.episode) episode_.push_back(keys_of(i, false));
    if (c_.step) step_ = keys_of(*c_.step, true);
    if (episode_.empty()) return;
    // Rows may stay where they are if no episode begins twice and no step goes down in one.
    std::vector<std::int64_t> begins = {0};
    bool sorted = true;
    for (std::int64_t r = 1; r < t_.rows; ++r) {
      if (!same_episode(r - 1, r)) begins.push_back(r);
      else if (!step_.empty() && step_[std::size_t(r)] < step_[std::size_t(r - 1)]) sorted = false;
    }
    if (sorted) {
      std::sort(begins.begin(), begins.end(), [&](auto a, auto b) { return compare_episodes(a, b) < 0; });
      for (std::size_t k = 1; k < begins.size() && sorted; ++k) sorted = !same_episode(begins[k - 1], begins[k]);
    }
    if (sorted) return;
    order_.resize(std::size_t(t_.rows));
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(), [&](auto a, auto b) {
      const int by_episode = compare_episodes(a, b);
      return by_episode != 0 ? by_episode < 0 : !step_.empty() && step_[std::size_t(a)] < step_[std::size_t(b)];
    });
    say("sorted-rows", step_.empty()
                           ? "the rows of an episode do not stand together; they are put together, in the order of the "
                             "file"
                           : "rows are not in the order of episode and step; they are sorted by them");
  }

  std::vector<std::uint8_t> flags_of(const std::optional<std::size_t>& given) {
    if (!given) return {};
    auto& c = column(*given);
    std::vector<std::uint8_t> out(std::size_t(t_.rows), 0);
    RowCount missing;
    static const std::set<std::string> yes = {"yes", "Yes",  "YES",  "y",    "Y", "t",
                                              "T",   "true", "True", "TRUE", "1", "1.0"},
                                       no = {"no", "No",    "NO",    "n",     "N", "f",
                                             "F",  "false", "False", "FALSE", "0", "0.0"};
    std::vector<int> of_text;
    for (const auto& text : c.texts) of_text.push_back(yes.contains(text) ? 1 : no.contains(text) ? 0 : -1);
    for (std::int64_t r = 0; r < t_.rows; ++r) {
      if (is_missing(c, r)) {
        if (no_action_[std::size_t(r)] == 0) missing.add(r);
        continue;
      }
      const double x = c.is_text() ? of_text[c.codes[std::size_t(r)]] : c.numbers[std::size_t(r)];
      if (x != 0 && x != 1)
        fail_at(*given, r,
                (c.is_text() ? "'" + printable_name(c.texts[c.codes[std::size_t(r)]]) + "'"
                             : "holds " + detail::plain_number(float(x))) +
                    " where a flag is 0 or 1, true or false; correct it, or name another column");
      out[std::size_t(r)] = x == 1;
    }
    missing.report(warnings_, "missing-flags", quoted(*given) + " is missing there; taken as 0");
    return out;
  }
  void find_flags() {
    const auto done = flags_of(c_.done), terminated = flags_of(c_.terminated), truncated = flags_of(c_.truncated);
    const auto rows = std::size_t(t_.rows);
    terminal_.assign(rows, 0), timeout_.assign(rows, 0);
    RowCount both;
    for (std::size_t r = 0; r < rows; ++r) {
      const bool d = !done.empty() && done[r] != 0, cut = !truncated.empty() && truncated[r] != 0;
      terminal_[r] = !terminated.empty() ? terminated[r] != 0 : d && !cut;
      timeout_[r] = cut || (d && terminal_[r] == 0);
      if (terminal_[r] != 0 && timeout_[r] != 0) both.add(std::int64_t(r)), timeout_[r] = 0;
    }
    both.report(warnings_, "terminal-and-timeout", "marked as both; taken as terminal");
    has_marks_ = c_.done || c_.terminated || c_.truncated;
    if (!has_marks_)
      say("no-end-marks",
          "no column says where the task ended, so each episode counts as cut after its last row; if "
          "there is one, name it with --columns done=NAME or terminated=NAME");
  }

  // Episodes by their column; or by marks, by steps that go down, and by rows without an action.
  void find_groups() {
    const auto ends_before = [&](std::int64_t p) {
      const auto now = row(p), before = row(p - 1);
      if (!episode_.empty()) return !same_episode(before, now);
      return no_action_[std::size_t(before)] != 0 ||
             ((terminal_[std::size_t(before)] != 0 || timeout_[std::size_t(before)] != 0) &&
              no_action_[std::size_t(now)] == 0) ||
             (!step_.empty() && step_[std::size_t(now)] < step_[std::size_t(before)]);
    };
    RowCount repeated, alone;
    std::int64_t first = 0;
    for (std::int64_t p = 1; p <= t_.rows; ++p) {
      if (p < t_.rows && !ends_before(p)) {
        if (!step_.empty() && step_[std::size_t(row(p))] == step_[std::size_t(row(p - 1))]) repeated.add(row(p));
        continue;
      }
      const auto last = std::size_t(row(p - 1));
      Group g{first, p - first};
      if (no_action_[last] != 0) {
        --g.steps, g.has_last = true;
        if (g.steps == 0) {
          alone.add(std::int64_t(last));
        } else {  // an end mark in it is that of the step before
          const auto step = std::size_t(row(p - 2));
          terminal_[step] = terminal_[step] != 0 || terminal_[last] != 0;
          timeout_[step] = terminal_[step] == 0 && (timeout_[step] != 0 || timeout_[last] != 0);
        }
      }
      g.marked =
          !episode_.empty() || p < t_.rows || !last_ || g.has_last || terminal_[last] != 0 || timeout_[last] != 0;
      if (g.steps > 0) groups_.push_back(g);
      begin_of_last_ = first, first = p;
    }
    if (groups_.empty() && all_ == nullptr && last_)
      fail(quoted(c_.action[0]) + " is missing in every row; name another column");
    repeated.report(warnings_, "repeated-steps",
                    quoted(c_.step.value_or(0)) +
                        " is that of the row before, in the same episode; kept in the order "
                        "of the file");
    alone.report(warnings_, "rows-without-step", "an episode without an action; not used");
    find_gaps();
  }
  // Steps that are counted, but for a few that are left out: a row is missing there.
  void find_gaps() {
    if (step_.empty()) return;
    std::map<double, std::int64_t> distance;
    std::int64_t all = 0;
    for (const auto& g : groups_)
      for (auto p = g.first + 1; p < g.first + g.steps; ++p, ++all) {
        const double by = step_[std::size_t(row(p))] - step_[std::size_t(row(p - 1))];
        if (by != std::floor(by) || (distance.size() > 1000 && !distance.contains(by))) return;
        ++distance[by];
      }
    const auto usual = std::max_element(distance.begin(), distance.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
    if (all == 0 || usual->second == all || usual->second * 20 < all * 19) return;
    RowCount gaps;
    for (const auto& g : groups_)
      for (auto p = g.first + 1; p < g.first + g.steps; ++p)
        if (const double by = step_[std::size_t(row(p))] - step_[std::size_t(row(p - 1))]; by > usual->first)
          gaps.add(row(p));
    gaps.report(warnings_, "step-gaps",
                quoted(*c_.step) + " is more than the usual " + detail::plain_number(float(usual->first)) +
                    " above that of the row before: where rows are missing, the one before does not lead to it");
  }

  float to_float(std::size_t i, std::int64_t r, double x) const {
    if (std::abs(x) > double(std::numeric_limits<float>::max()))
      fail_at(i, r,
              std::isinf(x) ? "is infinite, or larger than any number; correct it"
                            : "is larger than single precision holds; correct it, or write it in another unit");
    return float(x);
  }
  // (rows, numbers) of columns of numbers, in order; NaN where missing.
  std::vector<float> matrix(const std::vector<std::size_t>& all, const char* role) {
    std::int64_t width = 0;
    for (const auto i : all) {
      if (column(i).is_text())
        fail(quoted(i) + " holds texts, such as '" + printable_name(column(i).texts.empty() ? "" : column(i).texts[0]) +
             "', and is named for " + role + "; name columns of numbers");
      width += column(i).width;
    }
    std::vector<float> out(std::size_t(t_.rows * width));
    std::int64_t at = 0;
    for (const auto i : all) {
      auto& c = column(i);
      for (std::int64_t p = 0; p < t_.rows; ++p) {
        const auto r = row(p);
        for (std::int64_t j = 0; j < c.width; ++j)
          out[std::size_t(p * width + at + j)] = to_float(i, r, c.numbers[std::size_t(r * c.width + j)]);
      }
      at += c.width;
      std::vector<double>().swap(c.numbers);
    }
    return out;
  }
  std::vector<std::string> names_of(const std::vector<std::size_t>& all) const {
    std::vector<std::string> out;
    constexpr std::size_t most = 1 << 20;
    for (const auto i : all) {
      const auto& c = t_.columns[i];
      if (out.size() + std::size_t(c.width) > most)
        fail(quoted(i) + " is one of several that make more than a million numbers in a row; name fewer columns");
      const auto part = name_of_part(c.name);
      if (c.width == 1) out.push_back(part);
      for (std::int64_t j = 0; j < c.width && c.width > 1; ++j) out.push_back(part + "[" + std::to_string(j) + "]");
    }
    return out;
  }
  std::pair<std::size_t, std::int64_t> column_of(const std::vector<std::size_t>& all, std::int64_t number) const {
    for (const auto i : all) {
      if (number < t_.columns[i].width) return {i, number};
      number -= t_.columns[i].width;
    }
    return {all[0], 0};
  }

  void read_observations() {
    spaces_.observation_names = names_of(c_.observation);
    x_ = matrix(c_.observation, "observation");
    if (!c_.next.empty()) next_ = matrix(c_.next, "next");
  }
  void read_rewards() {
    rewards_.assign(std::size_t(t_.rows), 0.0f);
    if (c_.reward) rewards_ = matrix({*c_.reward}, "reward");
    else
      say("no-rewards",
          "no column of rewards is named, so each is 0 and training can only imitate; name it with "
          "--columns reward=NAME");
  }

  void read_propensities() {
    if (c_.propensity) propensities_ = matrix({*c_.propensity}, "propensity");
  }
  void require_propensity(std::int64_t p) const {
    if (propensities_.empty()) return;
    const float x = propensities_[std::size_t(p)];
    const bool discrete = kind_ == action_kind::discrete;
    if (x > 0 && std::isfinite(x) && (!discrete || x <= 1)) return;
    fail_at(
        *c_.propensity, row(p),
        (std::isnan(x) ? std::string("the propensity is missing") : "the propensity is " + detail::plain_number(x)) +
            ", where the " + (discrete ? "probability" : "density") + " of an action that was taken is above 0 and " +
            (discrete ? "at most 1" : "finite") + "; correct it, or leave the column out");
  }

  // Texts, sorted, or whole numbers in ascending order: what the values of a column are called, and each row's.
  struct Codes {
    std::vector<std::string> names;
    std::vector<double> numbers;       // empty for texts
    std::vector<std::int64_t> of_row;  // by position; -1 where missing
  };
  std::optional<Codes> codes_of(std::size_t i, std::size_t max) {
    auto& c = column(i);
    ColumnValues own;
    if (all_ == nullptr) own.add(c);
    const auto& values = all_ != nullptr ? all_->columns.at(i) : own;
    Codes out;
    out.of_row.assign(std::size_t(t_.rows), -1);
    if (c.is_text()) {
      if (values.texts.size() > max) return std::nullopt;
      out.names.assign(values.texts.begin(), values.texts.end());
      std::vector<std::int64_t> rank(c.texts.size());
      for (std::size_t k = 0; k < rank.size(); ++k)
        rank[k] = std::lower_bound(out.names.begin(), out.names.end(), c.texts[k]) - out.names.begin();
      for (std::int64_t p = 0; p < t_.rows; ++p)
        if (const auto code = c.codes[std::size_t(row(p))]; code != TableColumn::no_text)
          out.of_row[std::size_t(p)] = rank[code];
      return out;
    }
    if (values.amounts || values.numbers.size() > max) return std::nullopt;
    out.numbers.assign(values.numbers.begin(), values.numbers.end());
    for (const double x : out.numbers) out.names.push_back(std::to_string(std::int64_t(x)));
    for (std::int64_t p = 0; p < t_.rows; ++p)
      if (const double x = c.numbers[std::size_t(row(p))]; !std::isnan(x))
        out.of_row[std::size_t(p)] = std::lower_bound(out.numbers.begin(), out.numbers.end(), x) - out.numbers.begin();
    return out;
  }
  void read_actions() {
    const bool texts = std::any_of(c_.action.begin(), c_.action.end(), [&](auto i) { return column(i).is_text(); });
    if (c_.action.size() == 1 && column(c_.action[0]).width == 1) {
      const auto i = c_.action[0];
      auto& c = column(i);
      if (texts || c.whole) {
        auto codes = codes_of(i, texts ? std::size_t(most_actions) : most_codes);
        if (codes) return discrete(i, std::move(*codes));
        if (texts)
          fail(quoted(i) + " holds more than " + std::to_string(most_actions) +
               " different texts; name another column");
        say("whole-number-actions", quoted(i) + " holds more than " + std::to_string(most_codes) +
                                        " different whole numbers: read as amounts, a continuous action; if they "
                                        "are codes, say --actions discrete");
      }
    } else if (texts) {
      return several(c_.action);
    }
    actions_ = matrix(c_.action, "action");
    action_size_ = std::int64_t(actions_.size()) / t_.rows;
    spaces_.action_names = names_of(c_.action);
  }
  void discrete(std::size_t i, Codes codes) {
    kind_ = action_kind::discrete;
    indices_ = std::move(codes.of_row);
    action_size_ = std::int64_t(codes.names.size());
    if (codes.numbers.empty()) {
      spaces_.action_names = std::move(codes.names);
      return;
    }
    const auto first = std::int64_t(codes.numbers.front()), last = std::int64_t(codes.numbers.back());
    if (last - first + 1 == action_size_) {
      spaces_.first_action = first;
    } else {
      spaces_.action_names = codes.names;
      std::string some;
      for (std::size_t k = 0; k < std::min<std::size_t>(8, codes.names.size()); ++k)
        some += (k == 0 ? "" : ", ") + codes.names[k];
      say("action-codes", quoted(i) + " holds the codes " + some + (codes.names.size() > 8 ? ", ..." : "") +
                              ": they are actions 0 to " + std::to_string(action_size_ - 1) +
                              " and keep their numbers as names");
    }
    if (first != 0 || action_size_ > 10)
      say("whole-number-actions", quoted(i) + " holds " + std::to_string(action_size_) + " whole numbers, " +
                                      std::to_string(first) + " .. " + std::to_string(last) +
                                      ": read as discrete actions; if they are amounts, say --actions continuous");
  }
  // Several choices at once.
  void several(const std::vector<std::size_t>& all) {
    kind_ = action_kind::discrete;
    action_size_ = 1;
    indices_.assign(std::size_t(t_.rows), 0);
    std::vector<std::string> names = {""};
    for (const auto i : all) {
      auto codes = column(i).width == 1 ? codes_of(i, std::size_t(most_actions)) : std::nullopt;
      if (!codes)
        fail(quoted(i) +
             " holds neither texts nor whole numbers, and stands beside an action of texts; an action is "
             "either several choices or several numbers: name other columns");
      const auto size = std::int64_t(codes->names.size());
      if (action_size_ * size > most_actions)
        fail("the action's columns have more than " + std::to_string(most_actions) +
             " combinations; name fewer columns");
      action_size_ *= size;
      spaces_.action_factors.push_back(size);
      for (std::size_t p = 0; p < indices_.size(); ++p)
        indices_[p] = indices_[p] < 0 || codes->of_row[p] < 0 ? -1 : indices_[p] * size + codes->of_row[p];
      std::vector<std::string> longer;
      for (const auto& name : names)
        for (const auto& code : codes->names) longer.push_back(name.empty() ? code : name + "/" + code);
      names = std::move(longer);
    }
    spaces_.action_names = std::move(names);
  }

  bool lacks_action(std::int64_t p) const {
    if (kind_ == action_kind::discrete) return indices_[std::size_t(p)] < 0;
    const auto* a = actions_.data() + p * action_size_;
    return std::any_of(a, a + action_size_, [](float x) { return std::isnan(x); });
  }
  std::size_t lacking_action(std::int64_t p) const {
    for (std::int64_t j = 0; kind_ == action_kind::continuous && j < action_size_; ++j)
      if (std::isnan(actions_[std::size_t(p * action_size_ + j)])) return column_of(c_.action, j).first;
    return c_.action[0];
  }

  void fill_missing() {
    const std::string remedy =
        "; correct it, or say --missing drop-episode, previous (of the same episode), mean or a number";
    std::vector<double> mean;
    std::int64_t filled = 0, dropped = 0;
    const auto n = std::size_t(n_);
    const auto rows_of = [](const Group& g) { return g.steps + (g.has_last ? 1 : 0); };
    const auto lacks = [&](const float* x) { return std::any_of(x, x + n, [](float v) { return std::isnan(v); }); };
    if (missing_.mean && all_ != nullptr) {
      mean = all_->mean;
    } else if (missing_.mean) {
      std::vector<double> sum(n, 0), count(n, 0);
      for (std::size_t k = 0; k < x_.size(); ++k)
        if (!std::isnan(x_[k])) sum[k % n] += x_[k], count[k % n] += 1;
      for (std::size_t j = 0; j < n; ++j) mean.push_back(count[j] > 0 ? sum[j] / count[j] : 0);
    }
    for (auto& g : groups_) {
      const auto refuse_or_drop = [&](std::size_t i, std::int64_t p, const std::string& what, bool observation) {
        if (missing_.drop_episode) {
          g.dropped = true;
          return;
        }
        fail_at(i, row(p),
                what + (observation ? remedy : "; correct it, or leave out such episodes with --missing drop-episode"));
      };
      for (std::int64_t p = g.first; p < g.first + rows_of(g) && !g.dropped; ++p) {
        float* x = x_.data() + std::size_t(p) * n;
        for (std::size_t j = 0; j < n && lacks(x) && !g.dropped; ++j) {
          if (!std::isnan(x[j])) continue;
          if (missing_.previous && p > g.first) x[j] = x[std::ptrdiff_t(j) - std::ptrdiff_t(n)];
          if (std::isnan(x[j]) && missing_.mean) x[j] = float(mean[j]);
          if (std::isnan(x[j]) && missing_.value) x[j] = float(*missing_.value);
          if (!std::isnan(x[j])) ++filled;
          else
            refuse_or_drop(column_of(c_.observation, std::int64_t(j)).first, p,
                           missing_.previous ? "the value is missing, and no row of its episode before has one" +
                                                   std::string(missing_.mean ? "" : " (previous,mean takes the mean)")
                                             : "the value is missing",
                           true);
        }
      }
      for (std::int64_t p = g.first; p < g.first + g.steps && !g.dropped; ++p) {
        if (lacks_action(p)) refuse_or_drop(lacking_action(p), p, "the action is missing", false);
        else if (std::isnan(rewards_[std::size_t(p)])) {
          if (missing_.value) rewards_[std::size_t(p)] = float(*missing_.value), ++filled;
          else refuse_or_drop(*c_.reward, p, "the reward is missing", false);
        }
        if (!g.dropped) require_propensity(p);
      }
      dropped += g.dropped;
      if (next_.empty() || g.dropped) continue;
      // The next observation inside an episode is that of the following row; after its last step it may be unknown.
      for (std::int64_t p = g.first; p < g.first + g.steps; ++p) {
        float* to = next_.data() + std::size_t(p) * n;
        if (!lacks(to)) continue;
        const bool last = p + 1 == g.first + g.steps;
        if (!last || g.has_last) {
          if (!last && !missing_.any()) {
            std::size_t j = 0;
            while (!std::isnan(to[j])) ++j;
            refuse_or_drop(column_of(c_.next, std::int64_t(j)).first, p,
                           "the next observation is missing inside an episode", true);
          }
          std::copy_n(x_.data() + std::size_t(p + 1) * n, n, to);
        }
      }
    }
    if (dropped == std::int64_t(groups_.size()) && all_ == nullptr)
      fail("every episode has a missing value; choose another rule than drop-episode");
    if (filled > 0)
      say("filled-values", std::to_string(filled) + (filled == 1 ? " missing value is" : " missing values are") +
                               " filled in, as --missing says");
    if (dropped > 0)
      say("dropped-episodes", std::to_string(dropped) + " of " + std::to_string(groups_.size()) +
                                  " episodes have missing values and are left out, as --missing says");
    std::erase_if(groups_, [](const Group& g) { return g.dropped; });
  }

  // An end mark inside an episode ends it there.
  void split_at_marks() {
    std::vector<Group> pieces;
    RowCount inside;
    for (const auto& g : groups_) {
      auto first = g.first;
      for (auto p = g.first; p + 1 < g.first + g.steps; ++p) {
        const auto r = std::size_t(row(p));
        if (terminal_[r] == 0 && timeout_[r] == 0) continue;
        inside.add(std::int64_t(r));
        pieces.push_back({first, p + 1 - first});
        first = p + 1;
      }
      auto rest = g;
      rest.first = first, rest.steps = g.first + g.steps - first;
      pieces.push_back(rest);
    }
    inside.report(warnings_, "end-inside-episode",
                  "marked as an end, and the episode's column goes on; taken for the end of one and the beginning of "
                  "another");
    groups_ = std::move(pieces);
  }

  // All episodes end by done after equally many steps: a time limit, most likely.
  void suspect_time_limit(const Dataset& data) {
    if (all_ != nullptr || !c_.done || c_.terminated || c_.truncated || data.episodes.size() < 3) return;
    const auto rows = data.episodes[0].rows;
    std::int64_t last = -1;
    for (const auto& e : data.episodes) {
      last += e.transitions;
      if (e.rows != rows || rows < 2 || e.transitions < 1 || data.terminals[std::size_t(last)] == 0) return;
    }
    say("terminals-of-one-length", "all " + std::to_string(data.episodes.size()) + " episodes are done after " +
                                       std::to_string(rows) +
                                       " rows; where that is a time limit, name the column with --columns truncated=" +
                                       printable_name(t_.columns[*c_.done].name) +
                                       " and not with done, else what would have followed is taken to be worth 0");
  }

  Dataset from_episodes() {
    EpisodeLog log(file_, format_, kind_, n_, action_size_);
    if (all_ != nullptr) log.allow_none();
    const auto n = n_, d = action_size_;
    for (const auto& g : groups_) {
      const auto last = std::size_t(row(g.first + g.steps - 1));
      EpisodeRows e;
      e.observations = std::span<const float>(x_).subspan(std::size_t(g.first * n),
                                                          std::size_t((g.steps + (g.has_last ? 1 : 0)) * n));
      if (kind_ == action_kind::discrete)
        e.action_indices = std::span<const std::int64_t>(indices_).subspan(std::size_t(g.first), std::size_t(g.steps));
      else e.actions = std::span<const float>(actions_).subspan(std::size_t(g.first * d), std::size_t(g.steps * d));
      e.rewards = std::span<const float>(rewards_).subspan(std::size_t(g.first), std::size_t(g.steps));
      if (!propensities_.empty())
        e.propensities = std::span<const float>(propensities_).subspan(std::size_t(g.first), std::size_t(g.steps));
      e.terminated = terminal_[last] != 0;
      e.truncated = !e.terminated && (timeout_[last] != 0 || g.marked);
      log.add(e);
    }
    log.data().spaces = spaces_;
    suspect_time_limit(log.data());
    log.data().warnings = std::move(warnings_);
    return log.finish();
  }

  FlatRows flat_rows() {
    FlatRows rows;
    rows.part = all_ != nullptr;
    rows.name = file_, rows.format = format_, rows.kind = kind_;
    rows.observation_size = n_, rows.action_size = action_size_;
    std::int64_t count = 0;
    for (const auto& g : groups_) {
      // Groups are in order, so each moves down, to where everything has been read.
      const auto move = [&](auto& all, std::int64_t width) {
        if (all.empty() || count == g.first) return;
        std::copy_n(all.begin() + g.first * width, g.steps * width, all.begin() + count * width);
      };
      move(x_, n_), move(next_, n_), move(rewards_, 1), move(actions_, action_size_), move(indices_, 1);
      move(propensities_, 1);
      for (auto p = g.first; p < g.first + g.steps; ++p) {
        const auto r = std::size_t(row(p));
        const bool last = p + 1 == g.first + g.steps;
        rows.terminals.push_back(terminal_[r]);
        rows.timeouts.push_back(terminal_[r] == 0 && (timeout_[r] != 0 || (last && g.marked)));
      }
      count += g.steps;
    }
    const auto shrink = [&](auto& all, std::int64_t width) {
      if (!all.empty()) all.resize(std::size_t(count * width));
    };
    shrink(x_, n_), shrink(next_, n_), shrink(rewards_, 1), shrink(indices_, 1), shrink(actions_, action_size_);
    shrink(propensities_, 1);
    rows.observations = std::move(x_), rows.next_observations = std::move(next_), rows.rewards = std::move(rewards_);
    rows.actions = std::move(actions_), rows.action_indices = std::move(indices_);
    rows.propensities = std::move(propensities_), rows.spaces = std::move(spaces_);
    // A next observation that is missing after a cut: the step leads to nowhere that is known.
    RowCount unknown;
    const auto n = std::size_t(n_);
    for (std::size_t i = 0; i < std::size_t(count); ++i) {
      if (rows.terminals[i] != 0) continue;
      float* to = rows.next_observations.data() + i * n;
      if (std::none_of(to, to + n, [](float v) { return std::isnan(v); })) continue;
      if (rows.next_unknown.empty()) rows.next_unknown.assign(std::size_t(count), 0);
      rows.next_unknown[i] = 1;
      unknown.add(std::int64_t(i));
    }
    unknown.report(warnings_, "dropped-timeout-rows",
                   "the episode was cut after this step and its next observation is missing; not used as a transition");
    rows.warnings = std::move(warnings_);
    return rows;
  }
  Dataset finished(FlatRows rows) {
    mark_unknown_next(rows);
    if (looks_for_jumps() && rows.next_unknown.empty()) mark_jumps(rows);
    auto data = assemble(std::move(rows));
    warnings_.clear();
    suspect_time_limit(data);
    data.warnings.insert(data.warnings.end(), warnings_.begin(), warnings_.end());
    return data;
  }

  std::string file_, format_;
  LogTable t_;
  ChosenColumns c_;  // indices into t_.columns
  MissingRules missing_;
  std::vector<Warning> warnings_;
  const Survey* all_ = nullptr;
  bool last_ = true;
  std::int64_t begin_of_last_ = 0;
  std::int64_t n_ = 0, action_size_ = 0;
  action_kind kind_ = action_kind::continuous;
  LogSpaces spaces_;
  std::vector<std::uint8_t> no_action_, terminal_, timeout_;  // by row of the file
  bool has_marks_ = false;
  std::vector<std::vector<double>> episode_;
  std::vector<double> step_;
  std::vector<std::int64_t> order_;  // the rows in order; empty if they are
  std::vector<Group> groups_;
  std::vector<float> x_, next_, rewards_, actions_, propensities_;  // by position
  std::vector<std::int64_t> indices_;
};

// A table that is handed over in pieces.
class InPieces {
 public:
  InPieces(const TableSource& source, const ChosenColumns& chosen, std::vector<TableSource::Wanted> wanted,
           MissingRules missing, std::vector<Warning> warnings)
      : source_(source), c_(chosen), wanted_(std::move(wanted)), missing_(missing), warnings_(std::move(warnings)) {
    double numbers = 0;
    for (const auto& w : wanted_) numbers += double(source_.columns[w.column].width);
    // A row as doubles of the table, as floats, and as those of the data set.
    at_once_ = std::max<std::int64_t>(1, std::int64_t(double(source_.limits.piece_bytes()) / (20 * numbers + 64)));
  }

  Dataset read() {
    survey();
    if (!all_.several) return reading(source_.read(wanted_)).read();
    if (c_.next.empty()) return hand_over([](Reading reading, std::int64_t) { return reading.read(); });
    const auto ends = find_ends();
    std::vector<UnknownNext> unknown;
    if (!ends.terminals.empty()) unknown = find_unknown_next(visited(ends));
    const bool jumps = ends.jumps && unknown.empty();
    return hand_over([&](Reading reading, std::int64_t first) {
      return Reading::assembled(reading.read_rows(), unknown, first, jumps ? &ends.same : nullptr);
    });
  }

 private:
  // Of all rows: where episodes end, and how large the observations are.
  struct Ends {
    std::vector<std::uint8_t> terminals, timeouts;
    SameObservation same;
    bool jumps = false;  // whether unmarked ones end an episode
  };

  // Reads the columns that decide for all rows: first those of the episode and step, then the others, each once.
  void survey() {
    std::vector<std::size_t> some = c_.episode;
    const auto also = [&](std::size_t i) {
      if (std::find(some.begin(), some.end(), i) == some.end()) some.push_back(i);
    };
    for (const auto& one : {c_.step, c_.done, c_.terminated, c_.truncated})
      if (one) also(*one);
    for (const auto i : c_.action) also(i);
    for (const auto i : c_.observation)
      if (missing_.mean) also(i);
    while (!survey(some)) {
    }
  }
  // False if a column holds texts in one part and numbers in another: they are read as texts then.
  bool survey(const std::vector<std::size_t>& some) {
    const auto places = [&](const std::vector<std::size_t>& all) {
      std::vector<std::size_t> out;
      for (const auto i : all) out.push_back(std::size_t(std::find(some.begin(), some.end(), i) - some.begin()));
      return out;
    };
    const auto step = c_.step ? places({*c_.step}) : std::vector<std::size_t>{};
    std::vector<std::uint8_t> texts, numbers;
    RowOrder order({}, {}, {});
    ColumnMeans means({});
    std::int64_t parts = 0;
    const auto begin = [&] {
      texts.assign(some.size(), 0), numbers.assign(some.size(), 0), parts = 0, all_ = {};
      order = RowOrder(source_.name, places(c_.episode), step);
      means = ColumnMeans(missing_.mean ? places(c_.observation) : std::vector<std::size_t>{});
    };
    std::vector<TableSource::Wanted> wanted;
    for (const auto i : some) wanted.push_back(wanted_[i]);
    source_.read_parts(wanted, at_once_, [&](LogTable part) {
      if (part.first_row == 0) begin();  // perhaps again
      if (part.rows == 0) return;
      ++parts;
      for (std::size_t k = 0; k < some.size(); ++k) (part.columns[k].is_text() ? texts : numbers)[k] = 1;
      order.add(part), means.add(part);
      const auto of_action = places(c_.action);
      for (std::size_t k = 0; k < of_action.size(); ++k) all_.columns[c_.action[k]].add(part.columns[of_action[k]]);
    });
    all_.several = parts > 1, all_.mean = means.means();
    bool agree = true;
    for (std::size_t k = 0; k < some.size(); ++k) {
      agree = agree && (texts[k] == 0 || numbers[k] == 0);
      if (texts[k] != 0) wanted_[some[k]].as = column_reading::texts;
    }
    if (agree && all_.several) order.require();
    return agree;
  }
  Reading reading(LogTable table) const {
    return Reading(source_.name, source_.format, std::move(table), c_, missing_,
                   table.first_row == 0 ? warnings_ : std::vector<Warning>{});
  }
  // The columns that say where episodes end.
  LogTable marks_of(const LogTable& table) const {
    LogTable out;
    out.rows = table.rows, out.first_row = table.first_row, out.first_line = table.first_line;
    out.columns.resize(table.columns.size());
    const auto take = [&](std::size_t i) { out.columns[i] = table.columns[i]; };
    for (const auto i : c_.episode) take(i);
    for (const auto i : c_.action) take(i);
    for (const auto& one : {c_.step, c_.done, c_.terminated, c_.truncated})
      if (one) take(*one);
    return out;
  }
  // Calls f(rows of whole episodes, whether they are the last) for the whole table.
  template <class F>
  void each_window(F f) const {
    LogTable held;
    source_.read_parts(wanted_, at_once_, [&](LogTable part) {
      append_rows(held, std::move(part));
      const auto whole = reading(marks_of(held)).rows_of_whole_episodes();
      if (whole > 0) return f(take_rows(held, whole), false);
      if (held.rows > 8 * at_once_)
        throw Error(source_.name + ": its episode from row " + std::to_string(held.first_row) +
                    " on does not fit into the memory that it may take; raise the memory limit, or name the column "
                    "that says where episodes end");
    });
    f(std::move(held), true);
  }

  template <class Read>
  Dataset hand_over(Read read) const {
    WholeOfPieces whole;
    Dataset rest;
    std::int64_t before = 0;
    each_window([&](LogTable window, bool last) {
      const auto first = window.first_row;
      auto data = read(reading(std::move(window)).part(all_, last), before);
      for (const auto& e : data.episodes) before += e.rows;
      whole.add(data, first);
      if (!last) return source_.limits.hand_over(data);
      whole.say(data);
      rest = std::move(data);
    });
    return rest;
  }

  std::int64_t observation_size() const {
    std::int64_t n = 0;
    for (const auto i : c_.observation) n += source_.columns[wanted_[i].column].width;
    return n;
  }
  Ends find_ends() const {
    const auto n = observation_size();
    Ends out{{}, {}, SameObservation(n), false};
    bool unknown = false;
    each_window([&](LogTable window, bool last) {
      auto one = reading(std::move(window)).part(all_, last);
      out.jumps = one.looks_for_jumps();
      const auto rows = one.read_rows();
      out.terminals.insert(out.terminals.end(), rows.terminals.begin(), rows.terminals.end());
      out.timeouts.insert(out.timeouts.end(), rows.timeouts.begin(), rows.timeouts.end());
      unknown = unknown || !rows.next_unknown.empty();
      for (std::size_t i = 0; i < rows.rewards.size(); ++i)
        out.same.show(rows.observations.data() + i * std::size_t(n));
    });
    out.jumps = out.jumps && !unknown;
    return out;
  }
  VisitedRows visited(const Ends& ends) const {
    const auto width = std::size_t(observation_size());
    return {width, ends.terminals, ends.timeouts, [this, width](const VisitedRows::Visitor& each) {
              std::vector<float> own, next;  // of the row before
              std::size_t at = 0;
              each_window([&](LogTable window, bool last) {
                const auto rows = reading(std::move(window)).part(all_, last).read_rows();
                for (std::size_t i = 0; i < rows.rewards.size(); ++i) {
                  const float* x = rows.observations.data() + i * width;
                  if (!own.empty()) each(at++, own.data(), next.data(), x);
                  own.assign(x, x + width);
                  next.assign(rows.next_observations.data() + i * width,
                              rows.next_observations.data() + (i + 1) * width);
                }
              });
              if (!own.empty()) each(at, own.data(), next.data(), nullptr);
            }};
  }

  const TableSource& source_;
  const ChosenColumns& c_;
  std::vector<TableSource::Wanted> wanted_;
  MissingRules missing_;
  std::vector<Warning> warnings_;
  std::int64_t at_once_ = 1;
  Survey all_;
};
}  // namespace tessera::log_table

namespace tessera {
TESSERA_INLINE Dataset read_log_table(const TableSource& source, const TableOptions& options) {
  const auto& heads = source.columns;
  const auto missing = log_table::MissingRules::of(options.missing, source.name);
  auto warnings = source.warnings;
  ChosenColumns chosen;
  if (options.columns) {
    chosen = choose_columns(heads, ColumnMapping::parse(*options.columns, source.name + ": columns"), source.name);
  } else {
    chosen = guess_columns(heads);
    if (!is_enough(chosen)) {
      std::string all;
      constexpr std::size_t max = 24;
      for (std::size_t i = 0; i < std::min(max, heads.size()); ++i)
        all += (all.empty() ? "" : ", ") + (heads[i].name.empty() ? "(no name)" : printable_name(heads[i].name));
      if (heads.size() > max) all += ", ... " + std::to_string(heads.size()) + " in all";
      const auto likely = likely_mapping(heads);
      throw Error(source.name + ": holds the columns [" + all +
                  "], whose names do not say which of them are what; say it, as in --columns '" +
                  (likely.empty() ? "episode=NAME,observation=NAME:NAME,action=NAME,reward=NAME" : likely) + "'");
    }
    warnings.push_back({"guessed-columns", "read as --columns '" + mapping_text(heads, chosen) + "'"});
  }
  std::vector<TableSource::Wanted> wanted;
  std::map<std::size_t, std::size_t> place;
  const auto want = [&](std::size_t& i, column_reading as) {
    const auto [at, is_new] = place.emplace(i, wanted.size());
    if (is_new) wanted.push_back({i, as});
    i = at->second;
  };
  for (auto& i : chosen.episode) want(i, column_reading::exactly);
  for (auto& i : chosen.action) want(i, column_reading::either);
  for (auto* one : {&chosen.step, &chosen.done, &chosen.terminated, &chosen.truncated})
    if (*one) want(**one, column_reading::either);
  for (auto* all : {&chosen.observation, &chosen.next})
    for (auto& i : *all) want(i, column_reading::numbers);
  for (auto* one : {&chosen.reward, &chosen.propensity})
    if (*one) want(**one, column_reading::numbers);
  if (source.limits.hand_over)
    return log_table::InPieces(source, chosen, std::move(wanted), missing, std::move(warnings)).read();
  return log_table::Reading(source.name, source.format, source.read(wanted), chosen, missing, std::move(warnings))
      .read();
}
}  // namespace tessera
