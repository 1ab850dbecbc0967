// Of the library tessera::compiled: the bodies of these headers' functions.
#include <tessera/train/checkpoint_header.impl.hpp>
#include <tessera/train/dynamics_file_header.impl.hpp>
