#include <tessera/algorithms/in_ac.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::InAc> in_ac;
const Register<recipes::DiscreteInAc> discrete_in_ac;
}  // namespace
}  // namespace tessera::cli
