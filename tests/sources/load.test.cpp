#include <tessera/sources/load.hpp>

#include "helpers/files.hpp"

#include <tessera/dataset/episode_log.hpp>
#include <tessera/io/npz.hpp>

using Catch::Contains;
using support::error_of;
using tessera::load_dataset;

namespace {
// Readers that are in the table while an object of this type lives.
template <class F>
struct Registered {
  Registered() { tessera::dataset_readers().push_back(tessera::detail::reader_of<F>()); }
  ~Registered() { tessera::dataset_readers().pop_back(); }
};
tessera::Dataset one_step(const std::string& format) {
  tessera::EpisodeLog log("one", format, tessera::action_kind::continuous, 1, 1);
  const std::vector<float> x{0, 1}, a{0}, r{1};
  log.add({.observations = x, .actions = a, .rewards = r, .terminated = true});
  return log.finish();
}
struct FolderFormat {
  static constexpr const char* name = "test-folder";
  static bool sniff_folder(const std::string& path) { return std::filesystem::exists(path + "/marker"); }
  static tessera::Dataset read(const std::string&, const tessera::ReadLimits&) { return one_step(name); }
};
struct ArraysLayout {
  static constexpr const char* name = "test-arrays";
  static bool sniff(const tessera::NpzFile& file) { return file.exists("mine"); }
  static tessera::Dataset read(const tessera::NpzFile&, tessera::DataRequest& request) {
    return one_step(request.take("as").value_or(name));
  }
};
static_assert(tessera::DataFormat<FolderFormat> && tessera::NpzLayout<ArraysLayout> &&
              !tessera::NpzLayout<FolderFormat> && !tessera::Hdf5Layout<ArraysLayout>);

support::FlatFile small_file() {
  support::FlatFile flat(4);
  flat.timeouts[3] = 1;
  return flat;
}
}  // namespace

TEST_CASE("formats are told apart by their keys", "[data][load]") {
  const support::Folder folder;
  small_file().write(folder / "a.hdf5");
  small_file().write(folder / "b.h5", "episode_terminals");
  CHECK(load_dataset(folder / "a.hdf5").format == "d4rl");
  CHECK(load_dataset(folder / "b.h5").format == "d3rlpy-v1");
  CHECK(load_dataset(folder / "b.h5").name == folder / "b.h5");
  // A layout may be named; its reader then says what it lacks.
  CHECK(load_dataset("d4rl:" + (folder / "a.hdf5")).format == "d4rl");
  CHECK_THAT(error_of([&] { load_dataset("d3rlpy:" + (folder / "a.hdf5")); }),
             Contains("a.hdf5") && Contains("episode_terminals"));
  CHECK_THAT(error_of([] { load_dataset("d4lr:a.hdf5"); }), Contains("or write d4rl:a.hdf5"));
}

TEST_CASE("built-in data sets are opened by name and seed", "[data][load]") {
  const auto data = load_dataset("builtin:cartpole-mixed?seed=12");
  CHECK(data.name == "builtin:cartpole-mixed?seed=12");
  CHECK(data.observations == tessera::builtin_dataset("cartpole-mixed", 12).observations);
  CHECK(load_dataset("builtin:cartpole-mixed").observations == tessera::builtin_dataset("cartpole-mixed").observations);
  for (const char* wrong : {"?seed=", "?seed=x", "?seed=-1", "?seed=1.5", "?sed=1", "?", "?seed=99999999999999999999"})
    CHECK_THAT(error_of([&] { load_dataset(std::string("builtin:cartpole-mixed") + wrong); }),
               Contains("not understood") && Contains("seed=K"));
  CHECK_THAT(error_of([] { load_dataset("builtin:cartpole-mixd?seed=1"); }), Contains("did you mean"));
}

TEST_CASE("folders and .npz files are recognized by what they hold", "[data][load]") {
  const support::Folder folder;
  support::write_bytes(folder / "marker", "");
  // A stored member "mine.npy", as NumPy writes it but for the sums, which nobody reads here.
  std::string zip("PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0mine.npy", 38);
  std::string entry(
      "PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0mine.npy",
      54);
  std::string end("PK\x05\x06\0\0\0\0\x01\0\x01\0\x36\0\0\0\x26\0\0\0\0\0", 22);
  support::write_bytes(folder / "a.npz", zip + entry + end);
  CHECK_THAT(error_of([&] { load_dataset(folder / ""); }), Contains("is a folder"));
  CHECK_THAT(error_of([&] { load_dataset(folder / "a.npz"); }), Contains("unknown layout") && Contains("[mine]"));
  const Registered<FolderFormat> one;
  const Registered<ArraysLayout> two;
  CHECK(load_dataset(folder / "").format == "test-folder");
  CHECK(load_dataset(folder / "a.npz").format == "test-arrays");
  CHECK(load_dataset(folder / "a.npz?as=other").format == "other");
  CHECK(load_dataset("test-arrays:" + (folder / "a.npz?as=other")).format == "other");
  CHECK_THAT(error_of([&] { load_dataset(folder / "a.npz?has=other"); }), Contains("no option 'has'"));
  CHECK_THAT(error_of([&] { tessera::require_hdf5(folder / "a.npz"); }), Contains("not an HDF5 file"));
  small_file().write(folder / "b.h5");
  CHECK_THAT(error_of([&] { load_dataset(folder / "b.h5?has=other"); }), Contains("no option 'has'"));
}

