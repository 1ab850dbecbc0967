#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/io/arrow_columns.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/read_limits.hpp>
#include <tessera/support/saturating.hpp>

namespace tessera::detail {
/// What `arrow_table_script` writes, checked as it arrives.  `In` has read(void*, std::size_t), which throws if the
/// stream has ended.
template <class In>
class ArrowStream {
 public:
  ArrowStream(In& from, MemoryBudget& budget) : from_(from), budget_(budget) {}

  /// What the errors are about.
  std::string about;

  char mark() {
    char found = 0;
    from_.read(&found, 1);
    return found;
  }
  std::uint64_t count(std::uint64_t max = std::uint64_t{1} << 40) {
    std::uint64_t found = 0;
    from_.read(&found, sizeof found);
    require(found <= max);
    return found;
  }
  std::string text() {
    constexpr std::uint64_t longest = 1 << 16;
    std::string found(static_cast<std::size_t>(count(longest)), '\0');
    from_.read(found.data(), found.size());
    return found;
  }
  std::vector<std::string> texts(std::uint64_t max) {
    const auto size = count(max);
    std::vector<std::string> found;
    for (std::uint64_t i = 0; i < size; ++i) {
      found.push_back(text());
      budget_.take(about, sizeof(std::string) + static_cast<double>(found.back().size()));
    }
    return found;
  }
  template <class T>
  std::vector<T> values(std::uint64_t size) {
    budget_.take(about, static_cast<double>(size) * sizeof(T));
    std::vector<T> found(static_cast<std::size_t>(size));
    from_.read(found.data(), found.size() * sizeof(T));
    return found;
  }
  void require(bool good) const {
    if (!good)
      throw Error(about +
                  ": the process that read it did not send a valid table; the file is damaged or malicious: "
                  "copy or download it again");
  }

  ArrowTable table() {
    constexpr std::uint64_t most_columns = 1 << 20;
    ArrowTable found;
    const auto rows = count();
    found.rows = static_cast<std::int64_t>(rows);
    const auto columns = count(most_columns);
    found.names = texts(most_columns);
    for (std::uint64_t i = 0; i < columns; ++i) found.columns.push_back(column(rows));
    return found;
  }

 private:
  ArrowColumn column(std::uint64_t rows) {
    ArrowColumn found;
    found.name = text(), found.stored_as = printable_name(text());
    found.type = ArrowColumn::kind(count(std::uint64_t(ArrowColumn::kind::other)));
    budget_.take(about, sizeof(ArrowColumn) + static_cast<double>(found.name.size() + found.stored_as.size()));
    found.shape.resize(count(32));
    std::uint64_t width = 1, items = rows;
    for (auto& extent : found.shape) {
      extent = static_cast<std::int64_t>(count());
      width = math::saturating_product(width, static_cast<std::uint64_t>(extent));
    }
    require(width <= std::uint64_t{1} << 40);  // also where there are no rows
    if (count(1) == 1) {
      require(count() == rows);
      const auto lengths = values<std::int64_t>(rows);
      budget_.take(about, 8 * static_cast<double>(rows + 1));
      found.first_item.reserve(static_cast<std::size_t>(rows + 1));
      found.first_item.push_back(0);
      for (const auto length : lengths) {
        require(length >= 0 && length <= (std::int64_t{1} << 40) - found.first_item.back());
        found.first_item.push_back(found.first_item.back() + length);
      }
      items = static_cast<std::uint64_t>(found.first_item.back());
    }
    const auto size = count();
    require(size == (found.type == ArrowColumn::kind::other ? 0 : math::saturating_product(items, width)));
    if (found.type == ArrowColumn::kind::real) found.real = values<double>(size);
    else found.whole = values<std::int64_t>(size);
    const auto marks = count();
    require(marks == 0 || marks == size);
    found.missing = values<std::uint8_t>(marks);
    const auto lengths = values<std::int64_t>(count(size));
    const auto letters = values<char>(count());
    budget_.take(about,
                 sizeof(std::string) * static_cast<double>(lengths.size()) + static_cast<double>(letters.size()));
    std::size_t at = 0;
    for (const auto length : lengths) {
      require(length >= 0 && std::uint64_t(length) <= letters.size() - at);
      found.labels.emplace_back(letters.data() + at, std::size_t(length));
      at += static_cast<std::size_t>(length);
    }
    // A column of missing texts alone has none.
    if (found.type == ArrowColumn::kind::text && found.labels.empty() && size > 0) found.labels.emplace_back();
    const auto largest = found.type == ArrowColumn::kind::text    ? std::int64_t(found.labels.size()) - 1
                         : found.type == ArrowColumn::kind::flags ? 1
                                                                  : -1;
    if (largest >= 0)
      for (const auto value : found.whole) require(value >= 0 && value <= largest);
    return found;
  }

  In& from_;
  MemoryBudget& budget_;
};
}  // namespace tessera::detail
