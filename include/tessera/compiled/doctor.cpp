// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/doctor/actions.impl.hpp>
#include <tessera/doctor/check.impl.hpp>
#include <tessera/doctor/columns.impl.hpp>
#include <tessera/doctor/continuity.impl.hpp>
#include <tessera/doctor/coverage.impl.hpp>
#include <tessera/doctor/duplicates.impl.hpp>
#include <tessera/doctor/ends.impl.hpp>
#include <tessera/doctor/reader_warnings.impl.hpp>
#include <tessera/doctor/repairs.impl.hpp>
#include <tessera/doctor/report.impl.hpp>
#include <tessera/doctor/reward_shift.impl.hpp>
#include <tessera/doctor/rewards.impl.hpp>
#include <tessera/doctor/steps.impl.hpp>
