// Of the library tessera::compiled: the bodies of these headers' functions.
#include <tessera/checkpoint_header.impl.hpp>
#include <tessera/dynamics_file_header.impl.hpp>
