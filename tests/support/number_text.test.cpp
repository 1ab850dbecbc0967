#include <tessera/support/number_text.hpp>
//
#include <catch2/catch.hpp>
#include <cstdint>

using namespace tessera;

TEST_CASE("a whole number is one in any notation") {
  for (const char* text : {"1000", "1e3", "1000.0", "+1000", "0.1e4", "10000e-1"})
    CHECK(whole_number<std::int64_t>(text) == 1000);
  CHECK(whole_number<std::int64_t>("-5") == -5);
  CHECK(whole_number<std::int64_t>("-0") == 0);
  CHECK(whole_number<std::int64_t>("9223372036854775807") == INT64_MAX);
  CHECK(whole_number<std::int64_t>("9007199254740992.0") == 9007199254740992);
  CHECK(whole_number<std::uint64_t>("18446744073709551615") == UINT64_MAX);
  for (const char* text : {"", " ", "x", "1.5", "1e-3", "nan", "inf", "-inf", "0x10", "1 ", " 1", "1,000", "++1", "+-1",
                           "--1", "1e400", "1e30", "9223372036854775808", "1k"}) {
    CAPTURE(text);
    CHECK_FALSE(whole_number<std::int64_t>(text));
  }
  for (const char* text : {"-1", "-1.0", "18446744073709551616", "1e19"})
    CHECK_FALSE(whole_number<std::uint64_t>(text));
  CHECK_FALSE(whole_number<int>("3e9"));
}

TEST_CASE("a number is finite, and all of the text") {
  CHECK(real_number("+.5") == 0.5);
  CHECK(real_number("-1e3") == -1000);
  for (const char* text : {"", "nan", "inf", "-inf", "infinity", "1e400", "1e-400", "0x1p3", "1.5x", "1.5 ", "+-1"})
    CHECK_FALSE(real_number(text));
}
