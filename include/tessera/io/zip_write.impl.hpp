#pragma once
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <tessera/io/npz.hpp>
#include <tessera/io/zip_write.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>

namespace tessera {
struct ZipWriter::Deflater {
  z_stream stream{};
  uLong crc = 0;
  std::array<unsigned char, 1 << 16> out;

  Deflater() {
    constexpr int no_header = -MAX_WBITS, memory = 8;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, no_header, memory, Z_DEFAULT_STRATEGY) != Z_OK)
      throw Error("zlib does not start; free some memory");
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream); }

  template <class Put>
  void run(const unsigned char* data, uInt size, int flush, Put put) {
    stream.next_in = const_cast<Bytef*>(data), stream.avail_in = size;
    do {
      stream.next_out = out.data(), stream.avail_out = uInt(out.size());
      ::deflate(&stream, flush);
      put(std::string_view(reinterpret_cast<const char*>(out.data()), out.size() - stream.avail_out));
    } while (stream.avail_out == 0);
  }
};

namespace detail {
TESSERA_INLINE std::string little_endian(std::uint64_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i) out += char(value >> (8 * i) & 0xff);
  return out;
}
// The three 4-byte fields that both headers of a member share.
inline constexpr std::uint64_t in_zip64 = 0xffffffff;
}  // namespace detail

TESSERA_INLINE ZipWriter::ZipWriter(AtomicFile& file, std::uint64_t zip64_from)
    : file_(file), zip64_from_(std::min(zip64_from, detail::in_zip64)) {}
TESSERA_INLINE ZipWriter::~ZipWriter() = default;

TESSERA_INLINE void ZipWriter::put(std::string_view bytes) {
  constexpr std::size_t full = 1 << 20;
  buffer_ += bytes, at_ += bytes.size();
  if (buffer_.size() < full) return;
  file_.write(buffer_), buffer_.clear();
}

TESSERA_INLINE std::string ZipWriter::header_of(const Member& m) const {
  using detail::little_endian;
  constexpr std::uint64_t old_version = 20, zip64_version = 45, first_of_1980 = 0x21;
  const std::uint64_t method = m.plain == 0 ? 0 : 8;  // stored, deflated
  const auto size = [&](std::uint64_t x) { return little_endian(m.zip64 ? detail::in_zip64 : x, 4); };
  std::string out = "PK\x03\x04" + little_endian(m.zip64 ? zip64_version : old_version, 2) + little_endian(0, 2) +
                    little_endian(method, 2) + little_endian(0, 2) + little_endian(first_of_1980, 2) +
                    little_endian(m.crc, 4) + size(m.packed) + size(m.plain) + little_endian(m.name.size(), 2) +
                    little_endian(m.zip64 ? 20 : 0, 2) + m.name;
  if (m.zip64)
    out += little_endian(1, 2) + little_endian(16, 2) + little_endian(m.plain, 8) + little_endian(m.packed, 8);
  return out;
}

TESSERA_INLINE void ZipWriter::begin(const std::string& name, std::uint64_t size) {
  end();
  // Whether its header needs the fields of zip64 has to be known before how small it gets; deflate adds 5 bytes to each
  // 16 KiB that it cannot pack, and a few more.
  const std::uint64_t most = size + size / 1024 + 1024;
  members_.push_back({name, at_, size, 0, 0, most >= zip64_from_});
  if (size > 0) deflater_ = std::make_unique<Deflater>();
  left_ = size;
  put(header_of(members_.back()));  // replaced at the end
}

TESSERA_INLINE void ZipWriter::write(const void* data, std::size_t size) {
  if (size > left_) throw Error(file_.path() + ": more is written into a member of the archive than was announced");
  if (size == 0) return;
  left_ -= size;
  auto& member = members_.back();
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (std::size_t done = 0; done < size;) {
    const auto some = std::min<std::size_t>(size - done, 1 << 24);
    deflater_->crc = crc32(deflater_->crc, bytes + done, uInt(some));
    deflater_->run(bytes + done, uInt(some), Z_NO_FLUSH, [&](std::string_view out) {
      member.packed += out.size();
      put(out);
    });
    done += some;
  }
}

TESSERA_INLINE void ZipWriter::end() {
  if (deflater_ == nullptr) return;
  auto& member = members_.back();
  if (left_ != 0) throw Error(file_.path() + ": less is written into a member of the archive than was announced");
  deflater_->run(nullptr, 0, Z_FINISH, [&](std::string_view out) {
    member.packed += out.size();
    put(out);
  });
  member.crc = deflater_->crc;
  deflater_.reset();
  file_.write(buffer_), buffer_.clear();
  file_.overwrite(member.at, header_of(member));
}

TESSERA_INLINE void ZipWriter::finish() {
  using detail::in_zip64, detail::little_endian;
  end();
  const auto begin = at_;
  for (const auto& m : members_) {
    const bool far = m.at >= zip64_from_;
    std::string extra;
    if (m.zip64) extra += little_endian(m.plain, 8) + little_endian(m.packed, 8);
    if (far) extra += little_endian(m.at, 8);
    if (!extra.empty()) extra = little_endian(1, 2) + little_endian(extra.size(), 2) + extra;
    // As in the header, from the version on: but for the length of the extra field.
    auto shared = header_of(m).substr(4, 24);
    if (!extra.empty()) shared.replace(0, 2, little_endian(45, 2));
    constexpr std::uint64_t unix_made = 3 << 8, readable_file = std::uint64_t{0100644} << 16;
    put("PK\x01\x02" + little_endian(unix_made | 45, 2) + shared + little_endian(extra.size(), 2) +
        little_endian(0, 2) + little_endian(0, 2) + little_endian(0, 2) + little_endian(readable_file, 4) +
        little_endian(far ? in_zip64 : m.at, 4) + m.name + extra);
  }
  const auto size = at_ - begin, count = std::uint64_t(members_.size());
  const bool far = begin >= zip64_from_ || size >= zip64_from_ || count >= 0xffff;
  if (far) {
    const auto record = at_;
    put("PK\x06\x06" + little_endian(44, 8) + little_endian(45, 2) + little_endian(45, 2) + little_endian(0, 4) +
        little_endian(0, 4) + little_endian(count, 8) + little_endian(count, 8) + little_endian(size, 8) +
        little_endian(begin, 8));
    put("PK\x06\x07" + little_endian(0, 4) + little_endian(record, 8) + little_endian(1, 4));
  }
  const auto few = little_endian(far ? 0xffff : count, 2);
  put("PK\x05\x06" + little_endian(0, 4) + few + few + little_endian(far ? in_zip64 : size, 4) +
      little_endian(far ? in_zip64 : begin, 4) + little_endian(0, 2));
  file_.write(buffer_), buffer_.clear();
}

TESSERA_INLINE void NpzWriter::array(const std::string& key, const std::string& type,
                                     const std::vector<std::int64_t>& shape) {
  static_assert(std::endian::native == std::endian::little);
  // Version 1.0 of the format: a header of a multiple of 64 bytes, then the elements.
  std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape_text(shape) + ", }";
  constexpr std::size_t prefix = 10, unit = 64;
  text.append(unit - 1 - (prefix + text.size()) % unit, ' ') += '\n';
  std::uint64_t bytes = std::uint64_t(type.back() - '0');
  for (const auto extent : shape) bytes *= std::uint64_t(extent);
  zip_.begin(key + ".npy", prefix + text.size() + bytes);
  const auto head = std::string("\x93NUMPY\x01\0", 8) + detail::little_endian(text.size(), 2) + text;
  zip_.write(head.data(), head.size());
}
}  // namespace tessera
