#include "device/updates.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using namespace support;

TEST_CASE("algorithms with a model make the CPU's updates on another device", "[device]") {
  same_updates<recipes::Mopo>("Mopo");
  same_updates<recipes::MopoDisagreement>("MopoDisagreement");
  same_updates<recipes::Morel>("Morel");
  same_updates<recipes::Combo>("Combo");
  same_updates<recipes::Mobile>("Mobile");
  same_updates<recipes::Rambo>("Rambo");
  same_updates<recipes::MorelNpg>("MorelNpg");
}
