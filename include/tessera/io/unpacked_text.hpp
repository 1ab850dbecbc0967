#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/io/regular_file.hpp>

namespace tessera {
/// Whether a file is compressed with gzip, from its first bytes.
inline bool is_gzip(std::string_view head) { return head.starts_with("\x1f\x8b"); }
/// What the first bytes of such a file unpack to, as far as they go and at most 4096 bytes; "" if they do not.
std::string unpacked_head(std::string_view head);

/// The text of a file from its beginning to its end, unpacked where it is compressed with gzip (RFC 1952), of one
/// member or several.  What unpacks to more than a hundred times its size, and more than 512 MiB, is refused: it may
/// have been made to fill the memory.
class UnpackedText {
 public:
  explicit UnpackedText(const RegularFile& file);
  UnpackedText(UnpackedText&&) noexcept;
  ~UnpackedText();
  /// Reads up to `count` bytes; 0 at the end.
  std::size_t read(char* to, std::size_t count);

 private:
  struct Inflation;
  std::size_t unpack(char* to, std::size_t count);
  bool refill();

  const RegularFile& file_;
  std::uint64_t at_ = 0, given_ = 0;
  std::unique_ptr<Inflation> inflation_;  // null: the file is not compressed
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/unpacked_text.impl.hpp>
#endif
