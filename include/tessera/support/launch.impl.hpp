#pragma once
#include <array>
#include <cstdlib>
#include <optional>
#include <string>

#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/launch.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
namespace detail {
inline std::optional<std::string> environment_variable(const char* name) {
  const char* const text = std::getenv(name);
  return text != nullptr && *text != '\0' ? std::optional<std::string>(text) : std::nullopt;
}
inline int number_in(const char* name, const std::string& text, int least, int most) {
  const auto x = whole_number<int>(text);
  if (!x || *x < least || *x > most)
    throw Error("data-parallel: " + std::string(name) + "=" + printable(text) + " is not a whole number from " +
                std::to_string(least) + " to " + std::to_string(most) + "; the launcher sets it");
  return *x;
}
}  // namespace detail

TESSERA_INLINE Launch launch_from_environment() {
  struct Names {
    const char *rank, *size;
  };
  static constexpr std::array<Names, 4> launchers = {{{"RANK", "WORLD_SIZE"},
                                                      {"SLURM_PROCID", "SLURM_NTASKS"},
                                                      {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                                      {"PMI_RANK", "PMI_SIZE"}}};
  constexpr int most = 65536;
  for (const auto& names : launchers) {
    const auto rank = detail::environment_variable(names.rank), size = detail::environment_variable(names.size);
    if (!rank && !size) continue;
    if (!rank || !size)
      throw Error("data-parallel: the environment has " + std::string(rank ? names.rank : names.size) + " and no " +
                  (rank ? names.size : names.rank) +
                  "; set both, or start the processes with torchrun, mpirun or srun");
    Launch out;
    out.size = detail::number_in(names.size, *size, 1, most);
    out.rank = detail::number_in(names.rank, *rank, 0, most - 1);
    if (out.rank >= out.size)
      throw Error("data-parallel: " + std::string(names.rank) + "=" + std::to_string(out.rank) + " and " + names.size +
                  "=" + std::to_string(out.size) + " contradict each other: ranks are counted from 0");
    if (out.size == 1) return out;
    const auto address = detail::environment_variable("MASTER_ADDR"),
               port = detail::environment_variable("MASTER_PORT");
    if (!address || !port)
      throw Error(
          std::string("data-parallel: the environment has no ") + (address ? "MASTER_PORT" : "MASTER_ADDR") +
          ", where rank 0 waits for the others; set MASTER_ADDR to rank 0's host and MASTER_PORT to a port that "
          "is free there");
    out.address = *address;
    out.port = detail::number_in("MASTER_PORT", *port, 1, 65535);
    // There torchrun itself listens, with the protocol of its own version: the next port is ours.
    if (detail::environment_variable("TORCHELASTIC_USE_AGENT_STORE") == "True") out.port += out.port < 65535 ? 1 : -1;
    return out;
  }
  throw Error(
      "data-parallel: the environment has no RANK and WORLD_SIZE; start the processes with torchrun, mpirun or srun, "
      "or "
      "set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT for each");
}
}  // namespace tessera
