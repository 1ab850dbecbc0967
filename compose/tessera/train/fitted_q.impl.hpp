#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

#include <tessera/dataset/normalizer.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/dataset/suit.hpp>
#include <tessera/nn/backend.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/fitted_q.hpp>
#include <tessera/train/train.hpp>

namespace tessera::ope {
namespace detail {
// The key of draw k at piece `piece` of what `stream` says: no two are equal in practice.
inline std::int64_t draw_key(std::uint64_t seed, std::uint64_t stream, std::int64_t piece, std::int64_t k) {
  return std::int64_t(nn::random_key(seed, stream, std::uint64_t(piece) * 4096 + std::uint64_t(k)) >> 2);
}
// What the keys are for.
inline constexpr std::uint64_t at_next_states = 71, at_asked_states = 72;
// The most bytes that the actions drawn at s' may take.
inline constexpr std::int64_t drawn_bytes = std::int64_t{1} << 30;

// Rows (s') of what the policy does there: K actions, (B, K d), or probabilities, (B, A).
inline at::Tensor fixed_policy_at(const TargetPolicy& policy, const at::Tensor& states, std::uint64_t seed,
                                  std::uint64_t stream, std::int64_t piece, std::int64_t draws) {
  if (policy.discrete) return probabilities(policy, states, draw_key(seed, stream, piece, 0));
  std::vector<at::Tensor> all;
  for (std::int64_t k = 0; k < (policy.draws ? draws : 1); ++k)
    all.push_back(policy.act(states, draw_key(seed, stream, piece, k)));
  return at::cat(all, 1);
}

// The same at the next states of transitions, piece by piece.
inline std::vector<at::Tensor> fixed_policy_after(const Dataset& data, const std::vector<std::int64_t>& transitions,
                                                  const TargetPolicy& policy, std::uint64_t seed, std::int64_t draws) {
  std::vector<at::Tensor> out;
  each_piece(
      data, transitions, policy.device, {.observations = false, .actions = false, .next_observations = true},
      [&](const LoggedPiece& piece) {
        out.push_back(fixed_policy_at(policy, piece.next_observations, seed, at_next_states, piece.first, draws));
      });
  return out;
}

// What the policy does beyond the log's limits is not clipped to them: to its own limits, or to what it does.
inline void widen_to(Normalizer& units, const TargetPolicy& policy, const std::vector<at::Tensor>& at_next) {
  const auto take = [&](const float* low, const float* high) {
    for (std::size_t j = 0; j < units.action_low.size(); ++j) {
      units.action_low[j] = std::min(units.action_low[j], low[j]);
      units.action_high[j] = std::max(units.action_high[j], high[j]);
    }
  };
  if (!policy.action_low.empty()) return take(policy.action_low.data(), policy.action_high.data());
  for (const auto& piece : at_next) {
    const auto all = piece.reshape({-1, policy.action_size}).to(at::kCPU);
    const auto low = all.amin(0), high = all.amax(0);
    take(low.data_ptr<float>(), high.data_ptr<float>());
  }
}

inline std::vector<std::int64_t> learned_from(const Dataset& data, const ValueOptions& o) {
  return o.transitions.empty() ? all_transitions(data) : o.transitions;
}

struct RewardRange {
  double least = 0, largest = 0;
  bool ends = false;  // the task ends somewhere in the log
};
inline RewardRange reward_range(const Dataset& data) {
  RewardRange out{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  RowReader rows(data);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const double r = *rows.reward(i);
    out.least = std::min(out.least, r), out.largest = std::max(out.largest, r), out.ends |= rows.terminal(i);
  }
  return out;
}
}  // namespace detail

TESSERA_INLINE bool value_is_finite(const Dataset& data, double discount) {
  if (discount < 1) return true;
  const auto ranges = episode_ranges(data);
  return std::none_of(ranges.begin(), ranges.end(), [](const EpisodeRange& e) { return e.truncated; });
}

TESSERA_INLINE double detail::value_scale(const Dataset& data, double discount) {
  RowReader rows(data);
  double squares = 0, count = 0;
  std::vector<double> rewards;
  for (const auto& e : episode_ranges(data)) {
    rewards.clear();
    for (std::int64_t t = 0; t < e.count; ++t) rewards.push_back(*rows.reward(e.first + t));
    double g = 0;
    for (auto t = rewards.size(); t-- > 0;) g = rewards[t] + discount * g, squares += g * g, ++count;
  }
  const double size = count > 0 ? std::sqrt(squares / count) : 0;
  return size > 0 && std::isfinite(1 / size) ? 1 / size : 1;
}

struct PolicyValue::Impl {
  TargetPolicy policy;
  ValueOptions o;
  double scale = 1;
  std::int64_t draws = 1;

