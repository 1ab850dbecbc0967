#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include <tessera/io/scalar_events.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
namespace detail {
static_assert(std::endian::native == std::endian::little, "numbers are written in the machine's byte order");

// The field numbers of tensorflow/core/util/event.proto and framework/summary.proto, and the wire types of Protocol
// Buffers: a number of variable length, eight bytes, a length and so many bytes, four bytes.
namespace event_field {
inline constexpr std::uint32_t wall_time = 1, step = 2, file_version = 3, summary = 5, session_log = 7;
inline constexpr std::uint32_t values = 1, tag = 1, simple_value = 2, status = 1;
}  // namespace event_field
inline constexpr std::uint32_t varint_type = 0, fixed64_type = 1, bytes_type = 2, fixed32_type = 5;
inline constexpr std::uint64_t session_start = 1;

inline void put_varint(std::string& out, std::uint64_t x) {
  for (; x >= 0x80; x >>= 7) out += char(0x80 | (x & 0x7f));
  out += char(x);
}
template <class T>
void put_raw(std::string& out, T x) {
  char bytes[sizeof x];
  std::memcpy(bytes, &x, sizeof x);
  out.append(bytes, sizeof x);
}
inline void put_key(std::string& out, std::uint32_t field, std::uint32_t type) { put_varint(out, field << 3 | type); }
inline void put_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
  put_key(out, field, bytes_type);
  put_varint(out, bytes.size());
  out += bytes;
}

// An encoded message, field by field.
class MessageReader {
 public:
  explicit MessageReader(std::string_view message) : left_(message) {}
  std::uint32_t field = 0, type = 0;
  std::uint64_t number = 0;  // of a variable length, or the bits of one of eight or four bytes
  std::string_view bytes{};

  // False at the end, and where it is damaged, which `sound` then says.
  bool next() {
    if (left_.empty()) return false;
    std::uint64_t key = 0, size = 0;
    sound = varint(key);
    field = std::uint32_t(key >> 3), type = std::uint32_t(key & 7);
    if (!sound) return false;
    if (type == varint_type) return sound = varint(number);
    if (type == bytes_type) {
      sound = varint(size) && size <= left_.size();
      if (sound) bytes = left_.substr(0, size), left_.remove_prefix(size);
      return sound;
    }
    if (type == fixed64_type) return sound = fixed(8);
    return sound = type == fixed32_type && fixed(4);
  }
  bool sound = true;

