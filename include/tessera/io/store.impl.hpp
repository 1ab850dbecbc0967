#pragma once
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <tessera/dataset/flat_rows.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/io/data_folder.hpp>
#include <tessera/io/store.hpp>
#include <tessera/io/tolerant_json.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/atomic_folder.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::detail {
static_assert(std::endian::native == std::endian::little, "columns are written in the machine's byte order");
inline constexpr const char* store_record_file = "store.json";
inline constexpr const char* store_lock_file = "lock";
inline constexpr std::int64_t store_version = 1;
// The places of these names agree with those of `limits_origin`.
inline constexpr std::array<const char*, 4> store_origins = {"seen", "file", "environment", "user"};
inline constexpr std::array<const char*, store_columns> store_column_names = {
    "observations", "observation_row", "next_observation_row", "actions", "rewards",
    "ends",         "episodes",        "propensities"};
inline constexpr const char *store_packed = "observations.u32", *store_plain = "observations.f32";

TESSERA_INLINE std::string StoreRecord::file(std::size_t column) const {
  const bool discrete = shape.kind == action_kind::discrete;
  const std::array<const char*, store_columns> files = {one_hot ? store_packed : store_plain,
                                                        "observation_row.i64",
                                                        "next_observation_row.i64",
                                                        discrete ? "actions.i64" : "actions.f32",
                                                        "rewards.f32",
                                                        "ends.u8",
                                                        "episodes.48",
                                                        "propensities.f32"};
  return files[column];
}
TESSERA_INLINE std::uint64_t StoreRecord::count(std::size_t column) const {
  if (column == StoreColumn::observations) return std::uint64_t(stored);
  if (!has(column)) return 0;
  return std::uint64_t(column == StoreColumn::episodes ? episodes : transitions);
}
TESSERA_INLINE std::uint64_t StoreRecord::element(std::size_t column) const {
  switch (column) {
    case StoreColumn::observations:
    case StoreColumn::rewards:
    case StoreColumn::propensities:
      return 4;
    case StoreColumn::actions:
      return shape.kind == action_kind::discrete ? 8 : 4;
    case StoreColumn::ends:
      return 1;
    default:
      return 8;
  }
}
TESSERA_INLINE std::uint64_t StoreRecord::width(std::size_t column) const {
  if (column == StoreColumn::observations && !one_hot) return 4 * std::uint64_t(shape.observation_size);
  if (column == StoreColumn::actions && shape.kind == action_kind::continuous)
    return 4 * std::uint64_t(shape.action_size);
  return column == StoreColumn::episodes ? 48 : element(column);
}

TESSERA_INLINE std::uint64_t column_hash(std::uint64_t before, const void* data, std::uint64_t bytes,
                                         std::uint64_t element) {
  ContentHash h(before);
  const auto* p = static_cast<const unsigned char*>(data);
  for (std::uint64_t at = 0; at + element <= bytes; at += element) {
    std::uint64_t word = 0;
    if (element == 8) std::memcpy(&word, p + at, 8);
    else if (element == 4) std::memcpy(&word, p + at, 4);
    else word = p[at];
    h.add(word);
  }
  return h.value();
}

// JSON has no infinity: it is a text there, see `number_of`.
TESSERA_INLINE nlohmann::ordered_json numbers_json(const std::vector<float>& numbers) {
  auto out = nlohmann::ordered_json::array();
  for (const float x : numbers)
    if (std::isfinite(x)) out.push_back(double(x));
    else out.push_back(std::isnan(x) ? "NaN" : x < 0 ? "-Infinity" : "Infinity");
  return out;
}
inline constexpr std::string_view store_checksum = R"(,"checksum":")";
TESSERA_INLINE std::string checksum_of(std::string_view text) {
  ByteHash h;
  h.add(text.data(), text.size());
  return hash_text(h.value());
}

TESSERA_INLINE std::string text_of(const StoreRecord& record) {
  using json = nlohmann::ordered_json;
  const auto& shape = record.shape;
  const auto& s = shape.spaces;
  json out = {{"tessera_store", store_version},
              {"actions", shape.kind == action_kind::discrete ? "discrete" : "continuous"},
              {"observation_size", shape.observation_size},
              {"action_size", shape.action_size},
              {"one_hot", record.one_hot},
              {"stored_observations", record.stored},
              {"transitions", record.transitions},
              {"episodes", record.episodes}};
  if (shape.propensities) out["propensities"] = true;
  json hashes = json::object();
  for (std::size_t c = 0; c < store_columns; ++c)
    if (record.has(c)) hashes[store_column_names[c]] = hash_text(record.hashes[c]);
  out["hashes"] = hashes;
  out["limits"] = {
      {"from", store_origins[std::size_t(shape.action_low.empty() ? limits_origin::seen : shape.limits_from)]},
      {"low", numbers_json(shape.action_low)},
      {"high", numbers_json(shape.action_high)},
      {"seen_low", numbers_json(record.seen_low)},
      {"seen_high", numbers_json(record.seen_high)}};
  out["spaces"] = {{"observation_names", s.observation_names},
                   {"observation_low", numbers_json(s.observation_low)},
                   {"observation_high", numbers_json(s.observation_high)},
                   {"action_names", s.action_names},
                   {"action_factors", s.action_factors},
                   {"first_action", s.first_action}};
  const auto score = [](double x) { return std::isfinite(x) ? json(x) : json("NaN"); };
  out["task"] = {{"environment", shape.task.environment},
                 {"max_steps", shape.task.max_steps},
                 {"score_zero", score(shape.task.score_zero)},
                 {"score_hundred", score(shape.task.score_hundred)}};
  auto text = out.dump(-1, ' ', false, json::error_handler_t::replace);
  text.pop_back();  // the last brace
  return text + std::string(store_checksum) + checksum_of(text) + "\"}\n";
}