  Impl(TargetPolicy p, ValueOptions options) : policy(std::move(p)), o(std::move(options)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  virtual ~Impl() = default;
  virtual bool fit(std::int64_t to) = 0;
  virtual std::int64_t updates() const = 0;
  virtual void set_policy(const std::vector<at::Tensor>& at_next) = 0;
  // (N, B) of actions (B, d) or indices, in the task's units; (N, B, A) of all discrete ones.
  virtual at::Tensor q(const at::Tensor& observations, const at::Tensor& actions) = 0;
  virtual void each_buffer(const std::function<void(const std::string&, at::Tensor&)>& tensors,
                           const std::function<void(const std::string&, std::int64_t&)>& numbers) = 0;
};

template <class L>
struct PolicyValue::ImplOf : PolicyValue::Impl {
  static constexpr bool discrete = std::is_same_v<typename L::space, Discrete>;
  L agent;
  Replay replay;

  ImplOf(const Dataset& data, const TargetPolicy& p, const ValueOptions& options, double value_scale,
         const Normalizer& units, std::int64_t drawn, const std::vector<at::Tensor>& at_next)
      : Impl(p, options), agent({.observation_size = data.observation_size,
                                 .action_size = data.action_size,
                                 .seed = options.seed,
                                 .device = p.device},
                                nn::Units(units), params(data, options, value_scale)),
        replay(data, detail::learned_from(data, options), agent.units(), p.device, columns_of(at_next)) {
    scale = value_scale, draws = drawn;
    fill(at_next);
  }

  void set_policy(const std::vector<at::Tensor>& at_next) override { fill(at_next); }
  void fill(const std::vector<at::Tensor>& at_next) {
    std::int64_t from = 0;
    for (const auto& piece : at_next) {
      at::Tensor numbers = piece;
      if constexpr (!discrete)
        numbers = agent.units().learner_actions(piece.reshape({-1, policy.action_size})).reshape(piece.sizes());
      replay.set_column(column::fixed_policy::name, from, numbers);
      from += piece.size(0);
    }
  }

  static typename L::params params(const Dataset& data, const ValueOptions& o, double value_scale) {
    typename L::params h;
    h.critic.discount = o.discount, h.critic.members = o.members, h.critic.net.hidden = o.hidden;
    if (o.discount < 1) {
      // r_min / (1 - gamma) <= Q <= r_max / (1 - gamma), and 0 is between where the task may end
      const auto r = detail::reward_range(data);
      const double longest = value_scale / (1 - o.discount);
      h.critic.least = (r.ends ? std::min(0.0, r.least) : r.least) * longest;
      h.critic.largest = (r.ends ? std::max(0.0, r.largest) : r.largest) * longest;
    }
    return h;
  }
  static std::vector<ReplayColumn> columns_of(const std::vector<at::Tensor>& at_next) {
    const auto width = at_next.front().size(1);
    return {{column::fixed_policy::name, false, [width](std::int64_t) { return width; },
             [width](const LoggedRows& log, float* out) { std::fill_n(out, log.count() * width, 0.0f); }}};
  }

