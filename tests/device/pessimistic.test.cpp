#include "device/updates.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using namespace support;

TEST_CASE("algorithms with a pessimistic critic, and without any pessimism, make the CPU's updates on another device", "[device]") {
  const auto device = other_device();
  if (!device) return;
  same_updates<recipes::Td3>(*device, "Td3");
  same_updates<recipes::Sac>(*device, "Sac");
  same_updates<recipes::Cql>(*device, "Cql");
  same_updates<recipes::CqlLagrange>(*device, "CqlLagrange");
  same_updates<recipes::CqlLowerBound>(*device, "CqlLowerBound");
  same_updates<recipes::SacN>(*device, "SacN");
  same_updates<recipes::Edac>(*device, "Edac");
}
