// Of the library tessera::compiled: the bodies of these headers' functions.
#include <tessera/checkpoint.impl.hpp>
#include <tessera/dynamics_file.impl.hpp>
