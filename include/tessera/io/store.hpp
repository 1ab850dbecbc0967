#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/episode_log.hpp>
#include <tessera/support/descriptor.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/read_limits.hpp>

/// A store: a folder NAME.store that a log grows in, episode by episode, and that is read through memory maps, so that
/// neither the writing nor the reading of it has to hold it in memory.  There is a file for each column, of numbers in
/// the byte order of x86 and ARM, one transition after another as in `Dataset`:
///
///   observations.f32            (stored observations, observation_size) float; or, where each of them is one-hot,
///   observations.u32            (stored observations) which of the numbers is 1
///   observation_row.i64         (transitions) the stored observation that it begins with
///   next_observation_row.i64    (transitions) the one that it leads to: usually the following transition's
///   actions.f32 | actions.i64   (transitions, action_size) continuous, or (transitions) discrete
///   rewards.f32                 (transitions)
///   propensities.f32            (transitions), where they were logged
///   ends.u8                     (transitions) 1 terminal + 2 timeout + 4 unknown next observation
///   episodes.48                 (episodes) `Episode`: first, transitions, rows, returns (f64) and complete (i64)
///
/// and store.json, the commit record: sizes, spaces, task, how many entries of each column count, the hash of these,
/// and the record's own checksum.  It is replaced in one step after the columns are on the disk, so that whatever
/// happens to a program that writes, all episodes but the unfinished one are there.  What the columns hold beyond the
/// counts belongs to no episode.
namespace tessera {
/// What is said of a store when it is made.
struct StoreShape {
  action_kind kind = action_kind::continuous;
  std::int64_t observation_size = 0, action_size = 0;  ///< as in `Dataset`
  LogSpaces spaces{};
  LogTask task{};
  std::vector<float> action_low{}, action_high{};  ///< (action_size) declared limits, or empty: those seen
  limits_origin limits_from = limits_origin::file;
  bool propensities = false;  ///< whether those of the logged actions are there
};

namespace detail {
// The columns, in the order of the files.
struct StoreColumn {
  enum : std::size_t { observations, observation_rows, next_rows, actions, rewards, ends, episodes, propensities };
};
inline constexpr std::size_t store_columns = 8;

struct StoreRecord {
  StoreShape shape;
  bool one_hot = false;  // whether every stored observation is
  std::int64_t stored = 0, transitions = 0, episodes = 0;
  std::vector<float> seen_low, seen_high;  // of continuous actions
  std::array<std::uint64_t, store_columns> hashes{};

  std::string file(std::size_t column) const;
  std::uint64_t count(std::size_t column) const;
  bool has(std::size_t column) const { return column != StoreColumn::propensities || shape.propensities; }
  std::uint64_t width(std::size_t column) const;    // bytes of an entry
  std::uint64_t element(std::size_t column) const;  // bytes of a number
  std::uint64_t bytes(std::size_t column) const { return count(column) * width(column); }
};
std::string text_of(const StoreRecord& record);
// Throws an Error that begins with `about` for anything that `text_of` does not write.
StoreRecord record_of(std::string text, const std::string& about);
// Continues the hash of a column.
std::uint64_t column_hash(std::uint64_t before, const void* data, std::uint64_t bytes, std::uint64_t element);

// A store's record and open files, of sizes that agree.
struct StoreFiles {
  std::string path;  // printable
  StoreRecord record;
  std::array<Descriptor, store_columns> files;
  std::uint64_t bytes = 0;

  explicit StoreFiles(const std::string& path);
  // Reads whole entries, however many pieces the file gives them in.
  void read(std::size_t column, std::uint64_t first, std::uint64_t count, void* to) const;
  // Throws an Error for bytes of a column, from an entry on, that would be none of a store's.
  void require_entries(std::size_t column, std::uint64_t first, std::span<const std::byte> entries) const;
  // Of the data set all but its transitions: its episodes among it.
  Dataset head() const;
};

// The beginning of a file in memory, as far as it is used.
class MappedColumn {
 public:
  MappedColumn() = default;
  MappedColumn(const std::string& path, int fd, std::uint64_t bytes);
  MappedColumn(MappedColumn&& other) noexcept;
  MappedColumn& operator=(MappedColumn&& other) noexcept;
  ~MappedColumn();
  template <class T>
  std::span<const T> as() const {
    return {static_cast<const T*>(data_), std::size_t(bytes_ / sizeof(T))};
  }

 private:
  void* data_ = nullptr;
  std::uint64_t bytes_ = 0;
};
}  // namespace detail

/// A store, mapped for reading: a page of it is in memory while it is used.  What is appended later is not seen.
/// Nothing is trusted: the sizes are checked against those of the files before anything is mapped, and each number that
/// says where another one is when it is used.  The files must not be shortened while a store is open.
class Store {
 public:
  explicit Store(const std::string& path);

