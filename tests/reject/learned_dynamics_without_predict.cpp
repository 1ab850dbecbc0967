// reject: composition_error<tessera::in<Mine>, tessera::component<My>, tessera::lacks<tessera::lack::predict_that_returns_a_prediction>, tessera::to_be<tessera::want::a_learned_dynamics_model> ?>

#include "../archetypes/models.hpp"
#include "../archetypes/use.hpp"

using namespace tessera;

struct MyParams {
  double holdout = 0.2;
  std::int64_t holdout_rows = 5000, seed = 0;
  static constexpr doc docs[] = {
      {"holdout", "part held out"}, {"holdout_rows", "at most"}, {"seed", "of the training"}};
};
// A model that says how it is trained, but not how it is measured.
struct Almost {
  using role = role::dynamics_model;
  using params = MyParams;
  using needs = all_of<>;
  static constexpr bool sized_state = true;
  template <class B>
  struct state {
    buffer<std::int64_t> trained{0};
    buffer<typename B::tensor> errors;
    state(const params&, const auto&) {}
    void each(auto&& f) { f("my/trained", trained), f("my/errors", errors); }
  };
  static void fit(const params&, auto&, auto&) {}
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params&, Step&, const T&, const T&) {
    return {};
  }
};

#if TESSERA_REJECT
struct My : Almost {
  template <class T>
  static imagined<T> predict(const params&, const auto&, const T&, const T&) {
    return {};
  }
};
#else
struct My : Almost {
  template <class T>
  static Prediction<T> predict(const params&, const auto&, const T&, const T&) {
    return {};
  }
};
#endif

struct Mine : recipe<policy<archetypes::MinimalPolicy<Continuous>>, dynamics<My>, actor<archetypes::MinimalActor>> {};

void run() { archetypes::use<Mine>(); }
