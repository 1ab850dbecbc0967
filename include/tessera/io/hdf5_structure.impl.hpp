#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <tessera/io/hdf5_structure.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::hdf5 {
TESSERA_INLINE Structure::Structure(const RegularFile& file, const Superblock& superblock)
    : file_(file), end_(superblock.end) {
  if (superblock.version > 1) return;  // these have checksums
  const auto head = bytes(0, 28);
  leaf_k_ = number(head, 16, 2), internal_k_ = number(head, 18, 2);
  if (superblock.version == 1) chunk_k_ = number(head, 24, 2);
  auto children = object(superblock.root);
  constexpr std::size_t max_looked_at = 4096;  // a data set has about ten
  children.resize(std::min(children.size(), max_looked_at));
  for (const auto child : children) object(child);
}

TESSERA_INLINE void Structure::damaged(const std::string& what) const {
  throw Error(file_.path() + ": is not a readable HDF5 file (" + what +
              "); it may be truncated or of another format: copy or download it again");
}
TESSERA_INLINE std::uint64_t Structure::number(const Bytes& from, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | from[at + i];
  return value;
}

TESSERA_INLINE Structure::Bytes Structure::bytes(std::uint64_t at, std::uint64_t count) const {
  if (at > end_ || count > end_ - at) damaged("a part of it lies outside the file");
  Bytes found(static_cast<std::size_t>(count));
  if (file_.read(at, found.data(), found.size()) != found.size()) damaged("a part of it lies outside the file");
  return found;
}

TESSERA_INLINE void Structure::once(std::uint64_t at) {
  if (!met_.insert(at).second) damaged("a part of it is reached twice");
}
TESSERA_INLINE std::vector<std::uint64_t> Structure::object(std::uint64_t at) {
  std::vector<std::uint64_t> children;
  auto prefix = bytes(at, 16);
  if (prefix[0] != 1) return children;  // a header with checksums, or an invalid one, which libhdf5 reports
  if (!objects_.insert(at).second) return children;
  struct Block {
    std::uint64_t at, size;
  };
  std::vector<Block> blocks = {{at + 16, number(prefix, 8, 4)}};
  std::uint64_t dimensions = 0;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    constexpr std::size_t max_blocks = 4096;
    if (b > max_blocks) damaged("an object header has no end");
    once(blocks[b].at);
    const auto block = bytes(blocks[b].at, blocks[b].size);
    for (std::size_t i = 0; i + 8 <= block.size();) {
      const auto type = number(block, i, 2), size = number(block, i + 2, 2);
      const bool shared = (block[i + 4] & 2) != 0;
      i += 8;
      if (size > block.size() - i) damaged("a message is longer than its object");
      const auto field = [&](std::size_t offset, std::size_t width) {
        if (offset + width > size) damaged("a message is too short");
        return number(block, i + offset, width);
      };
      if (!shared && type == 0x10) blocks.push_back({field(0, 8), field(8, 8)});
      if (!shared && type == 0x11) children = group(field(0, 8), field(8, 8));
      if (!shared && type == 0x01) dimensions = field(1, 1);
      if (!shared && type == 0x08)
        layout(
            field(0, 1), [&](std::size_t o, std::size_t w) { return field(o, w); }, dimensions);
      i += static_cast<std::size_t>(size);
    }
  }
  return children;
}

TESSERA_INLINE std::vector<std::uint64_t> Structure::group(std::uint64_t tree_at, std::uint64_t heap_at) {
  const auto heap = bytes(heap_at, 32);
  if (std::memcmp(heap.data(), "HEAP", 4) != 0 || heap[4] != 0) damaged("the names of a group are missing");
  const auto size = number(heap, 8, 8), at = number(heap, 24, 8);
  const auto names = bytes(at, size);
  // The heap's free list: each entry holds the offset of the next one, and a size; the list ends with 1.
  auto free = number(heap, 16, 8);
  for (std::uint64_t steps = 0; free != 1 && free != undefined; ++steps) {
    if (free > size || size - free < 16 || steps > size / 16) damaged("the free list of a group's names has no end");
    if (number(names, static_cast<std::size_t>(free) + 8, 8) > size - free)
      damaged("the free list of a group's names leaves it");
    free = number(names, static_cast<std::size_t>(free), 8);
  }
  std::vector<std::uint64_t> children;
  if (tree_at == undefined) return children;
  tree(tree_at, 0, 0, -1, [&](std::uint64_t table_at) {
    once(table_at);
    const auto table = bytes(table_at, 8 + 2 * leaf_k_ * 40);
    const auto count = number(table, 6, 2);
    if (std::memcmp(table.data(), "SNOD", 4) != 0 || count > 2 * leaf_k_) damaged("a symbol table is invalid");
    for (std::size_t i = 0; i < count; ++i) {
      const auto name = number(table, 8 + 40 * i, 8), object_at = number(table, 16 + 40 * i, 8),
                 kind = number(table, 24 + 40 * i, 4);
      if (name >= size || std::memchr(names.data() + name, 0, static_cast<std::size_t>(size - name)) == nullptr)
        damaged("a name has no end");
      if (kind > 2) damaged("a symbol table is invalid");
      if (kind == 2) continue;  // a soft link
      if (object_at >= end_) damaged("an object lies outside the file");
      children.push_back(object_at);
    }
  });
  return children;
}
}  // namespace tessera::hdf5
