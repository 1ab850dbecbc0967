// The names in params::docs are those of the fields, in their order: what the compiler calls a field is in the spelling
// of a pointer to it.
#include <tessera/compose/ranges.hpp>
//
#include <catch2/catch.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <tessera/algorithms.hpp>
#include <tessera/policy/scaled_tanh_gaussian.hpp>
#include <tessera/policy/state_dependent_gaussian.hpp>
#include <tessera/select/best_of.hpp>
#include <tessera/uncertainty/halt_above.hpp>
#include <tessera/value/quantile.hpp>

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wundefined-var-template"  // an object of which only addresses are taken
#endif

using namespace tessera;

namespace docs_test {
template <class T>
struct pointer {
  T* at;
};
template <class P>
struct outside {
  const P value;
};
template <class P>
extern const outside<P> object;
template <class P, std::size_t i>
consteval auto field() {
  auto* at = std::get<i>(detail::fields(object<P>.value));
  return pointer<std::remove_pointer_t<decltype(at)>>{at};
}
template <auto p>
consteval std::string_view spelled() {
  return __PRETTY_FUNCTION__;
}
/// "discount", out of "... {(& object<...>...::value.tessera::CriticParams::discount)}; ..." or "...
/// {&object.value.discount}]".
template <class P, std::size_t i>
constexpr std::string_view name() {
  std::string_view all = spelled<field<P, i>()>();
  all = all.substr(0, all.find('}', all.rfind("value")));
  if (all.ends_with(')')) all.remove_suffix(1);
  return all.substr(all.find_last_of(":.") + 1);
}

struct Swapped {
  double a = 1, b = 2;

  static constexpr doc docs[] = {{"b", "the second"}, {"a", "the first"}};
};
static_assert(name<Swapped, 0>() == "a" && name<Swapped, 1>() == "b");

int checked = 0;
template <class P>
void check();
template <class P, std::size_t i>
void check_field() {
  INFO(detail::spelled<P>());
  CHECK(std::string(name<P, i>()) == P::docs[i].name);
  ++checked;
  using F = std::remove_const_t<
      std::remove_pointer_t<std::tuple_element_t<i, decltype(detail::fields(std::declval<const P&>()))>>>;
  if constexpr (requires { F::docs; }) check<F>();
}
template <class P>
void check() {
  if constexpr (requires { typename P::pieces; }) {
    []<class... Ps>(list_of<Ps...>) { (check<Ps>(), ...); }(typename P::pieces{});
  } else if constexpr (!std::is_empty_v<P>) {
    static_assert(detail::is_documented<P>());
    []<std::size_t... i>(std::index_sequence<i...>) { (check_field<P, i>(), ...); }
    (std::make_index_sequence<detail::arity<P>()>{});
  }
}
template <class... Slots>
struct parts_of {
  static void check_all() { (check<typename Slots::type::params>(), ...); }
};
template <class... Rs>
void check_recipes(list_of<Rs...>) {
  (Rs::completed::template apply<parts_of>::check_all(), ...);
}
}  // namespace docs_test

TEST_CASE("docs name the fields of every part in their order", "[compose][docs]") {
  docs_test::check_recipes(
      list_of<recipes::Bc, recipes::DiscreteBc, recipes::PercentBc, recipes::Iql, recipes::IqlQuantile,
              recipes::DiscreteIql, recipes::Awac, recipes::AwacLearnedV, recipes::Awr, recipes::Crr,
              recipes::CrrBinary, recipes::Xql, recipes::Sql, recipes::Eql, recipes::InAc, recipes::Td3, recipes::Td3Bc,
              recipes::ReBrac, recipes::Sac, recipes::SacN, recipes::Edac, recipes::Cql, recipes::CqlLagrange,
              recipes::DiscreteCql, recipes::DiscreteBcq, recipes::Bear, recipes::BracP, recipes::BracV,
              recipes::BracVDual, recipes::RewardKl, recipes::Mopo, recipes::Mobile, recipes::Combo, recipes::Morel,
              recipes::MorelNpg, recipes::Rambo, recipes::Qc, recipes::QcFql>{});
  docs_test::check<ScaledTanhGaussianPolicy::params>();
  docs_test::check<StateDependentGaussianPolicy::params>();
  docs_test::check<BestOf::params>();
  docs_test::check<HaltAboveParams>();
  CHECK(docs_test::checked > 500);
}
