#pragma once
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include <tessera/io/safetensors.hpp>
#include <tessera/support/hash.hpp>

/// A safetensors file taken apart, so that tests can change it, and put together with a checksum that fits.
namespace support {
struct Parts {
  nlohmann::ordered_json header;
  std::string data;

  explicit Parts(const std::string& bytes) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    header = nlohmann::ordered_json::parse(bytes.substr(8, length));
    data = bytes.substr(8 + length);
  }
  auto& metadata() { return header["__metadata__"]; }
  /// The first bytes of a tensor.
  template <class T>
  void set(const std::string& name, T x, std::size_t index = 0) {
    std::memcpy(data.data() + header.at(name).at("data_offsets").at(0).get<std::size_t>() + index * sizeof(T), &x,
                sizeof(T));
  }
  std::string whole() const {
    const auto text = header.dump();
    const std::uint64_t length = text.size();
    return std::string(reinterpret_cast<const char*>(&length), 8) + text + data;
  }
};

/// The bytes with the matching checksum; unchanged if there is no checksum to replace.
inline std::string sealed(std::string bytes) {
  const auto entry = std::string("\"") + tessera::safetensors::checksum_key + "\":\"";
  const auto at = bytes.find(entry);
  if (at == std::string::npos || at + entry.size() + 16 > bytes.size()) return bytes;
  bytes.replace(at + entry.size(), 16, 16, '0');
  tessera::ByteHash h;
  h.add(bytes.data(), bytes.size());
  return bytes.replace(at + entry.size(), 16, tessera::hash_text(h.value()));
}
}  // namespace support
