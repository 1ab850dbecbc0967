#include <tessera/sources/untrusted.hpp>

#include <atomic>
#include <chrono>

#include <tessera/dataset/content_hash.hpp>
#include <tessera/io/dataset_stream.hpp>
#include <tessera/sources/icu_sepsis.hpp>

#include "helpers/files.hpp"
#include "helpers/hostile_files.hpp"
#include "helpers/memory_stream.hpp"

using Catch::Contains;
using support::error_of;
using support::Memory;
using tessera::Dataset;
using tessera::in_child_process;

namespace {
Dataset through(Memory memory, std::uint64_t limit = 1 << 30) {
  return tessera::stream::read_dataset(memory, "x.h5", tessera::MemoryBudget({.bytes = limit}, 0));
}
Memory streamed(const Dataset& data) {
  Memory memory;
  tessera::stream::write_dataset(memory, data);
  return memory;
}
void same(const Dataset& a, const Dataset& b) {
  CHECK((a.name == b.name && a.format == b.format && a.kind == b.kind && a.limits_from == b.limits_from));
  CHECK((a.action_size == b.action_size && a.action_low == b.action_low && a.action_high == b.action_high));
  CHECK(
      (a.observations == b.observations && a.unknown_next == b.unknown_next && a.warnings.size() == b.warnings.size()));
  CHECK(content_hash(a) == content_hash(b));
  for (std::size_t i = 0; i < a.episodes.size(); ++i)
    CHECK((a.episodes[i].rows == b.episodes[i].rows && a.episodes[i].complete == b.episodes[i].complete &&
           a.episodes[i].episode_return == b.episodes[i].episode_return));
}
tessera::UntrustedLimits quick() { return {.read = {}, .seconds = 2, .memory = 0}; }
// What happens to a child that does that.
template <class F>
std::string fate(F f, tessera::ChildLimits limits = {.seconds = 1, .memory = 1 << 28}) {
  return error_of([&] {
    in_child_process(
        "x.h5", limits, nullptr, [&](auto begin) { f(), begin(); }, [](auto&) { return 0; });
  });
}
}  // namespace

TEST_CASE("a data set goes through a stream unchanged", "[data][untrusted]") {
  for (const char* name : {"builtin:pendulum-narrow", "builtin:cartpole-mixed"}) {
    const auto data = tessera::load_dataset(name);
    same(through(streamed(data)), data);
  }
}

TEST_CASE("a stream that lies is refused before memory is asked for", "[data][untrusted]") {
  const auto data = tessera::load_dataset("builtin:pendulum-narrow");
  const auto refused = [&](auto change) {
    auto wrong = data;
    change(wrong);
    return error_of([&] { through(streamed(wrong)); });
  };
  CHECK_THAT(refused([](Dataset& d) { d.observation_row[3] = 1 << 30; }),
             Contains("a row index out of range") && Contains("malicious"));
  CHECK_THAT(refused([](Dataset& d) { d.next_observation_row[3] = -1; }), Contains("a row index out of range"));
  CHECK_THAT(refused([](Dataset& d) { d.rewards.pop_back(); }), Contains("differ in length"));
  CHECK_THAT(refused([](Dataset& d) { d.rewards[0] = std::numeric_limits<float>::infinity(); }),
             Contains("not finite"));
  CHECK_THAT(refused([](Dataset& d) { d.terminals[0] = 2; }), Contains("flag"));
  CHECK_THAT(refused([](Dataset& d) { d.episodes[0].transitions = -1; }), Contains("episodes"));
  CHECK_THAT(refused([](Dataset& d) { d.episodes.pop_back(); }), Contains("episodes"));
  CHECK_THAT(refused([](Dataset& d) { d.action_low.clear(); }), Contains("limits"));
  CHECK_THAT(refused([](Dataset& d) { d.kind = tessera::action_kind(7); }), Contains("kind"));
  CHECK_THAT(refused([](Dataset& d) { d.observation_size = 0; }), Contains("sizes"));
  CHECK_THAT(refused([](Dataset& d) { d.name = std::string(1 << 17, 'x'); }), Contains("text is too long"));
  CHECK_THAT(error_of([&] { through(streamed(data), 1000); }), Contains("more than the 1000 bytes"));
  // Cut or changed anywhere, it is a data set or an error.
  const auto whole = streamed(data);
  for (std::size_t length = 0; length < whole.bytes.size(); length += whole.bytes.size() / 50)
    CHECK_THAT(error_of([&] { through({whole.bytes.substr(0, length)}); }), Contains("ended"));
  for (std::size_t i = 0; i < 200; ++i) {
    auto wrong = whole;
    wrong.bytes[i] = char(wrong.bytes[i] ^ 0x81);
    error_of([&] { through(wrong); });
  }
}

