#include <tessera/io/safetensors.hpp>

#include <sys/stat.h>

#include <cstdlib>
#include <limits>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using namespace tessera;
namespace st = tessera::safetensors;

namespace {
// A file by hand: the header's length, the header, the tensors.
std::string file_of(const std::string& header, const std::string& data, std::int64_t longer = 0) {
  const auto length = std::uint64_t(std::int64_t(header.size()) + longer);
  return std::string(reinterpret_cast<const char*>(&length), 8) + header + data;
}
template <class T>
st::Source source(const std::string& name, const std::vector<T>& x, std::vector<std::int64_t> shape) {
  return {name, st::type_of<T>(), std::move(shape), [&x] { return static_cast<const void*>(x.data()); }};
}
const std::vector<float> floats = {1, -2, 0.5f, 3e38f, -0.0f, 1e-45f};
const std::vector<double> doubles = {0.1, -1e300};
const std::vector<std::int64_t> wholes = {std::numeric_limits<std::int64_t>::min(), 7};
const std::vector<std::uint64_t> naturals = {~std::uint64_t{0}};
const std::vector<std::uint8_t> flags = {0, 1, 255};
const std::vector<float> none;
const st::Metadata described = {{"algorithm", "iql"},
                                {"quotes", "a \"checksum\":\"0000000000000000\" \\ b\n\t"},
                                {"unicode", "Größe \xF0\x9F\x8E\xB2"},
                                {"empty", ""}};

void write_sample(const std::string& path, st::Metadata metadata = described) {
  st::write(
      path, std::move(metadata),
      {source("flags", flags, {3}), source("policy/parameters", floats, {2, 3}), source("doubles", doubles, {2, 1}),
       source("none", none, {0, 4}), source("updates", wholes, {2}), source("seed", naturals, {})});
}
void check_sample(const st::File& file) {
  CHECK(file.read<float>("policy/parameters") == floats);
  CHECK(file.read<double>("doubles") == doubles);
  CHECK(file.read<std::int64_t>("updates") == wholes);
  CHECK(file.read<std::uint64_t>("seed") == naturals);
  CHECK(file.read<std::uint8_t>("flags") == flags);
  CHECK(file.read<float>("none").empty());
  CHECK(file.at("policy/parameters").shape == std::vector<std::int64_t>{2, 3});
  CHECK(file.at("none").shape == std::vector<std::int64_t>{0, 4});
  CHECK(file.at("seed").shape.empty());
  CHECK(file.tensors().size() == 6);
}
}  // namespace

TEST_CASE("a safetensors file comes back as it was written", "[data][safetensors]") {
  const support::Folder folder;
  const auto path = folder / "a.safetensors";
  write_sample(path);
  const auto file = st::File::open(path);
  check_sample(file);
  file.verify();
  for (const auto& [key, value] : described) CHECK(file.text(key) == value);
  CHECK(file.metadata().size() == described.size() + 1);
  // Data start at a multiple of 8, and every tensor at one of its own width.
  const auto bytes = support::bytes_of(path);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  CHECK(length % 8 == 0);
  for (const auto& [name, t] : file.tensors()) CHECK(t.begin % st::size_of(t.type) == 0);
  // The same again is the same file.
  write_sample(folder / "b.safetensors");
  CHECK(support::bytes_of(folder / "b.safetensors") == bytes);
  CHECK(folder.files() == 2);

  CHECK_THAT(error_of([&] { (void)file.read<float>("updates"); }), Contains("'updates' is of type I64, not F32"));
  CHECK_THAT(error_of([&] { (void)file.read<float>("absent"); }), Contains("no tensor 'absent'"));
  CHECK_THAT(error_of([&] { (void)file.text("absent"); }), Contains("no 'absent' in its metadata"));
  st::write(folder / "empty.safetensors", {}, {});
  const auto empty = st::File::open(folder / "empty.safetensors");
  empty.verify();
  CHECK((empty.tensors().empty() && empty.metadata().size() == 1));
}

