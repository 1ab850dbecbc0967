#include <tessera/algorithms/brac.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::ReverseKlActorCritic> reverse_kl_actor_critic;
const Register<recipes::BracP> brac_p;
const Register<recipes::BracV> brac_v;
const Register<recipes::BracVDual> brac_vdual;
}  // namespace
}  // namespace tessera::cli
