#include "device/updates.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using namespace support;

TEST_CASE("algorithms of weighted imitation make the CPU's updates on another device", "[device]") {
  same_updates<recipes::Bc>("Bc");
  same_updates<recipes::Iql>("Iql");
  same_updates<recipes::IqlQuantile>("IqlQuantile");
  same_updates<recipes::Xql>("Xql");
  same_updates<recipes::Sql>("Sql");
  same_updates<recipes::Awr>("Awr");
  same_updates<recipes::Awac>("Awac");
  same_updates<recipes::AwacLearnedV>("AwacLearnedV");
  same_updates<recipes::Crr>("Crr");
  same_updates<recipes::CrrBinary>("CrrBinary");
  same_updates<recipes::InAc>("InAc");
}