 private:
  bool varint(std::uint64_t& x) {
    x = 0;
    for (int shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      x |= std::uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool fixed(std::size_t size) {
    if (left_.size() < size) return false;
    number = 0;
    std::memcpy(&number, left_.data(), size);
    left_.remove_prefix(size);
    return true;
  }
  std::string_view left_;
};

// ((crc >> 15) | (crc << 17)) + a constant: a check of bytes that contain their own checks would be weak
// (tensorflow/core/lib/hash/crc32c.h).
inline std::uint32_t masked_crc32c(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xa282ead8u; }

// The event that `bytes` begin with; nothing if it is incomplete or damaged.
inline std::optional<std::string_view> unframed(std::string_view bytes) {
  const auto number = [&]<class T>(T, std::size_t at) {
    T x;
    std::memcpy(&x, bytes.data() + at, sizeof x);
    return x;
  };
  if (bytes.size() < 16 || number(std::uint32_t{}, 8) != masked_crc32c(bytes.substr(0, 8))) return std::nullopt;
  const auto size = number(std::uint64_t{}, 0);
  if (size > bytes.size() - 16) return std::nullopt;
  const auto event = bytes.substr(12, size);
  if (number(std::uint32_t{}, 12 + size) != masked_crc32c(event)) return std::nullopt;
  return event;
}

inline std::string event_at(double wall_time, std::int64_t step) {
  std::string out;
  put_key(out, event_field::wall_time, fixed64_type);
  put_raw(out, wall_time);
  if (step != 0) {
    put_key(out, event_field::step, varint_type);
    put_varint(out, std::uint64_t(step));
  }
  return out;
}

inline bool read_scalar(std::string_view value, std::pair<std::string, float>& out) {
  MessageReader in(value);
  bool valued = false;
  while (in.next()) {
    if (in.field == event_field::tag && in.type == bytes_type) out.first = in.bytes;
    if (in.field == event_field::simple_value && in.type == fixed32_type)
      out.second = std::bit_cast<float>(std::uint32_t(in.number)), valued = true;
  }
  return in.sound && valued;
}
// Nothing if it is damaged.
inline std::optional<ScalarEvent> read_event(std::string_view event) {
  ScalarEvent out;
  MessageReader in(event);
  while (in.next()) {
    if (in.field == event_field::wall_time && in.type == fixed64_type) out.wall_time = std::bit_cast<double>(in.number);
    if (in.field == event_field::step && in.type == varint_type) out.step = std::int64_t(in.number);
    if (in.field != event_field::summary || in.type != bytes_type) continue;
    MessageReader all(in.bytes);
    while (all.next())
      if (std::pair<std::string, float> scalar;
          all.field == event_field::values && all.type == bytes_type && read_scalar(all.bytes, scalar))
        out.scalars.push_back(std::move(scalar));
    if (!all.sound) return std::nullopt;
  }
  return in.sound ? std::optional(std::move(out)) : std::nullopt;
}

inline constexpr std::string_view event_file_begins = "events.out.tfevents.", event_file_ends = ".tessera";
TESSERA_INLINE double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}
inline std::string file_bytes(int fd, const std::string& path) {
  struct stat of {};
  if (::fstat(fd, &of) != 0 || !S_ISREG(of.st_mode))
    throw Error(printable(path) + ": is not a regular file, but has the name of an event file; move it away");
  std::string bytes(std::size_t(of.st_size), '\0');
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto got = ::pread(fd, bytes.data() + at, bytes.size() - at, off_t(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(printable(path) + ": cannot be read (" + system_reason() + "); check its permissions");
    if (got == 0) break;
    at += std::size_t(got);
  }
  bytes.resize(at);
  return bytes;
}
}  // namespace detail

TESSERA_INLINE std::uint32_t crc32c(std::string_view bytes) {
  // The reflected polynomial 0x1edc6f41, a byte at a time.
  static constexpr auto table = [] {
    std::array<std::uint32_t, 256> out{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      auto x = i;
      for (int bit = 0; bit < 8; ++bit) x = x >> 1 ^ ((x & 1) != 0 ? 0x82f63b78u : 0u);
      out[i] = x;
    }
    return out;
  }();
  std::uint32_t x = 0xffffffffu;
  for (const char byte : bytes) x = x >> 8 ^ table[(x ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~x;
}

// The length (8 bytes), its check (4), the event, its check (4).
TESSERA_INLINE std::string event_record(std::string_view event) {
  std::string out;
  detail::put_raw(out, std::uint64_t(event.size()));
  detail::put_raw(out, detail::masked_crc32c(out));
  out += event;
  detail::put_raw(out, detail::masked_crc32c(event));
  return out;
}

TESSERA_INLINE std::string version_record(double wall_time) {
  auto event = detail::event_at(wall_time, 0);
  detail::put_bytes(event, detail::event_field::file_version, "brain.Event:2");
  return event_record(event);
}

TESSERA_INLINE std::string scalar_record(const ScalarEvent& e) {
  using namespace detail;
  std::string summary;
  for (const auto& [tag, value] : e.scalars) {
    std::string one;
    put_bytes(one, event_field::tag, tag);
    put_key(one, event_field::simple_value, fixed32_type);
    put_raw(one, value);
    put_bytes(summary, event_field::values, one);
  }
  auto event = event_at(e.wall_time, e.step);
  put_bytes(event, event_field::summary, summary);
  return event_record(event);
}

TESSERA_INLINE std::string restart_record(double wall_time, std::int64_t step) {
  using namespace detail;
  std::string log;
  put_key(log, event_field::status, varint_type);
  put_varint(log, session_start);
  auto event = event_at(wall_time, step);
  put_bytes(event, event_field::session_log, log);
  return event_record(event);
}

TESSERA_INLINE ScalarEvents read_scalar_events(std::string_view bytes) {
  ScalarEvents out;
  while (const auto record = detail::unframed(bytes.substr(out.end))) {
    auto event = detail::read_event(*record);
    if (!event) break;
    if (!event->scalars.empty()) out.events.push_back(*std::move(event)), out.begins.push_back(out.end);
    out.end += record->size() + 16;
  }
  return out;
}

TESSERA_INLINE bool ScalarLog::is_ours(const std::string& name) {
  using namespace detail;
  if (!name.starts_with(event_file_begins) || !name.ends_with(event_file_ends)) return false;
  const auto digits = std::string_view(name).substr(event_file_begins.size());
  return digits.find_first_not_of("0123456789") == 10 && digits.size() == 10 + event_file_ends.size();
}

TESSERA_INLINE std::vector<std::string> ScalarLog::files(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code code;
  std::filesystem::directory_iterator at(folder, code), end;
  for (; !code && at != end; at.increment(code))
    if (auto name = at->path().filename().string(); is_ours(name)) out.push_back(std::move(name));
  std::sort(out.begin(), out.end());
  return out;
}

TESSERA_INLINE ScalarLog::ScalarLog(std::string folder, std::int64_t up_to)
    : folder_(std::move(folder)), up_to_(up_to) {
  for (const auto& name : files(folder_)) {
    const auto digits = name.substr(detail::event_file_begins.size(), 10);
    std::from_chars(digits.data(), digits.data() + digits.size(), latest_);
    shorten(folder_ + "/" + name, up_to);
    first_ = false;
  }
}

// Within a file steps only grow, so that what is to go is its end.
TESSERA_INLINE void ScalarLog::shorten(const std::string& path, std::int64_t up_to) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file)
    throw Error(printable(path) + ": cannot be opened (" + detail::system_reason() +
                "); check its permissions, or move it away");
  const auto bytes = detail::file_bytes(file.get(), path);
  const auto in = read_scalar_events(bytes);
  auto keep = in.end;
  for (std::size_t i = 0; i < in.events.size(); ++i) {
    const auto& e = in.events[i];
    if (e.step > up_to) {
      keep = in.begins[i];
      break;
    }
    for (const auto& scalar : e.scalars) there_[e.step].insert(scalar.first);
  }
  if (keep < bytes.size() && ::ftruncate(file.get(), off_t(keep)) != 0)
    throw Error(printable(path) + ": cannot be shortened (" + detail::system_reason() + "); check its permissions");
}

TESSERA_INLINE void ScalarLog::add(ScalarEvent event) {
  auto& there = there_[event.step];
  std::erase_if(event.scalars, [&](const auto& scalar) { return !there.insert(scalar.first).second; });
  if (!event.scalars.empty()) waiting_ += scalar_record(event);
}

TESSERA_INLINE void ScalarLog::open() {
  const auto now = detail::seconds_since_1970();
  // TensorBoard reads a folder's files in the order of their names.
  auto name = std::to_string(std::clamp<std::int64_t>(std::max(std::int64_t(now), latest_ + 1), 0, 9'999'999'999));
  name.insert(0, 10 - name.size(), '0');
  path_ = folder_ + "/" + std::string(detail::event_file_begins) + name + std::string(detail::event_file_ends);
  file_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file_)
    throw Error(printable(path_) + ": cannot be written (" + detail::system_reason() +
                "); check the disk's space and permissions");
  waiting_.insert(0, version_record(now) + (first_ ? std::string() : restart_record(now, up_to_ + 1)));
}

TESSERA_INLINE void ScalarLog::write() {
  if (waiting_.empty()) return;
  if (!file_) open();
  for (std::size_t at = 0; at < waiting_.size();) {
    const auto put = ::write(file_.get(), waiting_.data() + at, waiting_.size() - at);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0)
      throw Error(printable(path_) + ": cannot be written (" + detail::system_reason() +
                  "); check the disk's space and permissions");
    at += std::size_t(put);
  }
  waiting_.clear();
  if (!detail::synced(file_.get()))
    throw Error(printable(path_) + ": the disk failed (" + detail::system_reason() + "); check it");
}
}  // namespace tessera
