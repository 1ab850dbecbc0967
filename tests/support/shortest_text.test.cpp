#include <tessera/support/shortest_text.hpp>

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

using tessera::real_text;
using tessera::shortest_text;

TEST_CASE("the shortest text reads back as the same number", "[support]") {
  CHECK(shortest_text(0.1f) == "0.1");
  CHECK(shortest_text(double(0.1f)) == "0.10000000149011612");
  CHECK(shortest_text(-3.0) == "-3");
  CHECK(shortest_text(1e30f) == "1e+30");
  CHECK(shortest_text(std::int64_t{-9007199254740993}) == "-9007199254740993");
  for (const double x : {1.0 / 3, -std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min()})
    CHECK(std::strtod(shortest_text(x).c_str(), nullptr) == x);
}

TEST_CASE("a real number has a point or an exponent", "[support]") {
  CHECK(real_text(2.0f) == "2.0");
  CHECK(real_text(-0.0) == "-0.0");
  CHECK(real_text(2.5f) == "2.5");
  CHECK(real_text(1e30f) == "1e+30");
}
