#pragma once
#include <tessera/ope/estimators.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::ope {
TESSERA_INLINE std::vector<EstimatorInfo> estimators() {
  std::vector<EstimatorInfo> out;
  each_estimator([&]<Estimator E>() {
    out.push_back({.name = E::name,
                   .formula = E::formula,
                   .source = E::source,
                   .needs_ratios = reads<E, given::ratios>,
                   .needs_values = reads<E, given::values>,
                   .needs_weights = reads<E, given::weights>,
                   .one_step = E::one_step});
  });
  return out;
}

TESSERA_INLINE std::vector<std::string> estimator_names() {
  std::vector<std::string> out;
  each_estimator([&]<Estimator E>() { out.emplace_back(E::name); });
  return out;
}

TESSERA_INLINE std::vector<std::string> suitable_estimators(const EvaluationLog& log) {
  std::vector<std::string> out;
  each_estimator([&]<Estimator E>() {
    if (suits<E>(log)) out.emplace_back(E::name);
  });
  return out;
}

TESSERA_INLINE Estimate estimate(const std::string& name, const EvaluationLog& log, const IntervalOptions& options) {
  Estimate out;
  bool found = false;
  each_estimator([&]<Estimator E>() {
    if (name != E::name) return;
    found = true;
    out = estimate<E>(log, {}, options);
  });
  if (found) return out;
  const auto names = estimator_names();
  const auto meant = nearest_name(name, names);
  std::string all;
  for (const auto& each : names) all += (all.empty() ? "" : ", ") + each;
  throw Error("there is no estimator '" + printable(name) + "'" +
              (meant.empty() ? "" : "; did you mean '" + meant + "'?") + "; there are " + all);
}
}  // namespace tessera::ope
