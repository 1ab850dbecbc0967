#pragma once
// Where function bodies live: the body of a function that is not a template is in X.impl.hpp next to X.hpp, which
// includes it at its end.  With TESSERA_COMPILED, which the target tessera::compiled defines, headers only declare
// these functions, and the library, compiled from the same X.impl.hpp, defines them.
#ifdef TESSERA_COMPILED
#define TESSERA_INLINE
#else
#define TESSERA_INLINE inline
#endif
