#pragma once
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/io/safetensors.hpp>
#include <tessera/support/descriptor.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::safetensors {
namespace detail {
/// Consumes the header's JSON event by event, and rejects anything outside the format: no tree is built, so nesting
/// costs nothing.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  static constexpr std::size_t max_axes = 32;

  Header header;
  std::string reason;  ///< why it is refused

  bool null() override { return misplaced("null"); }
  bool boolean(bool) override { return misplaced("a boolean"); }
  bool number_integer(number_integer_t) override { return misplaced("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return misplaced("a number that is not a 64-bit integer");
  }
  bool binary(binary_t&) override { return misplaced("binary data"); }
  bool number_unsigned(number_unsigned_t x) override {
    if (in_ == place::shape) {
      if (x > std::uint64_t(std::numeric_limits<std::int64_t>::max()))
        return refuse("tensor " + shown(name_) + " has a size that does not fit into 64 bits");
      if (tensor_.shape.size() == max_axes)
        return refuse("tensor " + shown(name_) + " has more than " + std::to_string(max_axes) + " axes");
      tensor_.shape.push_back(std::int64_t(x));
      return true;
    }
    if (in_ == place::offsets && offsets_ < 2) {
      (offsets_++ == 0 ? tensor_.begin : tensor_.end) = x;
      return true;
    }
    return misplaced("a number");
  }
  bool string(string_t& text) override {
    if (in_ == place::metadata) {
      *value_ = std::move(text);
      return true;
    }
    if (in_ != place::tensor || field_ != "dtype") return misplaced("text");
    const auto found = std::find(type_names.begin(), type_names.end(), text);
    if (found == type_names.end())
      return refuse("tensor " + shown(name_) + " is of type " + shown(text) +
                    "; F64, I64, U64, F32 and U8 are read here");
    tensor_.type = Type(found - type_names.begin());
    return true;
  }
  bool start_object(std::size_t) override {
    if (in_ == place::outside) return move_to(place::top);
    if (in_ != place::top) return misplaced("an object");
    if (name_ == "__metadata__") return move_to(place::metadata);
    tensor_ = {}, offsets_ = 0, fields_ = 0;
    return move_to(place::tensor);
  }
  bool key(string_t& text) override {
    if (in_ == place::top) {
      name_ = std::move(text);
      if (name_ == "__metadata__" ? std::exchange(has_metadata_, true) : header.tensors.contains(name_))
        return refuse(shown(name_) + " is there twice");
    } else if (in_ == place::metadata) {
      const auto [at, fresh] = header.metadata.try_emplace(std::move(text));
      if (!fresh) return refuse("metadata " + shown(at->first) + " is there twice");
      value_ = &at->second;
    } else {
      field_ = std::move(text);
      const unsigned which = field_ == "dtype" ? 1 : field_ == "shape" ? 2 : field_ == "data_offsets" ? 4 : 0;
      if (which == 0)
        return refuse("tensor " + shown(name_) + " has a field " + shown(field_) +
                      "; there are dtype, shape and data_offsets");
      if (fields_ & which) return refuse("tensor " + shown(name_) + " has its " + field_ + " twice");
      fields_ |= which;
    }
    return true;
  }
  bool start_array(std::size_t) override {
    if (in_ == place::tensor && field_ == "shape") return move_to(place::shape);
    if (in_ == place::tensor && field_ == "data_offsets") return move_to(place::offsets);
    return misplaced("a list");
  }
  bool end_array() override {
    if (in_ == place::offsets && offsets_ != 2) return refuse("tensor " + shown(name_) + " needs two data_offsets");
    return move_to(place::tensor);
  }
  bool end_object() override {
    if (in_ == place::top) return move_to(place::outside);
    if (in_ == place::tensor) {
      if (fields_ != 7) return refuse("tensor " + shown(name_) + " needs dtype, shape and data_offsets");
      header.tensors.emplace(name_, std::move(tensor_));
    }
    return move_to(place::top);
  }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::json::exception&) override {
    return refuse("its header is not JSON in UTF-8 at byte " + std::to_string(at));
  }

 private:
  enum class place { outside, top, metadata, tensor, shape, offsets };

  bool move_to(place where) {
    in_ = where;
    return true;
  }
  bool refuse(std::string why) {
    reason = std::move(why);
    return false;
  }
  bool misplaced(const char* what) {
    return refuse("its header has " + std::string(what) + (in_ == place::outside ? "" : " at " + shown(name_)) +
                  ", where the format allows none");
  }

