// Every format that we both write and read, from there to every other and back: equal to the bit where both hold it.
#include "helpers/data_sets.hpp"
#include "helpers/files.hpp"

#include <tessera/dataset/content_hash.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/write.hpp>

using support::difference;
using support::ends;
using tessera::action_kind;
using tessera::Dataset;

namespace {
struct Format {
  std::string file;         ///< its ending asks for the format
  std::vector<ends> holds;  ///< the ends of which it holds all
  std::string read = "";    ///< what follows the path when it is read
};
const std::vector<Format>& formats() {
  using enum ends;
  static const std::vector<Format> all = {
      {"a.hdf5", {terminated, truncated, open}},
  };
  return all;
}

Dataset through(const Dataset& data, const Format& format, const std::string& folder) {
  const auto path = folder + format.file;
  tessera::write_dataset(path, data, {.overwrite = true});
  return tessera::load_dataset(path + format.read);
}
// Ends that both hold: 30 episodes, and one that breaks off if they hold that.
std::vector<ends> ends_of(const Format& a, const Format& b) {
  std::vector<ends> out;
  for (int i = 0; i < 30; ++i)
    for (const auto end : a.holds)
      if (end != ends::open && std::count(b.holds.begin(), b.holds.end(), end) != 0) out.push_back(end);
  if (out.empty()) return out;
  for (const auto* each : {&a, &b})
    if (std::count(each->holds.begin(), each->holds.end(), ends::open) == 0) return out;
  out.push_back(ends::open);
  return out;
}
}  // namespace

TEST_CASE("round trips are equal to the bit", "[data][write]") {
  const support::Folder folder;
  for (const auto kind : {action_kind::continuous, action_kind::discrete})
    for (const auto& from : formats())
      for (const auto& to : formats()) {
        const auto which = ends_of(from, to);
        if (which.empty()) continue;
        INFO(from.file << " to " << to.file << " and back, "
                       << (kind == action_kind::discrete ? "discrete" : "continuous"));
        const auto data = support::made_data(kind, which, 7);
        const auto first = through(data, from, folder / "1"), second = through(first, to, folder / "2"),
                   back = through(second, from, folder / "3");
        CHECK(difference(data, first) == "");
        CHECK(difference(first, second) == "");
        CHECK(difference(second, back) == "");
        CHECK(tessera::content_hash(data) == tessera::content_hash(back));
      }
}

TEST_CASE("terminals of which it is unknown where they led", "[data][write]") {
  using enum ends;
  const support::Folder folder;
  std::vector<ends> mixed, alone(40, terminated_unknown);
  for (int i = 0; i < 40; ++i) mixed.insert(mixed.end(), {terminated_unknown, truncated});
  for (const auto& which : {mixed, alone}) {
    const auto data = support::made_data(action_kind::continuous, which, 3);
    CHECK(difference(data, through(data, {"a.hdf5", {}}, folder / "")) == "");
  }
}
