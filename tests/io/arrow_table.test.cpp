#include <tessera/io/arrow_table.hpp>

#include <chrono>
#include <cmath>

#include "../helpers/tables.hpp"

using Catch::Contains;
using support::error_of;
using support::TableBytes;
using tessera::ArrowColumn;
using tessera::read_arrow_table;
using whole = std::vector<std::int64_t>;
using real = std::vector<double>;
using texts = std::vector<std::string>;

namespace {
std::string any_file(const support::Folder& folder) {
  support::write_bytes(folder / "a.parquet", "PAR1");
  return folder / "a.parquet";
}
/// The error for what the Python program sends.
std::string refusal(const TableBytes& sent, const tessera::ReadLimits& limits = {}) {
  const support::Folder folder;
  const support::PretendedPython python(sent.bytes);
  return error_of([&] { read_arrow_table(any_file(folder), {}, limits); });
}
/// Runs a Python program with pyarrow as pa, parquet as pq, and the folder as the argument.
void write_with_pyarrow(const support::Folder& folder, const std::string& program) {
  support::write_bytes(folder / "write.py",
                       "import sys, pyarrow as pa, pyarrow.parquet as pq, pyarrow.ipc\nto = sys.argv[1]\n" + program);
  const char* python = std::getenv("TESSERA_PYTHON");
  const std::string command = "'" + std::string(python != nullptr ? python : "python3") + "' '" +
                              (folder / "write.py") + "' '" + (folder / "") + "'";
  REQUIRE(std::system(command.c_str()) == 0);
}
}  // namespace

TEST_CASE("a table arrives from the process that reads it", "[data][arrow]") {
  const support::Folder folder;
  const auto path = any_file(folder);
  const whole lengths = {2, 0, 1};
  TableBytes sent;
  sent.head(3, 4, {"x", "y", "list", "unread"});
  sent.real("x", {2}, {1, 2, 3, 4, 5, 6}).column("y", ArrowColumn::kind::whole, {}, whole{7, 0, 9}, nullptr, {0, 1, 0});
  sent.real("list", {}, {1.5, 2.5, 3.5}, &lengths).flags("f", {0, 1, 1}).mark('.');
  const support::PretendedPython python(sent.bytes);
  const auto table = read_arrow_table(path);
  CHECK((table.rows == 3 && table.columns.size() == 4 && table.names == texts{"x", "y", "list", "unread"}));
  const auto& x = *table.find("x");
  CHECK((x.shape == whole{2} && x.width() == 2 && x.real == real{1, 2, 3, 4, 5, 6} && x.is_number()));
  const auto& y = *table.find("y");
  CHECK((y.whole == whole{7, 0, 9} && !y.is_missing(0) && y.is_missing(1) && y.number(2) == 9));
  const auto& list = *table.find("list");
  CHECK((list.has_lists_of_different_lengths() && list.first_item == whole{0, 2, 2, 3} && list.real[2] == 3.5));
  CHECK((table.find("f")->type == ArrowColumn::kind::flags && table.find("z") == nullptr));
}