TEST_CASE("what is no data file is said so", "[data][load]") {
  const support::Folder folder;
  CHECK_THAT(error_of([] { load_dataset(""); }), Contains("no data set"));
  CHECK_THAT(error_of([&] { load_dataset(folder / "absent.h5"); }), Contains("absent.h5") && Contains("no such file"));
  CHECK_THAT(error_of([] { load_dataset("pendulum-mixd"); }), Contains("builtin:pendulum-mixed"));
  CHECK_THAT(error_of([&] { load_dataset(folder / ""); }), Contains("is a folder"));
  support::write_bytes(folder / "empty.h5", "");
  CHECK_THAT(error_of([&] { load_dataset(folder / "empty.h5"); }), Contains("empty file"));
  support::write_bytes(folder / "text.h5", "observations actions\n1 2\n");
  CHECK_THAT(error_of([&] { load_dataset(folder / "text.h5"); }), Contains("text.h5") && Contains("not an HDF5 file"));
  support::write_bytes(folder / "short.h5", "\x89HD");
  CHECK_THAT(error_of([&] { load_dataset(folder / "short.h5"); }), Contains("not an HDF5 file"));
  CHECK_THAT(error_of([] { load_dataset("/dev/null"); }), Contains("not a regular file"));
}

TEST_CASE("HDF5 of another layout is described", "[data][load]") {
  const support::Folder folder;
  {
    auto file = tessera::hdf5::File::create(folder / "other.h5");
    file.write("images", std::vector<float>{1});
    file.write("labels", std::vector<float>{1});
    for (int i = 0; i < 20; ++i) file.write("z" + std::to_string(i), std::vector<float>{1});
  }
  CHECK_THAT(error_of([&] { load_dataset(folder / "other.h5"); }),
             Contains("other.h5") && Contains("unknown layout") && Contains("images, labels") &&
                 Contains("(22 in all)") && Contains("episode_terminals"));
  {
    auto file = tessera::hdf5::File::create(folder / "minari.h5");
    file.write("episode_0/rewards", std::vector<float>{1});
  }
  CHECK_THAT(error_of([&] { load_dataset(folder / "minari.h5"); }), Contains("Minari"));
  auto lacking = small_file();
  lacking.rewards.clear();
  lacking.write(folder / "lacking.h5");
  CHECK_THAT(error_of([&] { load_dataset(folder / "lacking.h5"); }), Contains("'rewards'") && Contains("missing"));
  {
    auto file = tessera::hdf5::File::create(folder / "v2.h5");
    file.write_string("columns", "observations");
  }
  CHECK_THAT(error_of([&] { load_dataset(folder / "v2.h5"); }), Contains("num_episodes") && Contains("d3rlpy 2.1"));
}

TEST_CASE("a data file cut anywhere is an error of one line", "[data][load]") {
  const support::Folder folder;
  support::FlatFile flat(400);
  flat.timeouts[399] = 1;
  flat.write(folder / "whole.h5");
  const auto bytes = support::bytes_of(folder / "whole.h5");
  for (std::size_t length = 0; length < bytes.size(); length += 61) {
    support::write_bytes(folder / "cut.h5", bytes.substr(0, length));
    const auto error = error_of([&] { load_dataset(folder / "cut.h5"); });
    CAPTURE(length, error);
    CHECK_THAT(error, Contains("cut.h5"));
    CHECK(error.find('\n') == std::string::npos);
  }
}

TEST_CASE("shared files are opened, or refused by name", "[data][load][shared]") {
  const auto minari = support::shared_file("minari/D4RL/door/human-v2/data/main_data.hdf5");
  if (minari.empty()) return;
  CHECK(load_dataset(minari).episodes.size() == 25);
  const auto cartpole = support::shared_file("d3rlpy/cartpole_v1.1.0.h5");
  if (!cartpole.empty()) CHECK(load_dataset(cartpole).format == "d3rlpy-v1");
}