TEST_CASE("a file is read in a process of its own as it is in this one", "[data][untrusted]") {
  const support::Folder folder;
  const auto path = folder / "a.h5";
  support::hostile::log(path, {});
  same(tessera::load_untrusted(path), tessera::load_dataset(path));
  same(tessera::load_untrusted("builtin:pendulum-narrow"), tessera::load_dataset("builtin:pendulum-narrow"));
  CHECK_THAT(error_of([&] { tessera::load_untrusted(folder / "absent.h5"); }),
             Contains("absent.h5: there is no such file"));
  const auto icu = support::shared_file("icu-sepsis/dynamics.npz");
  if (icu.empty()) return;
  const auto name = "icu-sepsis:" + icu + "?episodes=100&observations=features";
  same(tessera::load_untrusted(name), tessera::load_dataset(name));
  const auto there = tessera::load_icu_sepsis_untrusted(icu);
  CHECK(there.clinicians() == tessera::IcuSepsis(icu).clinicians());
}

TEST_CASE("what a process that reads does to itself is one error", "[data][untrusted]") {
  CHECK_THAT(fate([] { std::abort(); }),
             Contains("x.h5: crashed the process that read it (Aborted); the file is damaged"));
#if defined(__SANITIZE_ADDRESS__)  // which has its own ends for both
  const std::string fault = "ended too early", memory = "ended too early";
#else
  const std::string fault = "crashed the process that read it (Segmentation fault)",
                    memory = "takes more memory to read than it is allowed";
#endif
  CHECK_THAT(fate([] { ::raise(SIGSEGV); }), Contains(fault));
  CHECK_THAT(fate([] { ::_exit(0); }), Contains("ended too early"));
  CHECK_THAT(fate([] { ::raise(SIGKILL); }), Contains("was stopped"));
  CHECK_THAT(fate([] { throw tessera::Error("x.h5: \x1b[2J"); }), Contains("x.h5: \\x1b[2J"));
  CHECK_THAT(fate([] { static_cast<void>(std::string(std::size_t{1} << 31, 'x')); }), Contains(memory));
  const auto start = std::chrono::steady_clock::now();
  CHECK_THAT(fate([] {
               for (std::atomic<int> i = 0;;) ++i;
             }),
             Contains("not read within 1 seconds"));
  CHECK_THAT(fate([] { ::pause(); }), Contains("not read within 1 seconds"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(4));
  // It cannot write a file, nor print.
  const support::Folder folder;
  fate([&] { support::write_bytes(folder / "made", "x"); });
  CHECK(support::bytes_of(folder / "made").empty());
  CHECK(::waitpid(-1, nullptr, WNOHANG) < 0);  // none is left
}

TEST_CASE("what is called meanwhile can end the reading", "[data][untrusted]") {
  struct Stopped {};
  const auto start = std::chrono::steady_clock::now();
  int calls = 0;
  const std::function<void()> meanwhile = [&] {
    if (++calls == 3) throw Stopped{};
  };
  CHECK_THROWS_AS(in_child_process(
                      "x", tessera::ChildLimits{}, meanwhile, [](auto) { ::pause(); }, [](auto&) { return 0; }),
                  Stopped);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
}

TEST_CASE("hostile files are refused in a process of their own in the same words", "[data][untrusted]") {
  const support::Folder folder;
  for (const auto& file : support::hostile_files()) {
    if (!file.name.ends_with(".h5")) continue;
    const auto path = folder / file.name;
    {
      const tessera::hdf5::Quiet quiet;
      file.make(path);
    }
    const auto source = file.source(path);
    CHECK(error_of([&] { tessera::load_untrusted(source, quick()); }) ==
          error_of([&] { tessera::load_dataset(source); }));
  }
}
