#include <tessera/support/launch.hpp>
//
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <string>
#include <tessera/support/error.hpp>

using namespace tessera;

namespace {
/// The environment has these variables of launchers, and no others, while it lives.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& set) {
    for (const char* name : names) unsetenv(name);
    for (const auto& [name, value] : set) setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const char* name : names) unsetenv(name);
  }

 private:
  static constexpr const char* names[] = {"RANK",
                                          "WORLD_SIZE",
                                          "MASTER_ADDR",
                                          "MASTER_PORT",
                                          "SLURM_PROCID",
                                          "SLURM_NTASKS",
                                          "OMPI_COMM_WORLD_RANK",
                                          "OMPI_COMM_WORLD_SIZE",
                                          "PMI_RANK",
                                          "PMI_SIZE",
                                          "TORCHELASTIC_USE_AGENT_STORE"};
};
std::string refusal(const std::map<std::string, std::string>& set) {
  const Environment environment(set);
  try {
    launch_from_environment();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}
const std::map<std::string, std::string> place = {{"MASTER_ADDR", "node-3"}, {"MASTER_PORT", "29500"}};
std::map<std::string, std::string> with_place(std::map<std::string, std::string> x) {
  x.insert(place.begin(), place.end());
  return x;
}
}  // namespace

TEST_CASE("a launcher says in the environment which of how many processes this is") {
  for (const auto& [rank, size] : {std::pair{"RANK", "WORLD_SIZE"},
                                   {"SLURM_PROCID", "SLURM_NTASKS"},
                                   {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                   {"PMI_RANK", "PMI_SIZE"}}) {
    CAPTURE(rank);
    const Environment environment(with_place({{rank, "2"}, {size, "4"}}));
    const auto launch = launch_from_environment();
    CHECK(launch.rank == 2);
    CHECK(launch.size == 4);
    CHECK(launch.address == "node-3");
    CHECK(launch.port == 29500);
  }
}

TEST_CASE("torchrun's variables come before those of what started torchrun") {
  const Environment environment(
      with_place({{"RANK", "3"}, {"WORLD_SIZE", "8"}, {"SLURM_PROCID", "1"}, {"SLURM_NTASKS", "2"}}));
  CHECK(launch_from_environment().rank == 3);
  CHECK(launch_from_environment().size == 8);
}

TEST_CASE("where torchrun listens at the port itself, the ranks meet at the next") {
  const Environment environment(
      with_place({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"TORCHELASTIC_USE_AGENT_STORE", "True"}}));
  CHECK(launch_from_environment().port == 29501);
}

TEST_CASE("a single process needs no place to meet") {
  const Environment environment({{"RANK", "0"}, {"WORLD_SIZE", "1"}});
  CHECK(launch_from_environment().size == 1);
}

TEST_CASE("an environment that says too little, or contradicts itself, is one line") {
  using Catch::Matchers::Contains;
  CHECK_THAT(refusal({}), Contains("no RANK and WORLD_SIZE; start the processes with torchrun, mpirun or srun"));
  CHECK_THAT(refusal({{"RANK", "0"}}), Contains("has RANK and no WORLD_SIZE"));
  CHECK_THAT(refusal({{"PMI_SIZE", "2"}}), Contains("has PMI_SIZE and no PMI_RANK"));
  CHECK_THAT(refusal(with_place({{"RANK", "2"}, {"WORLD_SIZE", "2"}})),
             Contains("RANK=2 and WORLD_SIZE=2 contradict each other"));
  CHECK_THAT(refusal(with_place({{"RANK", "-1"}, {"WORLD_SIZE", "2"}})), Contains("RANK=-1 is not a whole number"));
  CHECK_THAT(refusal(with_place({{"RANK", "0"}, {"WORLD_SIZE", "two\x1b"}})),
             Contains("WORLD_SIZE=two\\x1b is not a whole number"));
  CHECK_THAT(refusal({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_PORT", "1"}}), Contains("has no MASTER_ADDR"));
  CHECK_THAT(refusal({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}}), Contains("has no MASTER_PORT"));
  CHECK_THAT(refusal({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}, {"MASTER_PORT", "70000"}}),
             Contains("MASTER_PORT=70000 is not a whole number from 1 to 65535"));
}
