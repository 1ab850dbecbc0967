#pragma once
#include <tessera/cli/data_flags.hpp>
#include <tessera/cli/one_of.hpp>
#include <tessera/dataset/declared.hpp>
#include <tessera/io/column_mapping.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE std::string with_flags(const std::string& dataset, const DataFlags& flags) {
  if (!flags.any()) return dataset;
  const std::string first = !flags.columns.empty() ? "--columns" : !flags.missing.empty() ? "--missing" : "--actions";
  if (dataset.empty()) throw Error(first + " says how the file of --dataset is read; give that too");
  const auto [reader, request] = find_reader(dataset);
  if (reader != nullptr && !reader->of_file())
    throw Error(first + ": " + printable(dataset) + " is read from no file; leave it out");
  if (!flags.actions.empty() && !action_kind_of(flags.actions))
    require_one_of("--actions", flags.actions, {"continuous", "discrete"});
  DataRequest out(request);
  if (!flags.columns.empty()) {
    const auto mapping = read_mapping(flags.columns);
    ColumnMapping::parse(mapping, "--columns");
    out = out.with("columns", mapping);
  }
  if (!flags.missing.empty()) out = out.with("missing", flags.missing);
  if (!flags.actions.empty()) out = out.with("actions", flags.actions);
  return (reader != nullptr ? reader->name + ":" : "") + out.text();
}

TESSERA_CLI_INLINE std::string moved_dataset(const std::string& now, const std::string& then) {
  const auto [reader, request] = find_reader(now);
  const auto [old_reader, old_request] = find_reader(then);
  if ((reader != nullptr && !reader->of_file()) || (old_reader != nullptr && !old_reader->of_file())) return now;
  DataRequest here(request);
  if (here.has_options() || !DataRequest(old_request).has_options()) return now;
  return (reader != nullptr ? reader->name + ":" : "") + DataRequest(old_request).at(here.path()).text();
}
}  // namespace tessera::cli
