#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include <tessera/io/hdf5_superblock.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::hdf5 {
TESSERA_INLINE Superblock read_superblock(const RegularFile& file) {
  std::array<unsigned char, 256> head{};
  const auto there = file.read(0, head.data(), head.size());
  const auto number = [&](std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | head[at + i];
    return value;
  };
  const auto refuse = [&](const std::string& why) {
    throw Error(file.path() + ": is not a readable HDF5 file (" + why +
                "); it may be truncated or of another format: copy or download it again");
  };
  if (there < 8 || std::memcmp(head.data(), "\x89HDF\r\n\x1a\n", 8) != 0) refuse("it does not begin like one");
  constexpr std::size_t min_size = 48;  // of a superblock of version 2 or 3
  if (there < min_size) refuse("it ends within its first bytes");
  Superblock found;
  found.version = head[8];
  if (found.version > 3) refuse("its version is unknown");
  const bool old = found.version < 2;
  const std::size_t offset_size = head[old ? 13 : 9], length_size = head[old ? 14 : 10];
  if (offset_size != 8 || length_size != 8)
    refuse("its addresses are of " + std::to_string(offset_size) + " bytes, not of 8");
  if (old && (head[9] != 0 || head[10] != 0 || head[12] != 0)) refuse("the version of its parts is unknown");
  if (old && (number(16, 2) == 0 || number(18, 2) == 0)) refuse("its groups have room for no entry");
  const std::size_t addresses = old ? (found.version == 0 ? 24 : 28) : 12;
  if (old && there < addresses + 4 * 8 + 40) refuse("it ends within its first bytes");
  // Base, free space, end of file, driver information, and the root group's entry: its name, and its header.  Since
  // version 2: base, extension, end, root.
  found.end = number(addresses + 16, 8);
  found.root = number(addresses + (old ? 40 : 24), 8);
  if (number(addresses, 8) != 0) refuse("it does not begin at the start of the file");
  if (old && number(addresses + 24, 8) != UINT64_MAX) refuse("it is one of several files");
  if (found.end > file.size())
    refuse("it has " + std::to_string(file.size()) + " bytes, and should have " + std::to_string(found.end));
  if (found.root < addresses || found.root >= found.end) refuse("its root group lies outside the file");
  return found;
}
}  // namespace tessera::hdf5
