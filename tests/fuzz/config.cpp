// The config.json of a run, which may have come from anybody.
// links: tessera::data tessera::compose
#include "fuzz.hpp"

#include <cmath>
#include <cstdlib>

#include <tessera/support/error.hpp>

#include <tessera/cli/run_config.hpp>

namespace {
using namespace tessera;

using tessera::fuzz::require;

cli::RunConfig good() {
  cli::RunConfig c;
  c.command.algorithm = "iql", c.command.dataset = "builtin:pendulum-random", c.command.env = "pendulum",
  c.command.seed = 18446744073709551615u;
  c.data = {"bbaa01952899e96d", action_kind::continuous, 3, 1, 100'000, 500};
  c.data.spaces.observation_names = {"cos", "sin", "speed \"1/s\""}, c.data.spaces.action_names = {"torque"};
  c.data.spaces.observation_low = {-1, -1, -INFINITY}, c.data.spaces.observation_high = {1, 1, 8};
  c.data.returns = Spread{-500.25, 120, -1600, -0.5};
  c.platform = {2, "cpu", "oneDNN (AVX-512)", "1.13.0", "0.1.0", "GCC 12.2.0, optimized, x86-64"};
  c.findings = cli::json::array({{{"name", "constant-column"}, {"message", "observations [2]: always 1"}}});
  c.parameters = {{"policy.net.hidden", cli::json::array({256, 256})},
                  {"critic.discount", 0.99},
                  {"critic.members", 2},
                  {"data.standardize", false},
                  {"data.reward", "rms"},
                  {"actor.target_entropy", nullptr}};
  c.action_limits = {{"low", {-2}}, {"high", {2}}, {"from", "file"}};
  c.chosen = cli::json::array({{{"key", "data.scale"}, {"value", "robust"}, {"reason", "outliers"}},
                               {{"key", "data.standardize"}, {"value", true}, {"reason", "far"}}});
  return c;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // What mutations start from is taken.
  static const auto seed = cli::read_run_config("config.json", cli::config_text(good()));
  require(seed.command.seed == good().command.seed && seed.data.spaces == good().data.spaces);
  require(seed.data.returns->min == -1600 && seed.findings == good().findings && seed.platform.version == "0.1.0");
  const auto text = fuzz::text_of(data, size);
  cli::is_run_config(text), cli::is_model_config(text);
  try {
    const auto read = cli::read_run_config("config.json", text);
    const auto& c = read.command;
    require((c.steps > 0 || c.online.steps > 0) && c.batch > 0 && c.eval_every > 0 && c.eval_episodes > 0 &&
            c.report_every > 0 && c.horizon >= 0 && c.episode_length >= 0);
    require(c.online.updates_per_step >= 0 && c.online.exploration_noise >= 0);
    const auto& s = read.data.spaces;
    for (const auto count : {s.observation_names.size(), s.observation_low.size(), s.observation_high.size()})
      require(count == 0 || std::int64_t(count) == read.data.observation_size);
    require(s.action_names.empty() || std::int64_t(s.action_names.size()) == read.data.action_size);
    require(read.data.observation_size > 0 && read.data.action_size > 0 && read.data.transitions > 0);
    for (const auto& [key, value] : read.parameters.items()) require(!cli::setting_text(value).empty() || value == "");
    // What was taken is written as it was read.
    const auto again = cli::config_text(read);
    require(cli::config_text(cli::read_run_config("config.json", again)) == again);
  } catch (const Error& error) {
    fuzz::require_one_line(error.what());
  }
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  auto other = good();
  other.parameters = {{"policy.net.hidden", "256,256"}, {"critic.discount", "0.99"}};  // as earlier versions wrote them
  other.action_limits = nullptr, other.chosen = nullptr, other.command.env = "", other.command.episode_length = 200;
  auto online = good();
  online.command.tensorboard = true, online.data.returns.reset(), online.findings = cli::json::array();
  online.command.steps = 0, online.command.online.steps = 5000;
  online.data.kind = action_kind::discrete, online.data.action_size = 6, online.data.spaces = {};
  online.data.spaces.action_factors = {2, 3}, online.data.spaces.first_action = 1;
  return {cli::config_text(good()), cli::config_text(other), cli::config_text(online)};
}
