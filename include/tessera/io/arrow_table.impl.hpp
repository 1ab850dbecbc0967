#pragma once
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/arrow_stream.hpp>
#include <tessera/io/arrow_table.hpp>
#include <tessera/io/arrow_table_script.hpp>
#include <tessera/io/child_process.hpp>
#include <tessera/io/regular_file.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/python_program.hpp>

namespace tessera::detail {
TESSERA_INLINE std::string how_to_install_arrow() {
  return "install it with 'python3 -m pip install pyarrow', or set TESSERA_PYTHON to a Python that has it";
}

/// Starts `arguments`, of which the first is the program, with its descriptor 3 as the pipe that is read.
TESSERA_INLINE Child start_program(const std::vector<std::string>& arguments, const ChildLimits& limits,
                                   const std::function<void()>& meanwhile) {
  std::vector<char*> pointers;  // made before the fork: a child of a program with threads may take no memory
  for (const auto& each : arguments) pointers.push_back(const_cast<char*>(each.c_str()));
  pointers.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw Error(printable(arguments[0]) + ": cannot create a pipe (" + std::strerror(errno) +
                "); close other programs");
  const auto parent = ::getpid();
  const auto id = ::fork();
  if (id < 0) {
    const int why = errno;
    ::close(ends[0]), ::close(ends[1]);
    throw Error(printable(arguments[0]) + ": cannot be started (" + std::strerror(why) + "); close other programs");
  }
  if (id == 0) {
    const int pipe_end = give_up_powers(ends[1], limits, parent);
    ::fcntl(pipe_end, F_SETFD, 0);
    ::execvp(pointers[0], pointers.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  return Child(id, ends[0], limits.seconds, meanwhile);
}

TESSERA_INLINE void read_some_arrow_tables(const std::vector<std::string>& paths, std::size_t begin, std::size_t end,
                                           const std::string& columns, std::int64_t rows, const ChildLimits& allowed,
                                           const ReadLimits& limits, MemoryBudget& budget,
                                           const std::function<bool(std::size_t, ArrowTable)>& f) {
  const auto python = python_program();
  std::vector<std::string> arguments = {python, "-B", "-c", arrow_table_script, columns, std::to_string(rows)};
  arguments.insert(arguments.end(), paths.begin() + std::ptrdiff_t(begin), paths.begin() + std::ptrdiff_t(end));
  auto child = start_program(arguments, allowed, limits.meanwhile);
  ArrowStream in(child, budget);
  auto at = begin;
  const auto where = [&] { return at < end ? printable(paths[at]) : printable(python); };
  try {
    for (;;) {
      in.about = where();
      switch (const char mark = in.mark()) {
        case 'P':
        case 'T': {
          in.require(at < end && (mark == 'T' || rows > 0));
          auto table = in.table();
          if (!f(at, std::move(table))) return;
          at += mark == 'T';
          break;
        }
        case 'M':
          throw Error(where() + ": is read by pyarrow, which " + printable(python) + " does not have (" +
                      printable(in.text()) + "); " + how_to_install_arrow());
        case 'E': {
          in.count();
          throw Error(where() + ": cannot be read as Arrow or Parquet (" + printable(in.text()) +
                      "); it may be damaged: copy or download it again");
        }
        case '.':
          in.require(at == end);
          return;
        default:
          in.require(false);
      }
    }
  } catch (const PipeLate&) {
    throw Error(where() + ": was not read within " + std::to_string(std::int64_t(allowed.seconds)) +
                " seconds; the file is damaged or malicious: copy or download it again");
  } catch (const PipeEnded&) {
    const int status = child.end();
    if (WIFEXITED(status) && (WEXITSTATUS(status) == 127 || WEXITSTATUS(status) == 126))
      throw Error(where() + ": is read by Python with pyarrow, and there is no program " + printable(python) +
                  "; install Python 3 and pyarrow ('python3 -m pip install pyarrow'), or set TESSERA_PYTHON to a "
                  "Python that has it");
    throw Error(where() +
                ": the Python program that read it ended too early, perhaps for want of memory; raise the "
                "memory limit if you trust the file, or download it again");
  }
}
}  // namespace tessera::detail

namespace tessera::detail {
TESSERA_INLINE void read_arrow_files(const std::vector<std::string>& paths, const std::vector<std::string>& columns,
                                     std::int64_t rows, const ReadLimits& limits,
                                     const std::function<bool(std::size_t, ArrowTable)>& f) {
  std::string wanted;
  for (const auto& each : columns) wanted += (wanted.empty() ? "" : "\n") + each;
  double size = 0;
  for (const auto& path : paths) {
    if (path.find('\0') != std::string::npos) throw Error(printable(path) + ": a path has no zero bytes; correct it");
    size += static_cast<double>(RegularFile(path, "an Arrow or Parquet file").size());
  }
  const auto bytes = static_cast<std::uint64_t>(std::min(size, 1e18));
  MemoryBudget budget(limits, bytes);
  // The address space of Python and pyarrow, of which little is memory in use, and the numbers twice.
  constexpr std::uint64_t base = std::uint64_t{3} << 29, most = std::uint64_t{1} << 46;
  const ChildLimits allowed{.seconds = 3600, .memory = base + 2 * std::min(limits.for_file(bytes), most)};
  // As many files at a time as a command line has room for.
  constexpr std::size_t room = 1 << 18;
  for (std::size_t begin = 0; begin < paths.size();) {
    auto end = begin;
    for (std::size_t used = 0; end < paths.size() && (end == begin || used + paths[end].size() < room); ++end)
      used += paths[end].size() + 16;
    read_some_arrow_tables(paths, begin, end, wanted, rows, allowed, limits, budget, f);
    begin = end;
  }
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE void read_arrow_tables(const std::vector<std::string>& paths, const std::vector<std::string>& columns,
                                      const ReadLimits& limits, const std::function<void(std::size_t, ArrowTable)>& f) {
  detail::read_arrow_files(paths, columns, 0, limits, [&](std::size_t which, ArrowTable table) {
    f(which, std::move(table));
    return true;
  });
}
TESSERA_INLINE void read_arrow_parts(const std::string& path, const std::vector<std::string>& columns,
                                     std::int64_t rows, const ReadLimits& limits,
                                     const std::function<bool(ArrowTable)>& f) {
  detail::read_arrow_files({path}, columns, rows, limits,
                           [&](std::size_t, ArrowTable table) { return f(std::move(table)); });
}

TESSERA_INLINE ArrowTable read_arrow_table(const std::string& path, const std::vector<std::string>& columns,
                                           const ReadLimits& limits) {
  ArrowTable found;
  read_arrow_tables({path}, columns, limits, [&](std::size_t, ArrowTable table) { found = std::move(table); });
  return found;
}

TESSERA_INLINE std::string why_no_arrow() {
  const auto python = python_program();
  MemoryBudget budget({.bytes = 1 << 20}, 0);
  auto child = detail::start_program({python, "-B", "-c", detail::arrow_table_script, "", "0"},
                                     {.seconds = 60, .memory = std::uint64_t{3} << 29}, nullptr);
  detail::ArrowStream in(child, budget);
  try {
    if (in.mark() == '.') return "";
    return printable(python) + " has no pyarrow; " + detail::how_to_install_arrow();
  } catch (const detail::PipeEnded&) {
  } catch (const detail::PipeLate&) {
  }
  return "there is no program " + printable(python) +
         " that works; install Python 3 and pyarrow ('python3 -m pip "
         "install pyarrow'), or set TESSERA_PYTHON to a Python that has it";
}
}  // namespace tessera
