// The layouts of .npz files.  An input is a list of members, each a number that says its name, the length of its bytes
// and these; the archive is made of them here, for a checksum of its own would stop nearly every change.
#include "fuzz.hpp"

#include <cstdlib>

#include <tessera/dataset/require_sound.hpp>
#include <tessera/sources/load.hpp>

#include "../helpers/npz.hpp"

namespace {
constexpr const char* names[] = {"observations", "actions",           "terminals", "rewards",       "masks",
                                 "valids",       "next_observations", "qpos",      "button_states", "obs",
                                 "acts",         "indices",           "terminal",  "rews",          "episode_starts"};
std::string member(const char* name, const std::string& bytes) {
  std::size_t number = 0;
  while (names[number] != std::string(name)) ++number;
  return char(number) + support::bytes_of_number(bytes.size(), 2) + bytes;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::pair<std::string, std::string>> members;
  for (std::size_t at = 0; at + 3 <= size;) {
    const std::string name = names[data[at] % std::size(names)];
    const auto length = std::min<std::size_t>(data[at + 1] + 256 * data[at + 2], size - at - 3);
    members.emplace_back(name + ".npy", std::string(reinterpret_cast<const char*>(data) + at + 3, length));
    at += 3 + length;
  }
  const auto bytes = support::zip(members, false);
  const tessera::fuzz::File file(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  const auto sound = [](const tessera::Dataset& piece) {
    if (piece.size() < 1) std::abort();
    tessera::require_sound(piece);
  };
  const auto says = [](auto&& read) {
    try {
      read();
    } catch (const tessera::Error& error) {
      tessera::fuzz::require_one_line(error.what());
    }
  };
  for (const std::string options :
       {"", "?task=1&environment=scene", "?task=2&environment=antmaze-large", "?ends=terminated"}) {
    says([&] { sound(tessera::load_dataset(file.path() + options, {.bytes = 16 << 20})); });
    for (const std::uint64_t memory :
         {std::uint64_t{1'000}, std::uint64_t{16} << 20})  // in pieces of a few rows, and at once
      says([&] { tessera::load_dataset(file.path() + options, {.bytes = memory, .hand_over = sound}); });
  }
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  using support::npy;
  const auto f4 = [](const std::string& shape, const std::vector<float>& values) {
    return npy<float>("<f4", shape, values);
  };
  const std::vector<float> zeros(125, 0);
  const auto ogbench = member("observations", f4("(5, 1)", {0, 1, 2, 10, 11})) +
                       member("actions", f4("(5, 1)", {1, 0, 9, 1, 9})) +
                       member("terminals", npy<std::uint8_t>("|b1", "(5,)", {0, 0, 1, 0, 1}));
  return {ogbench,
          ogbench + member("qpos", f4("(5, 25)", zeros)) +
              member("button_states", f4("(5, 2)", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1})),
          ogbench + member("rewards", f4("(5,)", {0, 1, 2, 3, 4})) + member("masks", f4("(5,)", {0, 1, 1, 1, 1})),
          ogbench + member("valids", f4("(5,)", {1, 1, 0, 1, 0})),
          ogbench + member("next_observations", f4("(5, 1)", {1, 2, 3, 11, 12})),
          member("obs", f4("(5, 1)", {0, 1, 2, 10, 11})) + member("acts", npy<std::int64_t>("<i8", "(3,)", {1, 0, 2})) +
              member("terminal", npy<std::uint8_t>("|b1", "(2,)", {0, 1})) +
              member("indices", npy<std::int64_t>("<i8", "(1,)", {2})) + member("rews", f4("(3,)", {1, 2, 3})),
          member("obs", f4("(3, 1)", {0, 1, 10})) + member("actions", f4("(3, 1)", {1, 0, 2})) +
              member("rewards", npy("(3,)", {1, 2, 4})) +
              member("episode_starts", npy<std::uint8_t>("|b1", "(3,)", {1, 0, 1}))};
}
