#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/deploy/program.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::deploy {
namespace detail {
// How many inputs a value has, from least to most.
inline std::pair<std::size_t, std::size_t> inputs_of(op what) {
  switch (what) {
    case op::observation:
    case op::noise:
    case op::constant:
      return {0, 0};
    case op::linear:
      return {2, 3};
    case op::layer_norm:
      return {3, 3};
    case op::add:
    case op::multiply:
    case op::minimum:
    case op::pick:
    case op::likely:
      return {2, 2};
    default:
      return {1, 1};
  }
}
inline bool spreads(const Value& y, const Value& x) {
  return (y.rows == 1 || y.rows == x.rows) && (y.columns == 1 || y.columns == x.columns);
}
inline bool row_of(const Value& y, std::int64_t columns) { return y.rows == 1 && y.columns == columns; }
inline bool is_input(op what) { return what == op::observation || what == op::noise || what == op::constant; }

// Whether the inputs fit each other.
inline bool fits(const std::vector<Value>& all, const Value& v) {
  const auto in = [&](std::size_t i) -> const Value& { return all[std::size_t(v.in[i])]; };
  switch (v.what) {
    case op::observation:
    case op::noise:
      return v.numbers.empty();
    case op::constant:
      return v.numbers.size() == v.size();
    case op::linear:
      return in(0).columns == in(1).rows && (v.in.size() == 2 || row_of(in(2), in(1).columns));
    case op::add:
    case op::multiply:
    case op::minimum:
      return spreads(in(1), in(0));
    case op::layer_norm:
      return row_of(in(1), in(0).columns) && row_of(in(2), in(0).columns);
    case op::rows:
      return v.from >= 0 && v.from <= in(0).rows && v.rows <= in(0).rows - v.from;
    case op::pick:
      return in(1).columns == 1 && in(1).rows == in(0).rows;
    case op::likely:
      return in(0).rows == 1 && row_of(in(1), in(0).columns);
    case op::argmax:
      return in(0).rows == 1;
    default:
      return true;
  }
}
inline void settle_size(const std::vector<Value>& all, Value& v) {
  if (is_input(v.what)) return;
  const auto& x = all[std::size_t(v.in[0])];
  v.columns = v.what == op::linear ? all[std::size_t(v.in[1])].columns : v.what == op::argmax ? 1 : x.columns;
  if (v.what == op::pick || v.what == op::argmax) v.rows = 1;
  else if (v.what != op::rows) v.rows = x.rows;
}
// What is wrong with a value that is to stand behind these; sets its size.
inline std::string settle(const std::vector<Value>& before, Value& v) {
  const auto here = "value " + std::to_string(before.size()) + " (" + name_of(v.what) + ")";
  const auto [least, most] = inputs_of(v.what);
  if (v.in.size() < least || v.in.size() > most) return here + " has " + std::to_string(v.in.size()) + " inputs";
  for (const auto i : v.in)
    if (i < 0 || std::size_t(i) >= before.size()) return here + " has an input that is not an earlier value";
  if (v.rows < 1 || v.columns < 1 || v.rows > max_extent || v.columns > max_extent)
    return here + " has " + shape_text(v.rows, v.columns) + " numbers";
  if (!fits(before, v)) return here + " has inputs of sizes that do not fit it";
  settle_size(before, v);
  if ((v.what == op::observation) != before.empty()) return here + ": the observation stands first, and only there";
  if (!std::isfinite(v.low) || !std::isfinite(v.high) || (v.what == op::clamp && !(v.low <= v.high)) ||
      (v.what == op::layer_norm && !(v.low > 0)))
    return here + " has limits that it cannot have";
  if (std::any_of(v.numbers.begin(), v.numbers.end(), [](float x) { return !std::isfinite(x); }))
    return here + " has a number that is not finite";
  return {};
}
}  // namespace detail

TESSERA_INLINE std::string shape_text(std::int64_t rows, std::int64_t columns) {
  return std::to_string(rows) + " x " + std::to_string(columns);
}
TESSERA_INLINE const Value* Program::noise() const {
  for (const auto& v : values)
    if (v.what == op::noise) return &v;
  return nullptr;
}
TESSERA_INLINE std::int32_t append(Program& p, Value v) {
  if (const auto fault = detail::settle(p.values, v); !fault.empty()) throw Error("a policy's program: " + fault);
  p.values.push_back(std::move(v));
  return std::int32_t(p.values.size() - 1);
}

TESSERA_INLINE std::string fault_of(const Signature& s) {
  if (s.observation_size < 1 || s.observation_size > detail::max_extent || s.action_size < 1 ||
      s.action_size > detail::max_extent || s.actions_at_once < 1 || s.actions_at_once > detail::max_extent ||
      s.outputs() > detail::max_extent)
    return "its signature has sizes that it cannot have";
  const auto d = s.discrete ? 0 : std::size_t(s.action_size);
  if (s.action_low.size() != d || s.action_high.size() != d) return "its signature has bounds for other actions";
  for (std::size_t j = 0; j < d; ++j)
    if (!std::isfinite(s.action_low[j]) || !std::isfinite(s.action_high[j]) || !(s.action_low[j] <= s.action_high[j]))
      return "its signature has a bound that is not finite, or the least action above the largest";
  const auto names = [](const std::vector<std::string>& all, std::int64_t count) {
    return all.empty() || std::int64_t(all.size()) == count;
  };
  if (!names(s.observation_names, s.observation_size) || !names(s.action_names, s.action_size))
    return "its signature has another number of names than of numbers";
  return {};
}

