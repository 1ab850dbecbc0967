// The names of data sets: PATH?option=value&..., icu-sepsis:PATH?key=value&..., builtin:NAME?seed=K; and the options of
// small files of several formats, of which the first letter chooses one.
#include "fuzz.hpp"

#include <cstdlib>
#include <filesystem>

#include <tessera/sources/icu_sepsis.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/query.hpp>

#include "../helpers/files.hpp"
#include "../helpers/npz.hpp"

namespace {
template <class F>
void refused_or_done(F f) {
  try {
    f();
  } catch (const tessera::Error& error) {
    tessera::fuzz::require_one_line(error.what());
  }
}
// A table, an archive and logs in HDF5.
class Files {
 public:
  Files() {
    support::write_bytes(folder_ / "a.csv",
                         "e,t,x,y,a,r,d\n0,0,1,2,0,1,0\n0,1,3,,1,0.5,1\n1,0,5,6,0,1,0\n1,1,7,8,0,0,1\n");
    using support::npy;
    support::write_bytes(folder_ / "b.npz", support::zip({{"obs.npy", npy("(3, 1)", {0, 1, 10})},
                                                          {"actions.npy", npy("(3, 1)", {1, 0, 2})},
                                                          {"rewards.npy", npy("(3,)", {1, 2, 4})},
                                                          {"episode_starts.npy", npy("(3,)", {1, 0, 1})}}));
    support::FlatFile flat(4);
    flat.terminals[1] = flat.terminals[3] = 1;
    flat.write(folder_ / "c.h5");
    auto file = tessera::hdf5::File::create(folder_ / "d.h5");
    for (const std::string demo : {"data/demo_0/", "data/demo_1/"}) {
      file.write(demo + "obs/x", std::vector<float>{0, 1}, {2, 1}),
          file.write(demo + "obs/y", std::vector<float>{2, 3});
      file.write(demo + "actions", std::vector<float>{0, 1}, {2, 1});
    }
    file.write_strings("mask/valid", {"demo_1"});
    file.close();
  }
  std::string path(unsigned char which) const {
    constexpr const char* names[] = {"a.csv", "b.npz", "c.h5", "d.h5"};
    return folder_ / names[which % 4];
  }

 private:
  support::Folder folder_;
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = tessera::fuzz::text_of(data, size);
  refused_or_done([&] {
    const tessera::Query query("icu-sepsis:" + text, text, {"policy", "episodes", "seed", "observations"});
    const auto episodes = query.number("episodes", 20'000, 1, 10'000'000);
    if (episodes < 1 || episodes > 10'000'000) std::abort();
    query.number("seed", 0, 0, UINT64_MAX);
    const auto policy = query.one_of("policy", tessera::IcuSepsis::policy_names(), "expert");
    if (policy != "expert" && policy != "random" && policy != "optimal") std::abort();
    if (query.source().find('?') != std::string::npos) std::abort();
  });
  refused_or_done([&] {
    const tessera::DataRequest request(text);
    // Written down and read again it is the same, but for a path that only looks as if it had options.
    if (!request.has_options()) return;
    tessera::DataRequest again(request.text());
    if (again.text() != request.text() || again.path() != request.path()) std::abort();
    auto other = request.with("x", "1&2%26=?");
    if (tessera::DataRequest(other.text()).value("x") != "1&2%26=?") std::abort();
    if (other.without("x").has("x")) std::abort();
    other.require_all_taken({"x"});
  });
  static const Files files;
  if (size > 0)
    refused_or_done([&] {
      const auto read = tessera::load_dataset(files.path(data[0]) + "?" + tessera::printable(text.substr(1), size),
                                              {.bytes = 1 << 22});
      if (read.size() < 1) std::abort();
    });
  // An unknown name: a known one generates half a million numbers, which takes a second.
  refused_or_done([&] { tessera::load_builtin("no-such-data-set" + text); });
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  return {"dynamics.npz",
          "a/b.npz?policy=expert&episodes=20000&seed=0&observations=one-hot",
          "x?seed=18446744073709551615",
          "?seed=1",
          "x?seed=1&seed=2",
          "x?policy=optimal",
          "?episodes=1e5",
          "dcolumns=observation=x:y,action=a,reward=r,done=d,episode=e&missing=previous,0&actions=discrete",
          "aends=terminated",
          "bhorizon=2",
          "cobservation=y:x&mask=valid",
          "a.csv?columns=x=10%25%26y?=b&task=3"};
}
