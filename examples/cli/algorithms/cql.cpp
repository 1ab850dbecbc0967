#include <tessera/algorithms/cql.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Cql> cql;
const Register<recipes::CqlLagrange> cql_lagrange;
const Register<recipes::CqlLowerBound> cql_lower_bound;
const Register<recipes::DiscreteCql> discrete_cql;
}  // namespace
}  // namespace tessera::cli
