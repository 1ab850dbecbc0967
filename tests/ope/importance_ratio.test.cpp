#include <tessera/ope/importance_ratio.hpp>

#include <catch2/catch.hpp>
#include <cmath>

#include <tessera/behavior/density.hpp>
#include <tessera/behavior/vae.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

using namespace tessera;

TEST_CASE("what has a density can be a side of a ratio", "[ope][ratio]") {
  STATIC_REQUIRE((ope::HasDensity<GaussianPolicy> && ope::HasDensity<TanhGaussianPolicy> &&
                  ope::HasDensity<CategoricalPolicy> && ope::HasDensity<Density<TanhGaussianPolicy>> &&
                  ope::HasDensity<ope::LoggedPropensities> && ope::HasDensity<ope::ProbabilityTable>));
  STATIC_REQUIRE_FALSE((ope::HasDensity<DeterministicPolicy> || ope::HasDensity<FlowPolicy> || ope::HasDensity<Vae> ||
                        ope::HasDensity<int>));
}

TEST_CASE("the ratio of two probabilities", "[ope][ratio]") {
  using Ratio = ope::importance_ratio<CategoricalPolicy, ope::LoggedPropensities>;
  using Catch::Contains;
  CHECK(Ratio::log(std::log(0.6), std::log(0.2)) == Approx(std::log(3)));
  CHECK(Ratio::log(-std::numeric_limits<double>::infinity(), -1) == -std::numeric_limits<double>::infinity());
  CHECK_THROWS_WITH(Ratio::log(-1, -std::numeric_limits<double>::infinity()),
                    Contains("a logged action has a positive probability"));
  CHECK_THROWS_AS(Ratio::log(std::nan(""), -1), Error);
  CHECK_THROWS_AS(Ratio::log(std::numeric_limits<double>::infinity(), -1), Error);
}
