#include <tessera/algorithms.hpp>

#include "train/every_recipe.hpp"

TEST_CASE("every recipe is sound: part 2 of 12", "[train][algorithms]") {
  support::every_recipe<2 - 1>(tessera::all_recipes{});
}