TEST_CASE("what cannot be read again is not written", "[data][safetensors]") {
  const support::Folder folder;
  const auto path = folder / "a.safetensors";
  const auto refused = [&](st::Metadata metadata, std::vector<st::Source> tensors) {
    const auto said = error_of([&] { st::write(path, std::move(metadata), std::move(tensors)); });
    CHECK(folder.files() == 0);
    return said;
  };
  CHECK_THAT(refused({{"name", "\xff"}}, {}), Contains("must be UTF-8") && !Contains("json"));
  CHECK_THAT(refused({}, {source("\xc3", floats, {6})}), Contains("must be UTF-8"));
  CHECK_THAT(refused({{"checksum", "1"}}, {}), Contains("'checksum' already"));
  CHECK_THAT(refused({}, {source("a", floats, {6}), source("a", doubles, {2})}), Contains("two tensors are named 'a'"));
  CHECK_THAT(refused({}, {source("__metadata__", floats, {6})}), Contains("two tensors are named"));
  CHECK_THAT(refused({}, {source("a", floats, {-1})}), Contains("invalid sizes"));
  CHECK_THAT(refused({}, {source("a", floats, {std::int64_t{1} << 40, std::int64_t{1} << 40})}),
             Contains("invalid sizes"));
  CHECK_THAT(refused({{"long", std::string(17u << 20, 'x')}}, {}), Contains("more than 16777216"));
  CHECK(st::as_utf8("a\xff"
                    "b \xc3\xa4") ==
        "a\xEF\xBF\xBD"
        "b \xc3\xa4");
}

