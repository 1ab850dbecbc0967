#pragma once
#include <string>
#include <utility>

#include <tessera/cli/explained.hpp>
#include <tessera/cli/parameters_with.hpp>
#include <tessera/compose/name.hpp>

// A program of two binaries compiles its registrations twice: with TESSERA_CLI_FRONT for the one that describes an
// algorithm, which needs no libtorch, and with TESSERA_CLI_ENGINE for the one that trains.  Any other program has both
// in one binary.
#if !TESSERA_CLI_FRONT
#include <tessera/cli/trained.hpp>
#endif

namespace tessera::cli {
/// Puts a recipe into the catalog:  `const Algorithm<MyRecipe> mine;`  in a source file.  Its name on the command line
/// is its type's in kebab case, "my-recipe", or the one that is given.  Two recipes may have one name where the one is
/// for continuous actions and the other for discrete ones, by their policies; of those the data choose:
///   const Algorithm<MyDiscreteRecipe> discrete("my-recipe");
template <class R>
struct Algorithm {
  explicit Algorithm(std::string name = kebab_case(type_name<R>())) {
    using Space = typename R::template get<policy>::space;
    AlgorithmEntry a{std::move(name), Space::name,        kebab_case(type_name<R>()),
                     slot_line<R>(),  &parameter_keys<R>, [](const Settings& s) { (void)parameters_with<R>(s); }};
    a.only_online = TrainsOnline<typename R::template get<data>>;
#if !TESSERA_CLI_ENGINE
    Explained<R>::add_to(a);
#endif
#if !TESSERA_CLI_FRONT
    Trained<R>::add_to(a);
#endif
    add_algorithm(std::move(a));
  }
};
}  // namespace tessera::cli
