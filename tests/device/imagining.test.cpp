#include "device/updates.hpp"

#include <tessera/algorithms.hpp>

using namespace tessera;
using namespace support;

TEST_CASE("algorithms with a model make the CPU's updates on another device", "[device]") {
  const auto device = other_device();
  if (!device) return;
  same_updates<recipes::Mopo>(*device, "Mopo");
  same_updates<recipes::MopoDisagreement>(*device, "MopoDisagreement");
  same_updates<recipes::Morel>(*device, "Morel");
  same_updates<recipes::Combo>(*device, "Combo");
  same_updates<recipes::Mobile>(*device, "Mobile");
  same_updates<recipes::Rambo>(*device, "Rambo");
  same_updates<recipes::MorelNpg>(*device, "MorelNpg");
}
