#pragma once
#include <string>
#include <vector>

#include <tessera/compose/explain.hpp>
#include <tessera/compose/ranges.hpp>
#include <tessera/compose/reflect.hpp>

#include "catalogue.hpp"

namespace tessera::cli {
/// A recipe's hyper-parameters with some of them set.
template <class R>
params_of<R> parameters_with(const Settings& settings) {
  params_of<R> p;
  const auto all = tessera::parameters<R>(p);
  for (const auto& [key, value] : settings) set_parameter(all, key, value);
  require_ranges<R>(p);
  return p;
}
}  // namespace tessera::cli

// The files in algorithms/ are compiled twice: for the tool, which says what an algorithm is and needs no libtorch for it, and for its engine.
#if TESSERA_ENGINE
#include "trained.hpp"
#else
namespace tessera::cli {
/// What an algorithm is.
template <class R>
struct Explained {
  static void add_to(Algorithm& a) { a.explain = &print, a.check = &check, a.keys = &keys; }

 private:
  static void print(std::ostream& out, const Settings& s) { explain<R>(out, parameters_with<R>(s)); }
  static void check(const Settings& s) { parameters_with<R>(s); }
  static std::vector<std::string> keys() {
    params_of<R> p;
    std::vector<std::string> out;
    for (const auto& each : parameters<R>(p)) out.push_back(each.key);
    return out;
  }
};
}  // namespace tessera::cli
#endif

namespace tessera::cli {
/// Puts a recipe into the catalogue:  `const Register<recipes::Iql> iql;`  in a source file of its own.
template <class R>
struct Register {
  Register() {
    using Space = typename R::template get<policy>::space;
    Algorithm a{kebab_case(type_name<R>()), Space::name, slot_line<R>()};
#if TESSERA_ENGINE
    Trained<R>::add_to(a);
#else
    Explained<R>::add_to(a);
#endif
    catalogue()[a.name] = a;
  }
};
}  // namespace tessera::cli
