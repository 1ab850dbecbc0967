// Part of the library tessera::compiled, and all of the library tessera_policy: the function bodies of this header.
#include <tessera/deploy/c_api.impl.hpp>
