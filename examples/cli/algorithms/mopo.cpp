#include <tessera/algorithms/mopo.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::Mopo> mopo;
const Register<recipes::MopoDisagreement> mopo_disagreement;
}  // namespace
}  // namespace tessera::cli
