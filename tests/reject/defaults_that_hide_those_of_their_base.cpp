// reject: composition_error<tessera::in<Mine>, tessera::component<MyDefaults>, tessera::hides_the_settings_of<tessera::recipes::IqlDefaults>, tessera::such_as_those_on<tessera::GaussianParams>, tessera::write_using_on_of_the_base> ?
#include <tessera/algorithms/iql.hpp>

#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct MyDefaults : recipes::IqlDefaults {
  static constexpr void on(AdvantageWeighted::params& h) { h.beta = 7; }
};
#else
struct MyDefaults : recipes::IqlDefaults {
  using recipes::IqlDefaults::on;
  static constexpr void on(AdvantageWeighted::params& h) { h.beta = 7; }
};
#endif

struct Mine : recipes::Iql::with<defaults<MyDefaults>> {};

void run() {
  params_of<Mine> p;
  p.actor.beta = 3;
  learner<Mine, archetypes::SymbolicBackend> agent{archetypes::small_problem(), {}, p};
}
