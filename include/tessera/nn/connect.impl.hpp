#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <netdb.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// libtorch's own targets define USE_C10D_GLOO where it has Gloo, whose headers come apart (Debian: libgloo-dev).
// TESSERA_WITH_GLOO=0 goes without.
#ifndef TESSERA_WITH_GLOO
#define TESSERA_WITH_GLOO 1
#endif
#if TESSERA_WITH_GLOO && defined(USE_C10D_GLOO) && __has_include(<gloo/context.h>) && \
    __has_include(<torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>)
#define TESSERA_HAS_RANKS 1
#else
#define TESSERA_HAS_RANKS 0
#endif
#if TESSERA_HAS_RANKS
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#if defined(USE_C10D_NCCL) && __has_include(<nccl.h>)
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#define TESSERA_WITH_NCCL 1
#endif
#endif

#include <tessera/nn/connect.hpp>
#include <tessera/nn/shared_sums.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::nn {
namespace detail {
inline std::string rank_text(int rank, int size) {
  return "rank " + std::to_string(rank) + " of " + std::to_string(size);
}

#if TESSERA_HAS_RANKS
using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

inline std::string first_line(const std::exception& e) {
  std::string text = e.what();
  if (const auto* error = dynamic_cast<const c10::Error*>(&e)) text = error->what_without_backtrace();
  return printable(text.substr(0, text.find('\n')), 200);
}
// "60 s", "0.5 s".
inline std::string seconds_text(double s) {
  auto text = std::to_string(s);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " s";
}

// The address by which this host reaches another; that of the other, where it is this one.
inline std::string own_address(const std::string& host, int port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return {};
  std::string out;
  for (const auto* a = found; a != nullptr && out.empty(); a = a->ai_next) {
    const int s = socket(a->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) continue;
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    std::string text(NI_MAXHOST, '\0');
    // Of a datagram's socket this sends nothing: it chooses the route.
    if (::connect(s, a->ai_addr, a->ai_addrlen) == 0 && getsockname(s, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
        getnameinfo(reinterpret_cast<sockaddr*>(&own), size, text.data(), NI_MAXHOST, nullptr, 0, NI_NUMERICHOST) == 0)
      out = text.c_str();
    close(s);
  }
  freeaddrinfo(found);
  return out;
}

// What tells hosts apart: the kernel that runs, and the network as it is seen; 0, where the system does not say.
inline std::int64_t host_number() {
  std::string boot;
  struct stat network {};
  if (!std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot) || stat("/proc/self/ns/net", &network) != 0)
    return 0;
  ByteHash hash;
  hash.add(boot.data(), boot.size());
  hash.add(&network.st_dev, sizeof network.st_dev);
  hash.add(&network.st_ino, sizeof network.st_ino);
  return std::int64_t(hash.value() | 1);
}

// Signs of life: each rank counts upwards in the store of rank 0, and looks at what the others have counted.  A thread
// of its own does that, so that a rank gives them whatever it works on; where it is stuck in a connection that is dead,
// it is left alone.
class Heartbeat {
 public:
  Heartbeat(const Launch& l, double timeout, std::string address)
      : seen_(std::make_shared<Seen>(l, timeout, std::move(address))) {
    std::thread([seen = seen_] {
      seen->beat();
      const std::lock_guard guard(seen->words);
      seen->ended = true;
      seen->wakes.notify_all();
    }).detach();
  }
  Heartbeat(const Heartbeat&) = delete;
  ~Heartbeat() {
    std::unique_lock guard(seen_->words);
    seen_->stop = true;
    seen_->wakes.notify_all();
    seen_->wakes.wait_for(guard, milliseconds(1000), [this] { return seen_->ended; });
  }