  const std::string& path() const { return of_.path; }
  const StoreShape& shape() const { return of_.record.shape; }
  std::int64_t size() const { return of_.record.transitions; }
  std::int64_t episodes() const { return of_.record.episodes; }
  /// Whether its observations are held as indices.
  bool one_hot() const { return of_.record.one_hot; }
  /// A hash of all that it holds.
  std::uint64_t hash() const;

  /// Writes the observation that transition `i` begins with, (observation_size), in the units of the log.
  void observation(std::int64_t i, float* to) const;
  /// The same for where it leads.  Where this is unknown, its own observation stands in.
  void next_observation(std::int64_t i, float* to) const;
  bool knows_next(std::int64_t i) const { return (end(i) & 4) == 0; }
  bool terminal(std::int64_t i) const { return (end(i) & 1) != 0; }
  bool timeout(std::int64_t i) const { return (end(i) & 2) != 0; }
  float reward(std::int64_t i) const { return columns_[detail::StoreColumn::rewards].as<float>()[at(i)]; }
  std::span<const float> action(std::int64_t i) const;  ///< (action_size), continuous
  std::int64_t action_index(std::int64_t i) const;      ///< discrete
  float propensity(std::int64_t i) const;               ///< of a store that has them
  Episode episode(std::int64_t e) const;

  /// Throws an Error that names the column if the numbers are not those that were written.  Reads all of them.
  void require_intact() const;

  /// All of it in memory, checked.
  Dataset dataset(const ReadLimits& limits = {}) const;

 private:
  using Column = detail::StoreColumn;
  std::size_t at(std::int64_t i) const;
  std::uint8_t end(std::int64_t i) const { return columns_[Column::ends].as<std::uint8_t>()[at(i)]; }
  void stored(std::int64_t row, float* to) const;

  detail::StoreFiles of_;
  std::array<detail::MappedColumn, detail::store_columns> columns_;
};

/// Appends episodes to a store:
///
///   auto store = StoreWriter::create("walks.store", {.observation_size = 17, .action_size = 6});
///   for (...) store.append({.observations = x, .actions = a, .rewards = r, .truncated = true});
///
/// An episode is in the store when `append` returns, or after `commit_every` of them: that many may be lost when the
/// program is killed.  One writer at a time.
class StoreWriter {
 public:
  /// Makes a new store, without episodes; throws an Error if there is something of that name.
  static StoreWriter create(const std::string& path, const StoreShape& shape, std::int64_t commit_every = 1);
  /// Continues one.  What a killed program left of an unfinished episode is removed.
  explicit StoreWriter(const std::string& path, std::int64_t commit_every = 1);
  StoreWriter(StoreWriter&&) = default;
  StoreWriter& operator=(StoreWriter&&) = delete;
  /// Commits what is appended, if it can.
  ~StoreWriter();

  /// Throws an Error that names the episode, column and row if the lengths do not agree, a number is not finite, or an
  /// action lies beyond the declared limits; the store is as it was, then.
  void append(const EpisodeRows& rows);
  /// All episodes of a data set with observations and actions of the same sizes, and of the same names, where both have
  /// some; all of them or, if there is an Error, none.
  void append_all(const Dataset& data);
  void commit();
  std::int64_t episodes() const { return record_.episodes; }
  std::int64_t size() const { return record_.transitions; }

 private:
  using Column = detail::StoreColumn;
  struct New {};
  StoreWriter(New, const std::string& folder, const std::string& name, const StoreShape& shape);
  friend void write_store(const std::string& path, const Dataset& data);
  friend Dataset write_store_of_pieces(
      const std::string& path,
      const std::function<Dataset(const std::function<void(const Dataset&)>& hand_over)>& read);

  void open(std::size_t column);
  void require_propensities(bool given) const;
  void require_within(const std::string& where, std::span<const float> actions) const;
  void add(const Dataset& piece);
  void declare(const StoreShape& shape);
  void put(detail::StoreRecord& record, std::size_t column, const void* data, std::uint64_t count);
  void put_at(std::size_t column, std::uint64_t at, const void* data, std::uint64_t bytes);
  void unpack_observations(detail::StoreRecord& record, int packed);
  void write(const Dataset& piece, detail::StoreRecord& record);
  Error cannot(const std::string& what) const;

  std::string path_;
  std::int64_t commit_every_ = 1, pending_ = 0;
  detail::StoreRecord record_;
  std::array<Descriptor, detail::store_columns> files_;
  Descriptor lock_;
};

/// Writes a data set as a store; it appears under its name when it is whole.  Nothing of the data set is lost but its
/// warnings.
void write_store(const std::string& path, const Dataset& data);
/// The same of a data set that need not be in memory at once: `read` hands over all but the rest of it, which it
/// returns (`ReadLimits::hand_over`).  Returns that rest.
Dataset write_store_of_pieces(const std::string& path,
                              const std::function<Dataset(const std::function<void(const Dataset&)>& hand_over)>& read);
/// Whether a folder is a store.
bool is_store(const std::string& path);
/// Whether a folder holds nothing else beside a store.
bool is_only_store(const std::string& path);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/store.impl.hpp>
#endif
