// What reading a file takes in memory.  The global operator new is replaced, for this whole program, by one that
// counts.
#include <malloc.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <tessera/dataset/findings.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/sources/load.hpp>

#include "helpers/files.hpp"

#if !defined(__SANITIZE_ADDRESS__)
namespace {
std::atomic<std::size_t> held = 0, max = 0;

void* take(std::size_t size) {
  void* p = std::malloc(size > 0 ? size : 1);
  if (!p) throw std::bad_alloc();
  const auto now = held += malloc_usable_size(p);
  for (auto seen = max.load(); now > seen && !max.compare_exchange_weak(seen, now);) {
  }
  return p;
}
void give_back(void* p) {
  if (p) held -= malloc_usable_size(p);
  std::free(p);
}
}  // namespace

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void operator delete(void* p) noexcept { give_back(p); }
void operator delete[](void* p) noexcept { give_back(p); }
void operator delete(void* p, std::size_t) noexcept { give_back(p); }
void operator delete[](void* p, std::size_t) noexcept { give_back(p); }

namespace {
enum class next { none, following, own };

// A log as simulators write it: 17 and 6 columns, episodes of 100 rows.  Returns the bytes of its numbers, as floats
// and flags.
double write(const std::string& path, std::int64_t n, next with, bool packed) {
  using tessera::hdf5::Handle;
  std::vector<float> column(std::size_t(n), 0.0f);
  const auto matrix = [&](std::int64_t width, float unit) {
    std::vector<float> x(std::size_t(n * width));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = unit * float((i * 2654435761u) % 1000) / 1000;
    return x;
  };
  const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  const auto put = [&](const char* key, const std::vector<float>& values, std::int64_t width, hid_t type) {
    const hsize_t extent[] = {hsize_t(n), hsize_t(width)}, chunk[] = {4096, hsize_t(width > 1 ? (width + 1) / 2 : 1)};
    const Handle space(H5Screate_simple(width > 0 ? 2 : 1, extent, nullptr), H5Sclose);
    const Handle how(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (packed) H5Pset_chunk(how.id(), width > 0 ? 2 : 1, chunk), H5Pset_shuffle(how.id()), H5Pset_deflate(how.id(), 1);
    const Handle data(H5Dcreate2(file.id(), key, type, space.id(), H5P_DEFAULT, how.id(), H5P_DEFAULT), H5Dclose);
    H5Dwrite(data.id(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  };
  auto observations = matrix(17, 1);
  put("observations", observations, 17, H5T_IEEE_F32LE);
  if (with == next::own) put("next_observations", matrix(17, 2), 17, H5T_IEEE_F32LE);
  if (with == next::following) {
    std::vector<float> shifted(observations.begin() + 17, observations.end());
    shifted.resize(observations.size(), 0.5f);
    for (std::size_t i = 99; i < std::size_t(n); i += 100) shifted[17 * i] += 0.25f;
    put("next_observations", shifted, 17, H5T_IEEE_F32LE);
  }
  put("actions", matrix(6, 1), 6, H5T_IEEE_F32LE);
  put("rewards", matrix(1, 1), 0, H5T_IEEE_F32LE);
  put("terminals", column, 0, H5T_STD_I8LE);
  for (std::size_t i = 99; i < column.size(); i += 100) column[i] = 1;
  put("timeouts", column, 0, H5T_STD_I8LE);
  return double(n) * (4 * (17 + 6 + 1 + (with == next::none ? 0 : 17)) + 2);
}
}  // namespace

TEST_CASE("reading takes at most one and a half times the data in memory", "[data][memory]") {
  const support::Folder folder;
  const auto path = folder / "a.h5";
  for (const bool packed : {false, true})
    for (const auto with : {next::none, next::following, next::own}) {
      const auto bytes = write(path, 100'000, with, packed);
      const auto before = held.load();
      max = before;
      const auto data = tessera::load_dataset(path);
      const auto reading = double(max - before) / bytes, kept = double(held - before) / bytes;
      max = held.load();
      tessera::summarize(data), tessera::findings(data);
      const auto looking = double(max - before) / bytes;
      CAPTURE(packed, int(with), bytes, reading, kept, looking);
      CHECK(reading <= 1.5);
      CHECK(kept <= (with == next::own ? 1.4 : 1.25));  // of its own: every row is an episode, which takes memory too
      CHECK(looking <= 1.5);
      CHECK(data.size() == (with == next::none ? 99'000 : 100'000));
      std::printf("memory of reading: packed %d, next observations %d: %.2f at most, %.2f kept, %.2f looked at\n",
                  packed, int(with), reading, kept, looking);
    }
}
#else
TEST_CASE("memory of reading", "[allocations]") { WARN("skipped: the address sanitizer has an allocator of its own"); }
#endif
