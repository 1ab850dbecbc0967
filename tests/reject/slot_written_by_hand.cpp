// reject: composition_error<tessera::in<Mine>, tessera::but_got<encoder<Cnn> ?>, tessera::which_is_not_a_slot, tessera::see_TESSERA_SLOT> ?
#include <tessera/algorithms/iql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
template <class C>
struct encoder {
  using type = C;
  static constexpr const char* label = "encoder";
  struct named {
    typename C::params encoder{};
  };
  static constexpr auto member = &named::encoder;
};
#else
TESSERA_SLOT(encoder, want::a_component, void, void);
#endif

struct role_of_encoders {};
struct Cnn : no_parameters<role_of_encoders> {};
struct Mine : recipes::Iql::with<encoder<Cnn>> {};

void run() { archetypes::use<Mine>(); }
