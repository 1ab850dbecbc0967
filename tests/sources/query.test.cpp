#include <tessera/sources/query.hpp>

#include "helpers/files.hpp"

using Catch::Contains;
using tessera::Query;

namespace {
Query query(const std::string& text) { return Query("kind:" + text, text, {"seed", "policy"}); }
}  // namespace

TEST_CASE("a source and its options", "[data][query]") {
  const auto q = query("a/b.npz?seed=7&policy=good");
  CHECK(q.source() == "a/b.npz");
  CHECK(q.text("policy", "x") == "good");
  CHECK(q.number("seed", 0, 0, 100) == 7);
  CHECK(q.one_of("policy", {"good", "bad"}, "bad") == "good");
  const auto bare = query("a");
  CHECK(bare.source() == "a");
  CHECK(bare.number("seed", 3, 0, 100) == 3);
  CHECK(bare.one_of("policy", {"good", "bad"}, "bad") == "bad");
}

TEST_CASE("options that are not understood", "[data][query]") {
  CHECK_THROWS_WITH(query("a?sede=1"), Contains("kind:a?sede=1: 'sede=1'") && Contains("did you mean 'seed='?") &&
                                           Contains("seed, policy"));
  CHECK_THROWS_WITH(query("a?seed"), Contains("'seed' is not understood"));
  CHECK_THROWS_WITH(query("a?"), Contains("'' is not understood"));
  CHECK_THROWS_WITH(query("a?seed=1&"), Contains("'' is not understood"));
  CHECK_THROWS_WITH(query("a?seed=1&seed=2"), Contains("seed is given twice"));
  CHECK_THROWS_WITH(query("a?seed=x").number("seed", 0, 0, 9), Contains("seed is 'x'") && Contains("from 0 to 9"));
  CHECK_THROWS_WITH(query("a?seed=10").number("seed", 0, 0, 9), Contains("'10'"));
  CHECK_THROWS_WITH(query("a?seed=-1").number("seed", 0, 0, 9), Contains("'-1'"));
  CHECK_THROWS_WITH(query("a?seed=").number("seed", 0, 0, 9), Contains("''"));
  CHECK_THROWS_WITH(query("a?policy=god").one_of("policy", {"good", "bad"}, "bad"),
                    Contains("did you mean 'good'?") && Contains("good, bad"));
}
