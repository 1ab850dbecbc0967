#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/io/npz.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/read_limits.hpp>

/// Data as a stream of bytes between two processes of one machine, where the reader does not trust the writer: sizes
/// are checked before memory is allocated, and values are checked before they are used.  `Out` has write(const void*,
/// std::size_t), `In` has read(void*, std::size_t), which throws if the stream has ended.
namespace tessera::stream {
template <class T>
concept Plain = std::is_arithmetic_v<T> || std::is_enum_v<T>;

template <class Out, Plain T>
void write(Out& out, T value) {
  out.write(&value, sizeof value);
}
template <class Out, Plain T>
void write(Out& out, const std::vector<T>& values) {
  write(out, std::uint64_t(values.size()));
  out.write(values.data(), values.size() * sizeof(T));
}
template <class Out>
void write(Out& out, const std::string& text) {
  write(out, std::uint64_t(text.size()));
  out.write(text.data(), text.size());
}

/// Reads what `write` wrote; error messages begin with `about`.
template <class In>
class Reader {
 public:
  Reader(In& in, std::string about, const MemoryBudget& budget) : in_(in), about_(std::move(about)), budget_(budget) {}

  template <Plain T>
  T value() {
    T found{};
    in_.read(&found, sizeof found);
    return found;
  }
  template <Plain T>
  std::vector<T> values() {
    const auto count = value<std::uint64_t>();
    budget_.take(about_, static_cast<double>(count) * sizeof(T));
    std::vector<T> found(static_cast<std::size_t>(count));
    in_.read(found.data(), found.size() * sizeof(T));
    return found;
  }
  std::string text() {
    constexpr std::uint64_t longest = 1 << 16;
    const auto size = value<std::uint64_t>();
    require(size <= longest, "a text is too long");
    budget_.take(about_, sizeof(std::string) + static_cast<double>(size));
    std::string found(static_cast<std::size_t>(size), '\0');
    in_.read(found.data(), found.size());
    return printable(found);
  }
  /// How many items follow.
  std::size_t count(std::uint64_t max) {
    const auto found = value<std::uint64_t>();
    require(found <= max, "it has too many parts");
    return static_cast<std::size_t>(found);
  }
  void require(bool good, const char* what) const {
    if (!good)
      throw Error(about_ + ": the process that read it did not send a valid data set (" + what +
                  "); the file is malicious: do not use it");
  }

