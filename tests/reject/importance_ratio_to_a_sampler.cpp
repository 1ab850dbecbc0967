// reject: importance_ratio_error<tessera::component<tessera::Vae>, tessera::lacks<tessera::ope::lack::log_prob_of_a_given_action>, tessera::to_be<tessera::ope::a_side_of_importance_ratios>, tessera::try_<tessera::ope::FittedQ> ?>
#include <tessera/behavior/density.hpp>
#include <tessera/behavior/vae.hpp>
#include <tessera/ope/importance_ratio.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

using namespace tessera;

#if TESSERA_REJECT
using Behavior = Vae;
#else
using Behavior = Density<TanhGaussianPolicy>;
#endif

double run() { return ope::importance_ratio<TanhGaussianPolicy, Behavior>::log(-1, -2); }
