#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <tessera/io/hdf5_superblock.hpp>
#include <tessera/io/regular_file.hpp>
#include <tessera/support/error.hpp>

namespace tessera::hdf5 {
/// Checks the layout of the root group of an HDF5 file, and of the objects in it, before libhdf5 is called: every
/// address lies in the file, every tree is a tree (levels decrease, no node is reached twice), and every list ends.
/// libhdf5 trusts most of this, and reads elsewhere, or forever, if it is wrong.  Covers only the structures without
/// checksums; those of newer files have checksums.
/// Source: HDF5 File Format Specification 3.0, sections III.A.1 (trees), III.B, III.C, III.D (groups), IV.A.1 (object
/// headers).
class Structure {
 public:
  Structure(const RegularFile& file, const Superblock& superblock);

 private:
  using Bytes = std::vector<unsigned char>;
  static constexpr std::uint64_t undefined = UINT64_MAX;
  static constexpr std::size_t max_ranks = 33;

  [[noreturn]] void damaged(const std::string& what) const;
  static std::uint64_t number(const Bytes& from, std::size_t at, std::size_t width);
  Bytes bytes(std::uint64_t at, std::uint64_t count) const;
  void once(std::uint64_t at);

  // An object header of version 1: its messages, over all its blocks.  Returns the addresses of the objects in it, if
  // it is a group.
  std::vector<std::uint64_t> object(std::uint64_t at);

  template <class Field>
  void layout(std::uint64_t version, Field field, std::uint64_t dimensions) {
    if (version != 3) return;
    const auto kind = field(1, 1);
    if (kind == 1) {  // contiguous
      const auto at = field(2, 8), size = field(10, 8);
      if (at != undefined && (at > end_ || size > end_ - at)) damaged("the data of an object lie outside the file");
    }
    if (kind == 2) {  // chunked; the last of its ranks is the size of an element
      const auto ranks = field(2, 1), at = field(3, 8);
      if (ranks < 2 || ranks > max_ranks || (dimensions != 0 && ranks != dimensions + 1))
        damaged("an object is stored in chunks of the wrong rank");
      for (std::size_t k = 0; k < ranks; ++k)
        if (field(11 + 4 * k, 4) == 0) damaged("an object is stored in chunks of size 0");
      if (at != undefined) tree(at, 1, ranks, -1, [](std::uint64_t) {});
    }
  }

  // A tree of version 1 of type 0 (groups) or 1 (chunks); calls f for the children of its leaves.
  template <class F>
  void tree(std::uint64_t at, unsigned type, std::uint64_t ranks, int level, F leaf) {
    once(at);
    const auto k = type == 0 ? internal_k_ : chunk_k_;
    const auto key = type == 0 ? 8 : 8 + 8 * ranks;
    const auto head = bytes(at, 24);
    if (std::memcmp(head.data(), "TREE", 4) != 0 || head[4] != type) damaged("a tree lacks its signature");
    const int here = head[5];
    if (level >= 0 && here != level) damaged("the levels of a tree do not decrease");
    const auto used = number(head, 6, 2);
    if (used > 2 * k) damaged("a node of a tree has more entries than fit into it");
    for (const std::size_t side : {std::size_t{8}, std::size_t{16}})
      if (const auto sibling = number(head, side, 8); sibling != undefined && sibling >= end_)
        damaged("a part of it lies outside the file");
    const auto node = bytes(at + 24, (2 * k + 1) * key + 2 * k * 8);
    for (std::uint64_t i = 0; i < used; ++i) {
      const auto entry = static_cast<std::size_t>(i * (key + 8));
      const auto child = number(node, entry + static_cast<std::size_t>(key), 8);
      if (child >= end_) damaged("a part of it lies outside the file");
      if (here > 0) tree(child, type, ranks, here - 1, leaf);
      else if (type == 0) leaf(child);
      else if (number(node, entry, 4) > end_ - child) damaged("the data of an object lie outside the file");
    }
  }

  // A group, as a tree of symbol tables and a heap of names.
  std::vector<std::uint64_t> group(std::uint64_t tree_at, std::uint64_t heap_at);

  const RegularFile& file_;
  std::uint64_t end_, leaf_k_ = 4, internal_k_ = 16, chunk_k_ = 32;
  std::set<std::uint64_t> met_, objects_;
};
}  // namespace tessera::hdf5

#ifndef TESSERA_COMPILED
#include <tessera/io/hdf5_structure.impl.hpp>
#endif
