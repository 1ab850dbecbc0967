// A store: its record, and the files of its columns.  An input is the text of a record without its checksum, a zero
// byte, and for each column two bytes that say how long it is, and these; the folder is made of them here, with the
// checksum and the hashes that fit, for those would stop nearly every change.
#include "fuzz.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/findings.hpp>
#include <tessera/io/store.hpp>
#include <tessera/support/hash.hpp>

#include "../helpers/npz.hpp"

namespace {
using namespace tessera;
namespace fs = std::filesystem;

using fuzz::done, fuzz::require;
const std::string checksum = R"(,"checksum":")";
std::string with_checksum(const std::string& text) {
  ByteHash hash;
  hash.add(text.data(), text.size());
  return text + checksum + hash_text(hash.value()) + "\"}\n";
}
std::string without_checksum(const std::string& text) { return text.substr(0, text.rfind(checksum)); }
void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc).write(bytes.data(), std::streamsize(bytes.size()));
}
std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
// Gone with this.
struct Place {
  std::string path = (::access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : "/tmp/") + std::string("tessera-fuzz-") +
                     std::to_string(::getpid()) + ".store";
  Place() { fs::create_directories(path); }
  ~Place() {
    std::error_code code;
    fs::remove_all(path, code);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
};
const std::string& folder() {
  static const Place place;
  return place.path;
}

// Every number of it, one by one.
void look_at(const Store& store) {
  constexpr std::int64_t some = 32, wide = 1 << 16;
  const auto n = store.shape().observation_size;
  std::vector<float> x(n <= wide ? std::size_t(n) : 0);
  for (std::int64_t i = 0; i < std::min(store.size(), some); ++i) {
    if (n <= wide) done([&] { store.observation(i, x.data()); }), done([&] { store.next_observation(i, x.data()); });
    done([&] { require(std::int64_t(store.action(i).size()) == store.shape().action_size); });
    done([&] {
      const auto action = store.action_index(i);
      require(action >= 0 && action < store.shape().action_size);
    });
    static_cast<void>(store.reward(i)), static_cast<void>(store.terminal(i) && store.timeout(i) && store.knows_next(i));
  }
  for (std::int64_t e = 0; e < std::min(store.episodes(), some); ++e) store.episode(e);
  store.hash();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input = fuzz::text_of(data, size), text = input.substr(0, input.find('\0'));
  detail::StoreRecord record;
  done([&] { detail::record_of(text, "store.json"); });
  if (!done([&] { record = detail::record_of(with_checksum(text), "store.json"); })) return 0;
  const auto again = detail::text_of(record);
  require(detail::text_of(detail::record_of(again, "store.json")) == again);

  auto at = std::min(text.size() + 1, input.size());
  for (std::size_t c = 0; c < detail::store_columns; ++c) {
    const auto byte = [&](std::size_t i) { return i < input.size() ? std::size_t(std::uint8_t(input[i])) : 0; };
    const auto column = at + 2 <= input.size() ? input.substr(at + 2, byte(at) + 256 * byte(at + 1)) : "";
    at = std::min(at + 2 + column.size(), input.size());
    write(folder() + "/" + record.file(c), column);
    record.hashes[c] = detail::column_hash(ContentHash().value(), column.data(),
                                           std::min<std::uint64_t>(column.size(), record.bytes(c)), record.element(c));
  }
  write(folder() + "/store.json", detail::text_of(record));
  const ReadLimits limits{.bytes = 16 << 20};
  Dataset all;
  const bool whole = done([&] {
    const Store store(folder());
    look_at(store);
    store.require_intact();
    all = store.dataset(limits);
    require(all.size() == store.size() && std::int64_t(all.episodes.size()) == store.episodes());
    content_hash(all), findings(all);
  });
  // What may be read may be continued, and read again, unless its numbers are not those that it declares; what may not
  // is at least left as a store or an error.
  const bool continued = done([&] {
    StoreWriter writer(folder());
    if (whole) writer.append_all(all);
  });
  if (whole) {
    const auto after = Store(folder()).dataset({.bytes = 64 << 20});
    const auto times = continued ? 2u : 1u;
    require(after.size() == times * all.size() && after.episodes.size() == times * all.episodes.size());
    require(after.rewards.back() == all.rewards.back() && after.terminals.front() == all.terminals.front());
  }
  for (const auto& each : fs::directory_iterator(folder())) fs::remove(each.path());
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  std::vector<std::string> out;
  const auto add = [&](const StoreShape& shape, const std::vector<EpisodeRows>& episodes) {
    const fs::path path = folder() + ".seed";
    fs::remove_all(path);
    {
      auto writer = StoreWriter::create(path.string(), shape);
      for (const auto& each : episodes) writer.append(each);
    }
    const auto text = bytes_of(path / "store.json");
    const auto record = detail::record_of(text, "store.json");
    auto input = without_checksum(text) + '\0';
    for (std::size_t c = 0; c < detail::store_columns; ++c) {
      const auto column = bytes_of(path / record.file(c));
      input += support::bytes_of_number(column.size(), 2) + column;
    }
    out.push_back(input);
    fs::remove_all(path);
  };
  const std::vector<float> x = {0, 1, 2, 3, 4, 5}, a = {0.5f, -0.5f}, r = {1, 2}, hot = {1, 0, 0, 1, 1, 0};
  const std::vector<std::int64_t> indices = {2, 0};
  StoreShape plain;
  plain.observation_size = 2, plain.action_size = 1;
  plain.action_low = {-1}, plain.action_high = {1};
  plain.spaces.observation_names = {"x", "v"}, plain.spaces.observation_low = {-INFINITY, 0};
  plain.spaces.observation_high = {INFINITY, 9}, plain.task = {"Walk-v1", 200, -1, 100};
  const EpisodeRows walk{.observations = x, .actions = a, .rewards = r, .truncated = true};
  add(plain, {walk, walk});
  StoreShape discrete;
  discrete.kind = action_kind::discrete, discrete.observation_size = 2, discrete.action_size = 6;
  discrete.spaces.action_factors = {2, 3}, discrete.spaces.first_action = -1;
  const EpisodeRows jump{
      .observations = std::span(hot).first(4), .action_indices = indices, .rewards = r, .terminated = true};
  add(discrete, {jump, {.observations = hot, .action_indices = indices, .rewards = r, .truncated = true}});
  discrete.spaces = {};
  add(discrete, {{.observations = x, .action_indices = indices, .rewards = r}});
  add(plain, {});
  return out;
}
