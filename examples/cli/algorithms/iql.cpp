#include <tessera/algorithms/iql.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Iql> iql;
const Register<recipes::IqlQuantile> iql_quantile;
const Register<recipes::DiscreteIql> discrete_iql;
}  // namespace
}  // namespace tessera::cli
