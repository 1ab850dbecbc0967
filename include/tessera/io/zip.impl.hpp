#pragma once
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/zip.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE ZipFile::ZipFile(const std::string& path, const ReadLimits& limits)
    : file_(path, "a .npz file"), path_(file_.path()), size_(file_.size()), budget_(limits, size_) {
  read_directory();
}

TESSERA_INLINE std::vector<std::string> ZipFile::names() const {
  std::vector<std::string> all;
  for (const auto& [name, member] : members_) all.push_back(name);
  return all;
}

TESSERA_INLINE std::vector<unsigned char> ZipFile::begin(const std::string& name, std::size_t count) const {
  Bytes first;
  unpack(name, [&](std::span<const unsigned char> piece) {
    const auto more = std::min(piece.size(), count - first.size());
    first.insert(first.end(), piece.begin(), piece.begin() + std::ptrdiff_t(more));
    return first.size() < count;
  });
  return first;
}

TESSERA_INLINE std::vector<unsigned char> ZipFile::read(const std::string& name) const {
  const Member& m = member(name);
  budget_.require(path_ + ": member " + printable_name(name), static_cast<double>(m.plain));
  Bytes plain(static_cast<std::size_t>(m.plain));
  std::size_t at = 0;
  unpack(name, [&](std::span<const unsigned char> piece) {
    std::copy(piece.begin(), piece.end(), plain.begin() + std::ptrdiff_t(at));
    at += piece.size();
    return true;
  });
  return plain;
}

namespace detail {
struct Inflater {
  explicit Inflater(const std::string& path) {
    constexpr int no_header = -MAX_WBITS;
    if (inflateInit2(&stream, no_header) != Z_OK) throw Error(path + ": zlib does not start (out of memory?)");
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream stream{};
  bool ended = false;
};
}  // namespace detail

TESSERA_INLINE void ZipFile::unpack(const std::string& name,
                                    const std::function<bool(std::span<const unsigned char>)>& take) const {
  Unpacking unpacking(*this, name);
  for (auto piece = unpacking.next_piece(); !piece.empty(); piece = unpacking.next_piece())
    if (!take(piece)) return;
}

TESSERA_INLINE ZipFile::Unpacking::Unpacking(const ZipFile& file, const std::string& name, std::size_t piece)
    : file_(&file), name_(name), member_(&file.member(name)), sum_(crc32(0, nullptr, 0)) {
  const Member& m = *member_;
  const auto head = file.bytes(m.at, local_header);
  if (number(head, 0, 4) != 0x04034b50)
    file.damaged("member " + printable_name(name) + " does not begin where the directory says");
  from_ = m.at + local_header + number(head, 26, 2) + number(head, 28, 2);
  if (from_ > file.size_ || m.packed > file.size_ - from_)
    file.damaged("is truncated before byte " + std::to_string(from_ + m.packed));
  packed_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(piece, m.packed)));
  if (m.method == stored) return;
  inflater_ = std::make_shared<detail::Inflater>(file.path_);
  plain_.resize(piece);
}
TESSERA_INLINE void ZipFile::Unpacking::not_unpacked() const {
  file_->damaged("member " + printable_name(name_) + " cannot be decompressed");
}
// Reads the next packed bytes.
TESSERA_INLINE std::size_t ZipFile::Unpacking::refill() {
  file_->budget_.meanwhile();
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(packed_.size(), member_->packed - read_));
  if (file_->file_.read(from_ + read_, packed_.data(), count) != count)
    file_->damaged("cannot be read at byte " + std::to_string(from_ + read_));
  read_ += count;
  return count;
}
// Unpacks the next bytes; 0 at the end.
TESSERA_INLINE std::size_t ZipFile::Unpacking::inflated() {
  auto& stream = inflater_->stream;
  std::size_t count = 0;
  while (count == 0 && !inflater_->ended) {
    if (stream.avail_in == 0 && read_ < member_->packed) {
      const auto more = refill();
      stream.next_in = packed_.data(), stream.avail_in = static_cast<uInt>(more);
    }
    stream.next_out = plain_.data(), stream.avail_out = static_cast<uInt>(plain_.size());
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END) not_unpacked();  // also where the packed bytes end too early
    inflater_->ended = result == Z_STREAM_END;
    count = plain_.size() - stream.avail_out;
  }
  return count;
}
TESSERA_INLINE std::span<const unsigned char> ZipFile::Unpacking::next_piece() {
  if (ended_) return {};
  std::span<const unsigned char> piece;
  if (inflater_) piece = {plain_.data(), inflated()};
  else if (read_ < member_->packed) piece = {packed_.data(), refill()};
  if (piece.size() > member_->plain - given_) not_unpacked();
  given_ += piece.size();
  if (piece.empty()) {
    ended_ = true;
    if (inflater_ && given_ != member_->plain) not_unpacked();
    if (given_ != member_->plain || sum_ != member_->crc)
      file_->damaged("the checksum of member " + printable_name(name_) + " is wrong");
    return {};
  }
  sum_ = crc32(sum_, piece.data(), static_cast<uInt>(piece.size()));
  return piece;
}

