#include <tessera/algorithms/bc.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Bc> bc;
const Register<recipes::DiscreteBc> discrete_bc;
}  // namespace
}  // namespace tessera::cli
