#pragma once
#include <cstdint>

#include <tessera/concepts/dynamics.hpp>

namespace tessera {
// Measures of an ensemble's uncertainty u(s, a), (B), from its members' predictions: normals of [s', r] in the task's
// own units, as in the authors' codes: a number of the state in a smaller unit, such as millimeters for meters, weighs
// more.  A number that never changes has no uncertainty.  All N members count, not the elites alone.

/// The largest predicted standard deviation:  u = max_i |sigma_i(s,a)|_2, over [s', r].  What is random in the task
/// itself (aleatoric) counts, and so does what the data do not tell.
/// Source: Yu et al. 2020 (MOPO), section 4.3 and the authors' code.
struct MaxStd {
  static constexpr const char* formula = "max_i |sigma_i(s,a)|_2";
  template <class T>
  static T measure(const Prediction<T>& prediction) {
    return prediction.stds.square().sum(-1).sqrt().amax(0);
  }
};

/// The largest disagreement of two members:  u = max_{i<j} |mu_i(s,a) - mu_j(s,a)|_2, over s'.
/// Source: Kidambi et al. 2020 (MOReL), equation 2.
struct Disagreement {
  static constexpr const char* formula = "max_{i<j} |mu_i(s,a) - mu_j(s,a)|_2";
  template <class T>
  static T measure(const Prediction<T>& prediction) {
    const auto n = prediction.means.size(-1) - 1, members = prediction.means.size(0);
    T max = prediction.means.select(-1, 0).select(0, 0) * 0.0;
    for (std::int64_t i = 0; i + 1 < members; ++i) {
      const T others = prediction.means.narrow(0, i + 1, members - i - 1).narrow(-1, 0, n),
              one = prediction.means.narrow(0, i, 1).narrow(-1, 0, n);
      max = maximum(max, T((others - one).square().sum(-1).amax(0)));
    }
    return max.sqrt();
  }
};

/// The standard deviation of the means:  u = sqrt( mean_j var_i mu_ij(s,a) ), over s', variance over members with N in
/// the denominator.
/// Source: Lu et al. 2022, section 4 ("ensemble standard deviation").
struct EnsembleStd {
  static constexpr const char* formula = "sqrt(mean_j var_i mu_ij(s,a))";
  template <class T>
  static T measure(const Prediction<T>& prediction) {
    const T mu = prediction.means.narrow(-1, 0, prediction.means.size(-1) - 1);
    return (mu - mu.mean(0).unsqueeze(0)).square().mean(0).mean(-1).sqrt();
  }
};
}  // namespace tessera
