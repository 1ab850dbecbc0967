#include <tessera/algorithms/morel_npg.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::MorelNpg> morel_npg;
}  // namespace
}  // namespace tessera::cli
