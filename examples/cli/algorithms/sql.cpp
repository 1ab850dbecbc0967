#include <tessera/algorithms/sql.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Sql> sql;
const Register<recipes::DiscreteSql> discrete_sql;
}  // namespace
}  // namespace tessera::cli
