#include <tessera/io/csv.hpp>

#include <cmath>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using tessera::column_reading;
using tessera::CsvFile;

namespace {
using Names = std::vector<std::string>;
struct Text {
  support::Folder folder;
  std::string path = folder / "log.csv";
  explicit Text(const std::string& text) { support::write_bytes(path, text); }
};
Names names(const CsvFile& file) {
  Names all;
  for (const auto& c : file.columns()) all.push_back(c.name);
  return all;
}
tessera::LogTable all_of(const CsvFile& file, column_reading as = column_reading::either) {
  std::vector<tessera::TableSource::Wanted> wanted;
  for (std::size_t i = 0; i < file.columns().size(); ++i) wanted.push_back({i, as});
  return file.read(wanted);
}
tessera::LogTable read(const std::string& text, column_reading as = column_reading::either,
                       const tessera::CsvStyle& style = {}) {
  const Text file(text);
  return all_of(CsvFile(file.path, style), as);
}
std::vector<double> numbers(const std::string& text, std::size_t column = 0) {
  return read(text).columns[column].numbers;
}
Names texts(const tessera::TableColumn& c) {
  Names all;
  for (const auto code : c.codes) all.push_back(code == tessera::TableColumn::no_text ? "-" : c.texts[code]);
  return all;
}
std::string refusal(const std::string& text, column_reading as = column_reading::numbers) {
  const auto said = error_of([&] { read(text, as); });
  CHECK_THAT(said, Contains("log.csv"));
  CHECK(tessera::printable(said) == said);
  return said;
}
}  // namespace

TEST_CASE("a CSV file's delimiter, header and line ends are found", "[data][csv]") {
  for (const std::string text :
       {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a;b\n1;2\n3;4", "a\tb\n1\t2\n3\t4\n",
        "\xEF\xBB\xBF\"a\",\"b\"\n1,2\n3,4\n", "# a comment, with a comma\na,b\n\n1,2\n# \"another\n3,4\n\n",
        " a , b \n 1 , 2 \n +3 ,4\n"}) {
    const Text file(text);
    const CsvFile csv(file.path);
    CHECK(names(csv) == Names{"a", "b"});
    const auto table = all_of(csv);
    CHECK(table.rows == 2);
    CHECK(table.columns[0].numbers == std::vector<double>{1, 3});
    CHECK(table.columns[1].numbers == std::vector<double>{2, 4});
    CHECK(table.columns[0].whole);
  }
}

TEST_CASE("a CSV file without a header counts its columns", "[data][csv]") {
  const Text plain("1.5,2\n3,4\n");
  CHECK(names(CsvFile(plain.path)) == Names{"0", "1"});
  CHECK(all_of(CsvFile(plain.path)).columns[0].numbers == std::vector<double>{1.5, 3});
  // numpy.savetxt(header="pos,vel")
  const Text commented("# pos,vel\n1.5,2\n3,4\n");
  CHECK(names(CsvFile(commented.path)) == Names{"pos", "vel"});
  CHECK(all_of(CsvFile(commented.path)).rows == 2);
  // The user knows better.
  CHECK(names(CsvFile(plain.path, {.header = 1})) == Names{"1.5", "2"});
  const Text years("2019,2020\n1,2\n");
  CHECK(CsvFile(years.path).columns().size() == 2);
  CHECK(all_of(CsvFile(years.path, {.header = 1})).rows == 1);
}

