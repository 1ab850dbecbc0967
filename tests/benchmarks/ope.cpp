// Off-policy evaluation on ICU-Sepsis, where the truth can be computed: bias, error and intervals of every estimator.
//   bench_ope DYNAMICS_NPZ [LOGS] [EPISODES]
// LOGS data sets (50) of EPISODES of the clinicians (2000), drawn from the problem of the file; target policies are the
// clinicians themselves, random actions, one that was learned from other data, and the optimal one.  The table is
// Markdown.  What is estimated beside the value, Qhat and counted behavior, is cross-fitted in halves.
#include <array>
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
#include <tessera/ope/refitted.hpp>
#include <tessera/ope/support.hpp>
#include <tessera/ope/tabular.hpp>
#include <tessera/sources/icu_sepsis.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/tabular/value_iteration.hpp>

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
    if (values.empty()) return "undefined | | | | ";
    double bias = 0, squares = 0;
    for (const double x : values) {
      bias += (x - truth) / double(values.size());
      squares += (x - truth) * (x - truth) / double(values.size());
    }
    return number(bias) + " | " + number(std::sqrt(squares)) + " | " + number(covered / logs) + " | " +
           number(width / double(values.size())) +
           (std::size_t(logs) == values.size() ? "" : " (" + std::to_string(values.size()) + " logs)") + " | ";
  }

 private:
  static std::string number(double x) {
    std::string out(32, '\0');
    out.resize(std::size_t(std::snprintf(out.data(), out.size(), std::abs(x) < 10 ? "%.3f" : "%.0e", x)));
    return out;
  }
};

struct Bench {
  IcuSepsis icu;
  TabularTask task = icu.task("one-hot");
  std::vector<Target> targets{};
  // By target, then by estimator and where b is from.
  std::map<std::string, std::map<std::pair<std::string, std::string>, Row>> rows{};

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

  // Each is a fit.
  static ope::IntervalOptions few_resamples(std::uint64_t seed) {
    return {.bootstrap = {.level = 0.95, .resamples = 200, .seed = seed}, .jackknife = 50};
  }

  static constexpr const char* refitted_fqe = "fqe, refitted";
  static constexpr double strong = 4096;
  static constexpr const char* strong_fqe = "fqe, kappa = 4096";
  static constexpr const char *known = "known", *crossed = "counted in the other half", *counted = "counted";

  void one_log(std::uint64_t seed, std::int64_t episodes) {
    const auto log = tabular::log_episodes(task, icu.clinicians(), episodes, IcuSepsis::default_horizon, seed);
    const auto fit = [&](const tabular::Log& of, double kappa = 1) {
      return ope::fit_model(task.mdp().states(), task.mdp().actions(), of, task.mdp().discount(), {.kappa = kappa});
    };
    const auto all = fit(log), alike = fit(log, strong);
    const std::vector halves = {fit(ope::part_of(log, ope::episodes_without_part(log, 0, 2))),
                                fit(ope::part_of(log, ope::episodes_without_part(log, 1, 2)))};
    auto given = halves;
    for (auto& half : given) half.behavior = icu.clinicians();
    for (auto& target : targets) {
      target.unsupported += ope::unsupported_share(tabular::occupancy(icu.mdp(), target.policy), all.counted.counts);
      const auto add = [&](const char* name, const char* from, const ope::EvaluationLog& seen, const char* label) {
        rows[target.name][{label, from}].add(ope::estimate(name, seen, intervals(seed)), target.truth);
      };
      const auto seen_by = [&](const std::vector<ope::FittedModel>& models) {
        std::vector<ope::Nuisances> of_part;
        for (const auto& model : models) of_part.push_back(ope::nuisances(model, target.policy));
        return ope::evaluation_log(log, target.policy, 1, of_part);
      };
      const auto by_all = seen_by({all});
      add("fqe", known, by_all, "fqe");
      rows[target.name][{refitted_fqe, known}].add(
          ope::refitted_estimate(task.mdp().states(), log, target.policy, 1, 1, few_resamples(seed)), target.truth);
      add("fqe", known, seen_by({alike}), strong_fqe);
      const std::map<std::string, ope::EvaluationLog> seen = {
          {known, seen_by(given)}, {crossed, seen_by(halves)}, {counted, by_all}};
      for (const auto* from : {known, crossed, counted})
        for (const auto* name : estimators) add(name, from, seen.at(from), name);
    }
  }
  static constexpr std::array estimators = {"mdr", "mis", "dr", "wdr", "wpdis", "wis", "pdis", "is", "clipped-is"};

  void print(int logs) const {
    std::puts(
        "| target | estimator | b known: bias | RMSE | coverage | width | counted in the other half: bias | RMSE | "
        "coverage | width | counted in the same episodes: bias | RMSE | coverage | width |");
    std::puts("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (const auto& target : targets) {
      const auto& of = rows.at(target.name);
      for (const auto* name : {"fqe", refitted_fqe, strong_fqe})
        std::printf("| %s | %s | %s | | | | | | | |\n", target.name.c_str(), name,
                    of.at({name, known}).text(target.truth).c_str());
      for (const auto* name : estimators) {
        std::string line = "| " + target.name + " | `" + name + "` | ";
        for (const auto* from : {known, crossed, counted}) line += of.at({name, from}).text(target.truth);
        std::puts(line.c_str());
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