TESSERA_INLINE std::string fault_of(const Program& p) {
  if (const auto fault = fault_of(p.signature); !fault.empty()) return fault;
  if (p.values.size() < 2 || p.values.size() > detail::max_values)
    return "it has " + std::to_string(p.values.size()) + " values";
  std::vector<Value> before;  // sizes alone
  std::int64_t results = 0, noises = 0;
  for (const auto& v : p.values) {
    auto sized = v;
    if (const auto fault = detail::settle(before, sized); !fault.empty()) return fault;
    if (sized.rows != v.rows || sized.columns != v.columns)
      return "value " + std::to_string(before.size()) + " says that it has " + shape_text(v.rows, v.columns) +
             " numbers, and it has " + shape_text(sized.rows, sized.columns);
    if (!detail::is_input(v.what)) results += v.rows * v.columns;
    noises += v.what == op::noise;
    if (results > detail::max_results || noises > 1) return "it computes more than a policy does";
    sized.numbers.clear();
    before.push_back(std::move(sized));
  }
  if (p.values.front().columns != p.signature.observation_size || p.values.front().rows != 1)
    return "it takes another observation than its signature says";
  const auto& a = p.action();
  if (detail::is_input(a.what) || std::int64_t(a.size()) != p.signature.outputs() || a.rows != 1 ||
      (a.what == op::argmax) != p.signature.discrete)
    return "it gives another action than its signature says";
  return {};
}

TESSERA_INLINE std::uint64_t content_hash(const Program& p) {
  ContentHash h;
  const auto& s = p.signature;
  h.add(s.algorithm);
  for (const auto x : {s.observation_size, s.action_size, std::int64_t(s.discrete), s.first_action, s.actions_at_once})
    h.add(x);
  for (const auto* list : {&s.action_low, &s.action_high})
    for (const float x : *list) h.add(x);
  for (const auto* list : {&s.observation_names, &s.action_names}) {
    h.add(std::int64_t(list->size()));
    for (const auto& name : *list) h.add(name);
  }
  for (const auto& v : p.values) {
    h.add(std::int64_t(v.what));
    for (const auto i : v.in) h.add(std::int64_t(i));
    h.add(v.rows), h.add(v.columns), h.add(v.low), h.add(v.high), h.add(v.from);
    for (const float x : v.numbers) h.add(x);
  }
  return h.value();
}

TESSERA_INLINE void fix_noise(Program& p, std::vector<float> numbers) {
  for (auto& v : p.values)
    if (v.what == op::noise) {
      if (numbers.size() != v.size())
        throw Error("a policy's noise has " + shape_text(v.rows, v.columns) + " numbers, not " +
                    std::to_string(numbers.size()));
      v.what = op::constant, v.numbers = std::move(numbers);
      return;
    }
}

namespace detail {
// What of the memory is free, or was: a piece that nobody needs any more is given to the next that fits.
class Pieces {
 public:
  std::int64_t take(std::int64_t count) {
    count = (count + 15) / 16 * 16;
    const auto best = std::min_element(free_.begin(), free_.end(), [&](const Piece& a, const Piece& b) {
      return std::pair(a.count < count, a.count) < std::pair(b.count < count, b.count);
    });
    if (best == free_.end() || best->count < count) {
      size_ += count;
      return size_ - count;
    }
    const auto at = best->at;
    best->at += count, best->count -= count;
    if (best->count == 0) free_.erase(best);
    return at;
  }
  void give(std::int64_t at, std::int64_t count) { free_.push_back({at, (count + 15) / 16 * 16}); }
  std::int64_t size() const { return size_; }

 private:
  struct Piece {
    std::int64_t at, count;
  };
  std::vector<Piece> free_;
  std::int64_t size_ = 0;
};
// Whether a value may be computed where its first input lies, number by number.
inline bool in_place(op what) {
  return what == op::add || what == op::multiply || what == op::minimum || what == op::clamp || what == op::relu ||
         what == op::gelu || what == op::tanh || what == op::silu || what == op::mish || what == op::exp;
}
}  // namespace detail

TESSERA_INLINE bool by_row(const Program& p) {
  return std::all_of(p.values.begin(), p.values.end(),
                     [](const Value& v) { return v.rows == 1 || v.what == op::constant; });
}

TESSERA_INLINE Layout layout_of(const Program& p) {
  const auto count = p.values.size();
  std::vector<std::size_t> last(count, 0);
  for (std::size_t i = 0; i < count; ++i)
    for (const auto x : p.values[i].in) last[std::size_t(x)] = i;
  last.back() = count;
  Layout out{std::vector<std::int64_t>(count, -1), 0};
  detail::Pieces memory;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& v = p.values[i];
    if (detail::is_input(v.what)) continue;
    const auto x = std::size_t(v.in[0]);
    const bool repeated = std::count(v.in.begin(), v.in.end(), v.in[0]) > 1;
    const bool shared = detail::in_place(v.what) && last[x] == i && out.offsets[x] >= 0 && !repeated;
    out.offsets[i] = shared ? out.offsets[x] : memory.take(std::int64_t(v.size()));
    for (std::size_t k = shared ? 1 : 0; k < v.in.size(); ++k) {
      const auto y = std::size_t(v.in[k]);
      const bool again =
          std::find(v.in.begin(), v.in.begin() + std::ptrdiff_t(k), v.in[k]) != v.in.begin() + std::ptrdiff_t(k);
      if (out.offsets[y] >= 0 && last[y] == i && !again) memory.give(out.offsets[y], std::int64_t(p.values[y].size()));
    }
    if (last[i] == 0) memory.give(out.offsets[i], std::int64_t(v.size()));  // nobody looks
  }
  out.size = memory.size();
  return out;
}
}  // namespace tessera::deploy
