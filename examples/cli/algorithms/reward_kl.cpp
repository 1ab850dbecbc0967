#include <tessera/algorithms/reward_kl.hpp>

#include "register.hpp"

namespace tessera::cli {
namespace {
const Register<recipes::RewardKl> reward_kl;
const Register<recipes::DiscreteRewardKl> discrete_reward_kl;
}  // namespace
}  // namespace tessera::cli
