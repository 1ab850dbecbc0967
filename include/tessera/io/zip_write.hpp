#pragma once
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/support/atomic_file.hpp>

namespace tessera {
/// Writes a zip archive of deflated members (an empty one is stored), one after another, without holding any of them in
/// memory:
///
///   ZipWriter zip(file);
///   zip.begin("a.npy", size), zip.write(...), zip.write(...);   // `size` bytes in all
///   zip.finish();
///
/// Members of 4 GiB or more and archives of that size get the fields of zip64.  There are no dates in it: equal
/// contents give equal files.
/// Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3.
class ZipWriter {
 public:
  /// `zip64_from`: from which number on the fields of zip64 are used; less only in tests.
  explicit ZipWriter(AtomicFile& file, std::uint64_t zip64_from = 0xffffffff);
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;
  ~ZipWriter();

  /// Ends the member before, if there is one, and begins one of `size` bytes.
  void begin(const std::string& name, std::uint64_t size);
  void write(const void* data, std::size_t size);
  /// Writes the directory.
  void finish();

 private:
  struct Member {
    std::string name;
    std::uint64_t at, plain, packed, crc;
    bool zip64;
  };
  struct Deflater;

  void end();
  void put(std::string_view bytes);
  std::string header_of(const Member& member) const;

  AtomicFile& file_;
  std::uint64_t zip64_from_, at_ = 0, left_ = 0;
  std::string buffer_;
  std::vector<Member> members_;
  std::unique_ptr<Deflater> deflater_;
};

/// Writes a .npz file as numpy.savez_compressed does, array by array and piece by piece.
class NpzWriter {
 public:
  explicit NpzWriter(AtomicFile& file, std::uint64_t zip64_from = 0xffffffff) : zip_(file, zip64_from) {}

  /// Begins an array; what follows is its elements in row-major order.  `type` as NumPy writes it: "<f4", "<i4", "|b1".
  void array(const std::string& key, const std::string& type, const std::vector<std::int64_t>& shape);
  template <class T>
  void write(const T* elements, std::size_t count) {
    zip_.write(elements, count * sizeof(T));
  }
  template <class T>
  void write(const std::vector<T>& elements) {
    write(elements.data(), elements.size());
  }
  void finish() { zip_.finish(); }

 private:
  ZipWriter zip_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/zip_write.impl.hpp>
#endif
