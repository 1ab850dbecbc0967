#include <tessera/algorithms/morel.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Morel> morel;
}  // namespace
}  // namespace tessera::cli
