#pragma once
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <random>
#include <utility>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

#include <tessera/nn/shared_sums.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/launch.hpp>

namespace tessera::nn {
// Zeros are its beginning.  A cache line of its own, and the next, which the processor may fetch with it.
struct alignas(128) SharedSums::Turn {
  std::uint32_t arrived;                // at which wait the rank has come
  std::uint32_t sleepers;               // how many sleep until it comes to the next one
  std::array<std::uint64_t, 2> of_row;  // what it sums in a turn: the others sum as much
};

namespace detail {
// What the ranks sum at a time: with each piece they wait for each other, which takes longer than what a smaller one
// would gain in a cache.  All rows together fit where a container has 64 MiB of shared memory.
inline constexpr std::size_t row_bytes = std::size_t(4) << 20, most_bytes = std::size_t(48) << 20, page = 4096;
// About 0.1 ms, as in a pool.
inline constexpr int spins_before_sleep = 4000;

// Rows of both turns: one for each rank, and the sums' where each adds up its part.
inline std::size_t rows_of(int size) { return 2 * std::size_t(size + (size > SharedSums::most_direct ? 1 : 0)); }
inline std::size_t row_bytes_of(int size) {
  return std::max(page, std::min(row_bytes, most_bytes / rows_of(size) / page * page));
}
// Pages for the token and for what the ranks see of each other come first.
inline std::size_t bytes_of(int size) { return page * std::size_t(size + 1) + rows_of(size) * row_bytes_of(size); }
inline std::uint64_t drawn_number() {
  std::random_device entropy;
  return std::uint64_t(entropy()) << 32 | std::uint64_t(entropy());
}
[[noreturn]] inline void no_shared_memory(const std::string& what) {
  throw Error("shared memory: " + what + " (" + tessera::detail::system_reason() + ")");
}
inline struct flock lock_of(int rank) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = rank;
  lock.l_len = 1;
  return lock;
}

#ifdef __linux__
// Until the number is not `seen` any more, somebody wakes it, or 20 ms have passed.
inline void sleep_while(std::uint32_t& number, std::uint32_t seen) {
  const timespec slice{0, 20'000'000};
  (void)syscall(SYS_futex, &number, FUTEX_WAIT, seen, &slice, nullptr, 0);
}
inline void wake_all(std::uint32_t& number) {
  (void)syscall(SYS_futex, &number, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}
#else
inline void sleep_while(std::uint32_t&, std::uint32_t) {}
inline void wake_all(std::uint32_t&) {}
#endif
}  // namespace detail

TESSERA_INLINE SharedSums::SharedSums(int size)
    : rank_(0), size_(size), row_(detail::row_bytes_of(size)), bytes_(detail::bytes_of(size)) {
  name_ = "/tessera-" + hash_text(detail::drawn_number()) + hash_text(detail::drawn_number());
  file_ = Descriptor(shm_open(name_.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file_) detail::no_shared_memory("none can be made");
  named_ = true;
  try {
    // What is not there would be missed only where it is written to, by a signal that ends the process.
    if (const int code = posix_fallocate(file_.get(), 0, off_t(bytes_)); code != 0) {
      errno = code;
      detail::no_shared_memory(std::to_string(bytes_ >> 20) + " MiB are not to be had");
    }
    map();
  } catch (...) {
    hide();
    throw;
  }
  const auto drawn = detail::drawn_number() | 1;
  std::memcpy(memory_, &drawn, sizeof drawn);
}

TESSERA_INLINE SharedSums::SharedSums(std::string name, int rank, int size)
    : name_(std::move(name)), rank_(rank), size_(size), row_(detail::row_bytes_of(size)),
      bytes_(detail::bytes_of(size)) {
  file_ = Descriptor(shm_open(name_.c_str(), O_RDWR | O_CLOEXEC, 0));
  if (!file_) detail::no_shared_memory("that of rank 0 cannot be opened");
  struct stat is {};
  if (fstat(file_.get(), &is) != 0 || is.st_size != off_t(bytes_) || is.st_uid != geteuid())
    throw Error("shared memory: that of rank 0 is another one");
  named_ = true;  // where rank 0 is killed now, it is left to this one to take the name away
  map();
}

TESSERA_INLINE void SharedSums::map() {
#if !defined(__linux__) || !defined(F_OFD_SETLK)
  throw Error("shared memory: this system cannot wait for it");
#else
  static_assert(sizeof(Turn) == 128 && 128 <= detail::page);
  auto lock = detail::lock_of(rank_);
  if (fcntl(file_.get(), F_OFD_SETLK, &lock) != 0) detail::no_shared_memory("it cannot be locked");
  void* const at = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (at == MAP_FAILED) detail::no_shared_memory("it cannot be mapped");
  memory_ = static_cast<std::byte*>(at);
#endif
}

TESSERA_INLINE SharedSums::~SharedSums() {
  hide();
  if (memory_ != nullptr) munmap(memory_, bytes_);
}

TESSERA_INLINE void SharedSums::hide() {
  if (std::exchange(named_, false)) (void)shm_unlink(name_.c_str());
}

TESSERA_INLINE std::uint64_t SharedSums::token() const {
  std::uint64_t out = 0;
  std::memcpy(&out, memory_, sizeof out);
  return out;
}

TESSERA_INLINE SharedSums::Turn& SharedSums::turn_of(int rank) const {
  return *reinterpret_cast<Turn*>(memory_ + std::size_t(rank + 1) * sizeof(Turn));
}

TESSERA_INLINE void* SharedSums::begin(std::uint64_t n, std::size_t each) {
  half_ ^= 1U;
  turn_of(rank_).of_row[half_] = n * 16 + each;
  return memory_ + bytes_ - (2 - half_) * detail::rows_of(size_) / 2 * row_;
}

TESSERA_INLINE void SharedSums::broadcast(void* to, std::size_t bytes) {
  auto* const out = static_cast<std::byte*>(to);
  for (std::size_t from = 0; from < bytes; from += row_) {
    const auto count = std::min(row_, bytes - from);
    auto* const row = begin<std::byte>(std::int64_t(bytes));
    if (rank_ == 0) std::memcpy(row, out + from, count);
    meet();
    if (rank_ != 0) std::memcpy(out + from, row, count);
  }
}

TESSERA_INLINE void SharedSums::meet() {
  ++turn_;
  auto& mine = turn_of(rank_);
  // Whoever sleeps has said so before it looked at the number for the last time: in one order for all.
  std::atomic_ref(mine.arrived).store(turn_);
  if (std::atomic_ref(mine.sleepers).load() > 0) detail::wake_all(mine.arrived);
  for (int r = 0; r < size_; ++r)
    if (r != rank_) wait_for(r);
  for (int r = 0; r < size_; ++r)
    if (turn_of(r).of_row[half_] != mine.of_row[half_])
      throw RankFailure("data-parallel: ranks " + std::to_string(std::min(r, rank_)) + " and " +
                        std::to_string(std::max(r, rank_)) +
                        " sum different numbers; give all of them the same program and settings");
}

TESSERA_INLINE void SharedSums::wait_for(int rank) {
  auto& other = turn_of(rank);
  const std::atomic_ref arrived(other.arrived), sleepers(other.sleepers);
  // The number goes round: what counts is which one is ahead.
  const auto comes = [this](std::uint32_t at) { return std::int32_t(at - turn_) >= 0; };
  for (int spins = 0; spins < detail::spins_before_sleep; ++spins) {
    if (comes(arrived.load(std::memory_order_acquire))) return;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  sleepers.fetch_add(1);
  for (auto at = arrived.load(); !comes(at); at = arrived.load()) {
    detail::sleep_while(other.arrived, at);
    if (!waiting_ || comes(arrived.load())) continue;
    const int ended = gone();
    // One that ended after it had come is missed at the next wait.
    waiting_(ended >= 0 && !comes(std::atomic_ref(turn_of(ended).arrived).load()) ? ended : -1);
  }
  sleepers.fetch_sub(1);
}

TESSERA_INLINE int SharedSums::gone() const {
#ifdef F_OFD_GETLK
  for (int r = 0; r < size_; ++r) {
    auto lock = detail::lock_of(r);
    if (r != rank_ && fcntl(file_.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK) return r;
  }
#endif
  return -1;
}
}  // namespace tessera::nn
