// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/train/checkpoint.impl.hpp>
#include <tessera/train/exported_noise.impl.hpp>
