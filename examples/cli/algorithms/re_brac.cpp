#include <tessera/algorithms/re_brac.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::ReBrac> re_brac;
}  // namespace
}  // namespace tessera::cli