TESSERA_INLINE StoreRecord record_of(std::string text, const std::string& about) {
  const auto refuse = [&](const std::string& what) {
    throw Error(about + ": " + what + "; it is damaged: copy the store again");
  };
  const auto json = parse_tolerant_json(text, about);
  const auto* version = entry_of(json, "tessera_store");
  if (version == nullptr) refuse("has no 'tessera_store', and is not the record of a store");
  if (const auto v = whole_of(*version, -1); v != store_version)
    throw Error(about + ": is of version " + (v < 0 ? "'" + printable_name(version->dump()) + "'" : std::to_string(v)) +
                " of the format, and version " + std::to_string(store_version) +
                " is read; use the program that wrote it, or convert the data again");
  const auto mark = text.rfind(store_checksum);
  if (mark == std::string::npos || std::string_view(text).substr(mark + store_checksum.size()) !=
                                       checksum_of(std::string_view(text).substr(0, mark)) + "\"}\n")
    refuse("does not have the checksum of what it says");

  const auto in = [&](const nlohmann::ordered_json& object, const char* key) -> const nlohmann::ordered_json& {
    const auto* found = entry_of(object, key);
    if (found == nullptr) refuse(std::string("has no '") + key + "'");
    return *found;
  };
  const auto whole = [&](const nlohmann::ordered_json& object, const char* key, std::int64_t least, std::int64_t most) {
    const auto& value = in(object, key);
    if (!value.is_number_integer() || whole_of(value, least - 1) < least || whole_of(value, least - 1) > most)
      refuse(std::string("'") + key + "' is not a whole number from " + std::to_string(least) + " to " +
             std::to_string(most));
    return whole_of(value, least);
  };
  const auto word = [&](const nlohmann::ordered_json& object, const char* key) {
    const auto& value = in(object, key);
    if (!value.is_string()) refuse(std::string("'") + key + "' is not a text");
    return value.get<std::string>();
  };
  const auto list = [&](const nlohmann::ordered_json& object, const char* key) -> const nlohmann::ordered_json& {
    const auto& value = in(object, key);
    if (!value.is_array()) refuse(std::string("'") + key + "' is not a list");
    return value;
  };
  const auto floats = [&](const nlohmann::ordered_json& object, const char* key) {
    std::vector<float> out;
    for (const auto& value : list(object, key)) {
      const double x = number_of(value, std::numeric_limits<double>::quiet_NaN());
      if (std::isnan(x) || (std::isfinite(x) && std::abs(x) > double(std::numeric_limits<float>::max())))
        refuse(std::string("'") + key + "' holds what is not a number");
      out.push_back(float(x));
    }
    return out;
  };
  const auto texts = [&](const nlohmann::ordered_json& object, const char* key) {
    std::vector<std::string> out;
    for (const auto& value : list(object, key)) {
      if (!value.is_string()) refuse(std::string("'") + key + "' holds what is not a text");
      out.push_back(value.get<std::string>());
    }
    return out;
  };
  constexpr auto most_numbers = std::int64_t{1} << 31, most_rows = std::int64_t{1} << 48,
                 any = std::numeric_limits<std::int64_t>::max();
  StoreRecord out;
  auto& shape = out.shape;
  const auto kind = word(json, "actions");
  if (kind != "continuous" && kind != "discrete") refuse("'actions' is neither continuous nor discrete");
  shape.kind = kind == "discrete" ? action_kind::discrete : action_kind::continuous;
  shape.observation_size = whole(json, "observation_size", 1, most_numbers);
  shape.action_size = whole(json, "action_size", 1, most_numbers);
  const auto& one_hot = in(json, "one_hot");
  if (!one_hot.is_boolean()) refuse("'one_hot' is neither true nor false");
  out.one_hot = one_hot.get<bool>();
  out.stored = whole(json, "stored_observations", 0, most_rows);
  out.transitions = whole(json, "transitions", 0, most_rows);
  out.episodes = whole(json, "episodes", 0, most_rows);
  if (const auto* propensities = entry_of(json, "propensities"); propensities != nullptr) {
    if (!propensities->is_boolean()) refuse("'propensities' is neither true nor false");
    shape.propensities = propensities->get<bool>();
  }
  out.hashes.fill(ContentHash().value());
  for (std::size_t c = 0; c < store_columns; ++c) {
    if (!out.has(c)) continue;
    const auto hash = word(in(json, "hashes"), store_column_names[c]);
    const auto [end, code] = std::from_chars(hash.data(), hash.data() + hash.size(), out.hashes[c], 16);
    if (hash.size() != 16 || code != std::errc{} || end != hash.data() + 16) refuse("a hash is not 16 digits");
  }
  const auto& limits = in(json, "limits");
  const auto* from = std::find(store_origins.begin(), store_origins.end(), word(limits, "from"));
  if (from == store_origins.end()) refuse("the origin of the limits is none that there is");
  shape.limits_from = limits_origin(from - store_origins.begin());
  shape.action_low = floats(limits, "low"), shape.action_high = floats(limits, "high");
  out.seen_low = floats(limits, "seen_low"), out.seen_high = floats(limits, "seen_high");
  if (!shape.action_low.empty() || !shape.action_high.empty())
    require_limits(about, shape.action_low, shape.action_high, shape.action_size, false);
  if (!out.seen_low.empty() || !out.seen_high.empty())
    require_limits(about, out.seen_low, out.seen_high, shape.action_size, false);
  if (shape.kind == action_kind::continuous && out.transitions > 0 && out.seen_low.empty())
    refuse("has no limits of the actions seen");
  const auto& spaces = in(json, "spaces");
  auto& s = shape.spaces;
  s.observation_names = texts(spaces, "observation_names"), s.action_names = texts(spaces, "action_names");
  s.observation_low = floats(spaces, "observation_low"), s.observation_high = floats(spaces, "observation_high");
  for (const auto& factor : list(spaces, "action_factors")) s.action_factors.push_back(whole_of(factor, -1));
  s.first_action = whole(spaces, "first_action", -any, any);
  const auto& task = in(json, "task");
  shape.task.environment = word(task, "environment");
  shape.task.max_steps = whole(task, "max_steps", 0, any);
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  shape.task.score_zero = number_of(in(task, "score_zero"), unknown);
  shape.task.score_hundred = number_of(in(task, "score_hundred"), unknown);
  Dataset sizes;
  sizes.kind = shape.kind, sizes.observation_size = shape.observation_size, sizes.action_size = shape.action_size;
  sizes.spaces = s;
  require_spaces(about, sizes);
  return out;
}

