#pragma once
#include <string>
#include <utility>
#include <vector>

#include <tessera/support/error.hpp>

namespace tessera::cli {
/// Errors in the tables, which are filled before anybody can be told.
inline std::vector<std::string>& registration_faults() {
  static std::vector<std::string> faults;
  return faults;
}
/// Of two entries the second is left out, and `run` refuses to start.  `whose`: what they have in common beside the
/// name.
inline void registered_twice(const std::string& what, const std::string& name, const std::string& whose = "") {
  registration_faults().push_back("this program registers two " + what + "s called '" + name + "'" + whose +
                                  "; give one of them another name, or leave it out");
}
/// Throws an Error unless the tables are valid.
inline void require_registrations() {
  if (!registration_faults().empty()) throw Error(registration_faults().front());
}
}  // namespace tessera::cli
