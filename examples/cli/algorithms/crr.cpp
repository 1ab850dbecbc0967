#include <tessera/algorithms/crr.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Crr> crr;
const Register<recipes::CrrBinary> crr_binary;
}  // namespace
}  // namespace tessera::cli