TESSERA_INLINE MappedColumn::MappedColumn(const std::string& path, int fd, std::uint64_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  data_ = ::mmap(nullptr, std::size_t(bytes), PROT_READ, MAP_SHARED, fd, 0);
  if (data_ != MAP_FAILED) return;
  data_ = nullptr;
  throw Error(printable(path) + ": cannot be mapped (" + system_reason() + "); copy it to a local disk");
}
TESSERA_INLINE MappedColumn::MappedColumn(MappedColumn&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
TESSERA_INLINE MappedColumn& MappedColumn::operator=(MappedColumn&& other) noexcept {
  std::swap(data_, other.data_), std::swap(bytes_, other.bytes_);
  return *this;
}
TESSERA_INLINE MappedColumn::~MappedColumn() {
  if (data_ != nullptr) ::munmap(data_, std::size_t(bytes_));
}

// The place of the 1 in an observation that is 0 elsewhere, to the bit.
TESSERA_INLINE std::optional<std::uint32_t> place_of_one(const float* x, std::int64_t n) {
  std::optional<std::uint32_t> place;
  for (std::int64_t j = 0; j < n; ++j) {
    const auto bits = std::bit_cast<std::uint32_t>(x[j]);
    if (bits == 0) continue;
    if (bits != std::bit_cast<std::uint32_t>(1.0f) || place) return std::nullopt;
    place = std::uint32_t(j);
  }
  return place;
}
TESSERA_INLINE std::array<std::int64_t, 6> episode_entry(const Episode& e) {
  return {e.first,
          e.transitions,
          e.rows,
          std::bit_cast<std::int64_t>(e.episode_return),
          std::bit_cast<std::int64_t>(e.discounted_return),
          e.complete};
}
// A file of the store that is neither a link nor a pipe, opened without waiting.
TESSERA_INLINE Descriptor open_column(const std::string& path, int how, std::uint64_t& size) {
  Descriptor file(::open(path.c_str(), how | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) throw Error(printable(path) + ": cannot be opened (" + system_reason() + "); copy the store again");
  struct stat s {};
  if (::fstat(file.get(), &s) != 0 || !S_ISREG(s.st_mode))
    throw Error(printable(path) + ": is not a regular file; copy the store again");
  size = std::uint64_t(s.st_size);
  return file;
}
TESSERA_INLINE void require_held(const std::string& path, std::uint64_t size, const StoreRecord& record,
                                 std::size_t column) {
  const auto width = record.width(column), count = record.count(column);
  if (count <= size / width) return;
  throw Error(printable(path) + ": has " + std::to_string(size) + " bytes, where the store's record counts " +
              std::to_string(count) + " entries of " + std::to_string(width) +
              "; it was cut: copy the store again, or the file from a copy");
}
TESSERA_INLINE StoreRecord read_record(const DataFolder& folder) {
  const auto path = folder.inside(store_record_file);
  return record_of(read_json_text(path), printable(path));
}
}  // namespace tessera::detail

namespace tessera::detail {
TESSERA_INLINE StoreFiles::StoreFiles(const std::string& folder_path) {
  const DataFolder folder(folder_path);
  path = printable(folder.path());
  record = read_record(folder);
  for (std::size_t c = 0; c < store_columns; ++c) {
    if (!record.has(c)) continue;
    const auto name = folder.inside(record.file(c));
    std::uint64_t size = 0;
    files[c] = open_column(name, O_RDONLY, size);
    require_held(name, size, record, c);
    bytes += record.bytes(c);
  }
}

TESSERA_INLINE void StoreFiles::read(std::size_t column, std::uint64_t first, std::uint64_t count, void* to) const {
  const auto width = record.width(column);
  if (first > record.count(column) || count > record.count(column) - first)
    throw Error(path + "/" + record.file(column) + ": entry " + std::to_string(first) + " of " +
                std::to_string(record.count(column)) + " is asked for; the store is damaged: copy it again");
  auto* p = static_cast<char*>(to);
  auto at = first * width, left = count * width;
  while (left > 0) {
    const auto done = ::pread(files[column].get(), p, std::size_t(left), off_t(at));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0)
      throw Error(path + "/" + record.file(column) + ": cannot be read (" +
                  (done < 0 ? system_reason() : std::string("it was cut while it was open")) +
                  "); check the disk, and that no program changes the store");
    p += done, at += std::uint64_t(done), left -= std::uint64_t(done);
  }
}

TESSERA_INLINE void StoreFiles::require_entries(std::size_t column, std::uint64_t first,
                                                std::span<const std::byte> entries) const {
  const auto width = record.width(column), element = record.element(column), count = entries.size() / element;
  const auto at = [&]<class T>(T, std::size_t i) {
    T x;
    std::memcpy(&x, entries.data() + i * sizeof(T), sizeof(T));
    return x;
  };
  const auto refuse = [&](std::size_t i, const std::string& is) {
    throw Error(path + ": " + store_column_names[column] + " is " + is + " in row " +
                std::to_string(first + i * element / width) + "; it is damaged: copy the store again");
  };
  switch (column) {
    case StoreColumn::propensities: {
      const auto most = record.shape.kind == action_kind::discrete ? 1.0f : std::numeric_limits<float>::max();
      for (std::size_t i = 0; i < count; ++i)
        if (!(at(float{}, i) > 0) || at(float{}, i) > most) refuse(i, "none of an action that was taken");
      return;
    }
    case StoreColumn::observations:
      if (record.one_hot) {
        for (std::size_t i = 0; i < count; ++i)
          if (const auto place = at(std::uint32_t{}, i); std::int64_t(place) >= record.shape.observation_size)
            refuse(i, "1 at " + std::to_string(place) + " of " + std::to_string(record.shape.observation_size));
        return;
      }
      [[fallthrough]];
    case StoreColumn::rewards:
      for (std::size_t i = 0; i < count; ++i)
        if (!std::isfinite(at(float{}, i))) refuse(i, "not finite");
      return;
    case StoreColumn::actions: {
      const bool discrete = record.shape.kind == action_kind::discrete;
      for (std::size_t i = 0; i < count; ++i)
        if (discrete ? at(std::int64_t{}, i) < 0 || at(std::int64_t{}, i) >= record.shape.action_size
                     : !std::isfinite(at(float{}, i)))
          refuse(i, discrete ? std::to_string(at(std::int64_t{}, i)) + " of " +
                                   std::to_string(record.shape.action_size) + " actions"
                             : "not finite");
      return;
    }
    case StoreColumn::observation_rows:
    case StoreColumn::next_rows:
      for (std::size_t i = 0; i < count; ++i)
        if (const auto row = at(std::int64_t{}, i); row < 0 || row >= record.stored)
          refuse(i, std::to_string(row) + " of " + std::to_string(record.stored) + " observations");
      return;
    case StoreColumn::ends:
      for (std::size_t i = 0; i < count; ++i)
        if (const auto mark = at(std::uint8_t{}, i); mark > 7) refuse(i, std::to_string(mark) + ", which is no mark");
      return;
    default:
      return;
  }
}

TESSERA_INLINE Episode episode_of(const std::int64_t* x) {
  return {x[0], x[1], x[2], std::bit_cast<double>(x[3]), std::bit_cast<double>(x[4]), x[5] != 0};
}

TESSERA_INLINE Dataset StoreFiles::head() const {
  const auto& shape = record.shape;
  if (record.transitions == 0) throw Error(path + ": holds no transitions yet; append episodes");
  Dataset data;
  data.name = path, data.format = "store", data.kind = shape.kind;
  data.observation_size = shape.observation_size, data.action_size = shape.action_size;
  if (shape.kind == action_kind::continuous) {
    const bool declared = !shape.action_low.empty();
    data.action_low = declared ? shape.action_low : record.seen_low;
    data.action_high = declared ? shape.action_high : record.seen_high;
    data.limits_from = declared ? shape.limits_from : limits_origin::seen;
  }
  data.spaces = shape.spaces, data.task = shape.task;
  data.episodes.reserve(std::size_t(record.episodes));
  RowCount dropped;
  std::uint64_t row = 0;
  constexpr std::int64_t at_once = 4096;
  std::vector<std::int64_t> entries;
  for (std::int64_t e = 0; e < record.episodes; ++e) {
    if (e % at_once == 0) {
      const auto count = std::min(at_once, record.episodes - e);
      entries.resize(std::size_t(count) * 6);
      read(StoreColumn::episodes, std::uint64_t(e), std::uint64_t(count), entries.data());
    }
    const auto x = episode_of(entries.data() + e % at_once * 6);
    if (x.rows < x.transitions || x.rows > std::int64_t{1} << 48)
      throw Error(path + ": episode " + std::to_string(e) + " has " + std::to_string(x.rows) + " rows and " +
                  std::to_string(x.transitions) + " transitions; it is damaged: copy it again");
    row += std::uint64_t(x.rows);
    if (x.rows > x.transitions) dropped.add(std::int64_t(row - 1));
    data.episodes.push_back(x);
  }
  dropped.report(data.warnings, "dropped-last-rows",
                 "the last step of an episode, of which it is not known where it led; not used as a transition");
  return data;
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE Store::Store(const std::string& path) : of_(path) {
  for (std::size_t c = 0; c < detail::store_columns; ++c)
    if (of_.record.has(c))
      columns_[c] = detail::MappedColumn(of_.path + "/" + of_.record.file(c), of_.files[c].get(), of_.record.bytes(c));
}

TESSERA_INLINE std::uint64_t Store::hash() const {
  ContentHash h;
  h.add(of_.record.shape.observation_size), h.add(of_.record.shape.action_size);
  for (std::size_t c = 0; c < detail::store_columns; ++c)
    if (of_.record.has(c)) h.add(of_.record.count(c)), h.add(of_.record.hashes[c]);
  return h.value();
}

TESSERA_INLINE std::size_t Store::at(std::int64_t i) const {
  if (i >= 0 && i < size()) return std::size_t(i);
  throw Error(of_.path + ": there is no transition " + std::to_string(i) + "; it has " + std::to_string(size()));
}
TESSERA_INLINE void Store::stored(std::int64_t row, float* to) const {
  const auto n = of_.record.shape.observation_size;
  const auto& column = columns_[Column::observations];
  if (row < 0 || row >= of_.record.stored)
    throw Error(of_.path + ": names the observation " + std::to_string(row) + " of " +
                std::to_string(of_.record.stored) + "; it is damaged: copy it again");
  if (!of_.record.one_hot) {
    std::memcpy(to, column.as<float>().data() + row * n, std::size_t(n) * sizeof(float));
    return;
  }
  const auto place = column.as<std::uint32_t>()[std::size_t(row)];
  if (std::int64_t(place) >= n)
    throw Error(of_.path + ": observation " + std::to_string(row) + " has its 1 at " + std::to_string(place) + " of " +
                std::to_string(n) + "; it is damaged: copy it again");
  std::fill_n(to, n, 0.0f);
  to[place] = 1.0f;
}
TESSERA_INLINE void Store::observation(std::int64_t i, float* to) const {
  stored(columns_[Column::observation_rows].as<std::int64_t>()[at(i)], to);
}
TESSERA_INLINE void Store::next_observation(std::int64_t i, float* to) const {
  stored(columns_[Column::next_rows].as<std::int64_t>()[at(i)], to);
}
TESSERA_INLINE std::span<const float> Store::action(std::int64_t i) const {
  if (of_.record.shape.kind == action_kind::discrete)
    throw Error(of_.path + ": has discrete actions; ask for action_index(i)");
  const auto d = std::size_t(of_.record.shape.action_size);
  return columns_[Column::actions].as<float>().subspan(at(i) * d, d);
}
TESSERA_INLINE std::int64_t Store::action_index(std::int64_t i) const {
  if (of_.record.shape.kind == action_kind::continuous)
    throw Error(of_.path + ": has continuous actions; ask for action(i)");
  const auto index = columns_[Column::actions].as<std::int64_t>()[at(i)];
  if (index < 0 || index >= of_.record.shape.action_size)
    throw Error(of_.path + ": action_indices is " + std::to_string(index) + " in row " + std::to_string(i) +
                ", where there are " + std::to_string(of_.record.shape.action_size) +
                " actions; it is damaged: copy it again");
  return index;
}
TESSERA_INLINE float Store::propensity(std::int64_t i) const {
  if (!of_.record.shape.propensities)
    throw Error(of_.path + ": has no propensities; convert a log that has them, with --columns propensity=NAME");
  return columns_[Column::propensities].as<float>()[at(i)];
}
TESSERA_INLINE Episode Store::episode(std::int64_t e) const {
  if (e < 0 || e >= episodes())
    throw Error(of_.path + ": there is no episode " + std::to_string(e) + "; it has " + std::to_string(episodes()));
  return detail::episode_of(columns_[Column::episodes].as<std::int64_t>().data() + e * 6);
}

TESSERA_INLINE void Store::require_intact() const {
  for (std::size_t c = 0; c < detail::store_columns; ++c) {
    const auto bytes = columns_[c].as<unsigned char>();
    if (detail::column_hash(ContentHash().value(), bytes.data(), bytes.size(), of_.record.element(c)) !=
        of_.record.hashes[c])
      throw Error(of_.path + "/" + of_.record.file(c) + ": does not hold what was written; copy the store again");
  }
}

TESSERA_INLINE Dataset Store::dataset(const ReadLimits& limits) const {
  const auto& record = of_.record;
  const auto n = record.shape.observation_size, rows = size();
  MemoryBudget budget(limits, of_.bytes);
  budget.take(of_.path, 4.0 * double(record.stored) * double(n));
  budget.take(of_.path, double(of_.bytes));
  auto data = of_.head();
  require_intact();
  budget.meanwhile();
  const auto copy = [&](auto& to, std::size_t c) {
    using T = typename std::remove_reference_t<decltype(to)>::value_type;
    const auto from = columns_[c].as<T>();
    to.assign(from.begin(), from.end());
    budget.meanwhile();
  };
  if (record.one_hot) {
    data.observations.resize(std::size_t(record.stored * n));
    for (std::int64_t row = 0; row < record.stored; ++row) stored(row, data.observations.data() + row * n);
  } else {
    copy(data.observations, Column::observations);
  }
  copy(data.observation_row, Column::observation_rows), copy(data.next_observation_row, Column::next_rows);
  if (record.shape.kind == action_kind::discrete) copy(data.action_indices, Column::actions);
  else copy(data.actions, Column::actions);
  copy(data.rewards, Column::rewards), copy(data.propensities, Column::propensities);
  data.terminals.resize(std::size_t(rows)), data.timeouts.resize(std::size_t(rows));
  const auto ends = columns_[Column::ends].as<std::uint8_t>();
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (ends[i] > 7)
      throw Error(of_.path + ": the mark of row " + std::to_string(i) + " is none that there is; copy it again");
    data.terminals[i] = ends[i] & 1, data.timeouts[i] = ends[i] >> 1 & 1;
    if ((ends[i] & 4) == 0) continue;
    data.unknown_next.resize(ends.size(), 0), data.unknown_next[i] = 1;
  }
  require_sound(data);
  return data;
}

TESSERA_INLINE StoreWriter::StoreWriter(New, const std::string& folder, const std::string& name,
                                        const StoreShape& shape)
    : path_(folder) {
  detail::require_sizes(printable(name), shape.observation_size, shape.action_size, shape.kind);
  if (!shape.action_low.empty() || !shape.action_high.empty())
    detail::require_limits(printable(name), shape.action_low, shape.action_high, shape.action_size, true);
  record_.shape = shape;
  record_.one_hot = shape.observation_size > 1;  // until one comes that is not
  record_.hashes.fill(ContentHash().value());
  // What a reader refuses is not written.
  record_ = detail::record_of(detail::text_of(record_), printable(name));
  for (std::size_t c = 0; c < detail::store_columns; ++c)
    if (record_.has(c)) open(c);
}

TESSERA_INLINE void StoreWriter::open(std::size_t column) {
  const auto name = path_ + "/" + record_.file(column);
  files_[column] = Descriptor(::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!files_[column]) throw cannot("be written");
}

TESSERA_INLINE StoreWriter StoreWriter::create(const std::string& path, const StoreShape& shape,
                                               std::int64_t commit_every) {
  std::error_code code;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, code)))
    throw Error(printable(path) + ": is there already; give another name, or append to it with StoreWriter(path)");
  write_folder_atomically(path, [&](const std::string& folder) { StoreWriter(New{}, folder, path, shape).commit(); });
  return StoreWriter(path, commit_every);
}

