#include <tessera/algorithms/mopo.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Mopo> mopo;
}  // namespace
}  // namespace tessera::cli