TEST_CASE("numbers of a CSV file as they are written", "[data][csv]") {
  CHECK(numbers("x\n1\n-2.5\n+3e2\n.5\n5.\n1E-3\n-0\n") == std::vector<double>{1, -2.5, 300, 0.5, 5, 0.001, 0});
  CHECK(numbers("x\nTrue\nFalse\ntrue\nFALSE\n") == std::vector<double>{1, 0, 1, 0});
  CHECK(numbers("x\n1e-400\n-1e-999\n") == std::vector<double>{0, 0});
  CHECK(std::isinf(numbers("x\n1e999\n2\n")[0]));
  for (const double x : numbers("x,y\n,1\nNA,1\nnan,1\nNaN,1\nNULL,1\nNone,1\n<NA>,1\nnull,1\n  ,1\nN/A,1\n"))
    CHECK(std::isnan(x));
  CHECK_FALSE(read("x\n1\n2.0\n").columns[0].whole);
  // Decimal commas, where the comma is not the delimiter; thousands are not guessed.
  const auto table = read("a;b\n-0,5;1\n1,5e2;2\n");
  CHECK(table.columns[0].numbers == std::vector<double>{-0.5, 150});
  CHECK(read("a;b\n0.5;1\n").columns[0].numbers == std::vector<double>{0.5});
  CHECK(read("a;b\n1,5;1\n2,5;1\n", column_reading::either, {.decimal = '.'}).columns[0].is_text());
}

TEST_CASE("texts of a CSV file", "[data][csv]") {
  CHECK(texts(read("a,b\nleft,1\nright,2\nNA,3\nleft,4\n").columns[0]) == Names{"left", "right", "-", "left"});
  // Quotes, with delimiters, quotes and line ends in them; a quote inside a field is a letter.
  const auto quoted = read("a,b\n\"x, \"\"y\"\"\nz\",1\n5\" pipe,2\n \"q\" ,3\n\"\",4\n");
  CHECK(texts(quoted.columns[0]) == Names{"x, \"y\"\nz", "5\" pipe", "q", "-"});
  CHECK(quoted.columns[1].numbers == std::vector<double>{1, 2, 3, 4});
  CHECK(quoted.first_line == -1);
  CHECK(read("a\n1\n2\n").first_line == 2);
  // A column that begins with numbers is read again when a text turns up, far below what was looked at first.
  std::string late = "a,b\n";
  for (int i = 0; i < 3000; ++i) late += "7,1\n";
  const auto mixed = read(late + "seven,1\n");
  CHECK(texts(mixed.columns[0]).front() == "7");
  CHECK(texts(mixed.columns[0]).back() == "seven");
  CHECK(mixed.rows == 3001);
  // Numbers that a double cannot tell apart remain different ids.
  const auto ids = read("id,x\n1234567890123456788,1\n1234567890123456789,1\n", column_reading::exactly);
  CHECK(texts(ids.columns[0]) == Names{"1234567890123456788", "1234567890123456789"});
}

TEST_CASE("a CSV file longer than a buffer", "[data][csv]") {
  // Records of all lengths, so that buffers end at every place in one.
  std::string text = "a,b,c\n";
  std::size_t rows = 0;
  for (; text.size() < (5u << 20); ++rows)
    text += std::to_string(rows) + (rows % 3 == 0 ? ",\"q " + std::string(rows % 700, 'x') + "\n\"\"\"," : ",plain,") +
            std::to_string(rows % 10) + (rows % 2 == 0 ? "\n" : "\r\n");
  const auto table = read(text);
  REQUIRE(table.rows == std::int64_t(rows));
  bool right = true;
  for (std::size_t r = 0; r < rows; ++r) {
    right = right && table.columns[0].numbers[r] == double(r) && table.columns[2].numbers[r] == double(r % 10);
    const auto& t = table.columns[1];
    right = right && t.texts[t.codes[r]] == (r % 3 == 0 ? "q " + std::string(r % 700, 'x') + "\n\"" : "plain");
  }
  CHECK(right);
  // The last line without an end, and one field longer than the buffer.
  const auto wide = read("a,b\n" + std::string(3u << 20, 'y') + ",5");
  CHECK(wide.columns[0].texts.at(0).size() == (3u << 20));
  CHECK(wide.columns[1].numbers == std::vector<double>{5});
}