TEST_CASE("a table that contradicts itself is refused before memory is asked for", "[data][arrow]") {
  constexpr std::uint64_t huge = std::uint64_t{1} << 39;
  const auto invalid = Contains("did not send a valid table");
  CHECK_THAT(refusal(TableBytes().mark('?')), invalid);
  CHECK_THAT(refusal(TableBytes().mark('.')), invalid);  // without the table
  CHECK_THAT(refusal(TableBytes().head(huge * 4, 1, {})), invalid);
  CHECK_THAT(refusal(TableBytes().head(2, 1, {"x"}).real("x", {}, {1})), invalid);
  CHECK_THAT(refusal(TableBytes().head(2, 1, {"x"}).real("x", {3}, {1, 2, 3, 4, 5})), invalid);
  CHECK_THAT(refusal(TableBytes().head(2, 1, {"x"}).real("x", {huge, huge}, {1})), invalid);
  CHECK_THAT(refusal(TableBytes().head(2, 1, {"x"}).flags("x", {0, 2})), invalid);
  CHECK_THAT(refusal(TableBytes().head(1, 1, {"x"}).column("x", ArrowColumn::kind::text, {}, whole{1})), invalid);
  CHECK_THAT(refusal(TableBytes().head(1, 1, {"x"}).column("x", ArrowColumn::kind(5), {}, whole{1})), invalid);
  TableBytes torn;  // a label longer than all the letters
  torn.head(1, 1, {"x"}).text("x").text("string").count(3).count(0).count(0).count(1).count(0).count(0);
  CHECK_THAT(refusal(TableBytes(torn).count(1).count(3).text("ab")), invalid);
  CHECK_THAT(refusal(TableBytes(torn).count(2).count(1).count(1).text("ab")), invalid);  // more labels than rows
  CHECK_THAT(refusal(TableBytes().head(1, 1, {"x"}).column("x", ArrowColumn::kind::other, {}, whole{1})), invalid);
  CHECK_THAT(
      refusal(TableBytes().head(2, 1, {"x"}).column("x", ArrowColumn::kind::whole, {}, whole{1, 2}, nullptr, {0})),
      invalid);
  const whole negative = {2, -1}, short_one = {2}, wrap = {std::int64_t(huge), std::int64_t(huge) * 2};
  for (const auto* lengths : {&negative, &short_one, &wrap})
    CHECK_THAT(refusal(TableBytes().head(2, 1, {"x"}).real("x", {}, {1}, lengths)), invalid);
  // A thousand million rows that do not come.
  TableBytes many;
  many.head(1'000'000'000, 1, {"x"}).text("x").text("double").count(2).count(0).count(0).count(1'000'000'000);
  CHECK_THAT(refusal(many, {.bytes = 1 << 20}), Contains("memory") && Contains("a.parquet"));
  TableBytes names;
  names.mark('T').count(1).count(0).count(1 << 19);
  for (int i = 0; i < 100'000; ++i) names.text("column");
  CHECK_THAT(refusal(names, {.bytes = 1 << 20}), Contains("memory"));
}

TEST_CASE("what the process says or does is one line with the file's name", "[data][arrow]") {
  CHECK_THAT(refusal(TableBytes().mark('M').text("No module\nnamed pyarrow")),
             Contains("a.parquet") && Contains("pip install pyarrow") && Contains("TESSERA_PYTHON") && !Contains("\n"));
  CHECK_THAT(refusal(TableBytes().mark('E').count(0).text("bad \x1b magic")),
             Contains("a.parquet") && Contains("bad \\x1b magic"));
  CHECK_THAT(refusal(TableBytes()), Contains("ended too early"));
  CHECK_THAT(refusal(TableBytes().head(2, 1, {"x"})), Contains("ended too early"));
  const support::Folder folder;
  const auto path = any_file(folder);
  {
    const support::Environment none("TESSERA_PYTHON", folder / "no-such-python");
    CHECK_THAT(error_of([&] { read_arrow_table(path); }),
               Contains("no program") && Contains("no-such-python") && Contains("pip install pyarrow"));
    CHECK_THAT(tessera::why_no_arrow(), Contains("no-such-python") && Contains("pip install pyarrow"));
  }
  CHECK_THAT(error_of([&] { read_arrow_table(folder / "absent.parquet"); }), Contains("absent.parquet"));
  CHECK_THAT(error_of([&] { read_arrow_table("/dev/null"); }), Contains("not a regular file"));
  // A reader that waits for the process is stopped from outside.
  support::write_bytes(folder / "sleeps", "#!/bin/sh\nexec sleep 100\n");
  std::filesystem::permissions(folder / "sleeps", std::filesystem::perms::owner_all);
  const support::Environment sleeps("TESSERA_PYTHON", folder / "sleeps");
  const auto start = std::chrono::steady_clock::now();
  CHECK_THAT(error_of([&] {
               read_arrow_table(path, {}, {.meanwhile = [&] {
                                  if (std::chrono::steady_clock::now() - start > std::chrono::milliseconds(300))
                                    throw tessera::Error("enough");
                                }});
             }),
             Contains("enough"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("all that pyarrow stores is read with its values, or named as not read", "[data][arrow]") {
  if (!support::has_arrow()) return;
  const support::Folder folder;
  write_with_pyarrow(folder, R"python(
import datetime, decimal
t = pa.table({
  "half": pa.array([1.5, None, -2], pa.float16()),
  "single": pa.array([0.1, 2, float("nan")], pa.float32()),
  "small": pa.array([-1, 2, None], pa.int8()),
  "unsigned": pa.array([1, 2, 2**64 - 1], pa.uint64()),
  "flag": pa.array([True, None, False]),
  "text": pa.array(["b", "a", "b"]),
  "none": pa.array([None, "x", None]),
  "category": pa.array(["u", "v", "u"]).dictionary_encode(),
  "codes": pa.DictionaryArray.from_arrays(pa.array([1, 0, 1]), pa.array([10.5, 20.5])),
  "day": pa.array([datetime.date(1970, 1, 3)] * 3),
  "time": pa.array([datetime.datetime(1970, 1, 1, 0, 0, 2)] * 3, pa.timestamp("ms")),
  "price": pa.array([decimal.Decimal("1.25")] * 3),
  "nothing": pa.nulls(3),
  "fixed": pa.array([[1, 2], [3, 4], [5, 6]], pa.list_(pa.int16(), 2)),
  "fixed_null": pa.array([[1, 2], None, [5, 6]], pa.list_(pa.int16(), 2)),
  "list": pa.array([[1.0, 2], [3, 4], [5, 6]]),
  "matrix": pa.array([[[1, 2], [3, 4]]] * 3, pa.list_(pa.list_(pa.float32()))),
  "ragged": pa.array([[[1, 2]], [], [[3, 4], [5, 6]]], pa.large_list(pa.list_(pa.float64()))),
  "torn": pa.array([[[1], [2, 3]], [[4]], []], pa.list_(pa.list_(pa.float64()))),
  "record": pa.array([{"a": 1, "b": {"c": [1.5]}}, {"a": 2, "b": {"c": [2.5]}}, None]),
  "bytes": pa.array([b"x", b"y", b"z"]),
})
pq.write_table(t, to + "t.parquet")
rows = t.to_batches()[0]
# In pieces, of which each is a view into a longer array.
pieces = [rows.slice(0, 1), rows.slice(1, 2)]
with pa.OSFile(to + "t.arrow", "wb") as f, pa.ipc.new_file(f, t.schema) as w:
    [w.write_batch(p) for p in pieces]
with pa.OSFile(to + "t.stream", "wb") as f, pa.ipc.new_stream(f, t.schema) as w:
    [w.write_batch(p) for p in pieces]
empty = pa.table({"x": pa.array([], pa.float64()), "l": pa.array([], pa.list_(pa.int8()))})
pq.write_table(empty, to + "empty.parquet")
)python");
  for (const char* name : {"t.parquet", "t.arrow", "t.stream"}) {
    INFO(name);
    const auto t = read_arrow_table(folder / name);
    CHECK((t.rows == 3 && t.names.size() == 21));
    const auto column = [&](const char* which) -> const ArrowColumn& {
      INFO(which);
      REQUIRE(t.find(which) != nullptr);
      return *t.find(which);
    };
    using marks = std::vector<std::uint8_t>;
    CHECK((column("half").real == real{1.5, 0, -2} && column("half").missing == marks{0, 1, 0}));
    CHECK((column("single").real[0] == double(0.1f) && std::isnan(column("single").real[2])));
    CHECK(column("single").missing.empty());
    CHECK((column("small").whole == whole{-1, 2, 0} && column("small").missing == marks{0, 0, 1}));
    CHECK((column("unsigned").real == real{1, 2, 18446744073709551616.0}));
    CHECK((column("flag").type == ArrowColumn::kind::flags && column("flag").whole == whole{1, 0, 0}));
    CHECK(column("flag").missing == marks{0, 1, 0});
    CHECK((column("text").text(0) == "b" && column("text").text(1) == "a" && column("text").labels.size() == 2));
    CHECK((column("none").text(1) == "x" && column("none").missing == marks{1, 0, 1}));
    CHECK((column("category").text(0) == "u" && column("category").text(1) == "v"));
    CHECK(column("codes").real == real{20.5, 10.5, 20.5});
    CHECK((column("day").whole == whole{2, 2, 2} && column("time").whole == whole{2000, 2000, 2000}));
    CHECK((column("price").real == real{1.25, 1.25, 1.25} && column("nothing").missing == marks{1, 1, 1}));
    CHECK((column("fixed").shape == whole{2} && column("fixed").whole == whole{1, 2, 3, 4, 5, 6}));
    CHECK((column("fixed_null").first_item == whole{0, 2, 2, 4} && column("fixed_null").whole == whole{1, 2, 5, 6}));
    CHECK((column("list").shape == whole{2} && column("list").real == real{1, 2, 3, 4, 5, 6}));
    CHECK((column("matrix").shape == whole{2, 2} && column("matrix").real.size() == 12));
    CHECK((column("ragged").first_item == whole{0, 1, 1, 3} && column("ragged").shape == whole{2}));
    CHECK(column("ragged").real == real{1, 2, 3, 4, 5, 6});
    CHECK((column("torn").type == ArrowColumn::kind::other && column("torn").values() == 0));
    CHECK((column("record/a").whole == whole{1, 2, 0} && column("record/a").missing == marks{0, 0, 1}));
    CHECK((column("record/b/c").first_item == whole{0, 1, 2, 2} && column("record/b/c").real == real{1.5, 2.5}));
    CHECK((column("bytes").type == ArrowColumn::kind::other && column("bytes").stored_as == "binary"));
    // Only what is asked for.
    const auto some = read_arrow_table(folder / name, {"record/b", "small"});
    CHECK((some.columns.size() == 2 && some.find("record/b/c") != nullptr && some.find("small") != nullptr));
    CHECK((some.names.size() == 21 && some.rows == 3));
    CHECK(read_arrow_table(folder / name, {"absent"}).columns.empty());
  }
  const auto empty = read_arrow_table(folder / "empty.parquet");
  CHECK((empty.rows == 0 && empty.columns.size() == 2));
}

TEST_CASE("damaged Arrow and Parquet files are an error of one line", "[data][arrow]") {
  if (!support::has_arrow()) return;
  const support::Folder folder;
  write_with_pyarrow(folder, R"python(
t = pa.table({"x": [float(i) for i in range(1000)], "y": list(range(1000))})
pq.write_table(t, to + "a.parquet")
with pa.OSFile(to + "a.arrow", "wb") as f, pa.ipc.new_file(f, t.schema) as w:
    w.write_table(t)
)python");
  for (const char* name : {"a.parquet", "a.arrow"}) {
    const auto bytes = support::bytes_of(folder / name);
    for (const auto size : {std::size_t{4}, bytes.size() / 2, bytes.size() - 1}) {
      support::write_bytes(folder / "cut", bytes.substr(0, size));
      CHECK_THAT(error_of([&] { read_arrow_table(folder / "cut"); }),
                 Contains("cut: cannot be read as Arrow or Parquet") && !Contains("\n"));
    }
  }
  // The module of a hostile folder is not loaded.
  support::write_bytes(folder / "pyarrow.py", "raise SystemExit(7)\n");
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(folder / "");
  const auto rows = read_arrow_table("a.parquet").rows;
  std::filesystem::current_path(here);
  CHECK(rows == 1000);
}