TESSERA_INLINE StoreWriter::StoreWriter(const std::string& path, std::int64_t commit_every)
    : path_(path), commit_every_(commit_every) {
  if (commit_every < 1)
    throw Error("commit_every is " + std::to_string(commit_every) + "; commit after 1 episode or more");
  const DataFolder folder(path);
  path_ = folder.path();
  const auto lock = path_ + "/" + detail::store_lock_file;
  lock_ = Descriptor(::open(lock.c_str(), O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!lock_) throw cannot("be written");
  if (!detail::lock_temporary(lock_.get(), true) && (errno == EAGAIN || errno == EACCES))
    throw Error(printable(path_) + ": another program is appending to it; wait until it ends");
  record_ = detail::read_record(folder);
  std::array<std::string, detail::store_columns> names;
  for (std::size_t c = 0; c < detail::store_columns; ++c) {
    if (!record_.has(c)) continue;
    std::uint64_t size = 0;
    names[c] = folder.inside(record_.file(c));
    files_[c] = detail::open_column(names[c], O_RDWR, size);
    detail::require_held(names[c], size, record_, c);
  }
  // What was not committed.
  for (std::size_t c = 0; c < detail::store_columns; ++c)
    if (record_.has(c) && ::ftruncate(files_[c].get(), off_t(record_.bytes(c))) != 0) throw cannot("be written");
  ::unlink((path_ + "/" + (record_.one_hot ? detail::store_plain : detail::store_packed)).c_str());
  clear_temporaries(path_);
}

TESSERA_INLINE StoreWriter::~StoreWriter() {
  if (pending_ == 0 || !files_[0]) return;
  try {
    commit();
  } catch (const Error&) {  // the store is as it was at the last commit
  }
}

TESSERA_INLINE Error StoreWriter::cannot(const std::string& what) const {
  return Error(printable(path_) + ": cannot " + what + " (" + detail::system_reason() +
               "); the episodes before are in it: check the folder's permissions and the free space on its disk");
}

TESSERA_INLINE void StoreWriter::put_at(std::size_t column, std::uint64_t at, const void* data, std::uint64_t bytes) {
  const auto* p = static_cast<const char*>(data);
  while (bytes > 0) {
    const auto done = ::pwrite(files_[column].get(), p, std::size_t(bytes), off_t(at));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) throw cannot("be written");
    p += done, at += std::uint64_t(done), bytes -= std::uint64_t(done);
  }
}
TESSERA_INLINE void StoreWriter::put(detail::StoreRecord& record, std::size_t column, const void* data,
                                     std::uint64_t count) {
  const auto bytes = count * record.width(column);
  put_at(column, record.bytes(column), data, bytes);
  record.hashes[column] = detail::column_hash(record.hashes[column], data, bytes, record.element(column));
}

