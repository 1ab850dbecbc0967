#include <tessera/io/hdf5.hpp>

#include <cstring>
#include <limits>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using tessera::hdf5::File;
using tessera::hdf5::type_class;

namespace {
/// Replaces every 8-byte little-endian `from` in the file by `to`.
int patch(const std::string& path, std::uint64_t from, std::uint64_t to) {
  auto bytes = support::bytes_of(path);
  const std::string old(reinterpret_cast<const char*>(&from), sizeof from);
  int found = 0;
  for (auto at = bytes.find(old); at != std::string::npos; at = bytes.find(old, at + 1), ++found)
    std::memcpy(bytes.data() + at, &to, sizeof to);
  support::write_bytes(path, bytes);
  return found;
}

/// A chunked, deflated float data set of which only what `written` says exists.
void write_chunked(const std::string& path, hsize_t rows, bool written) {
  using tessera::hdf5::Handle;
  const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  const Handle space(H5Screate_simple(1, &rows, nullptr), H5Sclose);
  const Handle plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const hsize_t chunk = 1000;
  H5Pset_chunk(plan.id(), 1, &chunk);
  H5Pset_deflate(plan.id(), 4);
  const Handle data(H5Dcreate2(file.id(), "x", H5T_IEEE_F32LE, space.id(), H5P_DEFAULT, plan.id(), H5P_DEFAULT),
                    H5Dclose);
  const std::vector<float> values(1000, 1.5f);
  const hsize_t start = 0;
  H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, &start, nullptr, &chunk, nullptr);
  const Handle memory(H5Screate_simple(1, &chunk, nullptr), H5Sclose);
  if (written) H5Dwrite(data.id(), H5T_NATIVE_FLOAT, memory.id(), space.id(), H5P_DEFAULT, values.data());
}
}  // namespace

TEST_CASE("an HDF5 file gives back what was written", "[data][hdf5]") {
  const support::Folder folder;
  const auto path = folder / "all.h5";
  const std::vector<float> floats = {1.5f, -2, 0, 4, 5, 6};
  const std::vector<double> doubles = {0.1, 1e300};
  const std::vector<std::int64_t> integers = {std::numeric_limits<std::int64_t>::min(), 0, 9007199254740993};
  const std::vector<std::uint8_t> bytes = {0, 1, 255};
  const double scalar = 0.3;
  {
    auto file = File::create(path);
    file.write("floats", floats, {2, 3});
    file.write("group/inner/doubles", doubles);
    file.write("integers", integers);
    file.write("bytes", bytes);
    file.write("scalar", &scalar, {});
    file.write("nothing", std::vector<float>{}, {0, 4});
    file.write_string("text",
                      "gr\xc3\xbc\xc3\x9f"
                      "e");
    file.write_attribute("/", "version", "3");
    file.write_attribute("group", "kind", "");
    file.close();
  }
  const auto file = File::open(path);
  CHECK(file.keys() == std::vector<std::string>{"bytes", "floats", "group", "integers", "nothing", "scalar", "text"});
  CHECK(file.keys("group/inner") == std::vector<std::string>{"doubles"});
  CHECK(file.exists("group/inner/doubles"));
  CHECK_FALSE(file.exists("group/other/doubles"));
  CHECK_FALSE(file.exists("float"));
  CHECK(file.info("floats").shape == std::vector<std::int64_t>{2, 3});
  CHECK(file.info("floats").type == type_class::floating);
  CHECK(file.info("integers").type == type_class::integer);
  CHECK(file.info("text").type == type_class::text);
  CHECK(file.info("scalar").shape.empty());
  CHECK(file.read<float>("floats") == floats);
  CHECK(file.read<double>("group/inner/doubles") == doubles);
  CHECK(file.read<std::int64_t>("integers") == integers);
  CHECK(file.read<std::uint8_t>("bytes") == bytes);
  CHECK(file.read<float>("nothing").empty());
  CHECK(file.read_scalar<double>("scalar") == 0.3);
  CHECK(file.read_string("text") ==
        "gr\xc3\xbc\xc3\x9f"
        "e");
  CHECK(file.read_attribute("/", "version") == "3");
  CHECK(file.read_attribute("group", "kind").empty());
  CHECK(file.read_attribute("group", "absent").empty());
}

