// own_formats ARGS...: the command line of a program that compiles it itself, with an algorithm for either kind of
// actions, an environment, a task's file and three readers of its own.  own_formats --algorithm-twice, --name-twice,
// --environment-twice and --reader-twice register one of them again.
#include <fstream>
#include <string>

#include <tessera/algorithms/bc.hpp>
#include <tessera/cli.hpp>

#include "own_formats.hpp"

namespace {
struct Follow : tessera::recipes::DiscreteBc {};
struct FollowReals : tessera::recipes::Bc {};

struct LongCorridor {
  static constexpr const char *name = "long-corridor", *file = "cells.txt";
  static own::CorridorTask open(const std::string& path, const tessera::cli::TaskReading&) {
    std::ifstream in(path);
    int cells = 0;
    if (!(in >> cells) || cells < 5) throw tessera::Error(path + ": is no number of cells, 5 or more");
    return {cells};
  }
};

struct Again {
  static constexpr const char* name = "made";
  static tessera::Dataset read(const std::string&, const tessera::ReadLimits&) { return {}; }
};

const tessera::cli::Algorithm<Follow> follow;
const tessera::cli::Algorithm<FollowReals> follow_reals("follow");
const tessera::cli::Environment<own::Corridor> corridor;
const tessera::cli::Environment<LongCorridor> long_corridor;
}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "--algorithm-twice") const tessera::cli::Algorithm<Follow> again;
  if (what == "--name-twice") const tessera::cli::Algorithm<tessera::recipes::DiscreteBc> again("follow");
  if (what == "--environment-twice") const tessera::cli::Environment<own::Corridor> again;
  if (what == "--reader-twice") const tessera::cli::Reader<Again> again;
  return tessera::cli::run(argc, argv);
}
