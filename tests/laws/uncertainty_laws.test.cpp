#include <tessera/algorithms.hpp>

#include "laws/uncertainty_laws.hpp"

using namespace tessera;
using laws::uncertainty_laws;

TEST_CASE("where members agree without noise, uncertainty changes nothing", "[uncertainty][laws]") {
  CHECK(uncertainty_laws<SoftPenalty<MaxStd>>());
  CHECK(uncertainty_laws<SoftPenalty<Disagreement>>());
  CHECK(uncertainty_laws<SoftPenalty<EnsembleStd>>());
  CHECK(uncertainty_laws<HaltAbove<MaxStd>>());
  CHECK(uncertainty_laws<HaltAbove<Disagreement>>());
  CHECK(uncertainty_laws<HaltAbove<EnsembleStd>>());
  CHECK(uncertainty_laws<NextValueStd>());
}

namespace {
struct Suspicious : SoftPenalty<MaxStd> {
  template <class Step>
  static typename Step::tensor penalize(const params& h, Step& step, const Prediction<typename Step::tensor>& said,
                                        imagined<typename Step::tensor>& x) {
    const auto u = SoftPenalty<MaxStd>::penalize(h, step, said, x);
    x.reward = x.reward - 0.01;
    return u;
  }
};
struct Generous : SoftPenalty<MaxStd> {
  template <class Step>
  static typename Step::tensor penalize(const params& h, Step&, const Prediction<typename Step::tensor>& said,
                                        imagined<typename Step::tensor>& x) {
    const typename Step::tensor u = MaxStd::measure(said);
    x.reward = x.reward + h.weight * u;
    return u;
  }
};
struct Everywhere : NextValueStd {
  template <class Step>
  static typename Step::tensor penalty(const params& h, Step& step) {
    const typename Step::tensor u = NextValueStd::penalty(h, step);
    return u + u.mean();
  }
};
}  // namespace

TEST_CASE("the laws of uncertainty find out who breaks them", "[uncertainty][laws]") {
  CHECK(uncertainty_laws<Suspicious>().breaks("nothing is changed where the members agree"));
  CHECK(uncertainty_laws<Generous>().breaks("uncertainty costs"));
  CHECK(uncertainty_laws<Everywhere>().breaks("nothing is taken off at logged transitions"));
}
