#pragma once
#include <cstddef>
#include <cstdint>

#include <tessera/nn/torch.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/evaluation_log.hpp>
#include <tessera/train/logged_steps.hpp>

namespace tessera::ope {
namespace detail {
inline void append(std::vector<double>& to, const at::Tensor& numbers) {
  const auto x = numbers.to(at::kCPU, at::kDouble).contiguous();
  to.insert(to.end(), x.data_ptr<double>(), x.data_ptr<double>() + x.numel());
}
}  // namespace detail

TESSERA_INLINE EvaluationLog evaluation_log(const Dataset& data, const TargetPolicy& policy, double discount,
                                            const std::vector<double>& log_behavior, PolicyValue* value) {
  require_judgeable(policy, data);
  at::NoGradGuard guard;
  EvaluationLog out;
  out.discount = discount;
  const auto ranges = episode_ranges(data);
  std::vector<std::int64_t> steps, last;
  RowReader rows(data);
  for (const auto& e : ranges) {
    for (std::int64_t t = 0; t < e.count; ++t)
      steps.push_back(e.first + t), out.rewards.push_back(*rows.reward(steps.back()));
    if (e.truncated) last.push_back(e.first + e.count - 1);
    out.end_episode(e.truncated);
  }
  const bool ratios = !log_behavior.empty() && has_log_prob(policy);
  if (ratios || value)
    each_piece(data, steps, policy.device, {}, [&](const LoggedPiece& piece) {
      if (ratios) detail::append(out.log_ratio, log_prob(policy, piece.observations, piece.actions));
      if (value) detail::append(out.q, value->q(piece.observations, piece.actions));
      if (value) detail::append(out.v, value->v(piece.observations));
    });
  for (std::size_t k = 0; k < out.log_ratio.size(); ++k) out.log_ratio[k] -= log_behavior[std::size_t(steps[k])];
  if (value) {
    std::vector<double> at_end;
    each_piece(data, last, policy.device, {.observations = false, .actions = false, .next_observations = true},
               [&](const LoggedPiece& piece) { detail::append(at_end, value->v(piece.next_observations)); });
    std::size_t cut = 0;
    for (std::size_t i = 0; i < ranges.size(); ++i)
      if (ranges[i].truncated) out.v_end[i] = at_end[cut++];
  }
  return out;
}
}  // namespace tessera::ope