TEST_CASE("columns without a name, and rows with one field more than the header", "[data][csv]") {
  const Text index(",a\n0,5\n1,6\n");
  const CsvFile csv(index.path);
  REQUIRE(csv.warnings().size() == 1);
  CHECK(csv.warnings()[0].name == "unnamed-column");
  const Text r("\"a\" \"b\"\n");
  const Text row_names("\"a\",\"b\"\n\"1\",5,6\n\"2\",7,8\n");
  const CsvFile named(row_names.path);
  CHECK(names(named) == Names{"", "a", "b"});
  CHECK(all_of(named).columns[1].numbers == std::vector<double>{5, 7});
}

TEST_CASE("what is no table is one line", "[data][csv]") {
  CHECK_THAT(refusal("a,b\n1,2\n1,x\n"), Contains("line 3, column 'b': 'x' is not a number; correct it"));
  CHECK_THAT(refusal("a,b\n1,2\n1\n"), Contains("line 3: has 1 field, where the header has 2; correct it"));
  CHECK_THAT(refusal("a,b\n1,2\n1,2,3\n"), Contains("line 3: has 3 fields, where the header has 2; quote fields that"));
  CHECK_THAT(refusal("1,2\n1,2,3\n"), Contains("line 2: has 3 fields, where the first line has 2"));
  CHECK_THAT(refusal("a,b\n"), Contains("line 1 is a header, and there are no rows below it"));
  CHECK_THAT(refusal("#\n\n"), Contains("holds no rows"));
  CHECK_THAT(refusal("\xEF\xBB\xBF"), Contains("holds no rows"));
  CHECK_THAT(refusal("a,b\n1,\"2\n3,4\n"), Contains("a quote that is opened in the record at line 2 is not closed"));
  CHECK_THAT(refusal(std::string("a,b\n1,\0\n", 8)), Contains("line 2 holds a NUL byte"));
  CHECK_THAT(refusal(std::string("\xFF\xFE\x61\0", 4)), Contains("is text in UTF-16; save it as UTF-8"));
  CHECK_THAT(refusal("a,b\n1,\xFF\x1b[31m\n"), Contains("'\\xff\\x1b[31m' is not a number"));
  CHECK_THAT(refusal("a,b\n1,0x10\n"), Contains("'0x10' is not a number"));
  std::string wide;
  for (int i = 0; i < 1'000'000; ++i) wide += "c" + std::to_string(i) + ",";
  CHECK_THAT(refusal(wide + "x\n"), Contains("line 1 has more than 100000 columns"));
  // A quote that is never closed takes the file for one record; it is found at its end, or at a limit.
  CHECK_THAT(refusal("a,b\n1,\"" + std::string(1u << 20, 'x') + "\n"), Contains("is not closed"));
  CHECK_THAT(refusal(std::string(65u << 20, 'x')), Contains("line 1 is longer than 64 MiB; shorten it"));
  const Text much("a,b\n1,2\n");
  CHECK_THAT(error_of([&] { CsvFile(much.path, {}, {.bytes = 1000}); }), Contains("log.csv"));
}

TEST_CASE("text tables are recognized by their beginning", "[data][csv]") {
  for (const char* head : {"a,b\n1,2\n", "a;b\r\n1;2", "# x\n1\t2\n3\t4\n",
                           "\xEF\xBB\xBF"
                           "a,b\n1,2\n",
                           "a,\"b\nc\"\n"})
    CHECK(CsvFile::sniff(head));
  for (const char* head : {"", "another log\n1 2\n", "corridor log\n0 1\n", "{\"a\": 1, \"b\": 2}\n", "<html>a,b\n",
                           "a,b\n1,2,3,4\n", "\x89HDF\r\n\x1a\n,", "one\ntwo\n"})
    CHECK_FALSE(CsvFile::sniff(head));
  CHECK_FALSE(CsvFile::sniff(std::string_view("a,b\0\n", 5)));
  CHECK(CsvFile::sniff("a,b," + std::string(5000, 'x')));  // a line that the head does not hold whole
}
