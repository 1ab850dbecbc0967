#include <tessera/algorithms/xql.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Xql> xql;
const Register<recipes::DiscreteXql> discrete_xql;
}  // namespace
}  // namespace tessera::cli
