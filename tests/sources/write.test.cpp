#include <tessera/sources/write.hpp>

#include "helpers/data_sets.hpp"
#include "helpers/files.hpp"

#include <tessera/sources/load.hpp>

using Catch::Contains;
using support::ends;
using support::error_of;
using tessera::action_kind;
using tessera::Dataset;

namespace {
namespace fs = std::filesystem;
// The number of transitions, in a file.
struct Count {
  static constexpr const char *name = "count", *endings = ".count,.n.csv";
  static void write(const std::string& path, const Dataset& data) {
    support::write_bytes(path, std::to_string(data.size()));
  }
};
struct Registered {
  Registered() { tessera::dataset_writers().push_back(tessera::detail::writer_of<Count>()); }
  ~Registered() { tessera::dataset_writers().pop_back(); }
};
static_assert(tessera::WritesDatasets<Count>);

Dataset some() { return support::made_data(action_kind::continuous, {ends::terminated, ends::truncated}); }
}  // namespace

TEST_CASE("the ending says which format", "[data][write]") {
  using tessera::find_writer;
  for (const auto& [path, name] : {std::pair{"a.hdf5", "d4rl"},
                                   {"a.h5", "d3rlpy"},
                                   {"a.npz", "ogbench"},
                                   {"b/a.csv", "csv"},
                                   {"a-v0/", "minari"},
                                   {"a.store", "store"},
                                   {"a.store/", "store"}})
    CHECK(find_writer(path).name == name);
  CHECK(find_writer("a.hdf5", {.to = "minari"}).name == "minari");
  for (const char* path : {"a", "a.pdf", ".csv", ""})
    CHECK_THAT(error_of([&] { find_writer(path); }), Contains("--to") && Contains("csv (.csv)"));
  CHECK_THAT(error_of([] { find_writer("a.csv", {.to = "minary"}); }), Contains("did you mean 'minari'"));
}

TEST_CASE("programs add writers of their own", "[data][write]") {
  const support::Folder folder;
  const Registered registered;
  const auto data = some();
  CHECK(tessera::write_dataset(folder / "a.count", data).empty());
  CHECK(support::bytes_of(folder / "a.count") == std::to_string(data.size()));
  CHECK(tessera::find_writer("a.n.csv").name == "count");  // the longer ending
  CHECK(tessera::find_writer("a.csv").name == "csv");
  const Registered again;
  CHECK_THAT(error_of([&] { tessera::write_dataset(folder / "b.csv", data); }), Contains("two writers called 'count'"));
}

TEST_CASE("what is there is replaced only when asked, and only by its like", "[data][write]") {
  const support::Folder folder;
  const auto data = some();
  for (const char* name : {"a.hdf5", "a.h5", "a.npz", "a.csv", "a-v0/", "a.store"}) {
    INFO(name);
    const auto path = folder / name;
    tessera::write_dataset(path, data);
    const auto count = folder.files();
    CHECK_THAT(error_of([&] { tessera::write_dataset(path, data); }), Contains("is there already"));
    tessera::write_dataset(path, data, {.overwrite = true});
    CHECK(folder.files() == count);
  }
  const auto refused = [&](const std::string& path, const std::string& to) {
    return error_of([&] { tessera::write_dataset(path, data, {.to = to, .overwrite = true}); });
  };
  fs::create_directories(folder / "precious/data");
  support::write_bytes(folder / "precious/data/metadata.json", "{}");
  support::write_bytes(folder / "precious/data/photo.png", "?");
  CHECK_THAT(refused(folder / "precious", "minari"), Contains("holds other things"));
  CHECK(fs::exists(folder / "precious/data/photo.png"));
  CHECK_THAT(refused(folder / "precious", "csv"), Contains("is a folder"));
  CHECK_THAT(refused(folder / "a.csv/", "csv"), Contains("is written as a file"));
  CHECK_THAT(refused(folder / "a.csv", "minari"), Contains("is a file"));
  CHECK_THAT(refused(folder / "none/a.csv", ""), Contains("does not exist"));
  fs::create_directory(folder / "empty");
  CHECK(refused(folder / "empty", "minari") == "(no error)");
}

TEST_CASE("unsound data are not written", "[data][write]") {
  const support::Folder folder;
  auto data = some();
  data.rewards[0] = NAN;
  for (const char* name : {"a.hdf5", "a.h5", "a.npz", "a.csv", "a-v0/", "a.store"})
    CHECK_THAT(error_of([&] { tessera::write_dataset(folder / name, data); }), Contains("rewards is NaN in row 0"));
  CHECK(folder.files() == 0);
}
