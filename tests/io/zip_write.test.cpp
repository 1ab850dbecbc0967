#include <tessera/io/zip_write.hpp>

#include "helpers/files.hpp"

#include <numeric>

#include <tessera/io/npz.hpp>

using Catch::Contains;
using support::error_of;
using tessera::AtomicFile;

namespace {
std::string archive(const std::string& path, std::uint64_t zip64_from = 0xffffffff) {
  tessera::write_atomically(path, [&](AtomicFile& file) {
    tessera::ZipWriter zip(file, zip64_from);
    zip.begin("nine", 9), zip.write("1234", 4), zip.write("56789", 5);
    zip.begin("none", 0);
    const std::string zeros(3'000'000, 'z');
    zip.begin("folder/long", 2 * zeros.size()), zip.write(zeros.data(), zeros.size()),
        zip.write(zeros.data(), zeros.size());
    zip.finish();
  });
  return support::bytes_of(path);
}
}  // namespace

TEST_CASE("an archive is read again, and is small", "[data][zip]") {
  const support::Folder folder;
  const auto bytes = archive(folder / "a.zip");
  CHECK(bytes.size() < 10'000);
  CHECK(bytes == archive(folder / "b.zip"));
  const tessera::ZipFile zip(folder / "a.zip");
  CHECK(zip.names() == std::vector<std::string>{"folder/long", "nine", "none"});
  const auto nine = zip.read("nine");
  CHECK(std::string(nine.begin(), nine.end()) == "123456789");
  CHECK(zip.read("none").empty());
  const auto zeros = zip.read("folder/long");
  CHECK((zeros.size() == 6'000'000 && zeros.front() == 'z' && zeros.back() == 'z'));
  // The check value of CRC-32, at bytes 14 to 17 of the header, then the packed and the plain size.
  CHECK(bytes.substr(0, 8) == std::string("PK\x03\x04\x14\0\0\0", 8));
  CHECK(bytes.substr(14, 4) == "\x26\x39\xf4\xcb");
  CHECK(bytes.substr(22, 4) == std::string("\x09\0\0\0", 4));
}

TEST_CASE("beyond 4 GiB the sizes are in the fields of zip64", "[data][zip]") {
  const support::Folder folder;
  // As if 4 GiB were one byte: every size and offset but 0 is beyond it.
  const auto bytes = archive(folder / "a.zip", 1);
  // Version 4.5; sizes of 0xffffffff; a field of type 1 with 16 bytes, the plain size first.
  CHECK(bytes.substr(0, 6) == std::string("PK\x03\x04\x2d\0", 6));
  CHECK(bytes.substr(18, 8) == "\xff\xff\xff\xff\xff\xff\xff\xff");
  CHECK(bytes.substr(34, 12) == std::string("\x01\0\x10\0\x09\0\0\0\0\0\0\0", 12));
  // The end: a record, where it is, and an end that says that it is elsewhere.
  const auto end = bytes.size() - 22, locator = end - 20, record = locator - 56;
  CHECK(bytes.substr(end, 4) == "PK\x05\x06");
  CHECK(bytes.substr(end + 8, 12) == std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12));
  CHECK(bytes.substr(locator, 4) == "PK\x06\x07");
  CHECK(bytes.substr(record, 5) == "PK\x06\x06\x2c");
  const auto number = [&](std::size_t at) {
    std::uint64_t x = 0;
    for (std::size_t i = 8; i-- > 0;) x = x << 8 | std::uint8_t(bytes[at + i]);
    return x;
  };
  CHECK(number(locator + 8) == record);
  CHECK((number(record + 24) == 3 && number(record + 32) == 3));
  const auto directory = number(record + 48);
  CHECK(number(record + 40) == record - directory);
  CHECK(bytes.substr(directory, 4) == "PK\x01\x02");
}

TEST_CASE("the announced size is kept", "[data][zip]") {
  const support::Folder folder;
  const auto with = [&](std::size_t size) {
    return error_of([&] {
      tessera::write_atomically(folder / "a.zip", [&](AtomicFile& file) {
        tessera::ZipWriter zip(file);
        zip.begin("a", 4), zip.write("12345", size), zip.finish();
      });
    });
  };
  CHECK(with(4) == "(no error)");
  CHECK_THAT(with(3), Contains("a.zip") && Contains("less"));
  CHECK_THAT(with(5), Contains("a.zip") && Contains("more"));
  CHECK(folder.files() == 1);
}

TEST_CASE("arrays are written as NumPy writes them", "[data][npz]") {
  const support::Folder folder;
  std::vector<float> numbers(6);
  std::iota(numbers.begin(), numbers.end(), 0.5f);
  tessera::write_atomically(folder / "a.npz", [&](AtomicFile& file) {
    tessera::NpzWriter npz(file);
    npz.array("x", "<f4", {3, 2}), npz.write(numbers);
    npz.array("i", "<i4", {2}), npz.write(std::vector<std::int32_t>{-1, 70000});
    npz.array("b", "|b1", {3}), npz.write(std::vector<std::uint8_t>{1, 0, 1});
    npz.array("none", "<f4", {0, 2});
    npz.finish();
  });
  const tessera::NpzFile npz(folder / "a.npz");
  CHECK(npz.keys() == std::vector<std::string>{"b", "i", "none", "x"});
  CHECK(npz.read("x", {3, 2}).values == std::vector<double>{0.5, 1.5, 2.5, 3.5, 4.5, 5.5});
  CHECK(npz.read("i", {2}).values == std::vector<double>{-1, 70000});
  CHECK(npz.read("b", {3}).values == std::vector<double>{1, 0, 1});
  CHECK(npz.read("none").values.empty());
  // The header of NumPy's own writer, for the same array.
  const auto bytes = tessera::ZipFile(folder / "a.npz").read("x.npy");
  CHECK(bytes.size() == 128 + 24);
  CHECK(std::string(bytes.begin(), bytes.begin() + 128) ==
        std::string("\x93NUMPY\x01\0\x76\0{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", 69) +
            std::string(58, ' ') + "\n");
}
