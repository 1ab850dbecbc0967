#include <tessera/support/nearest_name.hpp>

#include <catch2/catch.hpp>

TEST_CASE("edit distances", "[data][nearest_name]") {
  CHECK(tessera::edit_distance("", "") == 0);
  CHECK(tessera::edit_distance("abc", "") == 3);
  CHECK(tessera::edit_distance("kitten", "sitting") == 3);
  CHECK(tessera::edit_distance("flaw", "lawn") == 2);
}

TEST_CASE("the nearest name, if one is near", "[data][nearest_name]") {
  const std::vector<std::string> names = {"beta", "tau", "discount"};
  CHECK(tessera::nearest_name("bta", names) == "beta");
  CHECK(tessera::nearest_name("discuont", names) == "discount");
  CHECK(tessera::nearest_name("learning_rate", names).empty());
  CHECK(tessera::nearest_name("", names).empty());
}
