// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/nn/connect.impl.hpp>
