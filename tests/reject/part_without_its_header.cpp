// reject: composition_error<tessera::in<Mine>, tessera::component<tessera::TanhGaussianPolicy>, tessera::whose_header_is_not_included> ?
#include <tessera/algorithms/bc.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct Mine : recipes::Bc::with<policy<TanhGaussianPolicy>> {};
#else
struct Mine : recipes::Bc::with<policy<GaussianPolicy>> {};
#endif

void run() { archetypes::use<Mine>(); }
