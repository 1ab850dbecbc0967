#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/support/atomic_file.hpp>
#include <tessera/support/descriptor.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>

/// Files of named tensors in the safetensors format: 8 bytes with the length of a header, the header in JSON, then the
/// tensors' bytes without gaps.  A file holds numbers and text only: nothing in it is executed, or names another file.
/// Source: https://github.com/huggingface/safetensors#format
namespace tessera::safetensors {
static_assert(std::endian::native == std::endian::little, "the format's numbers are little-endian");

/// The element type of a tensor.  The format has more types; they are refused with an error that names the type.
enum class Type { f64, i64, u64, f32, u8 };
inline constexpr std::array<const char*, 5> type_names = {"F64", "I64", "U64", "F32", "U8"};
inline constexpr std::array<std::uint64_t, 5> type_sizes = {8, 8, 8, 4, 1};
inline const char* name_of(Type t) { return type_names[std::size_t(t)]; }
inline std::uint64_t size_of(Type t) { return type_sizes[std::size_t(t)]; }

template <class T>
concept Element = std::same_as<T, double> || std::same_as<T, std::int64_t> || std::same_as<T, std::uint64_t> ||
    std::same_as<T, float> || std::same_as<T, std::uint8_t>;
template <Element T>
constexpr Type type_of() {
  if constexpr (std::same_as<T, double>) return Type::f64;
  if constexpr (std::same_as<T, std::int64_t>) return Type::i64;
  if constexpr (std::same_as<T, std::uint64_t>) return Type::u64;
  if constexpr (std::same_as<T, float>) return Type::f32;
  if constexpr (std::same_as<T, std::uint8_t>) return Type::u8;
}

/// A tensor of a file: its type, its shape (empty: a scalar), and its range of the bytes after the header.
struct Tensor {
  Type type = Type::f32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;
};
using Metadata = std::map<std::string, std::string>;
struct Header {
  Metadata metadata;
  std::map<std::string, Tensor> tensors;
};

/// The longest header that is read or written.
inline constexpr std::uint64_t max_header_bytes = 16u << 20;
/// The metadata entry that `write` adds: a hash of all bytes of the file, with its own 16 digits taken as '0'.  It
/// detects damage by disks and transfers; whoever changes a file on purpose can change the hash too.
inline constexpr const char* checksum_key = "checksum";

namespace detail {
/// A name from a file as it is shown in a message.
inline std::string shown(const std::string& name) { return "'" + printable_name(name) + "'"; }

/// x * y, or false if the product does not fit into 64 bits.
inline bool multiplied(std::uint64_t& x, std::uint64_t y) { return !__builtin_mul_overflow(x, y, &x); }
}  // namespace detail

/// Parses a header and checks it against the number of bytes that follow it: every tensor has as many as its type and
/// shape require, and together they cover all bytes, without gap or overlap.  Returns why it is refused, or an empty
/// text.
std::string parse(std::string_view text, std::uint64_t data_bytes, Header& into);

/// An open file.  Everything its header says is checked against its size before anything is allocated.
class File {
 public:
  static File open(const std::string& path);

  const std::string& path() const { return path_; }
  const Metadata& metadata() const { return header_.metadata; }
  const std::map<std::string, Tensor>& tensors() const { return header_.tensors; }
  /// Bytes of all tensors.
  std::uint64_t data_bytes() const { return size_ - data_; }
  /// A metadata entry.  Throws an Error if there is none.
  const std::string& text(const std::string& key) const;
  /// A tensor by its name.  Throws an Error if there is none.
  const Tensor& at(const std::string& name) const;

  /// Reads the elements of a tensor, in row-major order, into memory that has room for all of them.
  template <Element T>
  void read(const std::string& name, T* into) const {
    const auto& t = at(name);
    if (t.type != type_of<T>())
      throw damaged("tensor " + detail::shown(name) + " is of type " + name_of(t.type) + ", not " +
                    name_of(type_of<T>()));
    read_bytes(data_ + t.begin, into, t.end - t.begin);
  }
  template <Element T>
  std::vector<T> read(const std::string& name) const {
    const auto& t = at(name);
    std::vector<T> out(std::size_t((t.end - t.begin) / size_of(t.type)));
    read(name, out.data());
    return out;
  }

  /// Checks the bytes of the file against its checksum.  Throws an Error if it has none, or if they differ.
  void verify() const;

  Error damaged(const std::string& why) const {
    return Error(path_ + ": is damaged: " + why + "; use another copy of it");
  }

  /// The position of the checksum's digits in a file's first bytes; npos if they are not there.  JSON has no other way
  /// to write these quotes.
  static std::size_t checksum_at(std::string_view head, const std::string& stated);

 private:
  File(std::string path, Descriptor fd, std::uint64_t size) : path_(std::move(path)), fd_(std::move(fd)), size_(size) {}

  void read_header();
  void read_bytes(std::uint64_t from, void* into, std::uint64_t count) const;
  Error unreadable(const std::string& why) const;

  std::string path_;
  Descriptor fd_;
  std::uint64_t size_ = 0, data_ = 0;
  Header header_;
};

/// A tensor to be written.  `bytes` is called once; what it returns must stay valid until the next tensor's is called.
struct Source {
  std::string name;
  Type type;
  std::vector<std::int64_t> shape;
  std::function<const void*()> bytes;
};

/// Text as UTF-8, with invalid bytes replaced by the replacement character.
std::string as_utf8(const std::string& text);

/// Writes a file under a temporary name next to `path`, syncs it and renames it.  Wider types come first, so that every
/// tensor is aligned; tensors of equal width stay in the order given.  Metadata must be UTF-8; `checksum` is added.
void write(const std::string& path, Metadata metadata, std::vector<Source> tensors);
}  // namespace tessera::safetensors

#ifndef TESSERA_COMPILED
#include <tessera/io/safetensors.impl.hpp>
#endif