TEST_CASE("HDF5 numbers convert where no value changes", "[data][hdf5]") {
  const support::Folder folder;
  const auto path = folder / "convert.h5";
  {
    auto file = File::create(path);
    file.write("flags", std::vector<float>{0, 1, 1});
    file.write("wide", std::vector<std::int64_t>{3, 255});
    file.write("too wide", std::vector<std::int64_t>{3, 256});
    file.write("fractions", std::vector<double>{1, 2.5});
    file.write("not numbers", std::vector<float>{1, std::numeric_limits<float>::quiet_NaN()});
    file.write("far", std::vector<double>{9.3e18});
    file.write_string("text", "7");
  }
  const auto file = File::open(path);
  CHECK(file.read<std::uint8_t>("flags") == std::vector<std::uint8_t>{0, 1, 1});
  CHECK(file.read<std::int64_t>("flags") == std::vector<std::int64_t>{0, 1, 1});
  CHECK(file.read<std::uint8_t>("wide") == std::vector<std::uint8_t>{3, 255});
  CHECK(file.read<float>("wide") == std::vector<float>{3, 255});
  CHECK_THAT(error_of([&] { file.read<std::uint8_t>("too wide"); }), Contains("element 1") && Contains("256"));
  CHECK_THAT(error_of([&] { file.read<std::int64_t>("fractions"); }),
             Contains("convert.h5: key 'fractions'") && Contains("2.5") && Contains("whole number"));
  CHECK_THAT(error_of([&] { file.read<std::uint8_t>("not numbers"); }), Contains("element 1") && Contains("nan"));
  CHECK_THAT(error_of([&] { file.read<std::int64_t>("far"); }), Contains("whole number"));
  CHECK_THAT(error_of([&] { file.read<float>("text"); }), Contains("'text'") && Contains("numbers"));
  CHECK_THAT(error_of([&] { file.read_string("wide"); }), Contains("'wide'") && Contains("text"));
  CHECK_THAT(error_of([&] { file.read_scalar<float>("wide"); }), Contains("2 elements"));
}

