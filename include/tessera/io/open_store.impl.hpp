#pragma once
#include <fcntl.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/require_sound.hpp>
#include <tessera/io/open_store.hpp>
#include <tessera/io/store.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/machine_memory.hpp>

namespace tessera::detail {
// The transitions of a store, read from its files.
class StoreRows final : public RowsOnDisk {
 public:
  // Reads and checks all of them, and keeps the columns that fit into so many bytes.
  StoreRows(StoreFiles of, std::uint64_t memory, const ReadLimits& limits) : of_(std::move(of)) {
    std::array<std::size_t, store_columns> order{};
    for (std::size_t c = 0; c < store_columns; ++c) order[c] = c;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return of_.record.width(a) < of_.record.width(b); });
    for (const auto c : order) {
      if (!of_.record.has(c)) continue;
      const auto bytes = of_.record.bytes(c);
      if (c != StoreColumn::episodes && bytes <= memory) kept_[c].reserve(std::size_t(bytes)), memory -= bytes;
      load(c, limits);
    }
  }

  std::int64_t size() const override { return of_.record.transitions; }
  std::int64_t stored() const override { return of_.record.stored; }
  bool has_propensities() const override { return of_.record.shape.propensities; }

  void read(column which, std::int64_t first, std::int64_t count, void* to) const override {
    if (which == column::observations) return observations(first, count, static_cast<float*>(to));
    static constexpr std::array<std::size_t, 8> columns = {
        StoreColumn::observations, StoreColumn::observation_rows, StoreColumn::next_rows, StoreColumn::actions,
        StoreColumn::actions,      StoreColumn::rewards,          StoreColumn::ends,      StoreColumn::propensities};
    entries(columns[std::size_t(which)], first, count, to);
  }

  void gather(std::span<const std::int64_t> transitions, const Gathered& to) const override {
    const auto n = of_.record.shape.observation_size, d = of_.record.shape.action_size;
    const bool discrete = of_.record.shape.kind == action_kind::discrete;
    for (std::size_t k = 0; k < transitions.size(); ++k) {
      const auto i = transitions[k];
      const auto at = std::ptrdiff_t(k);
      pair(one<std::int64_t>(StoreColumn::observation_rows, i), one<std::int64_t>(StoreColumn::next_rows, i),
           to.s + at * n, to.next + at * n);
      if (discrete) to.a[at] = float(one<std::int64_t>(StoreColumn::actions, i));
      else entries(StoreColumn::actions, i, 1, to.a + at * d);
      to.r[at] = one<float>(StoreColumn::rewards, i);
      to.m[at] = (one<std::uint8_t>(StoreColumn::ends, i) & 1) != 0 ? 0.0f : 1.0f;
    }
  }

  bool reads_ahead() const override { return reads_ahead_; }
  void expect(std::span<const std::int64_t> transitions) const override {
#ifdef POSIX_FADV_WILLNEED
    const auto ask = [&](std::size_t c, std::int64_t first, std::int64_t count) {
      if (!kept_[c].empty()) return;
      const auto width = of_.record.width(c);
      ::posix_fadvise(of_.files[c].get(), off_t(std::uint64_t(first) * width), off_t(std::uint64_t(count) * width),
                      POSIX_FADV_WILLNEED);
    };
    for (const auto i : transitions) {
      ask(StoreColumn::actions, i, 1), ask(StoreColumn::rewards, i, 1), ask(StoreColumn::ends, i, 1);
      ask(StoreColumn::observation_rows, i, 1), ask(StoreColumn::next_rows, i, 1);
      // Where the row's number is on the disk too it is not waited for: a log is stored in the order of its steps.
      if (!kept_[StoreColumn::observation_rows].empty())
        ask(StoreColumn::observations, one<std::int64_t>(StoreColumn::observation_rows, i), 2);
    }
#endif
  }

 private:
  void load(std::size_t c, const ReadLimits& limits) {
    constexpr std::uint64_t piece = std::uint64_t{1} << 20;
    const auto width = of_.record.width(c), count = of_.record.count(c), element = of_.record.element(c);
    const auto at_once = std::max<std::uint64_t>(1, piece / width);
    const bool keeps = kept_[c].capacity() > 0;
    std::vector<std::byte> bytes;
    auto hash = ContentHash().value();
    for (std::uint64_t first = 0; first < count; first += at_once) {
      bytes.resize(std::size_t(std::min(at_once, count - first) * width));
      of_.read(c, first, bytes.size() / width, bytes.data());
      hash = column_hash(hash, bytes.data(), bytes.size(), element);
      of_.require_entries(c, first, bytes);
      if (keeps) kept_[c].insert(kept_[c].end(), bytes.begin(), bytes.end());
      if (limits.meanwhile) limits.meanwhile();
    }
    if (hash != of_.record.hashes[c])
      throw Error(of_.path + "/" + of_.record.file(c) + ": does not hold what was written; copy the store again");
  }

  // Entries as the store has them.
  void entries(std::size_t c, std::int64_t first, std::int64_t count, void* to) const {
    const auto width = of_.record.width(c), all = of_.record.count(c);
    if (kept_[c].empty() || first < 0 || std::uint64_t(first) > all ||
        std::uint64_t(count) > all - std::uint64_t(first))
      return of_.read(c, std::uint64_t(first), std::uint64_t(count), to);
    std::memcpy(to, kept_[c].data() + std::uint64_t(first) * width, std::size_t(std::uint64_t(count) * width));
  }
  template <class T>
  T one(std::size_t c, std::int64_t i) const {
    T x;
    entries(c, i, 1, &x);
    return x;
  }
  void place(std::uint32_t one, float* to) const {
    const auto n = of_.record.shape.observation_size;
    if (std::int64_t(one) >= n)
      throw Error(of_.path + ": an observation has its 1 at " + std::to_string(one) + " of " + std::to_string(n) +
                  "; it was changed while it was open: copy it again");
    std::fill_n(to, n, 0.0f);
    to[one] = 1.0f;
  }
  void observations(std::int64_t first, std::int64_t count, float* to) const {
    constexpr auto c = StoreColumn::observations;
    if (!of_.record.one_hot) return entries(c, first, count, to);
    std::array<std::uint32_t, 1024> ones;
    for (std::int64_t done = 0; done < count;) {
      const auto some = std::min(count - done, std::int64_t(ones.size()));
      entries(c, first + done, some, ones.data());
      for (std::int64_t k = 0; k < some; ++k, ++done)
        place(ones[std::size_t(k)], to + done * of_.record.shape.observation_size);
    }
  }
  // Two stored observations, which usually follow each other.
  void pair(std::int64_t row, std::int64_t after, float* s, float* s_next) const {
    constexpr auto c = StoreColumn::observations;
    if (after != row + 1 || !kept_[c].empty() || row < 0 || after >= stored()) {
      observations(row, 1, s);
      if (after == row) std::copy_n(s, of_.record.shape.observation_size, s_next);
      else observations(after, 1, s_next);
    } else if (of_.record.one_hot) {
      std::array<std::uint32_t, 2> ones{};
      of_.read(c, std::uint64_t(row), 2, ones.data());
      place(ones[0], s), place(ones[1], s_next);
    } else {
      const auto width = std::size_t(of_.record.width(c));
      const std::array<iovec, 2> to = {iovec{s, width}, iovec{s_next, width}};
      const auto got = ::preadv(of_.files[c].get(), to.data(), 2, off_t(std::uint64_t(row) * width));
      if (got != ssize_t(2 * width)) observations(row, 1, s), observations(after, 1, s_next);
    }
  }

  StoreFiles of_;
  std::array<std::vector<std::byte>, store_columns> kept_;
  bool reads_ahead_ = of_.bytes > machine_memory() / 2;
};
// What learning takes for each transition, wherever they are: the lists of those that are learned from.
inline constexpr std::uint64_t store_list_bytes = 16;

