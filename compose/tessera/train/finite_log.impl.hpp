#pragma once
#include <algorithm>

#include <tessera/dataset/row_reader.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/finite_log.hpp>
#include <tessera/train/logged_steps.hpp>

namespace tessera::ope {
namespace detail {
// The place of the only 1 among zeros; below 0 where there is another number.
inline std::int64_t one_hot_place(const float* x, std::int64_t size) {
  const auto* const one = std::find(x, x + size, 1.0f);
  const auto zeros = std::count(x, x + size, 0.0f);
  return one != x + size && zeros == size - 1 ? std::int64_t(one - x) : -1;
}
}  // namespace detail

TESSERA_INLINE std::optional<tabular::Log> finite_log(const Dataset& data, std::int64_t most_states) {
  const auto n = data.observation_size;
  if (data.kind != action_kind::discrete || n < 2 || n > most_states) return std::nullopt;
  tabular::Log out;
  RowReader rows(data);
  for (const auto& e : episode_ranges(data)) {
    out.first.push_back(std::int64_t(out.steps.size()));
    for (std::int64_t i = e.first; i < e.first + e.count; ++i) {
      tabular::Step step{detail::one_hot_place(rows.observation(i), n), rows.action_index(i), n,
                         double(*rows.reward(i)), rows.terminal(i)};
      if (!step.ended) step.next = detail::one_hot_place(rows.next_observation(i), n);
      if (step.state < 0 || step.next < 0) return std::nullopt;
      out.steps.push_back(step);
    }
  }
  if (out.steps.empty()) return std::nullopt;
  return out;
}

TESSERA_INLINE Table policy_table(const TargetPolicy& policy) {
  at::NoGradGuard guard;
  const auto n = policy.observation_size, actions = policy.action_size;
  const auto p = probabilities(policy, at::eye(n).to(policy.device)).to(at::kCPU, at::kDouble).contiguous();
  Table out = Table::Constant(n + 1, actions, 1.0 / double(actions));
  for (std::int64_t s = 0; s < n; ++s) {
    for (std::int64_t a = 0; a < actions; ++a) out(s, a) = p.data_ptr<double>()[s * actions + a];
    out.row(s) /= out.row(s).sum();  // of float probabilities
  }
  return out;
}

TESSERA_INLINE EvaluationLog finite_evaluation_log(const tabular::Log& log, const TargetPolicy& policy,
                                                   double discount) {
  const auto table = policy_table(policy);
  return fitted_log(table.rows(), log, table, discount, {.parts = 1});
}
}  // namespace tessera::ope
