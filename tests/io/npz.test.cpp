#include <tessera/io/npz.hpp>

#include "helpers/npz.hpp"

#include <tessera/io/zip_write.hpp>

using namespace support;
using Catch::Contains;
using tessera::NpyArray;
using tessera::NpzFile;

namespace {
std::vector<unsigned char> bytes(const std::string& text) { return {text.begin(), text.end()}; }
NpyArray parsed(const std::string& text) { return tessera::parse_npy(bytes(text), "x"); }
std::string refusal(const std::string& text) {
  return error_of([&] { parsed(text); });
}
}  // namespace

TEST_CASE("arrays of a .npz file, deflated and stored", "[data][npz]") {
  const Folder folder;
  for (const bool deflate : {true, false}) {
    const auto path = folder / "a.npz";
    write_bytes(path,
                zip({{"matrix.npy", npy("(2, 3)", {1, 2, 3, 4, 5, 6})}, {"one.npy", npy("(1,)", {0.5})}}, deflate));
    const NpzFile file(path);
    CHECK(file.keys() == std::vector<std::string>{"matrix", "one"});
    const auto matrix = file.read("matrix");
    CHECK(matrix.shape == std::vector<std::int64_t>{2, 3});
    CHECK(matrix.values == std::vector<double>{1, 2, 3, 4, 5, 6});
    CHECK(file.read("one", {1}).values == std::vector<double>{0.5});
    CHECK_THROWS_WITH(file.read("one", {2}), Contains("a.npz, array one") && Contains("(1,)") && Contains("(2,)"));
    CHECK_THROWS_WITH(file.read("matrx"), Contains("did you mean 'matrix'") && Contains("[matrix, one]"));
  }
}

TEST_CASE("element types of .npy", "[data][npz]") {
  CHECK(parsed(npy<float>("<f4", "(2,)", {0.5f, -1})).values == std::vector<double>{0.5, -1});
  CHECK(parsed(npy<std::int64_t>("<i8", "(1,)", {-7})).values == std::vector<double>{-7});
  CHECK(parsed(npy<std::int32_t>("<i4", "(1, 1)", {-7})).values == std::vector<double>{-7});
  CHECK(parsed(npy<std::uint8_t>("|b1", "(2,)", {1, 0})).values == std::vector<double>{1, 0});
  CHECK(parsed(npy<double>("<f8", "()", {3})).shape.empty());
  CHECK(parsed(npy<double>("<f8", "(0, 4)", {})).values.empty());
}

TEST_CASE("arrays in Fortran's order are read as they are meant", "[data][npz]") {
  // a[i][j] = 10 i + j, and a[i][j][k] = 100 i + 10 j + k; the first index runs fastest in the file.
  CHECK(parsed(npy<double>("<f8", "(2, 3)", {0, 10, 1, 11, 2, 12}, "True")).values ==
        std::vector<double>{0, 1, 2, 10, 11, 12});
  CHECK(parsed(npy<double>("<f8", "(2, 1, 2)", {0, 100, 1, 101}, "True")).values ==
        std::vector<double>{0, 1, 100, 101});
  CHECK(parsed(npy<double>("<f8", "(0, 2)", {}, "True")).values.empty());
}

TEST_CASE("what is no array of numbers is refused", "[data][npz]") {
  CHECK_THAT(refusal("no numpy at all"), Contains("x: is not a NumPy array"));
  CHECK_THAT(refusal(npy<double>("<c16", "(1,)", {1, 2})), Contains("type <c16") && Contains("float64"));
  CHECK_THAT(refusal(npy<double>(">f8", "(1,)", {1})), Contains("type >f8"));
  CHECK_THAT(refusal(npy<double>("<f8", "(3,)", {1, 2})), Contains("16 bytes") && Contains("(3,) takes 24"));
  CHECK_THAT(refusal(npy<double>("<f8", "(1,)", {1, 2})), Contains("takes 8"));
  CHECK_THAT(refusal(npy<double>("<f8", "(-1,)", {})), Contains("no readable header"));
  CHECK_THAT(refusal(npy<double>("<f8", "(1000000, 1000000, 1000000)", {})), Contains("no readable header"));
  CHECK_THAT(refusal(npy<double>("<f8", "(1 x)", {1})), Contains("no readable header"));
  auto cut = npy("(1,)", {1});
  CHECK_THAT(refusal(cut.substr(0, 40)), Contains("no readable header"));
  cut[6] = 9;
  CHECK_THAT(refusal(cut), Contains("no readable header"));
}

