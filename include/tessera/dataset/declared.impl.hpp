#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/declared.hpp>
#include <tessera/dataset/flat_rows.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::detail {
inline constexpr std::int64_t most_declared_actions = 65'536;

TESSERA_INLINE void without_limits(Dataset& data) {
  data.kind = action_kind::discrete;
  data.limits_from = limits_origin::seen;
  data.action_low.clear(), data.action_high.clear();
  std::vector<float>().swap(data.actions);
}

TESSERA_INLINE bool is_one_hot(const Dataset& data) {
  const auto d = std::size_t(data.action_size);
  for (std::size_t i = 0; i < data.actions.size(); i += d) {
    std::size_t ones = 0, zeros = 0;
    for (std::size_t j = 0; j < d; ++j) ones += data.actions[i + j] == 1, zeros += data.actions[i + j] == 0;
    if (ones != 1 || zeros != d - 1) return false;
  }
  return d > 1;
}

// The values of a column in ascending order, each with its place.
TESSERA_INLINE std::map<float, std::int64_t> whole_values(const Dataset& data, std::size_t j) {
  const auto d = std::size_t(data.action_size);
  std::map<float, std::int64_t> out;
  for (std::size_t i = j; i < data.actions.size(); i += d) {
    const float x = data.actions[i];
    if (x != std::floor(x) || std::abs(x) > 1e9f)
      throw Error(data.name + ": actions cannot be discrete: action [" + std::to_string(j) + "] is " + plain_number(x) +
                  " in row " + std::to_string(data.observation_row[i / d]) +
                  ", which is no whole number; leave out --actions discrete");
    out.emplace(x, 0);
    if (std::int64_t(out.size()) > most_declared_actions)
      throw Error(data.name + ": actions cannot be discrete: action [" + std::to_string(j) + "] has more than " +
                  std::to_string(most_declared_actions) + " different values; leave out --actions discrete");
  }
  std::int64_t k = 0;
  for (auto& each : out) each.second = k++;
  return out;
}

TESSERA_INLINE void declare_discrete(Dataset& data) {
  const auto d = std::size_t(data.action_size), n = data.rewards.size();
  data.action_indices.assign(n, 0);
  auto& s = data.spaces;
  const auto names = std::exchange(s.action_names, {});
  if (is_one_hot(data)) {
    for (std::size_t i = 0; i < n; ++i)
      while (data.actions[i * d + std::size_t(data.action_indices[i])] != 1) ++data.action_indices[i];
    s.action_names = names;
    return without_limits(data);
  }
  std::int64_t product = 1;
  for (std::size_t j = 0; j < d; ++j) {
    const auto values = whole_values(data, j);
    const auto size = std::int64_t(values.size());
    if (product * size > most_declared_actions)
      throw Error(data.name + ": actions cannot be discrete: their columns have more than " +
                  std::to_string(most_declared_actions) + " combinations; leave out --actions discrete");
    product *= size;
    for (std::size_t i = 0; i < n; ++i)
      data.action_indices[i] = data.action_indices[i] * size + values.at(data.actions[i * d + j]);
    std::vector<std::string> longer;
    const auto before = j == 0 ? std::vector<std::string>{""} : s.action_names;
    for (const auto& name : before)
      for (const auto& [value, k] : values) longer.push_back((name.empty() ? "" : name + "/") + plain_number(value));
    s.action_names = std::move(longer);
    if (d > 1) s.action_factors.push_back(size);
    // Without gaps the first number says it all.
    if (const auto first = std::int64_t(values.begin()->first), last = std::int64_t(values.rbegin()->first);
        d == 1 && last - first + 1 == size)
      s.action_names.clear(), s.first_action = first;
  }
  data.action_size = product;
  without_limits(data);
}

TESSERA_INLINE void declare_continuous(Dataset& data) {
  auto& s = data.spaces;
  const auto factors = s.action_factors.empty() ? std::vector<std::int64_t>{data.action_size} : s.action_factors;
  const auto d = factors.size();
  // The number of each value of each choice: its name's, where there are names ("low/2"), or its place.
  std::vector<std::vector<float>> number(d);
  auto stride = data.action_size;
  for (std::size_t j = 0; j < d; ++j) {
    stride /= factors[j];
    for (std::int64_t k = 0; k < factors[j]; ++k) {
      number[j].push_back(float(k + (d == 1 ? s.first_action : 0)));
      if (s.action_names.empty()) continue;
      auto name = s.action_names[std::size_t(k * stride)];
      for (std::size_t skip = 0; d > 1 && skip < j; ++skip) name.erase(0, name.find('/') + 1);
      if (d > 1) name = name.substr(0, name.find('/'));
      const auto x = real_number(name);
      if (!x)
        throw Error(data.name + ": actions cannot be continuous: one is called '" + printable_name(name) +
                    "'; leave out --actions continuous");
      number[j].back() = float(*x);
    }
  }
  data.actions.resize(data.rewards.size() * d);
  for (std::size_t i = 0; i < data.rewards.size(); ++i) {
    auto rest = data.action_indices[i];
    for (auto j = d; j-- > 0; rest /= factors[j]) data.actions[i * d + j] = number[j][std::size_t(rest % factors[j])];
  }
  std::vector<std::int64_t>().swap(data.action_indices);
  data.kind = action_kind::continuous, data.action_size = std::int64_t(d);
  s.action_names.clear(), s.action_factors.clear(), s.first_action = 0;
  set_seen_limits(data, data.actions);
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE Dataset declare_actions(Dataset data, action_kind kind) {
  require_in_memory(data, "another reading of its actions");
  // What was said of the reading that is replaced.
  const auto of_actions = [](const Warning& w) {
    return w.name == "whole-number-actions" || w.name == "one-hot-actions" || w.name == "action-codes";
  };
  std::erase_if(data.warnings, of_actions);
  if (data.kind == kind) return data;
  if (kind == action_kind::discrete) detail::declare_discrete(data);
  else detail::declare_continuous(data);
  return data;
}
TESSERA_INLINE std::optional<action_kind> action_kind_of(const std::string& text) {
  if (text == "discrete") return action_kind::discrete;
  if (text == "continuous") return action_kind::continuous;
  return std::nullopt;
}
}  // namespace tessera
