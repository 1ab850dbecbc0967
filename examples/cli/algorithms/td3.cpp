#include <tessera/algorithms/td3.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Td3> td3;
}  // namespace
}  // namespace tessera::cli