 private:
  In& in_;
  std::string about_;
  MemoryBudget budget_;
};

template <class Out>
void write_texts(Out& out, const std::vector<std::string>& texts) {
  write(out, std::uint64_t(texts.size()));
  for (const auto& each : texts) write(out, each);
}
template <class In>
std::vector<std::string> read_texts(Reader<In>& in, std::uint64_t max) {
  std::vector<std::string> texts;
  for (auto left = in.count(max); left-- > 0;) texts.push_back(in.text());
  return texts;
}

template <class Out>
void write_dataset(Out& out, const Dataset& data) {
  write(out, data.name), write(out, data.format);
  write(out, std::uint8_t(data.kind)), write(out, std::uint8_t(data.limits_from));
  write(out, data.observation_size), write(out, data.action_size);
  write(out, data.observations), write(out, data.observation_row), write(out, data.next_observation_row);
  write(out, data.actions), write(out, data.action_indices), write(out, data.rewards);
  write(out, data.terminals), write(out, data.timeouts), write(out, data.unknown_next);
  write(out, data.propensities);
  write(out, data.action_low), write(out, data.action_high);
  const auto& s = data.spaces;
  write_texts(out, s.observation_names), write(out, s.observation_low), write(out, s.observation_high);
  write_texts(out, s.action_names), write(out, s.action_factors), write(out, s.first_action);
  const auto& t = data.task;
  write(out, t.environment), write(out, t.max_steps), write(out, t.score_zero), write(out, t.score_hundred);
  write(out, std::uint64_t(data.episodes.size()));
  for (const auto& e : data.episodes) {
    write(out, e.first), write(out, e.transitions), write(out, e.rows);
    write(out, e.episode_return), write(out, e.discounted_return), write(out, std::uint8_t(e.complete));
  }
  write(out, std::uint64_t(data.warnings.size()));
  for (const auto& w : data.warnings) write(out, w.name), write(out, w.message);
}

/// Checks everything that code with a data set takes for granted.
template <class In>
void require_sound(const Reader<In>& in, const Dataset& data) {
  constexpr std::int64_t max = std::int64_t{1} << 40;
  const auto within = [](std::int64_t x, std::int64_t low, std::int64_t high) { return x >= low && x <= high; };
  const auto finite = [](const std::vector<float>& x) {
    return std::all_of(x.begin(), x.end(), [](float v) { return std::isfinite(v); });
  };
  const bool discrete = data.kind == action_kind::discrete;
  in.require(within(data.observation_size, 1, max) && within(data.action_size, 1, discrete ? 65536 : max), "its sizes");
  const auto width = std::size_t(data.observation_size), d = std::size_t(data.action_size), n = data.rewards.size();
  in.require(n > 0 && data.observations.size() % width == 0, "its observations");
  for (const auto size :
       {data.observation_row.size(), data.next_observation_row.size(), data.terminals.size(), data.timeouts.size()})
    in.require(size == n, "its columns differ in length");
  in.require(data.unknown_next.empty() || data.unknown_next.size() == n, "its columns differ in length");
  in.require(discrete ? data.actions.empty() && data.action_indices.size() == n
                      : data.action_indices.empty() && data.actions.size() % d == 0 && data.actions.size() / d == n,
             "its actions");
  const auto stored = std::int64_t(data.observations.size() / width);
  for (const auto* rows : {&data.observation_row, &data.next_observation_row})
    for (const auto row : *rows) in.require(within(row, 0, stored - 1), "a row index out of range");
  for (const auto* flags : {&data.terminals, &data.timeouts, &data.unknown_next})
    for (const auto flag : *flags) in.require(flag <= 1, "a flag that is neither 0 nor 1");
  for (const auto action : data.action_indices)
    in.require(within(action, 0, data.action_size - 1), "an action out of range");
  in.require(finite(data.observations) && finite(data.actions) && finite(data.rewards), "a number that is not finite");
  in.require(data.propensities.empty() || data.propensities.size() == n, "its columns differ in length");
  for (const float p : data.propensities)
    in.require(p > 0 && std::isfinite(p) && (!discrete || p <= 1), "a propensity out of range");
  const auto limits = discrete ? 0 : d;
  in.require(data.action_low.size() == limits && data.action_high.size() == limits && finite(data.action_low) &&
                 finite(data.action_high),
             "its limits");
  for (std::size_t j = 0; j < limits; ++j) in.require(data.action_low[j] <= data.action_high[j], "its limits");
  std::int64_t next = 0;
  for (const auto& e : data.episodes) {
    in.require(
        e.first == next && within(e.transitions, 0, std::int64_t(n) - next) && within(e.rows, e.transitions, max),
        "its episodes");
    in.require(std::isfinite(e.episode_return) && std::isfinite(e.discounted_return), "a number that is not finite");
    next += e.transitions;
  }
  in.require(next == std::int64_t(n), "its episodes");
  const auto& s = data.spaces;
  const auto none_or = [&](std::size_t has, std::size_t wanted) { return has == 0 || has == wanted; };
  std::int64_t product = 1;
  for (const auto factor : s.action_factors) {
    in.require(within(factor, 1, data.action_size) && product <= data.action_size, "its spaces");
    product *= factor;
  }
  in.require(none_or(s.observation_names.size(), width) && none_or(s.observation_low.size(), width) &&
                 none_or(s.observation_high.size(), width) && none_or(s.action_names.size(), d) &&
                 (s.action_factors.empty() || (discrete && product == data.action_size)),
             "its spaces");
}

template <class In>
Dataset read_dataset(In& from, const std::string& about, const MemoryBudget& budget) {
  Reader<In> in(from, about, budget);
  Dataset data;
  data.name = in.text(), data.format = in.text();
  const auto kind = in.template value<std::uint8_t>(), limits = in.template value<std::uint8_t>();
  in.require(kind <= 1 && limits <= std::uint8_t(limits_origin::user), "its kind");
  data.kind = action_kind(kind), data.limits_from = limits_origin(limits);
  data.observation_size = in.template value<std::int64_t>(), data.action_size = in.template value<std::int64_t>();
  data.observations = in.template values<float>();
  data.observation_row = in.template values<std::int64_t>(),
  data.next_observation_row = in.template values<std::int64_t>();
  data.actions = in.template values<float>(), data.action_indices = in.template values<std::int64_t>(),
  data.rewards = in.template values<float>();
  data.terminals = in.template values<std::uint8_t>(), data.timeouts = in.template values<std::uint8_t>(),
  data.unknown_next = in.template values<std::uint8_t>();
  data.propensities = in.template values<float>();
  data.action_low = in.template values<float>(), data.action_high = in.template values<float>();
  constexpr std::uint64_t most_names = 1 << 20;
  auto& s = data.spaces;
  s.observation_names = read_texts(in, most_names);
  s.observation_low = in.template values<float>(), s.observation_high = in.template values<float>();
  s.action_names = read_texts(in, most_names);
  s.action_factors = in.template values<std::int64_t>(), s.first_action = in.template value<std::int64_t>();
  auto& t = data.task;
  t.environment = in.text(), t.max_steps = in.template value<std::int64_t>();
  t.score_zero = in.template value<double>(), t.score_hundred = in.template value<double>();
  in.require(t.max_steps >= 0, "its time limit");
  // An episode without transitions still has a row, which took memory in the other process only.
  data.episodes.resize(in.count(std::max<std::uint64_t>(1 << 16, 2 * data.rewards.size())));
  for (auto& e : data.episodes) {
    e.first = in.template value<std::int64_t>(), e.transitions = in.template value<std::int64_t>(),
    e.rows = in.template value<std::int64_t>();
    e.episode_return = in.template value<double>(), e.discounted_return = in.template value<double>();
    const auto complete = in.template value<std::uint8_t>();
    in.require(complete <= 1, "a flag that is neither 0 nor 1");
    e.complete = complete == 1;
  }
  data.warnings.resize(in.count(1000));
  for (auto& w : data.warnings) w.name = in.text(), w.message = in.text();
  require_sound(in, data);
  return data;
}

template <class Out>
void write_array(Out& out, const NpyArray& array) {
  write(out, std::uint64_t(array.shape.size()));
  for (const auto extent : array.shape) write(out, extent);
  write(out, array.values);
}
template <class In>
NpyArray read_array(Reader<In>& in) {
  NpyArray array;
  array.shape.resize(in.count(32));
  std::int64_t count = 1;
  for (auto& extent : array.shape) {
    extent = in.template value<std::int64_t>();
    constexpr std::int64_t max = std::int64_t{1} << 40;
    in.require(extent >= 0 && extent <= max && (extent == 0 || count <= max / extent), "an array's shape");
    count *= extent;
  }
  array.values = in.template values<double>();
  in.require(std::int64_t(array.values.size()) == count, "an array's shape");
  return array;
}
}  // namespace tessera::stream
