#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tessera/io/csv.hpp>
#include <tessera/io/unpacked_text.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::csv {
inline constexpr std::size_t longest_record = std::size_t{64} << 20, most_columns = 100'000;

TESSERA_INLINE std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}
// What pandas and R write and read for a value that is not there.
TESSERA_INLINE bool is_missing(std::string_view text) {
  switch (text.size()) {
    case 0:
      return true;
    case 2:
      return text == "NA";
    case 3:
      return text == "nan" || text == "NaN" || text == "NAN" || text == "N/A" || text == "n/a" || text == "#NA";
    case 4:
      return text == "NULL" || text == "null" || text == "None" || text == "<NA>" || text == "#N/A" || text == "-nan" ||
             text == "-NaN" || text == "Null";
    default:
      return false;
  }
}

// A number as tables have it: 1, +1, -1.5e3, .5, True.  An infinite one is a number; whether one is missing is asked
// before.
struct Number {
  double value = 0;
  bool whole = true;  ///< written without a point or an exponent
};
TESSERA_INLINE std::optional<Number> number_in(std::string_view text, char decimal) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  if (text == "True" || text == "true" || text == "TRUE") return Number{1, true};
  if (text == "False" || text == "false" || text == "FALSE") return Number{0, true};
  char copy[64];
  if (decimal == ',') {
    if (text.size() > sizeof copy || text.find('.') != std::string_view::npos) return std::nullopt;
    std::copy(text.begin(), text.end(), copy);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (copy[i] == ',') copy[i] = '.';
    text = {copy, text.size()};
  }
  Number out;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out.value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (code == std::errc::result_out_of_range)  // too large, or so small that it is 0
    out.value = text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos
                    ? 0
                    : std::numeric_limits<double>::infinity();
  else if (code != std::errc{}) return std::nullopt;
  out.whole = text.find_first_of(".eEnN") == std::string_view::npos;
  return out;
}

// Reads what numbers usually look like, -12.345: whether the text from `at` on begins so, and then behind it.  The
// value is the nearest double, as std::from_chars gives it: digits up to 2^53 and powers of ten up to 10^22 are
// doubles, and one division rounds once (Clinger, "How to read floating point numbers accurately", 1990).
TESSERA_INLINE bool simple_number(const char*& at, const char* end, double& value, bool& whole) {
  static constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const char* p = at;
  const bool negative = p < end && *p == '-';
  p += negative;
  std::uint64_t digits = 0;
  const char* const first = p;
  const auto digit = [&] { return p < end && static_cast<unsigned char>(*p - '0') < 10; };
  for (; digit(); ++p) digits = 10 * digits + std::uint64_t(*p - '0');
  const auto before = p - first;
  std::ptrdiff_t behind = 0;
  if (p < end && *p == '.') {
    const char* const point = ++p;
    for (; digit(); ++p) digits = 10 * digits + std::uint64_t(*p - '0');
    behind = p - point;
  }
  const auto count = before + behind;
  if (count == 0 || count > 19 || digits > (std::uint64_t{1} << 53)) return false;
  value = double(digits) / powers[behind];
  if (negative) value = -value;
  whole = p == first + before;
  at = p;
  return true;
}

// Records of a file one by one, in a buffer that holds one of them and as many others as fit.
class Records {
 public:
  Records(const RegularFile& file, char delimiter, MemoryBudget& budget)
      : file_(file), text_in_(file), delimiter_(delimiter), budget_(budget),
        buffer_(std::size_t(std::min<std::uint64_t>(file.size() + 1, std::uint64_t{1} << 20))) {
    refill();
    if (end_ - begin_ >= 3 && std::memcmp(buffer_.data(), "\xEF\xBB\xBF", 3) == 0) begin_ = 3;
    if (end_ - begin_ >= 2 &&
        (std::memcmp(buffer_.data(), "\xFF\xFE", 2) == 0 || std::memcmp(buffer_.data(), "\xFE\xFF", 2) == 0))
      throw Error(file_.path() + ": is text in UTF-16; save it as UTF-8");
  }

  /// The next record that is neither empty nor a comment; false at the end.  Valid until the next call.
  bool next() {
    for (;;) {
      if (!find_end()) return false;
      line_ = lines_ + 1;
      lines_ += newlines_;
      if (text_.empty() || trimmed(text_).empty()) continue;
      if (text_.front() != '#') break;
      comment_ = text_.substr(1);
    }
    if (std::memchr(text_.data(), 0, text_.size()) != nullptr)
      throw Error(file_.path() + ": line " + std::to_string(line_) +
                  " holds a NUL byte: it is not a text table, or it is damaged; write it again");
    return true;
  }
  std::string_view text() const { return text_; }
  bool quoted() const { return quoted_; }
  std::int64_t line() const { return line_; }
  /// The last comment line, without #.
  const std::string& comment() const { return comment_; }

