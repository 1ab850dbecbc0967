#include <tessera/support/printable.hpp>

#include <catch2/catch.hpp>
#include <string>

using tessera::printable;
using tessera::printable_name;

TEST_CASE("good text stays as it is", "[data][printable]") {
  for (const char* text : {"", "runs/iql-seed0", "a\\n", "Zürich, 東京, 🎲", "\xc2\xa0", "\xf4\x8f\xbf\xbf"})
    CHECK(printable(text) == text);
}

TEST_CASE("what a terminal obeys is written out", "[data][printable]") {
  CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(printable("\x1b[31mred\x07\x7f") == "\\x1b[31mred\\x07\\x7f");
  CHECK(printable(std::string("a\0b", 3)) == "a\\x00b");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\u009b31m");  // C1: a terminal's CSI in one character
  CHECK(printable("abc\xe2\x80\xae"
                  "fdp.exe") == "abc\\u202efdp.exe");
  CHECK(printable("\xe2\x81\xa6x\xe2\x81\xa9") == "\\u2066x\\u2069");
  CHECK(printable("\xe2\x80\xa8") == "\\u2028");
}

TEST_CASE("bytes that are no UTF-8 are written out", "[data][printable]") {
  CHECK(printable("\xff\x80") == "\\xff\\x80");
  CHECK(printable("caf\xe9") == "caf\\xe9");
  CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");                    // overlong
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond the last character
  CHECK(printable("a\xe2\x82") == "a\\xe2\\x82");                  // cut
}

TEST_CASE("doing it twice changes nothing, and every result is UTF-8 without controls", "[data][printable]") {
  std::string all;
  for (int i = 0; i < 256; ++i)
    for (int j = 0; j < 256; ++j) all += {char(i), char(j)};
  const auto once = printable(all, all.size());
  CHECK(printable(once, once.size()) == once);
  for (const char c : once) CHECK_FALSE((static_cast<unsigned char>(c) < 32 || c == 127));
}

TEST_CASE("of a very long text the two ends are kept, cut between characters", "[data][printable]") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "ü";
  const auto cut = printable_name("<" + text + ">");
  CHECK(cut.size() < 200);
  CHECK(cut.starts_with("<ü"));
  CHECK(cut.ends_with("ü>"));
  CHECK(cut.find("\\x") == std::string::npos);
  CHECK(cut.find(" bytes)...") != std::string::npos);
  CHECK(printable(text) == text);
}