TEST_CASE("what is no archive, or a damaged one, is refused", "[data][npz]") {
  const Folder folder;
  const auto path = folder / "a.npz";
  const auto whole = zip({{"a.npy", npy("(4,)", {1, 2, 3, 4})}});
  const auto of = [&](const std::string& content) {
    write_bytes(path, content);
    return error_of([&] { NpzFile(path).read("a"); });
  };
  CHECK(of(whole) == "(no error)");
  CHECK(of(whole.substr(0, whole.size() - 2) + bytes_of_number(5, 2) + "notes") ==
        "(no error)");  // a comment at the end
  CHECK_THAT(error_of([&] { NpzFile(folder / "b.npz"); }), Contains("no such file"));
  CHECK_THAT(error_of([&] { NpzFile(folder / "."); }), Contains("is a folder"));
  CHECK_THAT(of(""), Contains("empty file"));
  CHECK_THAT(of("text"), Contains("not a zip archive"));
  CHECK_THAT(of(whole.substr(0, whole.size() / 2)), Contains("not a zip archive"));
  CHECK_THAT(of(whole.substr(20)), Contains("a.npz: ") && Contains("damaged"));
  auto flipped = whole;
  flipped[60] = char(flipped[60] ^ 1);
  CHECK_THAT(of(flipped), Contains("cannot be decompressed") || Contains("checksum"));
  auto claims = whole;
  const auto directory = whole.find("PK\x01\x02");
  claims.replace(directory + 24, 4, bytes_of_number(0x7fffffff, 4));
  CHECK_THAT(of(claims), Contains("claims more bytes"));
  auto encrypted = whole;
  encrypted[directory + 8] = 1;
  CHECK_THAT(of(encrypted), Contains("encrypted"));
  auto packed = whole;
  packed[directory + 10] = 12;
  CHECK_THAT(of(packed), Contains("method 12"));
  // No byte of the archive can make it crash.
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const int change : {1, 128, 255}) {
      auto content = whole;
      content[i] = char(content[i] ^ change);
      of(content);
    }
}

