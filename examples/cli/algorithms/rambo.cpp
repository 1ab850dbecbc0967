#include <tessera/algorithms/rambo.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Rambo> rambo;
}  // namespace
}  // namespace tessera::cli
