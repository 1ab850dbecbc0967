// reject: composition_error<tessera::in<Mine>, tessera::component<My>, tessera::lacks<tessera::lack::batch_that_returns_a_batch>, tessera::to_be<tessera::want::a_data_source> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

#if TESSERA_REJECT
struct My : no_parameters<role::data_source> {
  static void prepare(const params&, const auto&, auto&) {}
};
#else
struct My : no_parameters<role::data_source> {
  static void prepare(const params&, const auto&, auto&) {}
  template <class Replay>
  static typename Replay::batch_type batch(const params&, const Replay&, std::uint64_t, std::int64_t, std::int64_t,
                                           const auto&) {
    return {};
  }
};
#endif

struct Mine
    : recipe<policy<archetypes::MinimalPolicy<Continuous>>, tessera::data<My>, actor<archetypes::MinimalActor>> {};

void run() { archetypes::use<Mine>(); }