TESSERA_INLINE Dataset on_disk(StoreFiles of, std::uint64_t memory, const ReadLimits& limits) {
  auto data = of.head();
  data.on_disk = std::make_shared<StoreRows>(std::move(of), memory, limits);
  require_sound(data);
  return data;
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE std::uint64_t bytes_in_memory(const std::string& path) {
  const detail::StoreFiles of(path);
  const auto& shape = of.record.shape;
  const auto n = double(shape.observation_size), rows = double(of.record.transitions);
  const auto d = shape.kind == action_kind::discrete ? 1 : double(shape.action_size);
  const auto observations = of.record.one_hot ? 4 * double(of.record.stored) * n : 0.0;
  const auto all = double(of.bytes) + observations + rows * (4 * (2 * n + d + 2) + double(detail::store_list_bytes));
  return all < 1e19 ? std::uint64_t(all) : UINT64_MAX;
}

TESSERA_INLINE Dataset open_store(const std::string& path, std::uint64_t memory, const ReadLimits& limits) {
  detail::StoreFiles of(path);
  const auto lists =
      detail::store_list_bytes * std::uint64_t(of.record.transitions) + of.record.bytes(detail::StoreColumn::episodes);
  if (lists > memory)
    throw Error(of.path + ": the lists of its " + std::to_string(of.record.transitions) + " transitions and " +
                std::to_string(of.record.episodes) + " episodes take " + bytes_text(double(lists)) +
                " of memory, which is more than the " + bytes_text(double(memory)) +
                " that it may take; raise the memory limit, or give a part of the data");
  return detail::on_disk(std::move(of), memory - lists, limits);
}
TESSERA_INLINE Dataset store_on_disk(const std::string& path, const ReadLimits& limits) {
  return detail::on_disk(detail::StoreFiles(path), 0, limits);
}
}  // namespace tessera