  /// Empty while all ranks give signs of life; else what one said before it ended, or which does not.
  std::string missing() const {
    auto said = seen_->said();
    return said.empty() ? seen_->missing(seen_->timeout) : said;
  }
  /// Why a connection broke: what a rank said before it ended, or which one gives no signs of life any more; nothing
  /// where that is not clear after some seconds.
  std::string reason() const {
    const auto end = steady::now() + milliseconds(std::int64_t(1000 * std::min(seen_->timeout, 5.0)));
    const double silent = std::min(seen_->timeout, std::max(1.5, 5 * seen_->interval()));
    while (steady::now() < end) {
      if (auto said = seen_->said(); !said.empty()) return said;
      if (auto who = seen_->missing(silent); !who.empty()) return who;
      std::this_thread::sleep_for(milliseconds(50));
    }
    return {};
  }
  /// What a rank said before it ended, where that is heard within the time of some beats.
  std::string last_words() const {
    const auto end = steady::now() + milliseconds(std::int64_t(1000 * (0.2 + 2 * seen_->interval())));
    while (steady::now() < end && seen_->said().empty()) std::this_thread::sleep_for(milliseconds(10));
    return seen_->said();
  }
  void leave(const std::string& why) const {
    const std::lock_guard guard(seen_->words);
    if (seen_->farewell.empty()) seen_->farewell = why;
    seen_->wakes.notify_all();
  }
  /// Rank 0, whose store the others look at, waits until they have heard.
  void wait_until_told() const {
    const auto end = steady::now() + milliseconds(3000);
    while (steady::now() < end && seen_->told < 2) std::this_thread::sleep_for(milliseconds(20));
    if (seen_->launch.rank == 0) std::this_thread::sleep_for(milliseconds(std::int64_t(3000 * seen_->interval())));
  }

 private:
  struct Seen {
    Seen(const Launch& l, double t, std::string a)
        : launch(l), timeout(t), address(std::move(a)), count(std::size_t(l.size)), changed(std::size_t(l.size)),
          answered(steady::now()) {
      std::fill(changed.begin(), changed.end(), answered);
    }
    double interval() const { return std::clamp(timeout / 20, 0.05, 0.5); }

    void beat() {
      // Signals are for the threads that work.
      sigset_t all{};
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);
      try {
        c10d::TCPStoreOptions o;
        o.port = std::uint16_t(launch.port);
        o.waitWorkers = false;
        o.timeout = milliseconds(std::int64_t(timeout * 1000));
        c10d::TCPStore store(address, o);
        while (!stop) {
          std::string last_words;
          {
            const std::lock_guard guard(words);
            last_words = farewell;
          }
          if (!last_words.empty() && told == 0) {
            store.set("tessera/why/" + std::to_string(launch.rank), {last_words.begin(), last_words.end()});
            if (store.add("tessera/left", 1) == 1) store.set("tessera/first", {last_words.begin(), last_words.end()});
          }
          store.add(key(launch.rank), 1);
          for (int r = 0; r < launch.size; ++r) {
            const auto x = store.add(key(r), 0);
            const std::lock_guard guard(words);
            if (std::exchange(count[std::size_t(r)], x) != x) changed[std::size_t(r)] = steady::now();
          }
          std::string others;
          if (store.add("tessera/left", 0) > 0) {
            const auto text = store.get("tessera/first");
            others.assign(text.begin(), text.end());
          }
          {
            const std::lock_guard guard(words);
            answered = steady::now();
            if (heard.empty()) heard = others;
          }
          if (!last_words.empty()) ++told;
          std::unique_lock guard(words);
          wakes.wait_for(guard, milliseconds(std::int64_t(1000 * interval())),
                         [&] { return stop || (!farewell.empty() && told == 0); });
        }
      } catch (const std::exception& e) {
        const std::lock_guard guard(words);
        if (!stop) closed = first_line(e);
      }
    }
    static std::string key(int rank) { return "tessera/beat/" + std::to_string(rank); }

    std::string missing(double silence) const {
      const std::lock_guard guard(words);
      const auto since = [&](steady::time_point t) { return std::chrono::duration<double>(steady::now() - t).count(); };
      const auto name = [&](int r) {
        return "rank " + std::to_string(r) +
               (r == 0 ? " at " + printable(address) + ":" + std::to_string(launch.port) : "");
      };
      const auto no_sign = " has given no sign of life for " + seconds_text(silence);
      if (launch.rank != 0 && (!closed.empty() || since(answered) > silence))
        return name(0) + (closed.empty() ? no_sign : " has closed its connection");
      for (int r = 0; r < launch.size; ++r)
        if (r != launch.rank && since(changed[std::size_t(r)]) > silence && since(answered) < silence)
          return name(r) + no_sign;
      return {};
    }
    std::string said() const {
      const std::lock_guard guard(words);
      return heard;
    }