TESSERA_INLINE void StoreWriter::unpack_observations(detail::StoreRecord& record, int packed) {
  const auto n = record.shape.observation_size;
  record.one_hot = false, record.hashes[Column::observations] = ContentHash().value();
  const auto name = path_ + "/" + record.file(Column::observations);
  ::unlink(name.c_str());
  const auto rows = std::exchange(record.stored, 0);
  files_[Column::observations] =
      Descriptor(::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!files_[Column::observations]) throw cannot("be written");
  const auto at_once = std::max<std::int64_t>(1, (std::int64_t{1} << 18) / n);
  std::vector<std::uint32_t> places;
  std::vector<float> plain;
  for (std::int64_t row = 0; row < rows; row += at_once) {
    const auto count = std::size_t(std::min(at_once, rows - row));
    places.resize(count), plain.assign(count * std::size_t(n), 0.0f);
    const auto got = ::pread(packed, places.data(), count * 4, off_t(row) * 4);
    if (got != ssize_t(count * 4)) throw cannot("be read");
    for (std::size_t i = 0; i < count; ++i) {
      if (std::int64_t(places[i]) >= n)
        throw Error(printable(path_) + ": observation " + std::to_string(row + std::int64_t(i)) +
                    " is damaged; copy the store again");
      plain[i * std::size_t(n) + places[i]] = 1.0f;
    }
    put(record, Column::observations, plain.data(), count);
    record.stored += std::int64_t(count);
  }
}

