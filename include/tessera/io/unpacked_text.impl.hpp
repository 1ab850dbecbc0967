#pragma once
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/io/unpacked_text.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
struct UnpackedText::Inflation {
  explicit Inflation(const std::string& path) {
    constexpr int with_gzip_header = MAX_WBITS + 16;
    if (inflateInit2(&stream, with_gzip_header) != Z_OK) throw Error(path + ": zlib does not start (out of memory?)");
  }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
  ~Inflation() { inflateEnd(&stream); }

  z_stream stream{};
  std::vector<unsigned char> packed = std::vector<unsigned char>(std::size_t{1} << 16);
  bool between = false;  // members
};

TESSERA_INLINE std::string unpacked_head(std::string_view head) {
  std::vector<unsigned char> packed(head.begin(), head.end());
  std::array<char, 4096> plain{};
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) return "";
  stream.next_in = packed.data(), stream.avail_in = uInt(packed.size());
  stream.next_out = reinterpret_cast<unsigned char*>(plain.data()), stream.avail_out = uInt(plain.size());
  const int end = ::inflate(&stream, Z_SYNC_FLUSH);
  const auto count = plain.size() - stream.avail_out;
  inflateEnd(&stream);
  return end == Z_OK || end == Z_STREAM_END || end == Z_BUF_ERROR ? std::string(plain.data(), count) : "";
}

TESSERA_INLINE UnpackedText::UnpackedText(const RegularFile& file) : file_(file) {
  std::array<char, 2> head{};
  if (is_gzip({head.data(), file.read(0, head.data(), head.size())}))
    inflation_ = std::make_unique<Inflation>(file.path());
}
TESSERA_INLINE UnpackedText::UnpackedText(UnpackedText&&) noexcept = default;
TESSERA_INLINE UnpackedText::~UnpackedText() = default;

TESSERA_INLINE std::size_t UnpackedText::read(char* to, std::size_t count) {
  if (inflation_) return unpack(to, count);
  const auto got = file_.read(at_, to, count);
  at_ += got;
  return got;
}

TESSERA_INLINE bool UnpackedText::refill() {
  auto& in = *inflation_;
  if (in.stream.avail_in > 0) return true;
  const auto got = file_.read(at_, in.packed.data(), in.packed.size());
  at_ += got, in.stream.next_in = in.packed.data(), in.stream.avail_in = uInt(got);
  return got > 0;
}
TESSERA_INLINE std::size_t UnpackedText::unpack(char* to, std::size_t count) {
  auto& in = *inflation_;
  const auto damaged = [&] {
    throw Error(file_.path() + ": cannot be unpacked behind byte " + std::to_string(given_) +
                " of its text; it was cut or is damaged: copy or download it again");
  };
  in.stream.next_out = reinterpret_cast<unsigned char*>(to);
  in.stream.avail_out = uInt(std::min<std::size_t>(count, std::size_t{1} << 30));
  const auto wanted = in.stream.avail_out;
  while (in.stream.avail_out == wanted) {
    if (!refill()) {
      if (!in.between) damaged();
      return 0;
    }
    if (in.between) inflateReset(&in.stream), in.between = false;
    const int end = ::inflate(&in.stream, Z_NO_FLUSH);
    if (end != Z_OK && end != Z_STREAM_END) damaged();
    in.between = end == Z_STREAM_END;
  }
  const std::size_t got = wanted - in.stream.avail_out;
  given_ += got;
  if (given_ > std::max<std::uint64_t>(std::uint64_t{512} << 20, 100 * file_.size()))
    throw Error(file_.path() + ": unpacks to more than a hundred times its size of " +
                bytes_text(double(file_.size())) + "; if you trust it, unpack it with gunzip and give the text");
  return got;
}
}  // namespace tessera
