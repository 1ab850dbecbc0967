// Of the library tessera::compiled: the bodies of these headers' functions.
#include <tessera/data/behaviour.impl.hpp>
#include <tessera/data/builtin.impl.hpp>
#include <tessera/data/child_process.impl.hpp>
#include <tessera/data/load.impl.hpp>
#include <tessera/data/untrusted.impl.hpp>
#include <tessera/env/cartpole.impl.hpp>
#include <tessera/env/icu_sepsis.impl.hpp>
#include <tessera/env/pendulum.impl.hpp>
