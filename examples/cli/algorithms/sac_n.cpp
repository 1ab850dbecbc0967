#include <tessera/algorithms/sac_n.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::SacN> sac_n;
const Register<recipes::Edac> edac;
}  // namespace
}  // namespace tessera::cli