  place in_ = place::outside;
  bool has_metadata_ = false;
  std::string name_, field_;
  std::string* value_ = nullptr;
  Tensor tensor_;
  int offsets_ = 0;
  unsigned fields_ = 0;
};
}  // namespace detail

TESSERA_INLINE std::string parse(std::string_view text, std::uint64_t data_bytes, Header& into) {
  // What the format's reference reader requires: an object first, and only spaces after it.
  if (text.empty() || text.front() != '{') return "its header does not start with '{'";
  const auto last = text.find_last_not_of(' ');
  if (text[last] != '}' || text.find('\0') != std::string_view::npos)
    return "its header does not end with '}' and spaces";
  detail::HeaderReader reader;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &reader))
    return reader.reason.empty() ? "its header is not JSON in UTF-8" : std::move(reader.reason);
  std::vector<std::pair<const std::string, Tensor>*> in_order;
  for (auto& each : reader.header.tensors) {
    const auto& [name, t] = each;
    std::uint64_t bytes = size_of(t.type);
    for (const auto size : t.shape)
      if (!detail::multiplied(bytes, std::uint64_t(size)))
        return "tensor " + detail::shown(name) + " has more bytes than 64 bits count";
    if (t.begin > t.end || t.end > data_bytes)
      return "tensor " + detail::shown(name) + " ends at byte " + std::to_string(t.end) + " of " +
             std::to_string(data_bytes);
    if (t.end - t.begin != bytes)
      return "tensor " + detail::shown(name) + " has " + std::to_string(t.end - t.begin) +
             " bytes where its shape needs " + std::to_string(bytes);
    in_order.push_back(&each);
  }
  std::sort(in_order.begin(), in_order.end(), [](const auto* a, const auto* b) {
    return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
  });
  std::uint64_t at = 0;
  for (const auto* each : in_order) {
    if (each->second.begin != at)
      return "tensor " + detail::shown(each->first) + " does not start where the one before it ends";
    at = each->second.end;
  }
  if (at != data_bytes)
    return "it has " + std::to_string(data_bytes) + " bytes of tensors, and its header describes " + std::to_string(at);
  into = std::move(reader.header);
  return {};
}

TESSERA_INLINE File File::open(const std::string& path) {
  // Do not wait for the writer of a pipe, nor become the session's terminal.
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) throw Error(path + ": cannot be opened (" + tessera::detail::system_reason() + "); check the path");
  struct stat s {};
  if (::fstat(fd.get(), &s) != 0)
    throw Error(path + ": cannot be read (" + tessera::detail::system_reason() + "); check the path");
  if (!S_ISREG(s.st_mode))
    throw Error(path + ": is " + (S_ISDIR(s.st_mode) ? "a folder" : "not a regular file") +
                "; give the name of a file");
  File file(path, std::move(fd), std::uint64_t(s.st_size));
  file.read_header();
  return file;
}

TESSERA_INLINE const std::string& File::text(const std::string& key) const {
  const auto found = header_.metadata.find(key);
  if (found == header_.metadata.end()) throw damaged("it has no '" + key + "' in its metadata");
  return found->second;
}

TESSERA_INLINE const Tensor& File::at(const std::string& name) const {
  const auto found = header_.tensors.find(name);
  if (found == header_.tensors.end()) throw damaged("it has no tensor " + detail::shown(name));
  return found->second;
}

TESSERA_INLINE void File::verify() const {
  const auto& stated = text(checksum_key);
  std::string head(std::size_t(data_), '\0');
  read_bytes(0, head.data(), head.size());
  const auto digits = checksum_at(head, stated);
  if (digits == std::string::npos) throw damaged("its checksum is malformed");
  std::fill_n(head.begin() + std::ptrdiff_t(digits), 16, '0');
  ByteHash h;
  h.add(head.data(), head.size());
  std::vector<char> piece(std::size_t(std::min<std::uint64_t>(size_ - data_, 1u << 18)));
  for (auto from = data_; from < size_; from += piece.size()) {
    const auto count = std::min<std::uint64_t>(piece.size(), size_ - from);
    read_bytes(from, piece.data(), count);
    h.add(piece.data(), std::size_t(count));
  }
  if (hash_text(h.value()) != stated) throw damaged("its content does not match its checksum");
}

