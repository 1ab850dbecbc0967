// Of the library tessera::compiled: the bodies of these headers' functions.
#include <tessera/train/checkpoint.impl.hpp>