    const Launch launch;
    const double timeout;
    const std::string address;
    std::atomic<bool> stop = false;
    std::atomic<int> told = 0;
    mutable std::mutex words;  // for what follows
    std::condition_variable wakes;
    bool ended = false;
    std::string farewell, heard, closed;
    std::vector<std::int64_t> count;
    std::vector<steady::time_point> changed;
    steady::time_point answered;
  };
  std::shared_ptr<Seen> seen_;
};

class C10dRanks : public Ranks {
 public:
  C10dRanks(const Launch& launch, const ConnectOptions& options) : launch_(launch), timeout_(options.timeout) {
    const auto patience = milliseconds(std::int64_t(1000 * timeout_));
    c10d::TCPStoreOptions o;
    o.port = std::uint16_t(launch.port);
    o.isServer = launch.rank == 0;
    o.numWorkers = launch.size;
    o.timeout = std::max(patience, milliseconds(3000));  // a first try that fails is repeated after a second
    o.waitWorkers = false;                               // where they do not come, it says nothing
    const std::string place = printable(launch.address) + ":" + std::to_string(launch.port);
    try {
      store_ = c10::make_intrusive<c10d::TCPStore>(launch.address, o);
      const auto end = steady::now() + patience;
      auto come = store_->add("tessera/here", 1);
      for (; come < launch.size && steady::now() < end; come = store_->add("tessera/here", 0))
        std::this_thread::sleep_for(milliseconds(20));
      if (come < launch.size)
        throw RankFailure(me() + ": " + std::to_string(come) + " of the ranks have come to " + place + " within " +
                          seconds_text(timeout_) + "; look at the others");
    } catch (const RankFailure&) {
      throw;
    } catch (const std::exception& e) {
      throw RankFailure(me() +
                        (launch.rank == 0
                             ? ": cannot listen at " + place
                             : ": no answer from rank 0 at " + place + " within " + seconds_text(timeout_)) +
                        "; look at MASTER_ADDR and MASTER_PORT (" + first_line(e) + ")");
    }
    beats_ = std::make_unique<Heartbeat>(launch, timeout_, launch.address);
    make_groups(options.device);
#ifdef TESSERA_WITH_NCCL
    if (groups_->nccl) way_ = "NCCL";
#endif
    if (options.device.is_cpu() && options.shared_memory) share_memory();
  }
  ~C10dRanks() override {
    if (!failed_) {
      shared_.reset();  // whoever waits for this rank learns at once that it has ended
      // All have done their last sum: rank 0's store stays until the others have said that they need it no more.
      beats_.reset();
      try {
        store_->add("tessera/done", 1);
        const auto end = steady::now() + milliseconds(2000);
        while (launch_.rank == 0 && store_->add("tessera/done", 0) < launch_.size && steady::now() < end)
          std::this_thread::sleep_for(milliseconds(10));
      } catch (const std::exception&) {  // a rank that was lost at the very end
      }
      return;
    }
    beats_->wait_until_told();
    // An operation that waits for a lost rank would be waited for: it ends with the process.
    groups_->kept_forever();
    if (launch_.rank != 0) (void)store_.release();
  }

  int rank() const override { return launch_.rank; }
  int size() const override { return launch_.size; }
  void sum(at::Tensor& x) override {
    if (shared_ && x.is_cpu()) {
      auto flat = x.contiguous();
      const bool done = sums_of<float>(flat) || sums_of<double>(flat) || sums_of<std::int64_t>(flat) ||
                        sums_of<std::int32_t>(flat) || sums_of<std::uint8_t>(flat);
      if (done && !x.is_contiguous()) x.copy_(flat);
      if (done) return;
    }
    collective(x, [](auto& group, std::vector<at::Tensor>& list) { return group.allreduce(list); });
  }
  void broadcast(at::Tensor& x) override {
    if (shared_ && x.is_cpu()) {
      auto flat = x.contiguous();
      shared_->broadcast(flat.data_ptr(), std::size_t(flat.nbytes()));
      if (!x.is_contiguous()) x.copy_(flat);
      return;
    }
    collective(x, [](auto& group, std::vector<at::Tensor>& list) { return group.broadcast(list); });
  }
  bool sum_parts(std::int64_t n, const Fill& fill, const Take& take) override {
    if (!shared_) return false;
    shared_->sum<float>(
        n,
        [&](std::int64_t from, std::int64_t count, float* row) {
          fill(from, {row, std::size_t(count)});
        },
        [&](std::int64_t from, std::int64_t count, const float* sums) {
          take(from, {sums, std::size_t(count)});
        });
    return true;
  }
  std::string way() const override { return way_; }
  void leave(const std::string& why) override {
    failed_ = true;
    beats_->leave("rank " + std::to_string(launch_.rank) + " ended: " + printable(why));
  }

