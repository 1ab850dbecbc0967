#pragma once
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
  const Member& m = member(name);
  const auto size = std::min<std::uint64_t>(m.plain, count);
  if (m.method != deflated) return packed(name, m, std::min(m.packed, size));
  return inflated(packed(name, m, m.packed), size, name, size < m.plain);
}

TESSERA_INLINE std::vector<unsigned char> ZipFile::read(const std::string& name) const {
  const Member& m = member(name);
  budget_.meanwhile();
  budget_.require(path_ + ": member " + printable_name(name), static_cast<double>(m.plain));
  auto plain = packed(name, m, m.packed);
  if (m.method == deflated) plain = inflated(plain, m.plain, name, false);
  if (plain.size() != m.plain || crc(plain) != m.crc)
    damaged("the checksum of member " + printable_name(name) + " is wrong");
  return plain;
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

TESSERA_INLINE ZipFile::Bytes ZipFile::packed(const std::string& name, const Member& m, std::uint64_t count) const {
  const auto head = bytes(m.at, local_header);
  if (number(head, 0, 4) != 0x04034b50)
    damaged("member " + printable_name(name) + " does not begin where the directory says");
  return bytes(m.at + local_header + number(head, 26, 2) + number(head, 28, 2), count);
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
    read_entries(number(tail, i + 10, 2), bytes(number(tail, i + 16, 4), number(tail, i + 12, 4)));
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
    add(name, number(directory, at + 8, 2),
        {.at = number(directory, at + 42, 4),
         .packed = number(directory, at + 20, 4),
         .plain = number(directory, at + 24, 4),
         .method = number(directory, at + 10, 2),
         .crc = number(directory, at + 16, 4)});
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
  constexpr std::uint64_t beyond = 0xffffffff;  // the actual number is in a zip64 field
  if (member.at == beyond || member.packed == beyond || member.plain == beyond)
    throw Error(path_ + ": member " + printable_name(name) + " is 4 GiB or larger, which is not supported");
  // A false directory must not make the program allocate 4 GiB: deflate packs at most 1032 bytes into one.
  if (member.packed > size_ || member.plain > 1032 * member.packed + 1032)
    damaged("member " + printable_name(name) + " claims more bytes than the file can hold");
  if (!members_.emplace(name, member).second) damaged("has two members " + printable_name(name));
}

TESSERA_INLINE ZipFile::Bytes ZipFile::inflated(const Bytes& packed, std::uint64_t size, const std::string& name,
                                                bool more) const {
  Bytes plain(static_cast<std::size_t>(size));
  z_stream stream{};
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = plain.data();
  stream.avail_out = static_cast<uInt>(plain.size());
  constexpr int no_header = -MAX_WBITS;
  if (inflateInit2(&stream, no_header) != Z_OK) throw Error(path_ + ": zlib does not start (out of memory?)");
  const int end = ::inflate(&stream, more ? Z_NO_FLUSH : Z_FINISH);
  inflateEnd(&stream);
  if ((end != Z_STREAM_END && !(more && end == Z_OK)) || stream.avail_out != 0)
    damaged("member " + printable_name(name) + " cannot be decompressed");
  return plain;
}

TESSERA_INLINE std::uint64_t ZipFile::crc(const Bytes& plain) {
  return crc32(0, plain.data(), static_cast<uInt>(plain.size()));
}
}  // namespace tessera