TESSERA_INLINE void ZipFile::damaged(const std::string& what) const {
  throw Error(path_ + ": " + what + "; the file is damaged or was never completed: copy or download it again");
}
TESSERA_INLINE std::uint64_t ZipFile::number(const Bytes& from, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | from[at + i];
  return value;
}

TESSERA_INLINE const ZipFile::Member& ZipFile::member(const std::string& name) const {
  const auto found = members_.find(name);
  if (found == members_.end()) throw Error(path_ + ": holds no member " + printable_name(name));
  return found->second;
}

TESSERA_INLINE ZipFile::Bytes ZipFile::bytes(std::uint64_t at, std::uint64_t count) const {
  if (at > size_ || count > size_ - at) damaged("is truncated before byte " + std::to_string(at + count));
  Bytes found(static_cast<std::size_t>(count));
  if (file_.read(at, found.data(), found.size()) != found.size())
    damaged("cannot be read at byte " + std::to_string(at));
  return found;
}

TESSERA_INLINE void ZipFile::read_directory() {
  const std::uint64_t reach = std::min<std::uint64_t>(size_, directory_end + 65535);
  const Bytes tail = bytes(size_ - reach, reach);
  for (std::size_t i = tail.size() < directory_end ? 0 : tail.size() - directory_end + 1; i-- > 0;) {
    if (number(tail, i, 4) != 0x06054b50) continue;
    auto count = number(tail, i + 10, 2), length = number(tail, i + 12, 4), at = number(tail, i + 16, 4);
    if (count == 0xffff || length == 0xffffffff || at == 0xffffffff) {  // the actual numbers are in a second end
      const auto end = size_ - reach + i;
      if (end < locator64) damaged("its directory is truncated");
      const auto locator = bytes(end - locator64, locator64);
      if (number(locator, 0, 4) == 0x07064b50) {
        const auto second = bytes(number(locator, 8, 8), end64);
        if (number(second, 0, 4) != 0x06064b50) damaged("the end of its directory is not where it says");
        count = number(second, 32, 8), length = number(second, 40, 8), at = number(second, 48, 8);
      }
    }
    read_entries(count, bytes(at, length));
    return;
  }
  throw Error(path_ + ": is not a zip archive, or is truncated; a NumPy .npz file is one");
}

TESSERA_INLINE void ZipFile::read_entries(std::uint64_t count, const Bytes& directory) {
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (at + directory_entry > directory.size() || number(directory, at, 4) != 0x02014b50)
      damaged("entry " + std::to_string(i) + " of the archive's directory is not one");
    const auto name_size = static_cast<std::size_t>(number(directory, at + 28, 2));
    const auto more = static_cast<std::size_t>(number(directory, at + 30, 2) + number(directory, at + 32, 2));
    if (at + directory_entry + name_size + more > directory.size()) damaged("its directory is truncated");
    const auto name_at = directory.begin() + static_cast<std::ptrdiff_t>(at + directory_entry);
    const std::string name(name_at, name_at + static_cast<std::ptrdiff_t>(name_size));
    Member found{.at = number(directory, at + 42, 4),
                 .packed = number(directory, at + 20, 4),
                 .plain = number(directory, at + 24, 4),
                 .method = number(directory, at + 10, 2),
                 .crc = number(directory, at + 16, 4)};
    // Numbers that do not fit into 32 bits are in an extra field, those alone and in this order.
    auto extra = at + directory_entry + name_size;
    const auto extra_end = extra + static_cast<std::size_t>(number(directory, at + 30, 2));
    for (std::size_t size = 0; extra + 4 <= extra_end; extra += size) {
      const auto id = number(directory, extra, 2);
      size = static_cast<std::size_t>(number(directory, extra + 2, 2)), extra += 4;
      if (id != 1 || size > extra_end - extra) continue;
      auto field = extra;
      for (auto* value : {&found.plain, &found.packed, &found.at})
        if (*value == 0xffffffff && field + 8 <= extra + size) *value = number(directory, field, 8), field += 8;
    }
    add(name, number(directory, at + 8, 2), found);
    at += directory_entry + name_size + more;
  }
  // Archives that unpack to a thousand times their size are built from one stretch of packed bytes that several members
  // share.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> stretches;
  for (const auto& [name, member] : members_)
    stretches.emplace_back(member.at, member.at + local_header + name.size() + member.packed);
  std::sort(stretches.begin(), stretches.end());
  for (std::size_t i = 1; i < stretches.size(); ++i)
    if (stretches[i].first < stretches[i - 1].second) damaged("two members of it share bytes");
}

TESSERA_INLINE void ZipFile::add(const std::string& name, std::uint64_t flags, const Member& member) {
  if ((flags & 1) != 0)
    throw Error(path_ + ": member " + printable_name(name) + " is encrypted; save it without a password");
  if (member.method != stored && member.method != deflated)
    throw Error(path_ + ": member " + printable_name(name) + " is compressed by method " +
                std::to_string(member.method) + "; save it with numpy.savez or numpy.savez_compressed");
  // A false directory must not make the program allocate terabytes: deflate packs at most 1032 bytes into one.
  if (member.packed > size_ || member.plain > 1032 * member.packed + 1032)
    damaged("member " + printable_name(name) + " claims more bytes than the file can hold");
  if (!members_.emplace(name, member).second) damaged("has two members " + printable_name(name));
}
}  // namespace tessera
