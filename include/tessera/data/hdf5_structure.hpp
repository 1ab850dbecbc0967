#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <tessera/data/error.hpp>
#include <tessera/data/hdf5_superblock.hpp>
#include <tessera/data/regular_file.hpp>

namespace tessera::hdf5 {
/// Looks at how the root group of an HDF5 file and the objects in it are laid out, before libhdf5 is asked: whether every address lies in the
/// file, every tree is one (levels go down, no node is met twice), and every list ends.  libhdf5 trusts most of this, and reads elsewhere,
/// or for ever, where it is wrong.  Only the structures without checksums, which those of newer files have.
/// Source: HDF5 File Format Specification 3.0, sections III.A.1 (trees), III.B, III.C, III.D (groups), IV.A.1 (object headers).
class Structure {
 public:
  Structure(const RegularFile& file, const Superblock& superblock) : file_(file), end_(superblock.end) {
    if (superblock.version > 1) return;  // with checksums
    const auto head = bytes(0, 28);
    leaf_k_ = number(head, 16, 2), internal_k_ = number(head, 18, 2);
    if (superblock.version == 1) chunk_k_ = number(head, 24, 2);
    auto children = object(superblock.root);
    constexpr std::size_t most_looked_at = 4096;  // a data set has some ten
    children.resize(std::min(children.size(), most_looked_at));
    for (const auto child : children) object(child);
  }

 private:
  using Bytes = std::vector<unsigned char>;
  static constexpr std::uint64_t undefined = UINT64_MAX;
  static constexpr std::size_t most_ranks = 33;

  [[noreturn]] void damaged(const std::string& what) const {
    throw Error(file_.path() + ": is not a readable HDF5 file (" + what + "); it may be truncated or of another format: copy or download it again");
  }
  static std::uint64_t number(const Bytes& from, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | from[at + i];
    return value;
  }
  Bytes bytes(std::uint64_t at, std::uint64_t count) const {
    if (at > end_ || count > end_ - at) damaged("a part of it lies outside of it");
    Bytes found(static_cast<std::size_t>(count));
    if (file_.read(at, found.data(), found.size()) != found.size()) damaged("a part of it lies outside of it");
    return found;
  }
  void once(std::uint64_t at) {
    if (!met_.insert(at).second) damaged("a part of it is met twice");
  }

