// Of the library tessera::compiled: the bodies of these headers' functions.
#include <tessera/train/checkpoint.impl.hpp>
#include <tessera/train/dynamics_file.impl.hpp>
