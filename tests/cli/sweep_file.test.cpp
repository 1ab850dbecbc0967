#include <tessera/cli/sweep_file.hpp>
//
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <set>
#include <string>

#include <tessera/support/error.hpp>

using namespace tessera::cli;
using Catch::Matchers::Contains;

namespace {
SweepFile read(const std::string& text) {
  const std::string path = "sweep_file_test.toml";
  std::ofstream(path) << text;
  try {
    auto out = read_sweep(path);
    std::remove(path.c_str());
    return out;
  } catch (...) {
    std::remove(path.c_str());
    throw;
  }
}
using texts = std::vector<std::string>;
}  // namespace

TEST_CASE("the file of a sweep is flags, a grid and draws", "[cli]") {
  const auto s = read(R"toml(# which of them
algorithm = "iql"     # the method
dataset = "a folder/log.h5"
keep-best = true
published = false
seeds = "0:3"
out = "runs/x"
[set]
policy.net.hidden = "64,64"
[grid]
actor.beta = [1, 3.5, 10]
critic.net.hidden = ["64,64", "256,256"]
value.tau = 0.7
[random]
runs = 2
seed = 5
critic.polyak = "uniform(0.001, 0.05)"
data.steps = "integer(1, 5)"
)toml");
  CHECK(s.flags == texts{"--algorithm=iql", "--dataset=a folder/log.h5", "--keep-best", "--seeds=0:3",
                         "--set=policy.net.hidden=64,64", "--set=value.tau=0.7"});
  CHECK(s.grid == texts{"actor.beta=1;3.5;10", "critic.net.hidden=64,64;256,256"});
  CHECK(s.out == "runs/x");
  REQUIRE(s.draws.size() == 2);
  const auto polyak = distribution_of("uniform(0.001, 0.05)");
  CHECK(s.draws[1] == texts{"critic.polyak=" + drawn_value(polyak, 5, "critic.polyak", 1),
                            "data.steps=" + drawn_value(distribution_of("integer(1,5)"), 5, "data.steps", 1)});
}

TEST_CASE("a file of a sweep with a mistake names it", "[cli]") {
  const auto wrong = [](const std::string& text, const std::string& what) {
    CHECK_THROWS_WITH(read(text), Contains("sweep_file_test.toml: ") && Contains(what));
  };
  wrong("[grid]\na.b = [\n1,\n2]\n", "an array stands in one line");
  wrong("[random]\nruns = 3\na.b = { log = 3 }\n", "no inline tables");
  wrong("[random]\na.b = [1, 2]\n", "no `runs`");
  wrong("[random]\nruns = 3\n", "draws nothing");
  wrong("[random]\nruns = 0\na.b = [1, 2]\n", "runs is not a whole number from 1 to 1000");
  wrong("[random]\nruns = 3\na.b = [1, 2]\n", "draws some settings twice");
  wrong("[random]\nruns = 3\na.b = \"normal(0, 1)\"\n", "there are uniform(LOW, HIGH)");
  wrong("[random]\nruns = 3\na.b = \"uniform(2, 1)\"\n", "the lower one first");
  wrong("[random]\nruns = 3\na.b = \"log-uniform(0, 1)\"\n", "two positive numbers");
  wrong("[random]\nruns = 3\na.b = \"integer(0.5, 1)\"\n", "two whole numbers");
  wrong("[random]\nruns = 3\na.b = \"uniform(0, nan)\"\n", "two numbers");
  wrong("[grids]\na.b = [1, 2]\n", "is no section");
  wrong("steps = 10\nsteps = 20\n", "steps is there twice");
  wrong("[grid]\na.b = [1, 2]\n[set]\na.b = 1\n[grid]\na.b = [3]\n", "[grid] a.b is there twice");
  wrong("seed = 3\n", "give seeds = \"0:1\"");
  wrong("resume = \"x\"\n", "cannot stand in the file of a sweep");
  wrong("steps = [1, 2]\n", "takes one value");
  wrong("[grid]\na.b = [\"1;2\", \"3\"]\n", "semicolon");
  CHECK_THROWS_WITH(read_sweep("there/is/none.toml"), Contains("is not a file"));
}

TEST_CASE("draws are a function of their number, and lie where they should", "[cli]") {
  const auto log = distribution_of("log-uniform(1e-5, 1e-3)"), whole = distribution_of(" integer( 1 , 3 ) ");
  double mean = 0;
  std::set<std::string> seen;
  constexpr int n = 2000;
  for (int i = 0; i < n; ++i) {
    const double x = std::stod(drawn_value(log, 1, "a", std::uint64_t(i)));
    CHECK((x >= 0.99e-5 && x <= 1.01e-3));
    mean += std::log10(x) / n;
    seen.insert(drawn_value(whole, 1, "a", std::uint64_t(i)));
  }
  CHECK(mean == Approx(-4).margin(0.05));  // of a uniform exponent in [-5, -3]: its standard error is 0.013
  CHECK(seen == std::set<std::string>{"1", "2", "3"});
  CHECK(drawn_value(log, 1, "a", 7) == drawn_value(log, 1, "a", 7));
  CHECK(drawn_value(log, 1, "a", 7) != drawn_value(log, 2, "a", 7));
  CHECK(drawn_value(log, 1, "a", 7) != drawn_value(log, 1, "b", 7));
  CHECK(drawn_value({.values = {"only"}}, 1, "a", 3) == "only");
}