 private:
  struct Groups {
    c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
#ifdef TESSERA_WITH_NCCL
    c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl;
#endif
    void kept_forever() {
      (void)gloo.release();
#ifdef TESSERA_WITH_NCCL
      (void)nccl.release();
#endif
    }
  };

  std::string me() const { return rank_text(launch_.rank, launch_.size); }

  // Liveness is the heartbeat's: a sum waits as long as rank 0 evaluates.
  static constexpr auto unbounded = std::chrono::hours(24 * 30);

  // Connects every rank with every other.  In a thread, for libtorch waits without an end where a rank is lost.
  void make_groups(const at::Device& device) {
    groups_ = std::make_shared<Groups>();
    struct Making {
      std::mutex lock;
      std::condition_variable made;
      bool done = false;
      std::exception_ptr failure;
    };
    const auto making = std::make_shared<Making>();
    std::thread([making, groups = groups_, store = store_, launch = launch_, device] {
      try {
        auto o = c10d::ProcessGroupGloo::Options::create(milliseconds(unbounded));
        const char* const wanted = std::getenv("GLOO_SOCKET_IFNAME");
        const auto own = own_address(launch.address, launch.port);
        o->devices = {wanted != nullptr && *wanted != '\0'
                          ? c10d::ProcessGroupGloo::createDeviceForInterface(wanted)
                          : c10d::ProcessGroupGloo::createDeviceForHostname(own.empty() ? launch.address : own)};
        o->threads = 1;
        groups->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(
            c10::make_intrusive<c10d::PrefixStore>("tessera/gloo", store), launch.rank, launch.size, o);
#ifdef TESSERA_WITH_NCCL
        if (device.is_cuda())
          groups->nccl = c10::make_intrusive<c10d::ProcessGroupNCCL>(
              c10::make_intrusive<c10d::PrefixStore>("tessera/nccl", store), launch.rank, launch.size);
#else
        (void)device;
#endif
      } catch (...) {
        making->failure = std::current_exception();
      }
      const std::lock_guard guard(making->lock);
      making->done = true;
      making->made.notify_all();
    }).detach();
    const auto end = steady::now() + milliseconds(std::int64_t(2000 * timeout_));
    std::unique_lock guard(making->lock);
    while (!making->made.wait_for(guard, milliseconds(50), [&] { return making->done; })) {
      if (auto who = beats_->missing(); !who.empty()) fail(who);
      if (steady::now() > end) fail("the ranks could not be connected within " + seconds_text(2 * timeout_));
    }
    if (!making->failure) return;
    try {
      std::rethrow_exception(making->failure);
    } catch (const std::exception& e) {
      fail("the ranks could not be connected (" + first_line(e) + ")");
    }
  }

  // All ranks do it, or none.
  void share_memory() {
    const auto host = host_number();
    const auto hosts = of_each(*this, host);
    if (host == 0 || std::any_of(hosts.begin(), hosts.end(), [&](std::int64_t x) { return x != host; })) return;
    std::unique_ptr<SharedSums> memory;
    std::string why;
    const auto attempt = [&](auto... x) {
      try {
        memory = std::make_unique<SharedSums>(std::move(x)...);
      } catch (const std::exception& e) {
        why = first_line(e);
      }
    };
    if (rank() == 0) attempt(size());
    auto name = text_of_first(*this, memory ? memory->name() : "");
    if (rank() != 0 && !name.empty()) attempt(std::move(name), rank(), size());
    // A folder of memory may be another one for each of them.
    const auto read = of_each(*this, memory ? std::int64_t(memory->token()) : 0);
    if (memory) memory->hide();
    const auto none =
        std::find_if(read.begin(), read.end(), [&](std::int64_t x) { return x == 0 || x != read.front(); });
    if (none == read.end()) {
      memory->on_wait([this](int gone) { while_waiting(gone); });
      shared_ = std::move(memory);
      way_ = "shared memory";
    } else if (rank() == 0) {
      way_ += why.empty() ? "; rank " + std::to_string(none - read.begin()) + " cannot open the memory of rank 0"
                          : "; " + why;
    }
  }
  void while_waiting(int gone) {
    if (auto who = beats_->missing(); !who.empty()) fail(who);
    if (gone < 0) return;
    const auto words = beats_->last_words();
    fail(words.empty() ? "rank " + std::to_string(gone) + " has ended and has not said why" : words);
  }
  template <class T>
  bool sums_of(at::Tensor& flat) {
    if (flat.scalar_type() != c10::CppTypeToScalarType<T>::value) return false;
    T* const x = flat.data_ptr<T>();
    shared_->sum<T>(
        flat.numel(), [x](std::int64_t from, std::int64_t count, T* row) { std::copy_n(x + from, count, row); },
        [x](std::int64_t from, std::int64_t count, const T* sums) { std::copy_n(sums, count, x + from); });
    return true;
  }