TEST_CASE("a safetensors file that is not whole is refused in one line", "[data][safetensors]") {
  const support::Folder folder;
  const auto path = folder / "a.safetensors";
  const auto said = [&](const std::string& bytes) {
    support::write_bytes(path, bytes);
    const auto text = error_of([&] { (void)st::File::open(path); });
    INFO(text);
    CHECK(text.starts_with(path + ": "));
    CHECK(text.find('\n') == std::string::npos);
    CHECK(text.size() < path.size() + 400);
    return text;
  };
  const auto one = [](const std::string& tensor) { return "{\"w\":" + tensor + "}"; };
  const std::string w = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", eight(8, 'x');
  CHECK_NOTHROW([&] {
    support::write_bytes(path, file_of(one(w), eight));
    (void)st::File::open(path);
  }());
  CHECK_NOTHROW([&] {
    support::write_bytes(path, file_of(one(w) + "   ", eight));
    (void)st::File::open(path);
  }());

  // Lengths.
  CHECK_THAT(said(""), Contains("it has 0 bytes"));
  CHECK_THAT(said("1234567"), Contains("it has 7 bytes"));
  CHECK_THAT(said(file_of("", "")), Contains("does not start with '{'"));
  CHECK_THAT(said(file_of(one(w), eight, 9)), Contains("its header alone would have"));
  CHECK_THAT(said(std::string(8, '\xff') + one(w) + eight), Contains("more than 16777216"));
  CHECK_THAT(said(std::string("\0\0\0\0\0\0\0\x80", 8) + one(w) + eight), Contains("more than 16777216"));
  CHECK_THAT(said("\x89HDF\r\n\x1a\n" + eight), Contains("is an HDF5 file"));
  CHECK_THAT(said(std::string("PK\x03\x04\0\0\0\0", 8) + eight), Contains("is not a readable safetensors file"));
  CHECK_THAT(said(file_of(one(w), "1234567")), Contains("ends at byte 8 of 7"));
  CHECK_THAT(said(file_of(one(w), eight + "9")), Contains("9 bytes of tensors, and its header describes 8"));

  // JSON.
  CHECK_THAT(said(file_of(" " + one(w), eight)), Contains("does not start with '{'"));
  CHECK_THAT(said(file_of("[]", "")), Contains("does not start with '{'"));
  CHECK_THAT(said(file_of(one(w) + std::string(1, '\0'), eight)), Contains("does not end with '}'"));
  CHECK_THAT(said(file_of(one(w) + "\n", eight)), Contains("does not end with '}'"));
  CHECK_THAT(said(file_of(one(w) + "{}", eight)), Contains("is not JSON in UTF-8 at byte"));
  CHECK_THAT(said(file_of(one(w).substr(0, 30) + "}", eight)), Contains("is not JSON in UTF-8 at byte"));
  CHECK_THAT(said(file_of("{\"\xff\":" + w + "}", eight)), Contains("is not JSON in UTF-8 at byte"));
  CHECK_THAT(said(file_of("{/**/}", "")), Contains("is not JSON in UTF-8 at byte"));
  for (const auto* x : {"null", "true", "-1", "1.5", "1e400", "\"text\"", "[]", "18446744073709551616"})
    CHECK_THAT(said(file_of(one(x), "")), Contains("header"));
  CHECK_THAT(said(file_of("{\"w\":" + std::string(100000, '[') + "}", "")),
             Contains("has a list at 'w', where the format allows none"));
  std::string deep = "{";
  for (int i = 0; i < 100000; ++i) deep += "\"a\":{";
  CHECK_THAT(said(file_of(deep + "}", "")), Contains("field 'a'"));

  // Names and fields.
  CHECK_THAT(said(file_of("{\"w\":" + w + ",\"w\":" + w + "}", eight)), Contains("'w' is there twice"));
  CHECK_THAT(said(file_of("{\"w\":" + w + ",\"\\u0077\":" + w + "}", eight)), Contains("'w' is there twice"));
  CHECK_THAT(said(file_of(R"({"__metadata__":{},"__metadata__":{}})", "")), Contains("'__metadata__' is there twice"));
  CHECK_THAT(said(file_of(R"({"__metadata__":{"a":"1","a":"2"}})", "")), Contains("metadata 'a' is there twice"));
  CHECK_THAT(said(file_of(R"({"__metadata__":{"a":1}})", "")), Contains("a number at '__metadata__'"));
  CHECK_THAT(said(file_of(R"({"__metadata__":{"a":{}}})", "")), Contains("an object at '__metadata__'"));
  CHECK_THAT(said(file_of(one(R"({"shape":[2],"data_offsets":[0,8]})"), eight)),
             Contains("needs dtype, shape and data_offsets"));
  CHECK_THAT(said(file_of(one(R"({"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]})"), eight)),
             Contains("its dtype twice"));
  CHECK_THAT(said(file_of(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1})"), eight)),
             Contains("a field 'more'"));
  CHECK_THAT(said(file_of(one(R"({"dtype":"BF16","shape":[4],"data_offsets":[0,8]})"), eight)),
             Contains("is of type 'BF16'"));
  CHECK_THAT(said(file_of(one(R"({"dtype":7,"shape":[4],"data_offsets":[0,8]})"), eight)), Contains("a number at 'w'"));
  CHECK_THAT(said(file_of("{\"" + std::string(5000, 'n') + "\":1}", "")), Contains("nnn...(4872 bytes)...nnn"));
  CHECK_THAT(said(file_of(R"({"a\u000a\u001b[2J":1})", "")), Contains(R"('a\n\x1b[2J')"));

  // Shapes and offsets.
  const auto shaped = [&](const std::string& shape, const std::string& offsets) {
    return one(R"({"dtype":"F32","shape":)" + shape + ",\"data_offsets\":" + offsets + "}");
  };
  CHECK_THAT(said(file_of(shaped("[3]", "[0,8]"), eight)), Contains("has 8 bytes where its shape needs 12"));
  CHECK_THAT(said(file_of(shaped("[2,-1]", "[0,8]"), eight)), Contains("a negative number"));
  CHECK_THAT(said(file_of(shaped("[4294967296,4294967296]", "[0,8]"), eight)),
             Contains("more bytes than 64 bits count"));
  CHECK_THAT(said(file_of(shaped("[9223372036854775808]", "[0,8]"), eight)),
             Contains("a size that does not fit into 64 bits"));
  CHECK_THAT(said(file_of(shaped("[0,9223372036854775807,9223372036854775807]", "[0,8]"), eight)),
             Contains("has 8 bytes where its shape needs 0"));
  std::string axes = "1";
  for (int i = 0; i < 32; ++i) axes += ",1";
  CHECK_THAT(said(file_of(shaped("[" + axes + "]", "[0,4]"), "1234")), Contains("more than 32 axes"));
  CHECK_THAT(said(file_of(shaped("[2.0]", "[0,8]"), eight)), Contains("not a 64-bit integer"));
  CHECK_THAT(said(file_of(shaped("[[2]]", "[0,8]"), eight)), Contains("a list"));
  CHECK_THAT(said(file_of(shaped("[2]", "[0,8,8]"), eight)), Contains("a number"));
  CHECK_THAT(said(file_of(shaped("[2]", "[8]"), eight)), Contains("two data_offsets"));
  CHECK_THAT(said(file_of(shaped("[2]", "[8,0]"), eight)), Contains("ends at byte 0 of 8"));
  CHECK_THAT(said(file_of(shaped("[2]", "[0,18446744073709551615]"), eight)), Contains("of 8"));
  CHECK_THAT(said(file_of(shaped("[2]", "[4,12]"), eight + "more")), Contains("does not start where"));
  const auto two = [](const std::string& a, const std::string& b) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
           R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}";
  };
  CHECK_NOTHROW([&] {
    support::write_bytes(path, file_of(two("[4,8]", "[0,4]"), eight));
    (void)st::File::open(path);
  }());
  CHECK_THAT(said(file_of(two("[0,4]", "[0,4]"), eight)), Contains("does not start where"));
  CHECK_THAT(said(file_of(two("[0,4]", "[2,6]"), eight)), Contains("does not start where"));
  CHECK_THAT(said(file_of(two("[0,4]", "[5,9]"), eight + "9")), Contains("does not start where"));
}