TESSERA_INLINE void StoreWriter::add(const Dataset& piece) {
  // The store's own record changes when all is written: after an error it still says what there is, and the next
  // episode is written over what came of this one.
  auto record = record_;
  const auto n = piece.observation_size;
  const auto stored = std::int64_t(piece.observations.size()) / n;
  std::vector<std::uint32_t> places;
  if (record.one_hot) {
    places.reserve(std::size_t(stored));
    for (std::int64_t row = 0; row < stored; ++row) {
      const auto place = detail::place_of_one(piece.observations.data() + row * n, n);
      if (!place) break;
      places.push_back(*place);
    }
  }
  Descriptor packed;
  if (record.one_hot && std::int64_t(places.size()) != stored) packed = std::move(files_[Column::observations]);
  try {
    if (packed) unpack_observations(record, packed.get());
    if (record.one_hot) put(record, Column::observations, places.data(), std::uint64_t(stored));
    else put(record, Column::observations, piece.observations.data(), std::uint64_t(stored));
    write(piece, record);
  } catch (...) {
    if (packed) std::swap(files_[Column::observations], packed);
    throw;
  }
  record.stored += stored, record.transitions += piece.size(), record.episodes += std::int64_t(piece.episodes.size());
  record_ = std::move(record);
  ++pending_;
  if (packed) {
    commit();
    ::unlink((path_ + "/" + detail::store_packed).c_str());
  } else if (pending_ >= commit_every_) {
    commit();
  }
}

