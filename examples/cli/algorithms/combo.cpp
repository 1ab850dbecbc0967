#include <tessera/algorithms/combo.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Combo> combo;
}  // namespace
}  // namespace tessera::cli
