// reject: importance_ratio_error<tessera::component<tessera::TanhGaussianPolicy>, tessera::lacks<tessera::ope::lack::its_header>, tessera::to_be<tessera::ope::a_side_of_importance_ratios>, tessera::try_<tessera::ope::FittedQ> ?>
#include <tessera/ope/importance_ratio.hpp>
#include <tessera/policy/gaussian.hpp>

using namespace tessera;

#if TESSERA_REJECT
using Target = TanhGaussianPolicy;
#else
using Target = GaussianPolicy;
#endif

double run() { return ope::importance_ratio<Target, ope::ProbabilityTable>::log(-1, -2); }