  bool fit(std::int64_t to) override {
    bool stopped = false;
    train(agent, replay, {.updates = to, .batch = o.batch, .after_update = [&](std::int64_t n) {
                            stopped = o.after_update && !o.after_update(n);
                            return !stopped;
                          }});
    return !stopped;
  }
  std::int64_t updates() const override { return agent.updates(); }
  at::Tensor q(const at::Tensor& observations, const at::Tensor& actions) override {
    at::NoGradGuard guard;
    auto& net = agent.template state_of<critic>().net;
    const auto s = agent.units().observations(observations.to(policy.device));
    if constexpr (discrete) {
      const auto all = net.fixed(s).out / scale;  // (N, B, A)
      return actions.defined() ? torch_backend::pick(all, actions.to(policy.device)) : all;
    } else {
      return net.fixed(s, agent.units().learner_actions(actions.to(policy.device))).out / scale;
    }
  }
  void each_buffer(const std::function<void(const std::string&, at::Tensor&)>& tensors,
                   const std::function<void(const std::string&, std::int64_t&)>& numbers) override {
    agent.each_buffer([&](const std::string& name, auto& x) {
      if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) tensors(name, x);
      else numbers(name, x);
    });
  }
};

TESSERA_INLINE PolicyValue::PolicyValue(const Dataset& data, TargetPolicy policy, ValueOptions o) {
  require_judgeable(policy, data);
  if (!(o.discount >= 0 && o.discount <= 1))
    throw Error("fitted Q evaluation: discount " + std::to_string(o.discount) + " is not from 0 to 1");
  if (o.members < 1 || o.draws < 1 || o.batch < 1 || o.updates < 0)
    throw Error("fitted Q evaluation: members, draws and batch are at least 1, and updates at least 0");
  if (!value_is_finite(data, o.discount))
    throw Error(
        data.name +
        ": with a discount of 1 the values of episodes that were truncated are not finite; give a discount below 1");
  nn::settle_threads();
  require_sound(data);
  const auto every = all_transitions(data);
  const auto room = detail::drawn_bytes / (4 * std::max<std::int64_t>(1, data.size() * data.action_size));
  const auto draws = policy.draws ? std::clamp<std::int64_t>(room, 1, o.draws) : 1;
  const auto at_next = detail::fixed_policy_after(data, detail::learned_from(data, o), policy, o.seed, draws);
  const auto suited = suit(data, OfflineParams{}, {.rewards = false}).params;
  auto units = fit_normalizer(data, every, suited);
  const double scale = detail::value_scale(data, o.discount);
  units.reward_scale = float(scale), units.reward_shift = 0, units.reward_limit = 0;
  if (!policy.discrete) {
    detail::widen_to(units, policy, at_next);
    impl_ = std::make_unique<ImplOf<Fqe>>(data, policy, o, scale, units, draws, at_next);
  } else {
    impl_ = std::make_unique<ImplOf<DiscreteFqe>>(data, policy, o, scale, units, draws, at_next);
  }
}

TESSERA_INLINE PolicyValue::PolicyValue(PolicyValue&&) noexcept = default;
TESSERA_INLINE PolicyValue& PolicyValue::operator=(PolicyValue&&) noexcept = default;
TESSERA_INLINE PolicyValue::~PolicyValue() = default;
TESSERA_INLINE bool PolicyValue::fit() { return impl_->fit(impl_->o.updates); }
TESSERA_INLINE bool PolicyValue::fit(std::int64_t updates) { return impl_->fit(impl_->updates() + updates); }
TESSERA_INLINE std::int64_t PolicyValue::updates() const { return impl_->updates(); }
TESSERA_INLINE void PolicyValue::follow(const Dataset& data) {
  const auto& policy = impl_->policy;
  require_judgeable(policy, data);
  if (!policy.discrete && policy.action_low.empty())
    throw Error("fitted Q evaluation that follows a policy: the limits of its actions are not known; give them");
  const auto& o = impl_->o;
  impl_->set_policy(detail::fixed_policy_after(data, detail::learned_from(data, o), policy, o.seed, impl_->draws));
}
TESSERA_INLINE double PolicyValue::discount() const { return impl_->o.discount; }
TESSERA_INLINE const TargetPolicy& PolicyValue::policy() const { return impl_->policy; }
TESSERA_INLINE void PolicyValue::each_buffer(const std::function<void(const std::string&, at::Tensor&)>& tensors,
                                             const std::function<void(const std::string&, std::int64_t&)>& numbers) {
  impl_->each_buffer(tensors, numbers);
}

TESSERA_INLINE at::Tensor PolicyValue::q(const at::Tensor& observations, const at::Tensor& actions) {
  return impl_->q(observations, actions).mean(0);
}
TESSERA_INLINE at::Tensor PolicyValue::v(const at::Tensor& observations) { return member_values(observations).mean(0); }
TESSERA_INLINE at::Tensor PolicyValue::member_values(const at::Tensor& observations) {
  const auto& pi = impl_->policy;
  const auto x = observations.to(pi.device);
  const auto does = detail::fixed_policy_at(pi, x, impl_->o.seed, detail::at_asked_states, 0, impl_->draws);
  if (pi.discrete) return (impl_->q(x, {}) * does).sum(-1);
  const auto b = x.size(0), d = pi.action_size, k = does.size(1) / d;
  const auto q = impl_->q(x.repeat_interleave(k, 0), does.reshape({b * k, d}));  // (N, B K)
  return q.reshape({-1, b, k}).mean(-1);
}

TESSERA_INLINE PolicyValue fit_value(const Dataset& data, TargetPolicy policy, ValueOptions options) {
  PolicyValue out(data, std::move(policy), std::move(options));
  out.fit();
  return out;
}
}  // namespace tessera::ope
