// Of the library tessera::compiled: the bodies of these headers' functions.
#include <tessera/io/safetensors.impl.hpp>
