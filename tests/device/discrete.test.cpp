#include "device/updates.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using namespace support;

TEST_CASE("algorithms of discrete actions make the CPU's updates on another device", "[device]") {
  same_updates<recipes::DiscreteBc>("DiscreteBc");
  same_updates<recipes::DiscreteIql>("DiscreteIql");
  same_updates<recipes::DiscreteAwac>("DiscreteAwac");
  same_updates<recipes::DiscreteAwr>("DiscreteAwr");
  same_updates<recipes::DiscreteXql>("DiscreteXql");
  same_updates<recipes::DiscreteSql>("DiscreteSql");
  same_updates<recipes::DiscreteInAc>("DiscreteInAc");
  same_updates<recipes::DiscreteRewardKl>("DiscreteRewardKl");
  same_updates<recipes::DiscreteCql>("DiscreteCql");
}