  /// Calls f(index, field) for each field, without its quotes, and returns how many there are.
  template <class F>
  std::size_t fields(F f) {
    if (!quoted_) {
      std::size_t k = 0;
      const char *from = text_.data(), *const end = from + text_.size();
      for (;; ++k) {
        const auto* at = static_cast<const char*>(std::memchr(from, delimiter_, std::size_t(end - from)));
        f(k, std::string_view(from, std::size_t((at != nullptr ? at : end) - from)));
        if (at == nullptr) return k + 1;
        from = at + 1;
      }
    }
    std::size_t k = 0, at = 0;
    for (;; ++k) {
      auto start = at;
      while (start < text_.size() && text_[start] == ' ') ++start;
      if (start < text_.size() && text_[start] == '"') {
        scratch_.clear();
        for (at = start + 1; at < text_.size(); ++at) {
          if (text_[at] != '"') scratch_ += text_[at];
          else if (at + 1 < text_.size() && text_[at + 1] == '"') scratch_ += '"', ++at;
          else break;
        }
        const auto end = std::min(text_.find(delimiter_, at), text_.size());
        f(k, std::string_view(scratch_));
        at = end;
      } else {
        const auto end = std::min(text_.find(delimiter_, at), text_.size());
        f(k, text_.substr(at, end - at));
        at = end;
      }
      if (at >= text_.size()) return k + 1;
      ++at;
    }
  }

 private:
  void refill() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_, begin_ = 0;
    if (end_ == buffer_.size()) {
      if (buffer_.size() >= longest_record)
        throw Error(file_.path() + ": line " + std::to_string(lines_ + 1) + " is longer than " +
                    std::to_string(longest_record >> 20) + " MiB; " +
                    (open_quote_ ? "a quote that is opened in it is not closed: close it" : "shorten it"));
      budget_.take(file_.path(), double(buffer_.size()));
      buffer_.resize(2 * buffer_.size());
    }
    const auto got = text_in_.read(buffer_.data() + end_, buffer_.size() - end_);
    end_ += got, at_end_ = got == 0;
    budget_.meanwhile();
  }
  // Finds the end of the record that begins at begin_.
  bool find_end() {
    std::size_t seen = 0;  // without a line's end and without quotes
    for (;;) {
      const char *const first = buffer_.data() + begin_, *const last = buffer_.data() + end_;
      const auto* end = static_cast<const char*>(std::memchr(first + seen, '\n', std::size_t(last - first) - seen));
      const char* const stop = end != nullptr ? end : last;
      newlines_ = 1, open_quote_ = false;
      quoted_ = first < stop && *first != '#' && std::memchr(first, '"', std::size_t(stop - first)) != nullptr;
      if (quoted_) end = end_of_quoted(first, last);
      if (end != nullptr) {
        take(first, end);
        begin_ = std::size_t(end + 1 - buffer_.data());
        return true;
      }
      if (at_end_) {
        if (first == last) return false;
        if (open_quote_)
          throw Error(file_.path() + ": a quote that is opened in the record at line " + std::to_string(lines_ + 1) +
                      " is not closed; close it");
        take(first, last);
        begin_ = end_;
        return true;
      }
      seen = quoted_ ? 0 : std::size_t(last - first);
      refill();
    }
  }
  // A quote counts where a field begins with it; null if the record goes on behind the buffer.
  const char* end_of_quoted(const char* first, const char* last) {
    bool begins = true, inside = false;
    newlines_ = 1;
    for (const char* p = first; p < last; ++p) {
      if (inside) {
        if (*p == '\n') ++newlines_;
        if (*p != '"') continue;
        if (p + 1 < last && p[1] == '"') ++p;
        else inside = false;
      } else if (*p == '\n') {
        return p;
      } else if (*p == delimiter_) {
        begins = true;
      } else if (begins && *p == '"') {
        inside = true, begins = false;
      } else if (*p != ' ') {
        begins = false;
      }
    }
    open_quote_ = inside;
    return nullptr;
  }
  void take(const char* first, const char* last) {
    if (last > first && last[-1] == '\r') --last;
    text_ = {first, std::size_t(last - first)};
  }

  const RegularFile& file_;
  UnpackedText text_in_;
  char delimiter_;
  MemoryBudget& budget_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool at_end_ = false, quoted_ = false, open_quote_ = false;
  std::int64_t lines_ = 0, newlines_ = 0, line_ = 0;
  std::string_view text_;
  std::string scratch_, comment_;
};

