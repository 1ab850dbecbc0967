#include <tessera/support/list_text.hpp>

#include <catch2/catch.hpp>

using tessera::list_text;
using tessera::shape_text;
using tessera::split_at;
using Texts = std::vector<std::string>;

TEST_CASE("a text in pieces", "[support][list]") {
  CHECK(split_at("a,b:c,d", ',') == Texts{"a", "b:c", "d"});
  CHECK(split_at("a:", ':') == Texts{"a", ""});
  CHECK(split_at(":a", ':') == Texts{"", "a"});
  CHECK(split_at("a", ',') == Texts{"a"});
  CHECK(split_at("", ',') == Texts{""});
}

TEST_CASE("shapes and lists of numbers", "[support][list]") {
  CHECK((shape_text({}) == "()" && shape_text({5}) == "(5,)" && shape_text({2, 3}) == "(2, 3)"));
  CHECK((list_text({}) == "" && list_text({4, -5, 6}) == "4, -5, 6"));
  CHECK((list_text({1, 2, 3}, 2) == "1, 2, ..." && list_text({1, 2}, 2) == "1, 2"));
}
