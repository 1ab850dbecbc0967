#include <tessera/io/columns.hpp>

#include <limits>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using tessera::hdf5::File;
namespace flat_columns = tessera::flat_columns;

TEST_CASE("columns of a flat file are checked", "[data][columns]") {
  const support::Folder folder;
  const float infinity = std::numeric_limits<float>::infinity();
  {
    auto file = File::create(folder / "c.h5");
    file.write("matrix", std::vector<float>{1, 2, 3, 4, 5, 6}, {3, 2});
    file.write("images", std::vector<float>(24), {2, 3, 2, 2});
    file.write("no width", std::vector<float>{}, {3, 0});
    file.write("bad", std::vector<float>{1, 2, 3, infinity, 5, -infinity}, {3, 2});
    file.write("overflow", std::vector<double>{1, 2, 1e300, 4}, {2, 2});
    file.write("flags", std::vector<float>{0, 1, 1}, {3, 1});
    file.write("not flags", std::vector<double>{0, 1, 0.5});
    file.write("negative", std::vector<std::int64_t>{0, -1, 1});
    const float one = 1;
    file.write("scalar", &one, {});
  }
  const auto file = File::open(folder / "c.h5");
  CHECK(flat_columns::read_matrix(file, "matrix") == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK_THAT(error_of([&] { flat_columns::read_matrix(file, "images"); }),
             Contains("c.h5: key 'images'") && Contains("rank 4") && Contains("(2, 3, 2, 2)"));
  CHECK_THAT(error_of([&] { flat_columns::read_matrix(file, "no width"); }), Contains("(3, 0)"));
  CHECK_THAT(error_of([&] { flat_columns::read_matrix(file, "bad"); }),
             Contains("'bad'") && Contains("2 values") && Contains("NaN or infinite") && Contains("row 1"));
  CHECK_THAT(error_of([&] { flat_columns::read_matrix(file, "overflow"); }), Contains("row 1"));
  CHECK(flat_columns::read_flags(file, "flags") == std::vector<std::uint8_t>{0, 1, 1});
  CHECK_THAT(error_of([&] { flat_columns::read_flags(file, "matrix"); }), Contains("rank 2") && Contains("(3, 2)"));
  CHECK_THAT(error_of([&] { flat_columns::read_flags(file, "not flags"); }),
             Contains("'not flags'") && Contains("row 2") && Contains("0.5") && Contains("0 or 1"));
  CHECK_THAT(error_of([&] { flat_columns::read_flags(file, "negative"); }), Contains("row 1") && Contains("-1"));
  CHECK_THAT(error_of([&] {
               flat_columns::require_equal_rows(file, {"matrix", "images"});
             }),
             Contains("'images'") && Contains("2 rows") && Contains("'matrix' has 3"));
  CHECK_THAT(error_of([&] { flat_columns::require_equal_rows(file, {"matrix", "scalar"}); }), Contains("rank 0"));
}
