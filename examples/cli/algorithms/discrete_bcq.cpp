#include <tessera/algorithms/discrete_bcq.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::DiscreteBcq> discrete_bcq;
}  // namespace
}  // namespace tessera::cli
