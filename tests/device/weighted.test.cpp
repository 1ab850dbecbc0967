#include "device/updates.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using namespace support;

TEST_CASE("algorithms of weighted imitation make the CPU's updates on another device", "[device]") {
  const auto device = other_device();
  if (!device) return;
  same_updates<recipes::Bc>(*device, "Bc");
  same_updates<recipes::Iql>(*device, "Iql");
  same_updates<recipes::IqlQuantile>(*device, "IqlQuantile");
  same_updates<recipes::Xql>(*device, "Xql");
  same_updates<recipes::Sql>(*device, "Sql");
  same_updates<recipes::Awr>(*device, "Awr");
  same_updates<recipes::Awac>(*device, "Awac");
  same_updates<recipes::AwacLearnedV>(*device, "AwacLearnedV");
  same_updates<recipes::Crr>(*device, "Crr");
  same_updates<recipes::CrrBinary>(*device, "CrrBinary");
  same_updates<recipes::InAc>(*device, "InAc");
}
