#pragma once
#include <tessera/doctor/report.hpp>

namespace tessera::symptoms {
/// What the reader of the file noticed, and did about it (`Dataset::warnings`).
struct ReaderWarnings {
  static constexpr const char* name = "reading";
  static constexpr auto level = severity::warning;
  static void run(const Dataset& data, DoctorReport& report);
};
}  // namespace tessera::symptoms

#ifndef TESSERA_COMPILED
#include <tessera/doctor/reader_warnings.impl.hpp>
#endif