  // An object header of version 1: its messages, over all its blocks.  The addresses of the objects in it, where it is a group.
  std::vector<std::uint64_t> object(std::uint64_t at) {
    std::vector<std::uint64_t> children;
    auto prefix = bytes(at, 16);
    if (prefix[0] != 1) return children;  // one with checksums, or none, which libhdf5 says
    if (!objects_.insert(at).second) return children;
    struct Block {
      std::uint64_t at, size;
    };
    std::vector<Block> blocks = {{at + 16, number(prefix, 8, 4)}};
    std::uint64_t dimensions = 0;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      constexpr std::size_t most_blocks = 4096;
      if (b > most_blocks) damaged("an object has no end");
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
        if (!shared && type == 0x08) layout(field(0, 1), [&](std::size_t o, std::size_t w) { return field(o, w); }, dimensions);
        i += static_cast<std::size_t>(size);
      }
    }
    return children;
  }

  template <class Field>
  void layout(std::uint64_t version, Field field, std::uint64_t dimensions) {
    if (version != 3) return;
    const auto kind = field(1, 1);
    if (kind == 1) {  // contiguous
      const auto at = field(2, 8), size = field(10, 8);
      if (at != undefined && (at > end_ || size > end_ - at)) damaged("the numbers of an object lie outside of it");
    }
    if (kind == 2) {  // chunked; the last of its ranks is the size of an element
      const auto ranks = field(2, 1), at = field(3, 8);
      if (ranks < 2 || ranks > most_ranks || (dimensions != 0 && ranks != dimensions + 1)) damaged("an object is stored in chunks of another rank");
      for (std::size_t k = 0; k < ranks; ++k)
        if (field(11 + 4 * k, 4) == 0) damaged("an object is stored in chunks of nothing");
      if (at != undefined) tree(at, 1, ranks, -1, [](std::uint64_t) {});
    }
  }

  // A tree of version 1 of type 0 (groups) or 1 (chunks), whose leaves' children are handed on.
  template <class F>
  void tree(std::uint64_t at, unsigned type, std::uint64_t ranks, int level, F leaf) {
    once(at);
    const auto k = type == 0 ? internal_k_ : chunk_k_;
    const auto key = type == 0 ? 8 : 8 + 8 * ranks;
    const auto head = bytes(at, 24);
    if (std::memcmp(head.data(), "TREE", 4) != 0 || head[4] != type) damaged("a tree of it has none where one begins");
    const int here = head[5];
    if (level >= 0 && here != level) damaged("a tree of it has levels that do not go down");
    const auto used = number(head, 6, 2);
    if (used > 2 * k) damaged("a node of a tree has more parts than it has room");
    for (const std::size_t side : {std::size_t{8}, std::size_t{16}})
      if (const auto sibling = number(head, side, 8); sibling != undefined && sibling >= end_) damaged("a part of it lies outside of it");
    const auto node = bytes(at + 24, (2 * k + 1) * key + 2 * k * 8);
    for (std::uint64_t i = 0; i < used; ++i) {
      const auto entry = static_cast<std::size_t>(i * (key + 8));
      const auto child = number(node, entry + static_cast<std::size_t>(key), 8);
      if (child >= end_) damaged("a part of it lies outside of it");
      if (here > 0) tree(child, type, ranks, here - 1, leaf);
      else if (type == 0) leaf(child);
      else if (number(node, entry, 4) > end_ - child) damaged("the numbers of an object lie outside of it");
    }
  }

  // A group as a tree of tables of names in a heap.
  std::vector<std::uint64_t> group(std::uint64_t tree_at, std::uint64_t heap_at) {
    const auto heap = bytes(heap_at, 32);
    if (std::memcmp(heap.data(), "HEAP", 4) != 0 || heap[4] != 0) damaged("the names of a group are not there");
    const auto size = number(heap, 8, 8), at = number(heap, 24, 8);
    const auto names = bytes(at, size);
    // The list of what is free in it: the offset of the next, and a size; it ends in 1.
    auto free = number(heap, 16, 8);
    for (std::uint64_t steps = 0; free != 1 && free != undefined; ++steps) {
      if (free > size || size - free < 16 || steps > size / 16) damaged("the free room among the names of a group has no end");
      if (number(names, static_cast<std::size_t>(free) + 8, 8) > size - free) damaged("the free room among the names of a group lies outside of it");
      free = number(names, static_cast<std::size_t>(free), 8);
    }
    std::vector<std::uint64_t> children;
    if (tree_at == undefined) return children;
    tree(tree_at, 0, 0, -1, [&](std::uint64_t table_at) {
      once(table_at);
      const auto table = bytes(table_at, 8 + 2 * leaf_k_ * 40);
      const auto count = number(table, 6, 2);
      if (std::memcmp(table.data(), "SNOD", 4) != 0 || count > 2 * leaf_k_) damaged("a table of names is none");
      for (std::size_t i = 0; i < count; ++i) {
        const auto name = number(table, 8 + 40 * i, 8), object_at = number(table, 16 + 40 * i, 8), kind = number(table, 24 + 40 * i, 4);
        if (name >= size || std::memchr(names.data() + name, 0, static_cast<std::size_t>(size - name)) == nullptr) damaged("a name has no end");
        if (kind > 2) damaged("a table of names is none");
        if (kind == 2) continue;  // a soft link
        if (object_at >= end_) damaged("an object lies outside of it");
        children.push_back(object_at);
      }
    });
    return children;
  }

  const RegularFile& file_;
  std::uint64_t end_, leaf_k_ = 4, internal_k_ = 16, chunk_k_ = 32;
  std::set<std::uint64_t> met_, objects_;
};
}  // namespace tessera::hdf5
