// print_estimates FILE: every estimate that suits a log, as a JSON object; agrees.py compares them.
// FILE: the discount, then a line a step: number of the episode, reward, ratio, Qhat, Vhat, weight.
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include <tessera/ope/estimators.hpp>
#include <tessera/support/shortest_text.hpp>

namespace {
using tessera::Error;

tessera::ope::EvaluationLog read(const std::string& path) {
  std::ifstream in(path);
  tessera::ope::EvaluationLog log;
  if (!(in >> log.discount)) throw Error(path + ": it does not begin with a discount");
  long long episode = 0, current = 0;
  double reward = 0, ratio = 0, q = 0, v = 0, weight = 0;
  while (in >> episode >> reward >> ratio >> q >> v >> weight) {
    if (episode != current) log.end_episode(false);
    current = episode;
    log.rewards.push_back(reward);
    log.log_ratio.push_back(std::log(ratio));
    log.q.push_back(q);
    log.v.push_back(v);
    log.weight.push_back(weight);
  }
  log.end_episode(false);
  return log;
}
}  // namespace

int main(int count, char** arguments) try {
  if (count != 2) throw Error("usage: print_estimates FILE");
  const auto log = read(arguments[1]);
  std::string out;
  for (const auto& name : tessera::ope::suitable_estimators(log)) {
    const auto found = tessera::ope::estimate(name, log, {.bootstrap = {.resamples = 1}});
    out += (out.empty() ? "{\"" : ", \"") + name + "\": " + tessera::shortest_text(found.value);
  }
  std::puts((out + "}").c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
