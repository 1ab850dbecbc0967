#pragma once
// Where the bodies of functions that are no templates stand: in X.impl.hpp beside X.hpp, which includes it at its end.
// With TESSERA_COMPILED, a definition of the target tessera::compiled, headers only declare them, and the library has
// the bodies: it is compiled of the same X.impl.hpp.
#ifdef TESSERA_COMPILED
#define TESSERA_INLINE
#else
#define TESSERA_INLINE inline
#endif
