#include <tessera/algorithms/percent_bc.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::PercentBc> percent_bc;
}  // namespace
}  // namespace tessera::cli
