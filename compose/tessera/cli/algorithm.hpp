#pragma once
#include <utility>

#include <tessera/cli/explained.hpp>
#include <tessera/compose/name.hpp>

// A program of two binaries compiles its registrations twice: with TESSERA_CLI_FRONT for the one that describes an
// algorithm, which needs no libtorch, and with TESSERA_CLI_ENGINE for the one that trains.  Any other program has both
// in one binary.
#if !TESSERA_CLI_FRONT
#include <tessera/cli/trained.hpp>
#endif

namespace tessera::cli {
/// Adds a recipe to the catalog, under its name in kebab case:  `const Algorithm<MyRecipe> mine;`  in a source file.
template <class R>
struct Algorithm {
  Algorithm() {
    using Space = typename R::template get<policy>::space;
    AlgorithmEntry a{kebab_case(type_name<R>()), Space::name, slot_line<R>()};
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
