#include <tessera/algorithms/bear.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Bear> bear;
}  // namespace
}  // namespace tessera::cli
