#pragma once
#include <fmt/format.h>

#include <utility>

#include <tessera/cli/following.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/io/safetensors.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/ope/terms.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/train/checkpoint.hpp>
#include <tessera/train/evaluation_log.hpp>
#include <tessera/train/logged_steps.hpp>

namespace tessera::cli {
namespace detail {
inline constexpr const char* following_format = "tessera-ope-1";
// Of the two states in a file.
inline constexpr const char *last_state = "last", *state_before = "before";
}  // namespace detail

TESSERA_CLI_INLINE Following::Following(Dataset data, Agent& agent, FollowingOptions options)
    : data_(std::move(data)), agent_(agent), o_(options) {
  const auto policy = agent_.target(ope::acting::selected);
  ope::require_judgeable(policy, data_);
  if (!ope::value_is_finite(data_, o_.discount))
    throw Error(
        "--ope-every: with a discount of 1 the value of a task that the log cuts off is not finite; leave it "
        "out, or train with a discount below 1");
  const auto returns = ope::detail::discounted_returns(ope::evaluation_log(data_, policy, o_.discount));
  for (const double x : returns) of_data_ += x / double(returns.size());
}

TESSERA_CLI_INLINE ope::PolicyValue& Following::value() {
  if (!value_)
    value_ = std::make_unique<ope::PolicyValue>(
        data_, agent_.target(ope::acting::selected),
        ope::ValueOptions{.discount = o_.discount, .updates = o_.updates, .seed = o_.seed, .after_update = [](auto) {
                            return !interrupted();
                          }});
  return *value_;
}

TESSERA_CLI_INLINE std::optional<ope::Estimate> Following::operator()(std::int64_t agent_updates) {
  const bool first = last_.agent_updates == 0;
  auto& v = value();
  v.follow(data_);
  if (!v.fit(first ? first_times * o_.updates : o_.updates)) {
    if (first) value_.reset();
    else go_back_to(last_);
    return std::nullopt;
  }
  before_ = std::exchange(last_, state(agent_updates));
  return ope::fitted_estimate(data_, v, {.bootstrap = {.level = 0.95, .resamples = 2000, .seed = o_.seed}});
}

TESSERA_CLI_INLINE Following::State Following::state(std::int64_t agent_updates) {
  State out{agent_updates};
  value().each_buffer(
      [&](const std::string& name, at::Tensor& x) { out.tensors.emplace_back(name, x.detach().clone()); },
      [&](const std::string& name, std::int64_t& x) { out.numbers.emplace_back(name, x); });
  return out;
}

TESSERA_CLI_INLINE void Following::go_back_to(const State& state) {
  at::NoGradGuard guard;
  std::size_t tensor = 0, number = 0;
  value().each_buffer([&](const std::string&, at::Tensor& x) { x.copy_(state.tensors[tensor++].second); },
                      [&](const std::string&, std::int64_t& x) { x = state.numbers[number++].second; });
}

TESSERA_CLI_INLINE void Following::save(const std::string& path) const {
  safetensors::Metadata metadata{{"format", detail::following_format}};
  std::vector<safetensors::Source> sources;
  for (const auto& [mark, state] : {std::pair{detail::last_state, &last_}, {detail::state_before, &before_}}) {
    if (state->agent_updates == 0) continue;
    metadata[mark] = std::to_string(state->agent_updates);
    for (const auto& [name, x] : state->tensors)
      sources.push_back(tessera::detail::source_of(path, fmt::format("{}.{}", mark, name), x));
    for (const auto& [name, x] : state->numbers)
      sources.push_back(tessera::detail::source_of(path, fmt::format("{}.{}", mark, name), x));
  }
  safetensors::write(path, std::move(metadata), std::move(sources));
}

TESSERA_CLI_INLINE void Following::restore(const std::string& path, std::int64_t agent_updates) {
  const auto file = safetensors::File::open(path);
  const auto& metadata = file.metadata();
  const auto is = [&](const char* key, const std::string& text) {
    const auto found = metadata.find(key);
    return found != metadata.end() && found->second == text;
  };
  if (!is("format", detail::following_format))
    throw Error(path +
                ": is not what an estimate of a policy in training goes on from; restore it, or start a new run");
  file.verify();
  const auto wanted = std::to_string(agent_updates);
  const char* mark = is(detail::last_state, wanted)     ? detail::last_state
                     : is(detail::state_before, wanted) ? detail::state_before
                                                        : nullptr;
  if (mark == nullptr)
    throw Error(
        fmt::format("{}: has no state of the estimate after update {}, which the run goes on from; restore it, "
                    "or start a new run",
                    path, agent_updates));
  const auto name_in_file = [&](const std::string& name) { return fmt::format("{}.{}", mark, name); };
  value().each_buffer(
      [&](const std::string& name, at::Tensor& x) { tessera::detail::read_buffer(file, name_in_file(name), x); },
      [&](const std::string& name, std::int64_t& x) { tessera::detail::read_buffer(file, name_in_file(name), x); });
  last_ = state(agent_updates), before_ = {};
}
}  // namespace tessera::cli
