#include <tessera/io/log_table.hpp>
#include <tessera/io/table_parts.hpp>

#include <limits>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using tessera::LogTable;
using tessera::TableColumn;
using Texts = std::vector<std::string>;

namespace {
TableColumn numbers(const std::vector<double>& x) { return {"x", 1, true, x, {}, {}}; }
TableColumn texts(const Texts& names, const std::vector<std::uint32_t>& codes) {
  return {"t", 1, false, {}, codes, names};
}
LogTable table(std::int64_t first_row, std::vector<TableColumn> columns) {
  LogTable out;
  out.rows = std::int64_t(columns[0].is_text() ? columns[0].codes.size() : columns[0].numbers.size());
  out.first_row = first_row, out.first_line = 2 + first_row, out.columns = std::move(columns);
  return out;
}
Texts values_of(const TableColumn& c) {
  Texts out;
  for (const auto code : c.codes) out.push_back(code == TableColumn::no_text ? "-" : c.texts[code]);
  return out;
}
std::string order_error(const std::vector<LogTable>& parts) {
  tessera::RowOrder order("a.csv", {0}, {1});
  for (const auto& part : parts) order.add(part);
  return error_of([&] { order.require(); });
}
}  // namespace

TEST_CASE("rows of parts are put together and taken out", "[data][tables]") {
  constexpr auto none = TableColumn::no_text;
  auto all = table(10, {numbers({1, 2, 3}), texts({"b", "a"}, {0, 1, none})});
  tessera::append_rows(all, table(13, {numbers({4, 5}), texts({"c", "a"}, {1, 0})}));
  CHECK((all.rows == 5 && all.first_row == 10 && all.first_line == 12));
  CHECK(all.columns[0].numbers == std::vector<double>{1, 2, 3, 4, 5});
  CHECK(values_of(all.columns[1]) == Texts{"b", "a", "-", "a", "c"});

  const auto taken = tessera::take_rows(all, 4);
  CHECK((taken.rows == 4 && taken.first_row == 10 && taken.first_line == 12));
  CHECK(taken.columns[0].numbers == std::vector<double>{1, 2, 3, 4});
  CHECK(values_of(taken.columns[1]) == Texts{"b", "a", "-", "a"});
  CHECK(taken.columns[1].texts == Texts{"b", "a"});
  CHECK((all.rows == 1 && all.first_row == 14 && all.first_line == 16));
  CHECK(all.columns[0].numbers == std::vector<double>{5});
  CHECK(values_of(all.columns[1]) == Texts{"c"});
  CHECK(all.columns[1].texts == Texts{"c"});  // those of the rows that are gone are gone
}

TEST_CASE("whether rows are in order is seen over parts", "[data][tables]") {
  const auto part = [](std::int64_t first, const std::vector<double>& episode, const std::vector<double>& step) {
    return table(first, {numbers(episode), numbers(step)});
  };
  CHECK(order_error({part(0, {7, 7, 3}, {0, 1, 0}), part(3, {3, 3, 9}, {1, 1, 0})}) == "(no error)");
  CHECK_THAT(order_error({part(0, {7, 7, 3}, {0, 1, 0}), part(3, {3, 7}, {1, 2})}),
             Contains("a.csv: row 4 is out of the order of episode and step") && Contains("sort the file"));
  CHECK_THAT(order_error({part(0, {7, 7}, {0, 2}), part(2, {7}, {1})}), Contains("row 2 is out of the order"));
  const auto named = [](std::int64_t first, const Texts& names, const std::vector<std::uint32_t>& codes,
                        const Texts& times) {
    std::vector<std::uint32_t> each(times.size());
    for (std::size_t i = 0; i < each.size(); ++i) each[i] = std::uint32_t(i);
    return table(first, {texts(names, codes), texts(times, each)});
  };
  CHECK(order_error({named(0, {"p", "q"}, {0, 1}, {"2020-01-02", "2020-01-01"}),
                     named(2, {"q", "r"}, {0, 1}, {"2020-01-01 01:00", "2019-01-01"})}) == "(no error)");
  CHECK_THAT(
      order_error({named(0, {"p", "q"}, {0, 1}, {"2020-01-02", "2020-01-03"}), named(2, {"q"}, {0}, {"2020-01-02"})}),
      Contains("row 2 is out of the order"));
}

TEST_CASE("means of parts are those of all rows, without what is missing", "[data][tables]") {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  tessera::ColumnMeans means({1, 0});
  TableColumn pair{"p", 2, false, {1, 10, 2, nan, 3, 30}, {}, {}};
  auto first = table(0, {numbers({nan, 4, 8}), pair});
  means.add(first);
  TableColumn more{"p", 2, false, {6, nan}, {}, {}};
  means.add(table(3, {numbers({nan}), more}));
  CHECK(means.means() == std::vector<double>{3, 20, 6});
}
