#include <tessera/support/plain_path.hpp>

#include <catch2/catch.hpp>

using tessera::plain_path;

TEST_CASE("a path loses the slashes behind it", "[support]") {
  CHECK(plain_path("runs/") == "runs");
  CHECK(plain_path("a/b//") == "a/b");
  CHECK(plain_path("a/b") == "a/b");
  CHECK(plain_path("/") == "/");
  CHECK(plain_path("//") == "/");
  CHECK(plain_path("").empty());
}
