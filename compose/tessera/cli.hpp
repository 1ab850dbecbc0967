#pragma once
// The command line `tessera` for a program's own algorithms, environments and data:
//
//   const tessera::cli::Algorithm<MyRecipe> recipe;
//   const tessera::cli::Algorithm<MyDiscreteRecipe> discrete("my-recipe");  // one name: the data choose
//   const tessera::cli::Environment<MyTask> task;
//   const tessera::cli::Reader<MyFormat> format;
//   int main(int argc, char** argv) { return tessera::cli::run(argc, argv); }
//
// In a program that links `tessera::cli` the rest is compiled already; any other program compiles it in every file that
// includes this header.
#include <tessera/cli/algorithm.hpp>
#include <tessera/cli/dynamics_model.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/front.hpp>
#include <tessera/cli/linked_engine.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/sources/load.hpp>

namespace tessera::cli {
/// Adds a reader of data sets to the table of `load_dataset`: see `DataFormat` and `Hdf5Layout`.
template <class F>
using Reader = tessera::Reader<F>;

/// The whole of `main`: trains, evaluates, resumes, explains, ... with everything that is registered.  Returns the exit
/// code; an error is one line on standard error, which begins with the name of the program's file.
inline int run(int argc, char** argv) { return run(argc, argv, {.name = "", .engine = &linked_engine}); }
}  // namespace tessera::cli