TEST_CASE("HDF5 booleans and fixed texts of other writers are read", "[data][hdf5]") {
  using tessera::hdf5::Handle;
  const support::Folder folder;
  const auto path = folder / "h5py.h5";
  {
    const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    const Handle boolean(H5Tenum_create(H5T_STD_I8LE), H5Tclose);
    const std::int8_t values[] = {0, 1, 1};
    H5Tenum_insert(boolean.id(), "FALSE", &values[0]);
    H5Tenum_insert(boolean.id(), "TRUE", &values[1]);
    const hsize_t count = 3;
    const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    const Handle flags(H5Dcreate2(file.id(), "flags", boolean.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                       H5Dclose);
    H5Dwrite(flags.id(), boolean.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    const Handle fixed(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(fixed.id(), 8);
    const Handle scalar(H5Screate(H5S_SCALAR), H5Sclose);
    const Handle text(H5Dcreate2(file.id(), "text", fixed.id(), scalar.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                      H5Dclose);
    H5Dwrite(text.id(), fixed.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, "SAC\0\0\0\0");
  }
  const auto file = File::open(path);
  CHECK(file.info("flags").type == type_class::integer);
  CHECK(file.read<std::uint8_t>("flags") == std::vector<std::uint8_t>{0, 1, 1});
  CHECK(file.read<float>("flags") == std::vector<float>{0, 1, 1});
  CHECK(file.read<double>("flags") == std::vector<double>{0, 1, 1});
  CHECK(file.read_string("text") == "SAC");
}

TEST_CASE("HDF5 files and keys that are not there are named", "[data][hdf5]") {
  const support::Folder folder;
  CHECK_THAT(error_of([&] { File::open(folder / "absent.h5"); }),
             Contains("absent.h5") && Contains("there is no such file"));
  CHECK_THAT(error_of([&] { File::create(folder / "absent/new.h5"); }), Contains("cannot be created"));
  support::write_bytes(folder / "text.h5", "a,b\n1,2\n");
  CHECK_THAT(error_of([&] { File::open(folder / "text.h5"); }), Contains("not a readable HDF5 file"));
  {
    auto file = File::create(folder / "one.h5");
    file.write("group/x", std::vector<float>{1});
    CHECK_THAT(error_of([&] { file.write("group/x", std::vector<float>{1}); }),
               Contains("'group/x'") && Contains("cannot be written"));
    CHECK_THAT(error_of([&] { file.write("y", std::vector<float>{1}, {2, 2}); }), Contains("1 elements"));
  }
  const auto file = File::open(folder / "one.h5");
  CHECK_THAT(error_of([&] { file.read<float>("y"); }), Contains("one.h5: key 'y': is missing"));
  CHECK_THAT(error_of([&] { file.read<float>("group"); }), Contains("'group'") && Contains("data set"));
  CHECK_THAT(error_of([&] { file.keys("y"); }), Contains("'y'"));
}

TEST_CASE("an HDF5 file cut anywhere is an error", "[data][hdf5]") {
  const support::Folder folder;
  const auto path = folder / "whole.h5", cut = folder / "cut.h5";
  {
    auto file = File::create(path);
    file.write("x", std::vector<float>(3000, 1.f));
  }
  const auto bytes = support::bytes_of(path);
  for (std::size_t length = 0; length < bytes.size(); length += 97) {
    support::write_bytes(cut, bytes.substr(0, length));
    const auto error = error_of([&] { File::open(cut).read<float>("x"); });
    CAPTURE(length, error);
    CHECK_THAT(error, Contains("cut.h5") && Contains("copy or download"));
    CHECK(error.find('\n') == std::string::npos);
  }
}

TEST_CASE("an HDF5 header that claims more than the file holds is an error before memory is asked for",
          "[data][hdf5]") {
  const support::Folder folder;
  const auto path = folder / "claim.h5";
  const std::uint64_t terabyte = std::uint64_t{1} << 40;
  const auto write = [&] {
    auto file = File::create(path);
    file.write("x", std::vector<float>(12345, 1.f));
  };
  const auto read = [&] { return error_of([&] { File::open(path).read<float>("x"); }); };
  write();
  REQUIRE(patch(path, 12345, terabyte) > 0);
  CHECK_THAT(read(), Contains("'x'") && Contains("claims"));
  write();
  REQUIRE(patch(path, 12345, terabyte) > 0);
  REQUIRE(patch(path, 4 * 12345, 4 * terabyte) > 0);
  CHECK_THAT(read(), Contains("the data of an object lie outside the file"));

  write_chunked(path, 5000, true);
  const auto values = File::open(path).read<float>("x");
  CHECK((values.size() == 5000 && values[999] == 1.5f && values[1000] == 0));
  write_chunked(path, 1'000'000'000'000, true);
  CHECK_THAT(read(), Contains("'x'") && Contains("claims"));
  write_chunked(path, 1000, false);
  CHECK_THAT(read(), Contains("'x'") && Contains("claims"));
}

TEST_CASE("an HDF5 file whose structure is no tree is refused before libhdf5 is asked", "[data][hdf5]") {
  const support::Folder folder;
  const auto path = folder / "whole.h5";
  write_chunked(path, 5000, true);
  const auto whole = support::bytes_of(path);
  const auto number = [](std::uint64_t x) { return std::string(reinterpret_cast<const char*>(&x), sizeof x); };
  const auto of = [&](std::size_t at, const std::string& to) {
    auto bytes = whole;
    bytes.replace(at, to.size(), to);
    support::write_bytes(path, bytes);
    return error_of([&] { File::open(path).read<float>("x"); });
  };
  CHECK(of(0, whole.substr(0, 8)) == "(no error)");
  CHECK_THAT(of(8, "\x09"), Contains("version is unknown"));
  CHECK_THAT(of(13, "\x04"), Contains("addresses are of 4 bytes"));
  CHECK_THAT(of(40, number(1 << 20)), Contains("and should have 1048576"));
  CHECK_THAT(of(64, number(1 << 20)), Contains("root group lies outside"));
  // The first tree is the root group's, the second the chunks'; a node says its level at 5, how many parts it has at 6,
  // and its first child at 32.
  const auto group = whole.find("TREE"), chunks = whole.find("TREE", group + 1), table = whole.find("SNOD"),
             heap = whole.find("HEAP");
  REQUIRE((chunks != std::string::npos && table != std::string::npos && heap != std::string::npos));
  CHECK_THAT(of(group, "TREF"), Contains("a tree lacks its signature"));
  CHECK_THAT(of(group + 5, "\x01"), Contains("lacks its signature"));
  CHECK_THAT(of(group + 6, "\xff\xff"), Contains("more entries than fit into it"));
  CHECK_THAT(of(group + 32, number(1 << 20)), Contains("outside the file"));
  auto circle = whole;
  circle[group + 5] = 1;
  circle.replace(group + 32, 8, number(group));
  support::write_bytes(path, circle);
  CHECK_THAT(error_of([&] { File::open(path); }), Contains("reached twice"));
  CHECK_THAT(of(chunks + 6, "\xff\xff"), Contains("more entries than fit into it"));
  CHECK_THAT(of(table + 6, "\xff\xff"), Contains("a symbol table is invalid"));
  CHECK_THAT(of(table + 8, number(1 << 20)), Contains("a name has no end"));
  CHECK_THAT(of(table + 16, number(1 << 20)), Contains("an object lies outside"));
  CHECK_THAT(of(heap + 8, number(1 << 20)), Contains("outside the file"));
  CHECK_THAT(of(heap + 16, number(1 << 20)), Contains("free list"));
}
