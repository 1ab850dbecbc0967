#pragma once
// The command line `tessera` for a program's own algorithms, environments and data:
//
//   const tessera::cli::Algorithm<MyRecipe> recipe;
//   const tessera::cli::Algorithm<MyDiscreteRecipe> discrete("my-recipe");  // one name: the data choose
//   const tessera::cli::Environment<MyTask> task;
//   const tessera::cli::Reader<MyFormat> format;
//   int main(int argc, char** argv) { return tessera::cli::run(argc, argv); }
//
// A program that links `tessera::cli` has the rest compiled; any other compiles it here, in every file that includes
// this.
#include <tessera/cli/algorithm.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/front.hpp>
#include <tessera/cli/linked_engine.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/sources/load.hpp>

namespace tessera::cli {
/// Puts a reader of data sets into the table of `load_dataset`: see `DataFormat` and `Hdf5Layout`.
template <class F>
using Reader = tessera::Reader<F>;

/// All of `main`: trains, evaluates, resumes, explains, ... with what is registered.  Returns the exit code; what went
/// wrong is one line on standard error, in which the program has its file's name.
inline int run(int argc, char** argv) { return run(argc, argv, {.name = "", .engine = &linked_engine}); }
}  // namespace tessera::cli
