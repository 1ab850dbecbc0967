#include <tessera/algorithms/awr.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Awr> awr;
const Register<recipes::DiscreteAwr> discrete_awr;
}  // namespace
}  // namespace tessera::cli