TESSERA_INLINE std::size_t File::checksum_at(std::string_view head, const std::string& stated) {
  const auto entry = std::string("\"") + checksum_key + "\":\"";
  const auto at = head.find(entry + stated + "\"");
  return stated.size() != 16 || at == std::string_view::npos ? std::string::npos : at + entry.size();
}

TESSERA_INLINE void File::read_header() {
  std::uint64_t length = 0;
  if (size_ < sizeof length) throw unreadable("it has " + std::to_string(size_) + " bytes");
  read_bytes(0, &length, sizeof length);
  char first[8];
  std::memcpy(first, &length, 8);
  if (std::string_view(first, 8) == "\x89HDF\r\n\x1a\n")
    throw Error(path_ +
                ": is an HDF5 file; checkpoints and dynamics models are safetensors files in this version: train "
                "again, or use the version that wrote it");
  if (length > max_header_bytes)
    throw unreadable("its header would have more than " + std::to_string(max_header_bytes) + " bytes");
  if (length > size_ - sizeof length)
    throw unreadable("it has " + std::to_string(size_) + " bytes, and its header alone would have " +
                     std::to_string(length));
  data_ = sizeof length + length;
  std::string text(std::size_t(length), '\0');
  read_bytes(sizeof length, text.data(), length);
  if (const auto why = parse(text, size_ - data_, header_); !why.empty()) throw unreadable(why);
}

TESSERA_INLINE void File::read_bytes(std::uint64_t from, void* into, std::uint64_t count) const {
  auto* p = static_cast<char*>(into);
  while (count > 0) {
    const auto n = ::pread(fd_.get(), p, std::size_t(count), off_t(from));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Error(path_ + ": cannot be read (" + tessera::detail::system_reason() + "); check the disk");
    if (n == 0) throw damaged("it became shorter while it was read");
    p += n, from += std::uint64_t(n), count -= std::uint64_t(n);
  }
}

TESSERA_INLINE Error File::unreadable(const std::string& why) const {
  return Error(path_ + ": is not a readable safetensors file (" + why +
               "); it may be truncated or of another format: use another copy of it");
}
TESSERA_INLINE std::string as_utf8(const std::string& text) {
  using nlohmann::json;
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

TESSERA_INLINE void write(const std::string& path, Metadata metadata, std::vector<Source> tensors) {
  using nlohmann::ordered_json;
  const auto refused = [&](const std::string& why) { return Error(path + ": cannot be written: " + why); };
  std::stable_sort(tensors.begin(), tensors.end(),
                   [](const Source& a, const Source& b) { return size_of(a.type) > size_of(b.type); });
  if (!metadata.emplace(checksum_key, std::string(16, '0')).second)
    throw refused("its metadata have a 'checksum' already; name the entry differently");
  ordered_json header;
  for (const auto& [key, value] : metadata) header["__metadata__"][key] = value;
  std::vector<std::uint64_t> sizes;
  std::uint64_t at = 0;
  for (const auto& t : tensors) {
    std::uint64_t bytes = size_of(t.type);
    for (const auto size : t.shape)
      if (size < 0 || !detail::multiplied(bytes, std::uint64_t(size)))
        throw refused("tensor " + detail::shown(t.name) + " has invalid sizes");
    if (t.name == "__metadata__" || header.contains(t.name))
      throw refused("two tensors are named " + detail::shown(t.name));
    header[t.name] = {{"dtype", name_of(t.type)}, {"shape", t.shape}, {"data_offsets", {at, at + bytes}}};
    sizes.push_back(bytes), at += bytes;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const ordered_json::exception&) {
    throw refused("its names and metadata must be UTF-8");
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  if (text.size() > max_header_bytes)
    throw refused("its names and metadata would have " + std::to_string(text.size()) + " bytes, more than " +
                  std::to_string(max_header_bytes));
  std::uint64_t length = text.size();
  std::string head(reinterpret_cast<const char*>(&length), sizeof length);
  head += text;

  write_atomically(path, [&](AtomicFile& file) {
    ByteHash h;
    const auto add = [&](const void* data, std::uint64_t count) {
      file.write(data, std::size_t(count));
      h.add(data, std::size_t(count));
    };
    add(head.data(), head.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      add(tensors[i].bytes(), sizes[i]);
      tensors[i].bytes = nullptr;  // releases what it kept for us
    }
    file.overwrite(File::checksum_at(head, metadata[checksum_key]), hash_text(h.value()));
  });
}
}  // namespace tessera::safetensors
