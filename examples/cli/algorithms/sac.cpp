#include <tessera/algorithms/sac.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Sac> sac;
}  // namespace
}  // namespace tessera::cli
