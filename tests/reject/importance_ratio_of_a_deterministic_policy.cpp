// reject: importance_ratio_error<tessera::component<tessera::DeterministicPolicy>, tessera::lacks<tessera::ope::lack::log_prob_of_a_given_action>, tessera::to_be<tessera::ope::a_side_of_importance_ratios>, tessera::try_<tessera::ope::FittedQ> ?>
#include <tessera/ope/importance_ratio.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>

using namespace tessera;

#if TESSERA_REJECT
using Target = DeterministicPolicy;
#else
using Target = GaussianPolicy;
#endif

double run() { return ope::importance_ratio<Target, ope::LoggedPropensities>::log(-1, -2); }
