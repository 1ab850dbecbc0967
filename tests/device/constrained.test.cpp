#include "device/updates.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using namespace support;

TEST_CASE("algorithms with a constraint make the CPU's updates on another device", "[device]") {
  same_updates<recipes::Td3Bc>("Td3Bc");
  same_updates<recipes::ReBrac>("ReBrac");
  same_updates<recipes::AcBc>("AcBc");
  same_updates<recipes::ReverseKlActorCritic>("ReverseKlActorCritic");
  same_updates<recipes::BracP>("BracP");
  same_updates<recipes::BracV>("BracV");
  same_updates<recipes::BracVDual>("BracVDual");
  same_updates<recipes::RewardKl>("RewardKl");
  same_updates<recipes::Bear>("Bear");
}