  template <class F>
  void collective(at::Tensor& x, F f) {
    std::vector<at::Tensor> list{x.is_contiguous() ? x : x.contiguous()};
    try {
#ifdef TESSERA_WITH_NCCL
      if (x.is_cuda() && groups_->nccl) finish(*f(*groups_->nccl, list), true);
      else finish(*f(*groups_->gloo, list), false);
#else
      finish(*f(*groups_->gloo, list), false);
#endif
    } catch (const RankFailure&) {
      throw;
    } catch (const std::exception& e) {  // a connection broke
      const auto why = beats_->reason();
      fail(why.empty() ? "a connection broke (" + first_line(e) + ")" : why);
    }
    if (!x.is_contiguous()) x.copy_(list.front());
  }
  // Waits until an operation is done, or a rank is lost.
  template <class Work>
  void finish(Work& work, bool polls) {
    for (;;) {
      if (polls) {
        for (int i = 0; i < 10'000 && !work.isCompleted(); ++i) std::this_thread::yield();
        if (work.isCompleted()) {
          work.wait();
          return;
        }
      } else {
        try {
          work.wait(milliseconds(200));
          return;
        } catch (const std::exception&) {
          if (work.isCompleted()) throw;
        }
      }
      if (auto who = beats_->missing(); !who.empty()) fail(who);
    }
  }
  [[noreturn]] void fail(const std::string& why) {
    failed_ = true;
    beats_->leave(why);
    throw RankFailure(me() + ": " + why);
  }

  const Launch launch_;
  const double timeout_;
  bool failed_ = false;
  c10::intrusive_ptr<c10d::TCPStore> store_;
  std::unique_ptr<Heartbeat> beats_;
  std::shared_ptr<Groups> groups_;
  std::unique_ptr<SharedSums> shared_;  // where all ranks run on this host
  std::string way_ = "Gloo";
};
#endif

// What a single process has for ranks.
class OneRank : public Ranks {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void sum(at::Tensor&) override {}
  void broadcast(at::Tensor&) override {}
};
}  // namespace detail

TESSERA_INLINE bool has_ranks() { return TESSERA_HAS_RANKS != 0; }

TESSERA_INLINE std::unique_ptr<Ranks> connect(const Launch& launch, const ConnectOptions& options) {
  if (!(options.timeout > 0))
    throw Error("connect: the timeout is " + std::to_string(options.timeout) + " seconds; give more than 0");
  if (launch.size == 1) return std::make_unique<detail::OneRank>();
#if TESSERA_HAS_RANKS
  return std::make_unique<detail::C10dRanks>(launch, options);
#else
  throw Error(
      "data-parallel: this build has no c10d with Gloo: build with a libtorch that has it, and Gloo's headers (Debian: "
      "libgloo-dev)");
#endif
}

TESSERA_INLINE std::vector<int> ranks_on_host(Ranks& ranks) {
  std::string name(256, '\0');
  gethostname(name.data(), name.size() - 1);
  ByteHash hash;
  hash.add(name.data(), name.size());
  const auto here = std::int64_t(hash.value() >> 1);
  const auto all = of_each(ranks, here);
  std::vector<int> out;
  for (int r = 0; r < ranks.size(); ++r)
    if (all[std::size_t(r)] == here) out.push_back(r);
  return out;
}
}  // namespace tessera::nn