// The delimiter that a line has most of, outside of quotes; 0 if it has none.
TESSERA_INLINE char delimiter_of(std::string_view line) {
  std::size_t count[3] = {};
  bool inside = false;
  for (const char c : line) {
    if (c == '"') inside = !inside;
    else if (!inside) count[0] += c == ',', count[1] += c == ';', count[2] += c == '\t';
  }
  const auto most = std::max_element(count, count + 3);
  return *most == 0 ? char(0) : ",;\t"[most - count];
}

// Collects the fields of one column.
struct Filler {
  TableColumn out;
  column_reading as = column_reading::numbers;
  bool text = false;
  std::unordered_map<std::string, std::uint32_t> codes{};
  std::uint32_t last = 0;
  bool failed = false;  ///< a field is no number, where texts are allowed

  void add_text(std::string_view field, MemoryBudget& budget, const std::string& where) {
    if (is_missing(field)) return out.codes.push_back(TableColumn::no_text);
    if (!out.texts.empty() && out.texts[last] == field) return out.codes.push_back(last);
    auto [at, is_new] = codes.try_emplace(std::string(field), std::uint32_t(out.texts.size()));
    if (is_new) budget.take(where, 2.0 * double(field.size()) + 128), out.texts.push_back(at->first);
    out.codes.push_back(last = at->second);
  }
};
}  // namespace tessera::csv

