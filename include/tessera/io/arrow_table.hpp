#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/io/arrow_columns.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
/// Whether a file is Parquet, or Arrow's file format (not its stream, which has no mark), from its first bytes.
inline bool is_arrow_file(std::string_view head) { return head.starts_with("PAR1") || head.starts_with("ARROW1"); }

/// Reads Parquet files, Arrow files and Arrow streams, and calls f(which of `paths`, table) for one after another.
/// `columns`: those to read ("observations" is all of a struct); none: all.
///
/// The files are read by pyarrow in a process of its own, python3 or what the environment variable TESSERA_PYTHON
/// names, which has no more memory than `limits` allow, may write no file, and sends the values through a pipe.  They
/// are checked as they arrive.  No shell is involved, and nothing is run that lies beside the files.
void read_arrow_tables(const std::vector<std::string>& paths, const std::vector<std::string>& columns,
                       const ReadLimits& limits, const std::function<void(std::size_t, ArrowTable)>& f);

/// The same for one file in parts of at most so many rows: f(part) says whether more are wanted.
void read_arrow_parts(const std::string& path, const std::vector<std::string>& columns, std::int64_t rows,
                      const ReadLimits& limits, const std::function<bool(ArrowTable)>& f);

/// The same for one file.
ArrowTable read_arrow_table(const std::string& path, const std::vector<std::string>& columns = {},
                            const ReadLimits& limits = {});

/// Why Arrow and Parquet files cannot be read here, and what to install; "" if they can.
std::string why_no_arrow();
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/arrow_table.impl.hpp>
#endif
