#include <tessera/concepts/capture.hpp>
//
#include <catch2/catch.hpp>

using namespace tessera;

namespace {
struct Plain {
  struct params {};
};
struct Refilling : Plain {
  static void refill(const params&, auto&, auto&) {}
};
struct Harmless : Refilling {
  static constexpr bool capturable = true;
};
struct Reading : Plain {
  static constexpr bool capturable = false;
};
struct Delayed : Plain {
  static constexpr rhythm rhythm_of(const params&) { return {.after = 10, .period = 3}; }
};
struct Wrong : Plain {
  static int rhythm_of(const params&) { return 3; }
};
}  // namespace

TEST_CASE("what refills cannot be captured, and what says so is believed", "[concepts][capture]") {
  STATIC_REQUIRE(is_capturable<Plain>);
  STATIC_REQUIRE(is_capturable<Delayed>);
  STATIC_REQUIRE(is_capturable<Harmless>);
  STATIC_REQUIRE_FALSE(is_capturable<Refilling>);
  STATIC_REQUIRE_FALSE(is_capturable<Reading>);
}

TEST_CASE("a rhythm is a number of updates and a period", "[concepts][capture]") {
  STATIC_REQUIRE(HasRhythm<Delayed>);
  STATIC_REQUIRE_FALSE(HasRhythm<Plain>);
  STATIC_REQUIRE_FALSE(HasRhythm<Wrong>);
  STATIC_REQUIRE(rhythm{}.after == 0);
  STATIC_REQUIRE(rhythm{}.period == 1);
}
