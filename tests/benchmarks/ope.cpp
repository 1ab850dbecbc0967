// Off-policy evaluation on ICU-Sepsis, where the truth can be computed: bias, error and intervals of every estimator.
//   bench_ope DYNAMICS_NPZ [LOGS] [EPISODES]
// LOGS data sets (50) of EPISODES of the clinicians (2000), drawn from the problem of the file; target policies are the
// clinicians themselves, random actions, one that was learned from other data, and the optimal one.  The table is
// Markdown.  What is estimated beside the value, Qhat and counted behavior, is cross-fitted in halves.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tessera/ope/estimators.hpp>
#include <tessera/ope/support.hpp>
#include <tessera/ope/tabular.hpp>
#include <tessera/sources/icu_sepsis.hpp>
#include <tessera/support/number_text.hpp>

using namespace tessera;

namespace {
using tabular::Table;

struct Target {
  std::string name;
  Table policy;
  double truth;
  double unsupported = 0;
};

// Greedy on the model of 20 000 other episodes, among actions that were seen at least 20 times there, softened by a
// tenth of the clinicians' choices, whose it is alone where no action was seen so often.
Table learned_policy(const IcuSepsis& icu, const TabularTask& task) {
  const auto log = tabular::log_episodes(task, icu.clinicians(), 20'000, IcuSepsis::default_horizon, 999'983);
  const auto counted = tabular::maximum_likelihood(task, log);
  const auto often = tabular::supported(counted.counts, 20);
  const auto greedy = tabular::greedy_policy(tabular::in_sample_values(counted.model, often).q, often);
  return 0.9 * tabular::with_fallback(greedy, icu.clinicians()) + 0.1 * icu.clinicians();
}

// The estimates of one estimator over the logs.
struct Row {
  std::vector<double> values{};
  double covered = 0, width = 0;
  int logs = 0;

  void add(const ope::Estimate& found, double truth) {
    ++logs;
    if (std::isnan(found.value)) return;
    values.push_back(found.value);
    width += found.interval.high - found.interval.low;
    if (found.interval.low <= truth && truth <= found.interval.high) covered += 1;
  }
  std::string text(double truth) const {
    if (values.empty()) return "undefined | | | |";
    double bias = 0, squares = 0;
    for (const double x : values) {
      bias += (x - truth) / double(values.size());
      squares += (x - truth) * (x - truth) / double(values.size());
    }
    std::string out(128, '\0');
    out.resize(std::size_t(std::snprintf(out.data(), out.size(), "%+.4f | %.4f | %.2f | %.3f | ", bias,
                                         std::sqrt(squares), covered / logs, width / double(values.size()))));
    return out + (std::size_t(logs) == values.size() ? "" : "(" + std::to_string(values.size()) + " logs) ");
  }
};

struct Bench {
  IcuSepsis icu;
  TabularTask task = icu.task("one-hot");
  std::vector<Target> targets{};
  // By target, estimator, and whether b is known.
  std::map<std::string, std::map<std::pair<std::string, bool>, Row>> rows{};
  double kappa = 0;

  explicit Bench(const std::string& path) : icu(path) {
    const auto add = [&](const char* name, const Table& policy) {
      targets.push_back({name, policy, tabular::expected_return(icu.mdp(), policy)});
    };
    add("clinicians", icu.clinicians());
    add("random", icu.policy("random"));
    add("learned", learned_policy(icu, task));
    add("optimal", icu.policy("optimal"));
  }

  static ope::IntervalOptions intervals(std::uint64_t seed) {
    return {.bootstrap = {.level = 0.95, .resamples = 500, .seed = seed}, .jackknife = 200};
  }

  void one_log(std::uint64_t seed, std::int64_t episodes) {
    const auto log = tabular::log_episodes(task, icu.clinicians(), episodes, IcuSepsis::default_horizon, seed);
    const auto fit = [&](const tabular::Log& of) {
      return ope::fit_model(task.mdp().states(), task.mdp().actions(), of, task.mdp().discount());
    };
    const auto all = fit(log);
    const std::vector halves = {fit(ope::part_of(log, ope::episodes_without_part(log, 0, 2))),
                                fit(ope::part_of(log, ope::episodes_without_part(log, 1, 2)))};
    kappa += all.kappa;
    for (auto& target : targets) {
      target.unsupported += ope::unsupported_share(tabular::occupancy(icu.mdp(), target.policy), all.counted.counts);
      auto& found = rows[target.name];
      const ope::Nuisances of_all{.values = ope::evaluate_in(all.counted.model, target.policy).values};
      const auto direct = ope::evaluation_log(log, target.policy, 1, std::span(&of_all, 1));
      found[{"fqe", true}].add(ope::estimate("fqe", direct, intervals(seed)), target.truth);
      for (const bool known : {true, false}) {
        std::vector<ope::Nuisances> of_part;
        for (auto half : halves) {
          if (known) half.behavior = icu.clinicians();
          of_part.push_back(ope::nuisances(half, target.policy));
        }
        const auto seen = ope::evaluation_log(log, target.policy, 1, of_part);
        for (const auto* name : {"is", "wis", "pdis", "wpdis", "clipped-is", "dr", "wdr", "mis", "mdr"})
          found[{name, known}].add(ope::estimate(name, seen, intervals(seed)), target.truth);
      }
    }
  }

  void print(int logs) const {
    std::printf("mean kappa %.1f\n\n", kappa / logs);
    std::puts("| target | estimator | bias | RMSE | coverage | width | counted b: bias | RMSE | coverage | width | |");
    std::puts("|---|---|---|---|---|---|---|---|---|---|---|");
    for (const auto& target : targets) {
      const auto& of = rows.at(target.name);
      for (const auto* name : {"fqe", "mdr", "mis", "dr", "wdr", "wpdis", "wis", "pdis", "is", "clipped-is"}) {
        const bool direct = std::string(name) == "fqe";
        std::printf("| %s | `%s` | %s%s|\n", target.name.c_str(), name, of.at({name, true}).text(target.truth).c_str(),
                    direct ? "" : of.at({name, false}).text(target.truth).c_str());
      }
    }
    for (const auto& target : targets)
      std::printf("\n%s: exact value %.4f; %.1f %% of its visits are to pairs that a log lacks", target.name.c_str(),
                  target.truth, 100 * target.unsupported / logs);
    std::puts("");
  }
};
}  // namespace

int main(int count, char** arguments) try {
  if (count < 2 || count > 4) throw Error("usage: bench_ope DYNAMICS_NPZ [LOGS] [EPISODES]");
  const auto number = [&](int i, std::int64_t otherwise) {
    if (i >= count) return otherwise;
    const auto x = whole_number<std::int64_t>(arguments[i]);
    if (!x || *x < 2 || *x > 1'000'000)
      throw Error("bench_ope: " + std::string(arguments[i]) + " is no number of them");
    return *x;
  };
  const auto logs = number(2, 50), episodes = number(3, 2000);
  Bench bench(arguments[1]);
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t k = 0; k < logs; ++k) {
    bench.one_log(std::uint64_t(k) + 1, episodes);
    std::fprintf(stderr, "%lld of %lld logs, %.0f s\n", static_cast<long long>(k + 1), static_cast<long long>(logs),
                 std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  bench.print(int(logs));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
