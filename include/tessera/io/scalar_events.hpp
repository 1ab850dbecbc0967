#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/support/descriptor.hpp>

namespace tessera {
/// The cyclic redundancy check CRC-32C (Castagnoli; RFC 3720, section 12.1 and appendix B.4).
std::uint32_t crc32c(std::string_view bytes);

namespace detail {
double seconds_since_1970();
}  // namespace detail

/// Numbers of one step, as TensorBoard shows them.
struct ScalarEvent {
  double wall_time = 0;  ///< seconds since the beginning of 1970
  std::int64_t step = 0;
  std::vector<std::pair<std::string, float>> scalars{};  ///< by tag
};

/// Records of TensorBoard's event files (TFRecord): an event in the encoding of Protocol Buffers, between its length
/// and two checks.
///
/// Of any event that is encoded; of the one that a file begins with, "brain.Event:2"; of one with numbers; and of one
/// that says that a program began again: a reader drops what it has of that step and later ones.
std::string event_record(std::string_view event);
std::string version_record(double wall_time);
std::string scalar_record(const ScalarEvent& event);
std::string restart_record(double wall_time, std::int64_t step);

/// What an event file holds of numbers, up to its first record that is damaged or incomplete.
struct ScalarEvents {
  std::vector<ScalarEvent> events{};
  std::vector<std::uint64_t> begins{};  ///< (events) where each one's record begins, in bytes
  std::uint64_t end = 0;                ///< where the last complete record ends
};
ScalarEvents read_scalar_events(std::string_view bytes);

/// A run's numbers as event files in its folder, "events.out.tfevents.TIME.tessera".  Each object is a session, which
/// appends to a file of its own: TensorBoard keeps a file open and reads what is added to it, and would not notice one
/// that was replaced.  No step has a number twice: a session that goes on from step `up_to` cuts what the earlier ones
/// wrote of later steps, and does not add what they have.
class ScalarLog {
 public:
  /// Of a folder that exists; writes nothing yet, except that it shortens what earlier sessions wrote.
  ScalarLog(std::string folder, std::int64_t up_to);

  /// Adds an event, but for those of its numbers that are there.
  void add(ScalarEvent event);
  /// Appends what was added, complete records only, and syncs the file.  Throws an Error if the disk refuses.
  void write();

  /// Whether a file's name is that of one of ours.
  static bool is_ours(const std::string& name);
  /// The names of the files of a folder that are ours, the earliest first.
  static std::vector<std::string> files(const std::string& folder);

 private:
  void shorten(const std::string& path, std::int64_t up_to);
  void open();

  std::string folder_, path_{}, waiting_{};
  std::int64_t up_to_;
  bool first_ = true;        // no earlier session
  std::int64_t latest_ = 0;  // seconds in the name of the latest file
  std::map<std::int64_t, std::set<std::string>> there_{};
  Descriptor file_{};
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/scalar_events.impl.hpp>
#endif