namespace tessera {
TESSERA_INLINE void CsvFile::fail(std::int64_t line, std::int64_t column, const std::string& what) const {
  throw Error(path() + ": line " + std::to_string(line) +
              (column >= 0 ? ", column '" + printable_name(columns_[std::size_t(column)].name) + "'" : "") + ": " +
              what);
}

TESSERA_INLINE bool CsvFile::sniff(std::string_view head) {
  const bool whole = head.size() < 4096;
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  for (const char c : head)
    if (const auto u = static_cast<unsigned char>(c); u < 0x20 && c != '\n' && c != '\r' && c != '\t') return false;
  std::size_t lines = 0, width = 0;
  char delimiter = 0;
  while (!head.empty() && lines < 2) {
    const auto newline = head.find('\n');
    if (newline == std::string_view::npos && !whole && lines > 0) break;
    auto line = head.substr(0, newline);
    head.remove_prefix(newline == std::string_view::npos ? head.size() : newline + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (csv::trimmed(line).empty() || line.front() == '#') continue;
    if (lines == 0 && (line.front() == '{' || line.front() == '[' || line.front() == '<')) return false;  // JSON, HTML
    if (lines == 0) delimiter = csv::delimiter_of(line);
    if (delimiter == 0) return false;
    std::size_t fields = 1;
    bool inside = false;
    for (const char c : line) {
      if (c == '"') inside = !inside;
      fields += !inside && c == delimiter;
    }
    if (lines == 1 && !inside && fields != width && fields != width + 1) return false;
    if (lines++ == 0) width = fields;
  }
  return lines > 0 && width > 1;
}

TESSERA_INLINE CsvFile::CsvFile(const std::string& path, const CsvStyle& style, const ReadLimits& limits)
    : file_(path, "a text table"), limits_(limits) {
  MemoryBudget budget(limits_, file_.size());
  budget.take(file_.path(), double(std::size_t{1} << 20));
  std::vector<std::string> first;
  std::int64_t first_line = 0;
  std::string comment;
  {
    csv::Records records(file_, ',', budget);
    if (!records.next()) throw Error(this->path() + ": holds no rows; give a table with data");
    delimiter_ = style.delimiter != 0 ? style.delimiter : csv::delimiter_of(records.text());
    if (delimiter_ == 0) delimiter_ = ',';  // one column
  }
  csv::Records records(file_, delimiter_, budget);
  const auto row = [&] {
    std::vector<std::string> out;
    records.fields([&](std::size_t k, std::string_view field) {
      if (k >= csv::most_columns)
        throw Error(this->path() + ": line " + std::to_string(records.line()) + " has more than " +
                    std::to_string(csv::most_columns) + " columns; give a table with fewer");
      budget.take(this->path(), double(field.size()) + 32);
      out.emplace_back(csv::trimmed(field));
    });
    return out;
  };
  records.next();
  first = row(), first_line = records.line(), comment = records.comment();
  // A few rows show what the columns hold.
  std::vector<std::vector<std::string>> sample;
  double bytes = 0;
  while (sample.size() < 100 && bytes < 1e6 && records.next())
    sample.push_back(row()), bytes += double(records.text().size() + 2);
  bytes_of_row_ = sample.empty() ? 1 : std::max(1.0, bytes / double(sample.size()));

  if (style.decimal != 0) {
    decimal_ = style.decimal;
  } else if (delimiter_ != ',') {
    std::size_t commas = 0, points = 0;
    const auto count = [&](const std::vector<std::string>& fields) {
      for (const auto& field : fields) {
        if (field.find(',') != std::string::npos && csv::number_in(field, ',')) ++commas;
        else if (field.find('.') != std::string::npos && csv::number_in(field, '.')) ++points;
      }
    };
    count(first);
    for (const auto& fields : sample) count(fields);
    if (commas > 0 && points == 0) decimal_ = ',';
  }
  const auto is_number = [&](const std::string& field) { return csv::number_in(field, decimal_).has_value(); };
  header_ = style.header >= 0 ? style.header == 1 : !std::all_of(first.begin(), first.end(), [&](const auto& x) {
    return is_number(x) || csv::is_missing(x);
  }) || std::none_of(first.begin(), first.end(), is_number);
  std::vector<std::string> names = first;
  if (!header_) {
    names.clear();
    for (std::size_t k = 0; k < first.size(); ++k) names.push_back(std::to_string(k));
    // As numpy.savetxt(header=...) writes them.
    std::vector<std::string> in_comment;
    if (!comment.empty()) in_comment = split_at(comment, delimiter_);
    for (auto& name : in_comment) name = std::string(csv::trimmed(name));
    if (first.size() > 1 && in_comment.size() == first.size()) names = in_comment;
    sample.insert(sample.begin(), first);
  }
  if (header_ && !sample.empty() && sample[0].size() == names.size() + 1 &&
      std::all_of(sample.begin(), sample.end(), [&](const auto& x) { return x.size() == names.size() + 1; })) {
    row_names_ = true;  // as R's write.table writes them
    names.insert(names.begin(), "");
  }
  for (auto& name : names) columns_.push_back({std::move(name), 1, false});
  for (const auto& fields : sample)
    for (std::size_t k = 0; k < std::min(fields.size(), columns_.size()); ++k)
      if (!csv::is_missing(fields[k]) && !is_number(fields[k])) columns_[k].text = true;
  if (header_ && sample.empty())
    throw Error(this->path() + ": line " + std::to_string(first_line) +
                " is a header, and there are no rows below it; give a table with data");
  for (std::size_t k = 0; k < columns_.size(); ++k)
    if (columns_[k].name.empty() || columns_[k].name == "Unnamed: 0")
      warnings_.push_back({"unnamed-column", "column " + std::to_string(k + 1) +
                                                 " has no name, as a data frame's index has none when it is written; "
                                                 "it is ignored"});
  if (warnings_.size() > 3) warnings_.resize(3);
}

TESSERA_INLINE LogTable CsvFile::read(const std::vector<TableSource::Wanted>& wanted) const {
  LogTable all;
  read_parts(wanted, std::numeric_limits<std::int64_t>::max(), [&](LogTable table) { all = std::move(table); });
  return all;
}
TESSERA_INLINE void CsvFile::read_parts(const std::vector<TableSource::Wanted>& wanted, std::int64_t rows,
                                        const std::function<void(LogTable)>& f) const {
  std::vector<csv::Filler> fillers;
  std::vector<std::int32_t> filler_of(columns_.size(), -1);
  for (const auto& w : wanted) {
    const auto& head = columns_.at(w.column);
    filler_of[w.column] = std::int32_t(fillers.size());
    csv::Filler filler;
    filler.out.name = head.name, filler.as = w.as;
    filler.text = w.as == column_reading::texts || (w.as != column_reading::numbers && head.text);
    fillers.push_back(std::move(filler));
  }
  for (;;) {  // once more when a column that began with numbers holds texts
    MemoryBudget budget(limits_, file_.size());
    budget.take(path(), double(std::size_t{1} << 20));
    LogTable table;
    const auto expected = std::min(double(file_.size()) / bytes_of_row_ * 1.02 + 16, double(file_.size()));
    constexpr std::int64_t step = 16384;
    const auto begin = [&](std::int64_t row) {
      table = LogTable{};
      table.first_row = row;
      for (auto& filler : fillers) {
        filler.out.numbers.clear(), filler.out.codes.clear(), filler.out.texts.clear(), filler.codes.clear();
        filler.out.whole = !filler.text, filler.failed = false, filler.last = 0;
        // A column that grows would be copied.
        if (!filler.text) filler.out.numbers.reserve(std::size_t(std::min(expected, double(rows))));
      }
    };
    begin(0);
    csv::Records records(file_, delimiter_, budget);
    if (header_) records.next();
    bool again = false, regular = true;
    const auto n = columns_.size();
    const auto hand_over = [&] {
      if (!regular) table.first_line = -1;
      for (auto& filler : fillers) {
        table.columns.push_back(std::move(filler.out));
        filler.out = {table.columns.back().name, 1, false, {}, {}, {}};
      }
      f(std::move(table));
    };
    while (records.next()) {
      if (table.rows == 0) table.first_line = records.line();
      regular = regular && records.line() == table.first_line + table.rows;
      if (table.rows % step == 0)
        for (const auto& filler : fillers) budget.take(path(), double(step) * (filler.text ? 4 : 8));
      std::size_t fields = 0;
      const auto field = [&](std::size_t k, std::string_view text) {
        if (k >= n || filler_of[k] < 0) return;
        auto& to = fillers[std::size_t(filler_of[k])];
        text = csv::trimmed(text);
        if (to.text) return to.add_text(text, budget, path());
        if (csv::is_missing(text)) return to.out.numbers.push_back(std::numeric_limits<double>::quiet_NaN());
        const auto number = csv::number_in(text, decimal_);
        const bool too_long = to.as == column_reading::exactly && number && number->whole && text.size() > 15;
        if (!number || too_long) {
          if (to.as == column_reading::numbers)
            fail(records.line(), std::int64_t(k),
                 "'" + printable_name(text) + "' is not a number; correct it, or name another column");
          to.text = again = true;
          return;
        }
        to.out.whole = to.out.whole && number->whole;
        to.out.numbers.push_back(number->value);
      };
      if (records.quoted() || decimal_ != '.') {
        fields = records.fields(field);
      } else {
        const char *at = records.text().data(), *const end = at + records.text().size();
        for (;; ++fields, ++at) {
          if (fields < n && filler_of[fields] >= 0) {
            auto& to = fillers[std::size_t(filler_of[fields])];
            const char* behind = at;
            double x = 0;
            bool whole = false;
            if (!to.text && csv::simple_number(behind, end, x, whole) && (behind == end || *behind == delimiter_) &&
                (to.as != column_reading::exactly || behind - at < 16)) {
              to.out.whole = to.out.whole && whole;
              to.out.numbers.push_back(x);
              if (behind == end) break;
              at = behind;
              continue;
            }
          }
          const auto* comma = static_cast<const char*>(std::memchr(at, delimiter_, std::size_t(end - at)));
          field(fields, {at, std::size_t((comma != nullptr ? comma : end) - at)});
          if (comma == nullptr) break;
          at = comma;
        }
        ++fields;
      }
      if (fields != n)
        fail(records.line(), -1,
             "has " + std::to_string(fields) + (fields == 1 ? " field" : " fields") + ", where the " +
                 (header_ ? "header" : "first line") + " has " + std::to_string(n - (row_names_ ? 1 : 0)) +
                 (fields > n ? "; quote fields that hold the delimiter" : "; correct it"));
      if (again) break;
      if (++table.rows < rows) continue;
      const auto after = table.first_row + table.rows;
      hand_over(), begin(after), regular = true;
    }
    if (again) continue;
    if (table.rows > 0 || table.first_row == 0) hand_over();
    return;
  }
}

TESSERA_INLINE TableSource csv_source(const std::string& path, const CsvStyle& style, const ReadLimits& limits) {
  const auto file = std::make_shared<const CsvFile>(path, style, limits);
  return {file->path(),
          "csv",
          file->columns(),
          file->warnings(),
          [file](const std::vector<TableSource::Wanted>& wanted) { return file->read(wanted); },
          [file](const std::vector<TableSource::Wanted>& wanted, std::int64_t rows,
                 const std::function<void(LogTable)>& f) { file->read_parts(wanted, rows, f); },
          limits};
}
}  // namespace tessera