TEST_CASE("elements of .npz arrays as floats and as whole numbers", "[data][npz]") {
  const Folder folder;
  std::vector<float> many(200'000);  // more than one piece, none of whose bounds is one of an element of 3 columns
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = float(i) / 4;
  write_bytes(folder / "a.npz",
              zip({{"many.npy", npy("<f4", "(200000,)", many)},
                   {"wide.npy", npy<std::int64_t>("<i8", "(2, 2)", {1, 2, 3, std::int64_t(1) << 60}, "True")},
                   {"half.npy", npy<std::uint16_t>("<f2", "(4,)", {0x3c00, 0xc000, 0x0001, 0x3555})},
                   {"flag.npy", npy<char>("|b1", "(2,)", {1, 0})},
                   {"large.npy", npy<std::uint64_t>("<u8", "(1,)", {~std::uint64_t(0)})},
                   {"python.npy", npy<char>("|O", "(1,)", {1, 2, 3})}}));
  const NpzFile file(folder / "a.npz");
  CHECK(file.read_floats("many") == many);
  CHECK(file.header("many").shape == std::vector<std::int64_t>{200'000});
  CHECK(file.read_integers("wide") == std::vector<std::int64_t>{1, 3, 2, std::int64_t(1) << 60});
  CHECK(file.read_floats("half") == std::vector<float>{1, -2, 0x1p-24f, 0.333251953125f});
  CHECK(file.read_integers("flag") == std::vector<std::int64_t>{1, 0});
  CHECK_THROWS_WITH(file.read_integers("many"), Contains("element 1 is not a whole number"));
  CHECK_THROWS_WITH(file.read_integers("large"), Contains("element 0 is not a whole number of 64 bits"));
  CHECK((file.is_pickled("python") && !file.is_pickled("half")));
  for (const auto& read : {error_of([&] { file.read("python"); }), error_of([&] { file.read_floats("python"); })})
    CHECK_THAT(read, Contains("array python: holds pickled Python objects, which are never unpickled"));
}

TEST_CASE("archives beyond 4 GiB, with their numbers in the fields of zip64", "[data][npz]") {
  const Folder folder;
  tessera::write_atomically(folder / "a.npz", [](tessera::AtomicFile& file) {
    const auto a = npy("(2, 3)", {1, 2, 3, 4, 5, 6}), b = npy("(1,)", {0.5});
    tessera::ZipWriter zip(file, 1);  // as if 4 GiB were one byte
    zip.begin("a.npy", a.size()), zip.write(a.data(), a.size());
    zip.begin("b.npy", b.size()), zip.write(b.data(), b.size());
    zip.finish();
  });
  const NpzFile file(folder / "a.npz");
  CHECK(file.keys() == std::vector<std::string>{"a", "b"});
  CHECK(file.read("a").values == std::vector<double>{1, 2, 3, 4, 5, 6});
  CHECK(file.read("b").values == std::vector<double>{0.5});
  // The record of the directory's end is not where the locator says.
  auto bytes = bytes_of(folder / "a.npz");
  bytes[bytes.size() - 22 - 20 + 8] ^= 1;
  write_bytes(folder / "b.npz", bytes);
  CHECK_THROWS_WITH(NpzFile(folder / "b.npz"), Contains("b.npz") && Contains("directory"));
}

TEST_CASE("parts of a file's arrays are its rows", "[data][npz]") {
  const Folder folder;
  std::vector<double> rows;
  for (int i = 0; i < 60'000; ++i) rows.push_back(i);  // 480 kB: an element lies in two pieces of what is unpacked
  std::vector<std::uint8_t> flags(20'000, 1);
  for (const bool deflate : {true, false}) {
    write_bytes(folder / "a.npz",
                zip({{"x.npy", npy("(20000, 3)", rows)},
                     {"flag.npy", npy<std::uint8_t>("|u1", "(20000,)", flags)},
                     {"other.npy", npy("(2,)", {7, 8})},
                     {"column.npy", npy<double>("<f8", "(20000, 2)", {rows.begin(), rows.begin() + 40'000}, "True")}},
                    deflate));
    const NpzFile file(folder / "a.npz");
    std::int64_t at = 0;
    for (const std::int64_t count : {1, 0, 9'999, 5'000, 5'000}) {
      const auto part = file.part(20'000, at, count);
      CHECK(part.first_row() == at);
      CHECK(part.header("x").shape == std::vector<std::int64_t>{count, 3});
      const auto x = part.read_floats("x");
      REQUIRE(std::int64_t(x.size()) == 3 * count);
      for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(x[i] == float(3 * at + std::int64_t(i)));
      CHECK(part.read_integers("flag") == std::vector<std::int64_t>(std::size_t(count), 1));
      CHECK(part.read("other").values == std::vector<double>{7, 8});  // of other rows: whole
      at += count;
    }
    // Backwards, and over rows that nobody reads.
    CHECK(file.part(20'000, 2, 1).read("x").values == std::vector<double>{6, 7, 8});
    CHECK(file.part(20'000, 19'999, 1).read("x").values == std::vector<double>{59'997, 59'998, 59'999});
    CHECK(file.read("x").values == rows);
    CHECK_THROWS_WITH(file.part(20'000, 0, 1).read("column"), Contains("column by column"));
  }
  // What was changed is noticed when the last row is read.
  auto bytes = bytes_of(folder / "a.npz");
  const auto where = bytes.find("\x93NUMPY") + 400'000;
  bytes[where] = char(bytes[where] ^ 1);
  write_bytes(folder / "a.npz", bytes);
  const NpzFile changed(folder / "a.npz");
  CHECK_THROWS_WITH(changed.part(20'000, 0, 20'000).read("x"), Contains("checksum of member x.npy"));
  CHECK(changed.part(20'000, 0, 1).read("x").values == std::vector<double>{0, 1, 2});
  CHECK_THROWS_WITH(changed.part(20'000, 1, 19'999).read("x"), Contains("checksum of member x.npy"));
}
