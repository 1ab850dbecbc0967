#include "device/updates.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using namespace support;

TEST_CASE("algorithms of discrete actions make the CPU's updates on another device", "[device]") {
  const auto device = other_device();
  if (!device) return;
  same_updates<recipes::DiscreteBc>(*device, "DiscreteBc");
  same_updates<recipes::DiscreteIql>(*device, "DiscreteIql");
  same_updates<recipes::DiscreteAwac>(*device, "DiscreteAwac");
  same_updates<recipes::DiscreteAwr>(*device, "DiscreteAwr");
  same_updates<recipes::DiscreteXql>(*device, "DiscreteXql");
  same_updates<recipes::DiscreteSql>(*device, "DiscreteSql");
  same_updates<recipes::DiscreteInAc>(*device, "DiscreteInAc");
  same_updates<recipes::DiscreteRewardKl>(*device, "DiscreteRewardKl");
  same_updates<recipes::DiscreteCql>(*device, "DiscreteCql");
}
