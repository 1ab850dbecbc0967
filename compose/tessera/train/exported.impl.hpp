#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/math/noise_schedule.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/train/exported.hpp>

namespace tessera::detail {
using deploy::op;

TESSERA_INLINE PolicyMaker::PolicyMaker(const safetensors::File& file, std::string algorithm, SavedHeader header,
                                        std::int64_t at_once)
    : file_(&file), header_(std::move(header)) {
  const auto& u = header_.units;
  const auto n = header_.on.observation_size;
  out_.seed = header_.seed;
  auto& s = p().signature;
  s.algorithm = std::move(algorithm), s.observation_size = n, s.discrete = header_.on.discrete;
  s.action_size = header_.on.action_size, s.action_low = u.action_low, s.action_high = u.action_high;
  s.actions_at_once = at_once;
  width_ = s.discrete ? 1 : at_once * s.action_size;
  // As nn::Units computes them.
  state_ = deploy::append(p(), {.what = op::observation, .columns = n});
  auto shift = u.observation_shift, factor = u.observation_scale;
  for (auto& x : shift) x = -x;
  for (auto& x : factor) x = 1 / x;
  const auto all = [](const std::vector<float>& v, float x) {
    return std::all_of(v.begin(), v.end(), [x](float y) { return y == x; });
  };
  if (!all(shift, 0)) state_ = add(p(), state_, constant(p(), 1, n, std::move(shift)));
  if (!all(factor, 1)) state_ = multiply(p(), state_, constant(p(), 1, n, std::move(factor)));
  if (u.observation_clip > 0) state_ = clamp(p(), state_, -u.observation_clip, u.observation_clip);
}

TESSERA_INLINE std::vector<std::int32_t> PolicyMaker::noise(std::int64_t rows, std::int64_t times) {
  const auto z = deploy::append(p(), {.what = op::noise, .rows = rows * times, .columns = width_});
  out_.draws.assign(std::size_t(times), rows);
  if (times == 1) return {z};
  std::vector<std::int32_t> out;
  for (std::int64_t i = 0; i < times; ++i)
    out.push_back(deploy::append(p(), {.what = op::rows, .in = {z}, .rows = rows, .from = i * rows}));
  return out;
}

TESSERA_INLINE std::vector<float> PolicyMaker::row(const std::string& tensor, std::int64_t member) const {
  const auto all = file_->read<float>(tensor);
  const auto& shape = file_->at(tensor).shape;
  if (shape.size() != 2 || member >= shape[0])
    throw file_->damaged("tensor '" + tensor + "' has another shape than its parameters say");
  if (const auto fault = fault_of(tensor, all.data(), all.size()); !fault.empty()) throw file_->damaged(fault);
  const auto from = all.begin() + member * shape[1];
  return {from, from + shape[1]};
}

TESSERA_INLINE std::int32_t PolicyMaker::tanh_mode(const MlpOptions& h, const head_layout& top) {
  deploy::Network net(p(), h, row("policy/parameters"), {header_.on.observation_size}, false, top, {{0, width_}});
  return apply(p(), op::tanh, net({state_})[0]);
}

TESSERA_INLINE std::int32_t PolicyMaker::gaussian(const MlpOptions& h, const head_layout& top, const GaussianForm& form,
                                                  std::int64_t count) {
  using deviation = GaussianForm::deviation;
  const auto d = width_;
  const float low = float(form.log_std_min), high = float(form.log_std_max);
  std::vector<deploy::Outputs> heads = {{0, d}};
  if (form.of == deviation::by_state || form.of == deviation::scaled) heads.push_back({d, d});
  deploy::Network net(p(), h, row("policy/parameters"), {header_.on.observation_size}, false, top, heads);
  const auto x = net({state_});
  auto free = net.state_independent();
  std::int32_t std = -1;
  if (heads.size() == 1) {
    for (auto& g : free)
      g = std::exp(form.of == deviation::sigmoid ? low + (high - low) / (1 + std::exp(-g)) : std::clamp(g, low, high));
    std = constant(p(), 1, d, std::move(free));
  } else {
    auto log_std = x[1];
    if (form.of == deviation::scaled) log_std = add(p(), multiply(p(), log_std, 1 + free.at(0)), free.at(1) - 1);
    std = apply(p(), op::exp, clamp(p(), log_std, low, high));
  }
  const auto mean = form.squashed ? x[0] : apply(p(), op::tanh, x[0]);
  const auto drawn = add(p(), multiply(p(), noise(count)[0], std), mean);
  return form.squashed ? apply(p(), op::tanh, drawn) : form.clipped ? clamp(p(), drawn, -1, 1) : drawn;
}

TESSERA_INLINE std::int32_t PolicyMaker::one_step(const MlpOptions& h, std::int64_t count) {
  deploy::Network net(p(), h, row("policy/parameters"), {header_.on.observation_size, width_}, false, {width_},
                      {{0, width_}});
  return clamp(p(), net({state_, noise(count)[0]})[0], -1, 1);
}

TESSERA_INLINE std::int32_t PolicyMaker::flow(const std::string& owner, const FlowParams& h, std::int32_t noise) {
  deploy::Network net(p(), h.net, row(of(owner, h.average)), {header_.on.observation_size, width_}, true, {width_},
                      {{0, width_}});
  const double step = 1.0 / double(h.steps);
  const auto moved = [&](std::int32_t x, std::int32_t from, double length, double t) {
    return apply(p(), op::add, x, multiply(p(), net({state_, from}, t)[0], float(length)));
  };
  auto x = noise;
  for (std::int64_t k = 0; k < h.steps; ++k) {
    const double t = double(k) * step;
    if (h.integrator == integrator::midpoint) x = moved(x, moved(x, x, 0.5 * step, t), step, t + 0.5 * step);
    else x = moved(x, x, step, t);
  }
  return clamp(p(), x, -1, 1);
}

TESSERA_INLINE std::int32_t PolicyMaker::latent_mode(const MlpOptions& h, double bound) {
  return multiply(p(), tanh_mode(h, {2 * width_}), float(bound));
}

TESSERA_INLINE deploy::Network PolicyMaker::timed(const std::string& tensor, const DiffusionParams& h) {
  return {p(), h.net, row(tensor), {header_.on.observation_size, width_}, {width_}, {{0, width_}}};
}
TESSERA_INLINE std::int32_t PolicyMaker::ddpm(const DiffusionParams& h, const DdpmParams& sampler, std::int64_t count) {
  const auto s = schedule_of(h);
  auto net = timed(of("policy", h.average), h);
  const auto z = noise(count, h.steps);
  auto x = z[0];
  for (std::int64_t t = h.steps - 1; t >= 0; --t)
    for (std::int64_t again = t > 0 ? 0 : sampler.last_repeats; again >= 0; --again) {
      const double alpha = s.alpha.at(std::size_t(t)), kept = s.kept.at(std::size_t(t));
      const auto eps = net({state_, x}, double(t))[0];
      x = apply(p(), op::add, x, multiply(p(), eps, float(-(1 - alpha) / std::sqrt(1 - kept))));
      x = multiply(p(), x, float(1 / std::sqrt(alpha)));
      if (t > 0) {
        const auto drawn = z[std::size_t(h.steps - t)];
        x = apply(p(), op::add, x, multiply(p(), drawn, float(sampler.temperature * std::sqrt(s.beta(t)))));
      }
      if (h.clip) x = clamp(p(), x, -1, 1);
    }
  return clamp(p(), x, -1, 1);
}
TESSERA_INLINE std::int32_t PolicyMaker::ddim(const DiffusionParams& h, const DdimParams& sampler, std::int64_t count) {
  const auto s = schedule_of(h);
  auto net = timed(of("policy", h.average), h);
  const auto visited = math::visited_steps(s.steps(), sampler.visits);
  auto x = noise(count)[0];
  for (std::size_t i = 0; i < visited.size(); ++i) {
    const double kept = s.kept.at(std::size_t(visited[i]));
    const auto eps = net({state_, x}, double(visited[i]))[0];
    x = apply(p(), op::add, x, multiply(p(), eps, float(-std::sqrt(1 - kept))));
    x = multiply(p(), x, float(1 / std::sqrt(kept)));
    if (h.clip) x = clamp(p(), x, -1, 1);
    if (i + 1 == visited.size()) break;
    const double next = s.kept.at(std::size_t(visited[i + 1]));
    x = multiply(p(), x, float(std::sqrt(next)));
    x = apply(p(), op::add, x, multiply(p(), eps, float(std::sqrt(1 - next))));
  }
  return clamp(p(), x, -1, 1);
}

TESSERA_INLINE std::int32_t PolicyMaker::categorical(const std::string& owner, const MlpOptions& h) {
  deploy::Network net(p(), h, row(owner + "/parameters"), {header_.on.observation_size}, false, {actions()},
                      {{0, actions()}});
  return net({state_})[0];
}

TESSERA_INLINE std::int32_t PolicyMaker::values(const std::string& tensor, const MlpOptions& h, std::int64_t members,
                                                std::int32_t actions, bool mean) {
  const bool all = actions < 0;
  std::vector<std::int64_t> pieces = {header_.on.observation_size};
  std::vector<std::int32_t> given = {state_};
  if (!all) pieces.push_back(width_), given.push_back(actions);
  const auto outputs = all ? this->actions() : 1;
  std::int32_t out = -1;
  for (std::int64_t i = 0; i < members; ++i) {
    deploy::Network net(p(), h, row(tensor, i), pieces, false, {outputs}, {{0, outputs}});
    const auto q = net(given)[0];
    out = i == 0 ? q : apply(p(), mean ? op::add : op::minimum, out, q);
  }
  return mean ? multiply(p(), out, float(1.0 / double(members))) : out;
}
TESSERA_INLINE std::int32_t PolicyMaker::best(std::int32_t actions, std::int32_t values) {
  return apply(p(), op::pick, actions, values);
}
TESSERA_INLINE std::int32_t PolicyMaker::supported(std::int32_t values, std::int32_t logits, double threshold) {
  const float least = threshold > 0 ? float(std::log(threshold)) : -1e30f;
  return deploy::append(p(), {.what = op::likely, .in = {values, logits}, .low = least});
}

TESSERA_INLINE void PolicyMaker::end_with_action(std::int32_t action) {
  const auto& s = p().signature;
  std::vector<float> low, half;
  for (std::int64_t h = 0; h < s.actions_at_once; ++h)
    for (std::size_t j = 0; j < s.action_low.size(); ++j)
      low.push_back(s.action_low[j]), half.push_back((s.action_high[j] - s.action_low[j]) / 2);
  auto a = add(p(), clamp(p(), action, -1, 1), 1.0f);
  a = multiply(p(), a, constant(p(), 1, width_, std::move(half)));
  add(p(), a, constant(p(), 1, width_, std::move(low)));
}
TESSERA_INLINE void PolicyMaker::end_with_code(std::int32_t scores) {
  deploy::append(p(), {.what = op::argmax, .in = {scores}});
}
TESSERA_INLINE ExportedPolicy PolicyMaker::made() && {
  if (const auto fault = deploy::fault_of(p()); !fault.empty()) throw file_->damaged("of its policy: " + fault);
  return std::move(out_);
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE void name_numbers(deploy::Program& p, std::vector<std::string> observations,
                                 std::vector<std::string> actions, std::int64_t first_action,
                                 const std::string& config) {
  auto& s = p.signature;
  s.observation_names = std::move(observations), s.action_names = std::move(actions);
  if (s.discrete) s.first_action = p.values.back().from = first_action;
  if (const auto fault = deploy::fault_of(s); !fault.empty())
    throw Error(config + ": does not fit the checkpoint: " + fault + "; restore the file");
}
}  // namespace tessera
