#include <tessera/nn/shared_sums.hpp>
//
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <tessera/support/error.hpp>
#include <tessera/support/launch.hpp>
#include <thread>
#include <vector>

using namespace tessera;
using Catch::Matchers::Contains;
using nn::SharedSums;

namespace {
// Segments of ours that have a name.
int named() {
  int n = 0;
  for (const auto& file : std::filesystem::directory_iterator("/dev/shm"))
    n += file.path().filename().string().starts_with("tessera-") ? 1 : 0;
  return n;
}
/// f(sums, rank) in a process for each rank, which says what it returns: "" for nothing.
std::vector<std::string> in_processes(int size, const std::function<std::string(SharedSums&, int)>& f) {
  SharedSums made(size);
  std::vector<int> from;
  std::vector<pid_t> children;
  for (int r = 1; r < size; ++r) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    const pid_t id = fork();
    if (id == 0) {
      std::string said;
      try {
        SharedSums sums(made.name(), r, size);
        said = f(sums, r);
      } catch (const std::exception& e) {
        said = e.what();
      }
      (void)!write(ends[1], said.data(), said.size());
      _exit(0);
    }
    close(ends[1]);
    children.push_back(id), from.push_back(ends[0]);
  }
  std::vector<std::string> out(1);
  try {
    out[0] = f(made, 0);
  } catch (const std::exception& e) {
    out[0] = e.what();
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    std::string said(4096, '\0');
    std::size_t n = 0;
    for (ssize_t some = 0; (some = read(from[i], said.data() + n, said.size() - n)) > 0;) n += std::size_t(some);
    close(from[i]);
    waitpid(children[i], nullptr, 0);
    out.push_back(said.substr(0, n));
  }
  return out;
}
template <class T>
std::vector<T> sum(SharedSums& sums, std::vector<T> x) {
  sums.sum<T>(
      std::int64_t(x.size()),
      [&](std::int64_t from, std::int64_t n, T* row) { std::copy_n(&x[std::size_t(from)], n, row); },
      [&](std::int64_t from, std::int64_t n, const T* s) { std::copy_n(s, n, &x[std::size_t(from)]); });
  return x;
}
// Of rank r element i is (r + 1) (i mod 251): of W ranks they sum to W (W + 1) / 2 (i mod 251).
template <class T>
std::vector<T> numbers(std::size_t n, int factor) {
  std::vector<T> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = T(T(factor) * T(i % 251));
  return x;
}
template <class T>
bool sums_of_all_sizes(SharedSums& sums, int rank, int size, std::size_t row_bytes) {
  const auto row = row_bytes / sizeof(T);
  for (const std::size_t n :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{4097}, row - 1, row, row + 1, 3 * row + 5})
    if (sum(sums, numbers<T>(n, rank + 1)) != numbers<T>(n, size * (size + 1) / 2)) return false;
  return true;
}
}  // namespace

TEST_CASE("processes sum numbers of any size and type, and take those of rank 0") {
  const int size = GENERATE(1, 2, 3, 5);
  const auto said = in_processes(size, [size](SharedSums& sums, int rank) -> std::string {
    const std::size_t row = 1 << 22;
    if (!sums_of_all_sizes<float>(sums, rank, size, row)) return "float";
    if (!sums_of_all_sizes<double>(sums, rank, size, row)) return "double";
    if (!sums_of_all_sizes<std::int64_t>(sums, rank, size, row)) return "int64";
    if (!sums_of_all_sizes<std::int32_t>(sums, rank, size, row)) return "int32";
    if (!sums_of_all_sizes<std::uint8_t>(sums, rank, size, row)) return "uint8";
    for (const std::size_t n : {std::size_t{0}, std::size_t{1}, row, row + 3}) {
      auto bytes = rank == 0 ? numbers<std::uint8_t>(n, 3) : std::vector<std::uint8_t>(n, 17);
      sums.broadcast(bytes.data(), n);
      if (bytes != numbers<std::uint8_t>(n, 3)) return "broadcast of " + std::to_string(n);
    }
    return {};
  });
  for (const auto& text : said) CHECK(text == "");
}

