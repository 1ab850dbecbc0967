#include <tessera/algorithms/mobile.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Mobile> mobile;
}  // namespace
}  // namespace tessera::cli