// All columns but the observations.
TESSERA_INLINE void StoreWriter::write(const Dataset& piece, detail::StoreRecord& record) {
  const auto rows = std::uint64_t(piece.size());
  const auto put_rows = [&](std::size_t column, std::vector<std::int64_t> where) {
    for (auto& row : where) row += record.stored;
    put(record, column, where.data(), rows);
  };
  put_rows(Column::observation_rows, piece.observation_row);
  put_rows(Column::next_rows, piece.next_observation_row);
  if (piece.kind == action_kind::discrete) put(record, Column::actions, piece.action_indices.data(), rows);
  else put(record, Column::actions, piece.actions.data(), rows);
  put(record, Column::rewards, piece.rewards.data(), rows);
  if (record.shape.propensities) put(record, Column::propensities, piece.propensities.data(), rows);
  std::vector<std::uint8_t> ends(piece.terminals);
  for (std::size_t i = 0; i < ends.size(); ++i)
    ends[i] = std::uint8_t(ends[i] | piece.timeouts[i] << 1 | (piece.knows_next(std::int64_t(i)) ? 0 : 4));
  put(record, Column::ends, ends.data(), rows);
  std::vector<std::int64_t> episodes;
  for (auto each : piece.episodes) {
    each.first += record.transitions;
    const auto entry = detail::episode_entry(each);
    episodes.insert(episodes.end(), entry.begin(), entry.end());
  }
  put(record, Column::episodes, episodes.data(), piece.episodes.size());

  if (const auto d = std::size_t(piece.action_size); piece.kind == action_kind::continuous && rows > 0) {
    if (record.seen_low.empty()) {
      record.seen_low.assign(piece.actions.begin(), piece.actions.begin() + std::ptrdiff_t(d));
      record.seen_high = record.seen_low;
    }
    for (std::size_t i = 0; i < piece.actions.size(); ++i) {
      record.seen_low[i % d] = std::fmin(record.seen_low[i % d], piece.actions[i]);
      record.seen_high[i % d] = std::fmax(record.seen_high[i % d], piece.actions[i]);
    }
    // A reader has seen more than its transitions: the actions of rows that are none.
    for (std::size_t j = 0; j < piece.action_low.size() && piece.limits_from == limits_origin::seen; ++j) {
      record.seen_low[j] = std::fmin(record.seen_low[j], piece.action_low[j]);
      record.seen_high[j] = std::fmax(record.seen_high[j], piece.action_high[j]);
    }
  }
}

TESSERA_INLINE void StoreWriter::append(const EpisodeRows& rows) {
  const auto& shape = record_.shape;
  require_propensities(!rows.propensities.empty());
  EpisodeLog log(printable(path_), "store", shape.kind, shape.observation_size, shape.action_size);
  log.count_from(episodes());
  log.add(rows);
  require_within(printable(path_) + ": episode " + std::to_string(episodes()), rows.actions);
  add(log.data());
}
TESSERA_INLINE void StoreWriter::require_propensities(bool given) const {
  if (given == record_.shape.propensities) return;
  throw Error(printable(path_) + (given
                                      ? ": has no propensities, and what is to be appended has some; begin a store of "
                                        "its own, or leave them out"
                                      : ": has propensities, and what is to be appended has none; begin a store of its "
                                        "own"));
}
TESSERA_INLINE void StoreWriter::require_within(const std::string& where, std::span<const float> actions) const {
  const auto& shape = record_.shape;
  const auto d = std::size_t(shape.action_size);
  for (std::size_t i = 0; !shape.action_low.empty() && i < actions.size(); ++i) {
    const float low = shape.action_low[i % d], high = shape.action_high[i % d], slack = 1e-4f * (high - low);
    if (actions[i] < low - slack || actions[i] > high + slack)
      throw Error(where + ": actions is " + detail::plain_number(actions[i]) + " in row " + std::to_string(i / d) +
                  ", column " + std::to_string(i % d) + ", beyond the declared limits " + detail::plain_number(low) +
                  " to " + detail::plain_number(high) + "; leave out such episodes, or declare other limits");
  }
}

