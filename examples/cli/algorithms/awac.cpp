#include <tessera/algorithms/awac.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Awac> awac;
const Register<recipes::AwacLearnedV> awac_learned_v;
const Register<recipes::DiscreteAwac> discrete_awac;
}  // namespace
}  // namespace tessera::cli