TEST_CASE("numbers are added in the order of the ranks, to the same bits on all of them") {
  const int size = GENERATE(2, 3, 4);
  // In float, ((1e8 + 1) - 1e8) + 1 is 1, for 1e8 + 1 is 1e8; in another order it is 2 or 0.
  const std::array<float, 4> x{1e8F, 1, -1e8F, 1};
  const std::array<float, 5> sums_of{0, 1e8F, 1e8F, 0, 1};
  const auto said = in_processes(size, [&](SharedSums& sums, int rank) -> std::string {
    for (const std::size_t n : {1, 1000, 300'001})
      if (sum(sums, std::vector<float>(n, x[std::size_t(rank)])) != std::vector<float>(n, sums_of[std::size_t(size)]))
        return "another order";
    return {};
  });
  for (const auto& text : said) CHECK(text == "");
}

TEST_CASE("whoever is late is waited for, and many sums follow each other") {
  const auto said = in_processes(3, [](SharedSums& sums, int rank) -> std::string {
    std::int64_t all = 0;
    for (int i = 0; i < 2000; ++i) {
      if (i % 500 == 100 * rank) std::this_thread::sleep_for(std::chrono::milliseconds(60));
      all += sum(sums, std::vector<std::int64_t>{rank * i}).front();
    }
    return all == 3 * 1999 * 1000 ? "" : std::to_string(all);  // (0 + 1 + 2) (0 + 1 + ... + 1999)
  });
  for (const auto& text : said) CHECK(text == "");
}

TEST_CASE("a rank that is killed is named at once, also while it is a zombie") {
  const auto began = std::chrono::steady_clock::now();
  const auto said = in_processes(3, [&](SharedSums& sums, int rank) -> std::string {
    sum(sums, std::vector<float>{1});
    if (rank == 1) raise(SIGKILL);
    sums.on_wait([](int gone) {
      if (gone >= 0) throw std::runtime_error("rank " + std::to_string(gone) + " is gone");
    });
    for (;;) sum(sums, std::vector<float>{1});
  });
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(2));
  // The one that is told first ends as well.
  CHECK((said[0] == "rank 1 is gone" || said[0] == "rank 2 is gone"));
  CHECK((said[2] == "rank 1 is gone" || said[2] == "rank 0 is gone"));
  CHECK((said[0] == "rank 1 is gone" || said[2] == "rank 1 is gone"));
}

TEST_CASE("one that has ended after its last sum is not missed by those who are late for it") {
  const auto said = in_processes(2, [](SharedSums& sums, int rank) -> std::string {
    sums.on_wait([](int gone) {
      if (gone >= 0) throw std::runtime_error("missed");
    });
    if (rank == 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return sum(sums, std::vector<float>{2}).front() == 4 ? "" : "wrong";
  });
  for (const auto& text : said) CHECK(text == "");
}

TEST_CASE("ranks that sum different numbers of numbers are told") {
  const auto said = in_processes(2, [](SharedSums& sums, int rank) -> std::string {
    sum(sums, std::vector<float>(std::size_t(2 + rank)));
    return "nothing";
  });
  for (const auto& text : said) CHECK_THAT(text, Contains("ranks 0 and 1 sum different numbers"));
}

TEST_CASE("a segment is this user's alone, and nothing of it stays") {
  const int before = named();
  {
    SharedSums made(2);
    CHECK(named() == before + 1);
    const auto is = std::filesystem::status("/dev/shm" + made.name()).permissions();
    CHECK(is == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    SharedSums other(made.name(), 1, 2);
    CHECK(made.token() != 0);
    CHECK(other.token() == made.token());
    CHECK(SharedSums(2).token() != made.token());
    // A place is one rank's; and for another number of ranks it is another memory.
    CHECK_THROWS_WITH(SharedSums(made.name(), 1, 2), Contains("cannot be locked"));
    CHECK_THROWS_WITH(SharedSums(made.name(), 1, 3), Contains("is another one"));
  }
  CHECK(named() == before);
  SharedSums made(2);
  made.hide();
  CHECK(named() == before);
  CHECK_THROWS_WITH(SharedSums(made.name(), 1, 2), Contains("that of rank 0 cannot be opened"));
}
