#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tessera/io/regular_file.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
namespace detail {
struct Inflater;
}  // namespace detail

/// A zip archive, opened for reading: NumPy's .npz files are zip archives.  Stored and deflated members, zip64; no
/// encryption, no multi-volume archives.  A member is unpacked into the size that the directory states, after that size
/// was checked against the limits and the packed bytes; no two members may share bytes.
/// Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to 4.3.16 (its end),
/// 4.5.3 (zip64).
class ZipFile {
 public:
  explicit ZipFile(const std::string& path, const ReadLimits& limits = {});

  /// The path, safe to print.
  const std::string& path() const { return path_; }
  /// The memory that may still be used.
  MemoryBudget& budget() const { return budget_; }
  /// The members' names, sorted.
  std::vector<std::string> names() const;
  bool contains(const std::string& name) const { return members_.contains(name); }

  /// How many bytes a member has, unpacked.
  std::uint64_t size(const std::string& name) const { return member(name).plain; }

  /// A member's first bytes, unpacked; at most `count`.  They are not checked against a checksum.
  std::vector<unsigned char> begin(const std::string& name, std::size_t count) const;

  /// A member's bytes, unpacked and checked against its checksum.
  std::vector<unsigned char> read(const std::string& name) const;

  /// The same piece by piece, in order, until `take` says that it wants no more; only what is taken to the end is
  /// checked against the checksum, after the last piece.
  void unpack(const std::string& name, const std::function<bool(std::span<const unsigned char>)>& take) const;

  /// A member's bytes piece by piece, whenever the next is asked for: several members may be unpacked at a time.
  class Unpacking;

 private:
  static constexpr std::size_t local_header = 30, directory_entry = 46, directory_end = 22, locator64 = 20, end64 = 56;
  static constexpr std::uint64_t stored = 0, deflated = 8;
  using Bytes = std::vector<unsigned char>;
  struct Member {
    std::uint64_t at, packed, plain, method, crc;
  };

  [[noreturn]] void damaged(const std::string& what) const;

  /// A little-endian number of `width` bytes.
  static std::uint64_t number(const Bytes& from, std::size_t at, std::size_t width);

  const Member& member(const std::string& name) const;

  Bytes bytes(std::uint64_t at, std::uint64_t count) const;

  // Finds the directory's end from the back: a comment of up to 65535 bytes may follow it.
  void read_directory();

  void read_entries(std::uint64_t count, const Bytes& directory);

  void add(const std::string& name, std::uint64_t flags, const Member& member);

  RegularFile file_;
  std::string path_;
  std::uint64_t size_ = 0;
  mutable MemoryBudget budget_;
  std::map<std::string, Member> members_;
};

class ZipFile::Unpacking {
 public:
  /// `piece` is how many bytes are read, or unpacked, at a time; the file must outlive it.
  Unpacking(const ZipFile& file, const std::string& name, std::size_t piece = 1 << 18);
  /// The next bytes, which stay until it is asked again; none after the last, where the checksum is right.
  std::span<const unsigned char> next_piece();

 private:
  [[noreturn]] void not_unpacked() const;
  std::size_t refill();
  std::size_t inflated();

  const ZipFile* file_;
  std::string name_;
  const Member* member_;
  std::uint64_t from_ = 0, read_ = 0, given_ = 0;
  unsigned long sum_ = 0;
  bool ended_ = false;
  Bytes packed_, plain_;
  std::shared_ptr<detail::Inflater> inflater_;  // of a deflated member
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/zip.impl.hpp>
#endif
