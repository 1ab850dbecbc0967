#include "device/updates.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using namespace support;

TEST_CASE("algorithms with a constraint make the CPU's updates on another device", "[device]") {
  const auto device = other_device();
  if (!device) return;
  same_updates<recipes::Td3Bc>(*device, "Td3Bc");
  same_updates<recipes::ReBrac>(*device, "ReBrac");
  same_updates<recipes::AcBc>(*device, "AcBc");
  same_updates<recipes::ReverseKlActorCritic>(*device, "ReverseKlActorCritic");
  same_updates<recipes::BracP>(*device, "BracP");
  same_updates<recipes::BracV>(*device, "BracV");
  same_updates<recipes::BracVDual>(*device, "BracVDual");
  same_updates<recipes::RewardKl>(*device, "RewardKl");
  same_updates<recipes::Bear>(*device, "Bear");
}