TEST_CASE("no bit of a safetensors file changes unseen, and no byte is lost", "[data][safetensors]") {
  const support::Folder folder;
  const auto path = folder / "a.safetensors", changed = folder / "b.safetensors";
  write_sample(path);
  const auto bytes = support::bytes_of(path);
  const auto said = [&](const std::string& content) {
    support::write_bytes(changed, content);
    return error_of([&] { st::File::open(changed).verify(); });
  };
  REQUIRE(said(bytes) == "(no error)");
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto flipped = bytes;
      flipped[at] = char(flipped[at] ^ (1 << bit));
      const auto text = said(flipped);
      if (text == "(no error)" || text.find('\n') != std::string::npos)
        FAIL("bit " << bit << " of byte " << at << ": " << text);
    }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    if (said(bytes.substr(0, size)) == "(no error)") FAIL("cut to " << size);
  // Two tensors that change places, and names that do.
  auto swapped = bytes;
  const auto data = bytes.size() - 3 - 24;
  std::swap_ranges(swapped.begin() + std::ptrdiff_t(data), swapped.begin() + std::ptrdiff_t(data) + 4,
                   swapped.begin() + std::ptrdiff_t(data) + 4);
  CHECK_THAT(said(swapped), Contains("does not match its checksum"));
  CHECK_THAT(said(file_of("{}", "")), Contains("no 'checksum'"));
  CHECK_THAT(said(file_of(R"({"__metadata__":{"checksum":"12"}})", "")), Contains("its checksum is malformed"));
  CHECK_THAT(said(file_of(R"({"__metadata__":{"checks\u0075m":"0123456789abcdef"}})", "")),
             Contains("its checksum is malformed"));
}

TEST_CASE("only regular files are opened, and none is waited for", "[data][safetensors]") {
  const support::Folder folder;
  const auto pipe = folder / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THAT(error_of([&] { (void)st::File::open(pipe); }), Contains("is not a regular file"));
  CHECK_THAT(error_of([&] { (void)st::File::open(folder / ""); }), Contains("is a folder"));
  CHECK_THAT(error_of([&] { (void)st::File::open("/dev/zero"); }), Contains("is not a regular file"));
  CHECK_THAT(error_of([&] { (void)st::File::open(folder / "absent"); }), Contains("absent: cannot be opened"));
}

// The other side of python_opens.py.
TEST_CASE("files for Python", "[.][python]") {
  const char* folder = std::getenv("TESSERA_PYTHON");
  REQUIRE(folder);
  write_sample(std::string(folder) + "/ours.safetensors");
}
TEST_CASE("files of Python", "[.][python]") {
  const char* folder = std::getenv("TESSERA_PYTHON");
  REQUIRE(folder);
  const auto file = st::File::open(std::string(folder) + "/theirs.safetensors");
  check_sample(file);
  for (const auto& [key, value] : described) CHECK(file.text(key) == value);
}
