// Settings, "KEY=VALUE" a line, of recipes that have every kind of hyper-parameter; and the names that may have been
// meant.
// links: tessera::data tessera::reflect
#include "fuzz.hpp"

#include <cmath>
#include <cstdlib>

#include <tessera/algorithms/cql.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/algorithms/mopo.hpp>
#include <tessera/compose/ranges.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/synonyms.hpp>

#include <tessera/cli/catalog.hpp>

namespace {
using namespace tessera;

using fuzz::done, fuzz::require;

template <class R>
void set_all(const cli::Settings& settings) {
  params_of<R> p;
  const auto all = parameters<R>(p);
  for (const auto& [key, value] : settings) {
    std::vector<std::string> before;
    for (const auto& each : all) before.push_back(each.text());
    const bool was_set = done([&] { set_parameter(all, key, value); });
    for (std::size_t i = 0; i < all.size(); ++i) {
      // What was refused has changed nothing, what was set has changed one; and whatever there is reads back to itself.
      require(all[i].text() == before[i] || (was_set && all[i].key == key));
      if (all[i].key == key && was_set) {
        const auto text = all[i].text();
        all[i].set(text);
        require(all[i].text() == text);
        if (const auto* x = std::get_if<double*>(&all[i].value))
          require(std::isfinite(**x) && !(**x < all[i].about->min) && !(**x > all[i].about->max));
      }
    }
  }
  done([&] { require_ranges<R>(p); });
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  std::vector<std::string> lines;
  for (std::size_t from = 0; from <= text.size() && lines.size() < 16;) {
    const auto end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  cli::Settings settings;
  if (!done([&] { settings = cli::settings(lines); })) return 0;
  for (const auto& [key, value] : settings) {
    require(!key.empty());
    if (key.size() > 200) return 0;  // the nearest name of a long one takes long, as it may
    if (const auto x = whole_number<std::int64_t>(value))
      require(real_number(value).has_value() && whole_number<std::int64_t>(std::to_string(*x)) == x);
    if (const auto x = whole_number<std::uint64_t>(value))
      require(whole_number<std::uint64_t>(std::to_string(*x)) == x);
    meant_algorithm(key, {"iql", "td3-bc", "discrete-cql"});
    meant_flag("--" + key, {"--steps", "--seed", "--eval-every"});
  }
  set_all<recipes::Iql>(settings), set_all<recipes::CqlLagrange>(settings), set_all<recipes::Mopo>(settings);
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  return {"actor.beta=3\nvalue.tau=0.9\ncritic.members=1e1",
          "policy.net.hidden=256,256\npolicy.net.activation=gelu\npolicy.net.layer_norm=true",
          "critic.target=5\ncritic.min_multiplier=+1e-3\ncritic.max_multiplier=1e3",
          "dynamics.termination=never\ndata.horizon=5.0\ndynamics.seed=9223372036854775807",
          "gamma=0.9",
          "policy.net.hidden=none",
          "policy.log_std_min=-5\npolicy.log_std_max=-6",
          "a==b\n=\n"};
}
