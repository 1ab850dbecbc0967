#include <tessera/algorithms.hpp>

#include <fstream>
#include <iterator>

#include "train/every_recipe.hpp"

TEST_CASE("every recipe is sound: part 1 of 12", "[train][algorithms]") {
  support::every_recipe<1 - 1>(tessera::all_recipes{});
}

TEST_CASE("every part of the list of recipes has its file", "[train][algorithms]") {
  for (std::size_t part = 0; part < support::parts; ++part) {
    const auto number = std::to_string(part + 1);
    INFO(number);
    std::ifstream in(std::string(TESSERA_SOURCE_DIR) + "/tests/train/every_recipe_" + number + ".test.cpp");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    CHECK(text.find("every_recipe<" + number + " - 1>(tessera::all_recipes{})") != std::string::npos);
  }
}
