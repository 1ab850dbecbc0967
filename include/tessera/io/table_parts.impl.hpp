#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tessera/io/log_table.hpp>
#include <tessera/io/table_parts.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/number_text.hpp>

namespace tessera {
namespace detail {
// The texts that are used, each once.
TESSERA_INLINE void compact_texts(TableColumn& c) {
  std::vector<std::uint32_t> place(c.texts.size(), TableColumn::no_text);
  std::vector<std::string> used;
  for (auto& code : c.codes) {
    if (code == TableColumn::no_text) continue;
    if (place[code] == TableColumn::no_text) place[code] = std::uint32_t(used.size()), used.push_back(c.texts[code]);
    code = place[code];
  }
  c.texts = std::move(used);
}
TESSERA_INLINE void append_texts(TableColumn& to, const TableColumn& part) {
  std::unordered_map<std::string, std::uint32_t> known;
  for (std::size_t k = 0; k < to.texts.size(); ++k) known.emplace(to.texts[k], std::uint32_t(k));
  std::vector<std::uint32_t> place;
  for (const auto& text : part.texts) {
    const auto [at, is_new] = known.emplace(text, std::uint32_t(to.texts.size()));
    if (is_new) to.texts.push_back(text);
    place.push_back(at->second);
  }
  for (const auto code : part.codes) to.codes.push_back(code == TableColumn::no_text ? code : place[code]);
}
}  // namespace detail

TESSERA_INLINE void append_rows(LogTable& to, LogTable part) {
  if (to.rows == 0) {
    to = std::move(part);
    return;
  }
  if (to.first_line < 0 || part.first_line != to.first_line + to.rows) to.first_line = -1;
  to.rows += part.rows;
  for (std::size_t k = 0; k < to.columns.size(); ++k) {
    auto &c = to.columns[k], &more = part.columns[k];
    c.whole = c.whole && more.whole;
    c.numbers.insert(c.numbers.end(), more.numbers.begin(), more.numbers.end());
    detail::append_texts(c, more);
  }
}

TESSERA_INLINE LogTable take_rows(LogTable& from, std::int64_t rows) {
  LogTable out;
  out.rows = rows, out.first_row = from.first_row, out.first_line = from.first_line;
  from.rows -= rows, from.first_row += rows;
  if (from.first_line >= 0) from.first_line += rows;
  for (auto& c : from.columns) {
    TableColumn taken{c.name, c.width, c.whole, {}, {}, {}};
    const auto move = [](auto& all, auto& to, std::int64_t count) {
      const auto end = all.begin() + std::min<std::ptrdiff_t>(std::ptrdiff_t(count), std::ptrdiff_t(all.size()));
      to.assign(all.begin(), end);
      all.erase(all.begin(), end);
    };
    move(c.numbers, taken.numbers, rows * c.width), move(c.codes, taken.codes, rows);
    if (!taken.codes.empty()) taken.texts = c.texts, detail::compact_texts(taken), detail::compact_texts(c);
    out.columns.push_back(std::move(taken));
  }
  return out;
}

TESSERA_INLINE std::string RowOrder::key_of(const LogTable& part, std::int64_t row) const {
  std::string out;
  for (const auto k : episode_) {
    const auto& c = part.columns[k];
    if (c.is_text()) {
      const auto code = c.codes[std::size_t(row)];
      const auto& text = code == TableColumn::no_text ? std::string() : c.texts[code];
      out += text + '\0' + std::to_string(text.size()) + '\0';
    } else {
      const double x = c.numbers[std::size_t(row)] + 0.0;  // one zero
      out.append(reinterpret_cast<const char*>(&x), sizeof x);
    }
  }
  return out;
}
TESSERA_INLINE void RowOrder::add(const LogTable& part) {
  if (episode_.empty() || wrong_ >= 0) return;
  const TableColumn* step = step_.empty() ? nullptr : &part.columns[step_[0]];
  std::vector<double> of_text;
  if (step != nullptr)
    for (const auto& text : step->texts) {
      const auto x = time_stamp(text);
      of_text.push_back(x ? *x : real_number(text).value_or(std::nan("")));
    }
  for (std::int64_t row = 0; row < part.rows && wrong_ < 0; ++row) {
    auto key = key_of(part, row);
    double step_here = 0;
    if (step != nullptr && step->is_text()) {
      const auto code = step->codes[std::size_t(row)];
      step_here = code == TableColumn::no_text ? std::nan("") : of_text[code];
    } else if (step != nullptr) {
      step_here = step->numbers[std::size_t(row)];
    }
    const bool same = any_ && key == last_;
    if ((same && step_here < last_step_) || (!same && !seen_.insert(key).second)) wrong_ = part.first_row + row;
    any_ = true, last_ = std::move(key), last_step_ = step_here;
  }
}
TESSERA_INLINE void RowOrder::require() const {
  if (wrong_ >= 0)
    throw Error(file_ + ": row " + std::to_string(wrong_) +
                " is out of the order of episode and step, and a table that does not fit into the memory limit is read "
                "in that order; sort the file by episode and step, or raise the memory limit");
}

TESSERA_INLINE void ColumnMeans::add(const LogTable& part) {
  std::size_t width = 0;
  for (const auto k : columns_) width += std::size_t(part.columns[k].width);
  sum_.resize(width, 0), count_.resize(width, 0);
  std::size_t at = 0;
  for (const auto k : columns_) {
    const auto& c = part.columns[k];
    for (std::size_t i = 0; i < c.numbers.size(); ++i) {
      if (std::isnan(c.numbers[i])) continue;
      const auto j = at + i % std::size_t(c.width);
      sum_[j] += double(float(c.numbers[i])), count_[j] += 1;
    }
    at += std::size_t(c.width);
  }
}
TESSERA_INLINE std::vector<double> ColumnMeans::means() const {
  std::vector<double> out;
  for (std::size_t j = 0; j < sum_.size(); ++j) out.push_back(count_[j] > 0 ? sum_[j] / count_[j] : 0);
  return out;
}
}  // namespace tessera
