#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include <tessera/nn/torch.hpp>
#include <tessera/ope/fitted_q.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/random.hpp>
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

TESSERA_INLINE at::Tensor first_values(const Dataset& data, PolicyValue& value) {
  std::vector<std::int64_t> first;
  for (const auto& e : episode_ranges(data)) first.push_back(e.first);
  std::vector<at::Tensor> out;
  each_piece(data, first, value.policy().device, {.observations = true, .actions = false},
             [&](const LoggedPiece& piece) { out.push_back(value.member_values(piece.observations)); });
  return at::cat(out, 1).to(at::kCPU, at::kDouble);
}

TESSERA_INLINE Estimate fitted_estimate(const Dataset& data, PolicyValue& value, const IntervalOptions& options) {
  at::NoGradGuard guard;
  EvaluationLog log;  // of first states alone
  log.discount = value.discount();
  detail::append(log.v, first_values(data, value).mean(0));
  log.q = log.v;
  for (std::size_t i = 0; i < log.v.size(); ++i) log.rewards.push_back(0), log.end_episode(false);
  return estimate<FittedQ>(log, {}, options);
}

TESSERA_INLINE std::vector<double> refitted_values(const Dataset& data, const TargetPolicy& policy,
                                                   const ValueOptions& options, std::int64_t refits) {
  at::NoGradGuard guard;
  const auto ranges = episode_ranges(data);
  std::vector<double> out;
  for (std::int64_t k = 0; k < refits; ++k) {
    Random random(options.seed, 0x726566 + std::uint64_t(k));
    auto o = options;
    o.seed = options.seed + std::uint64_t(k) + 1;
    o.transitions.clear();
    std::vector<std::int64_t> drawn;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      drawn.push_back(std::int64_t(random.below(ranges.size())));
      const auto& e = ranges[std::size_t(drawn.back())];
      for (std::int64_t t = 0; t < e.count; ++t) o.transitions.push_back(e.first + t);
    }
    PolicyValue value(data, policy, o);
    {
      at::AutoGradMode learns(true);
      value.fit();
    }
    const auto first = first_values(data, value).mean(0);
    out.push_back(first.index_select(0, at::tensor(drawn, at::kLong)).mean().item<double>());
  }
  return out;
}

TESSERA_INLINE Estimate with_refits(Estimate fqe, std::span<const double> refitted, double level) {
  fqe.interval = student_interval(fqe.value, refitted, level);
  fqe.notes = {"the interval counts the error of the fit: " + std::to_string(refitted.size()) +
               " fits to resampled episodes; what the data lack is not in it"};
  return fqe;
}
}  // namespace tessera::ope
