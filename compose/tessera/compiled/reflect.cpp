// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/reflect/reflect.impl.hpp>
