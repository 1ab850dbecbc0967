// reject: composition_error<tessera::in<EqlOfAnExpectile>, tessera::component<tessera::BoltzmannWeighted>, tessera::wants<tessera::want::soft_maximum_value>, tessera::but_got<tessera::Expectile>, tessera::try_<tessera::Exponential> ?>
#include <tessera/algorithms/eql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct EqlOfAnExpectile : recipes::Eql::with<value<Expectile>> {};
#else
struct EqlOfAnExpectile : recipes::Eql {};
#endif

void run() { archetypes::use<EqlOfAnExpectile>(); }
