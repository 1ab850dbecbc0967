#include "device/updates.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using namespace support;

TEST_CASE("algorithms with a pessimistic critic, and without any pessimism, make the CPU's updates on another device",
          "[device]") {
  same_updates<recipes::Td3>("Td3");
  same_updates<recipes::Sac>("Sac");
  same_updates<recipes::Cql>("Cql");
  same_updates<recipes::CqlLagrange>("CqlLagrange");
  same_updates<recipes::CqlLowerBound>("CqlLowerBound");
  same_updates<recipes::SacN>("SacN");
  same_updates<recipes::Edac>("Edac");
}