TESSERA_INLINE void StoreWriter::append_all(const Dataset& data) {
  require_in_memory(data, "the writing of a store");
  require_sound(data);
  const auto& shape = record_.shape;
  if (data.kind != shape.kind || data.observation_size != shape.observation_size ||
      data.action_size != shape.action_size)
    throw Error(printable(path_) + ": holds observations of " + std::to_string(shape.observation_size) +
                " and actions of " + std::to_string(shape.action_size) + ", and the data to append have " +
                std::to_string(data.observation_size) + " and " + std::to_string(data.action_size) +
                (data.kind != shape.kind ? ", with actions of the other kind" : "") + "; append data of the same task");
  const auto same_names = [&](const char* what, const auto& is, const auto& was) {
    for (std::size_t j = 0; j < std::min(is.size(), was.size()); ++j)
      if (is[j] != was[j])
        throw Error(printable(path_) + ": calls number " + std::to_string(j) + " of " + what + " '" +
                    printable_name(was[j]) + "', and the data to append call it '" + printable_name(is[j]) +
                    "'; append data of the same task");
  };
  same_names("an observation", data.spaces.observation_names, shape.spaces.observation_names);
  same_names("the actions", data.spaces.action_names, shape.spaces.action_names);
  require_propensities(data.has_propensities());
  require_within(data.name.empty() ? "data set" : data.name, data.actions);
  add(data);
}

TESSERA_INLINE void StoreWriter::commit() {
  for (const auto& file : files_)
    if (file && !detail::synced(file.get()) && errno == EIO) throw cannot("be completed");
  write_atomically(path_ + "/" + detail::store_record_file,
                   [&](AtomicFile& to) { to.write(detail::text_of(record_)); });
  pending_ = 0;
}

// What is known of it when all of it is there.
TESSERA_INLINE void StoreWriter::declare(const StoreShape& shape) {
  record_.shape = shape;
  record_ = detail::record_of(detail::text_of(record_), printable(path_));
}

namespace detail {
TESSERA_INLINE StoreShape store_shape_of(const Dataset& data) {
  StoreShape shape{data.kind, data.observation_size, data.action_size, data.spaces, data.task};
  if (data.kind == action_kind::continuous && data.limits_from != limits_origin::seen)
    shape.action_low = data.action_low, shape.action_high = data.action_high, shape.limits_from = data.limits_from;
  shape.propensities = data.has_propensities();
  return shape;
}
}  // namespace detail

TESSERA_INLINE void write_store(const std::string& path, const Dataset& data) {
  require_in_memory(data, "the writing of a store");
  require_sound(data);
  write_folder_atomically(path, [&](const std::string& folder) {
    StoreWriter writer(StoreWriter::New{}, folder, path, detail::store_shape_of(data));
    writer.add(data);
  });
}

TESSERA_INLINE Dataset write_store_of_pieces(
    const std::string& path, const std::function<Dataset(const std::function<void(const Dataset&)>&)>& read) {
  Dataset rest;
  write_folder_atomically(path, [&](const std::string& folder) {
    std::optional<StoreWriter> writer;
    const auto add = [&](const Dataset& piece) {
      require_in_memory(piece, "the writing of a store");
      if (piece.size() > 0) require_sound(piece);
      if (!writer) {
        StoreShape shape{piece.kind, piece.observation_size, piece.action_size};
        shape.propensities = piece.has_propensities();
        writer.emplace(StoreWriter(StoreWriter::New{}, folder, path, shape));
        writer->commit_every_ = std::numeric_limits<std::int64_t>::max();
      }
      writer->add(piece);
    };
    rest = read(add);
    add(rest);
    if (writer->size() == 0)
      throw Error(rest.name +
                  ": gives no transition, none of its rows with a known next observation; use a file with "
                  "longer episodes");
    auto shape = detail::store_shape_of(rest);
    shape.propensities = writer->record_.shape.propensities;
    writer->declare(shape);
    writer->commit();
  });
  return rest;
}

TESSERA_INLINE bool is_store(const std::string& path) {
  std::error_code code;
  return std::filesystem::exists(std::filesystem::symlink_status(path + "/" + detail::store_record_file, code));
}
TESSERA_INLINE bool is_only_store(const std::string& path) {
  namespace fs = std::filesystem;
  static const std::set<std::string> ours = {detail::store_record_file,
                                             detail::store_lock_file,
                                             detail::store_plain,
                                             detail::store_packed,
                                             "observation_row.i64",
                                             "actions.f32",
                                             "actions.i64",
                                             "rewards.f32",
                                             "propensities.f32",
                                             "next_observation_row.i64",
                                             "ends.u8",
                                             "episodes.48"};
  std::error_code code;
  for (fs::directory_iterator at(path, code), end; !code && at != end; at.increment(code))
    if (const auto name = at->path().filename().string(); !ours.contains(name) && !detail::is_temporary(name))
      return false;
  return !code && is_store(path);
}
}  // namespace tessera
