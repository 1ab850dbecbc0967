#include <tessera/algorithms/ac_bc.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::AcBc> ac_bc;
}  // namespace
}  // namespace tessera::cli
