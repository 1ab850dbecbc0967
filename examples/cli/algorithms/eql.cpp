#include <tessera/algorithms/eql.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Eql> eql;
const Register<recipes::DiscreteEql> discrete_eql;
}  // namespace
}  // namespace tessera::cli
