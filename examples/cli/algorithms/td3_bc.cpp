#include <tessera/algorithms/td3_bc.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Td3Bc> td3_bc;
}  // namespace
}  // namespace tessera::cli
