#pragma once
#include <string>

#include <tessera/io/npz.hpp>
#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::tabular {
/// The names of the arrays of a problem in a file.
struct NpzKeys {
  std::string transitions = "tx_mat";  ///< (S, A, S)
  std::string rewards = "r_mat";       ///< (S, A, S) or (S, A)
  std::string start = "d_0";           ///< (S)
};

/// The arrays of a problem in a .npz file; the default names are those of ICU-Sepsis.
MdpArrays read_mdp_arrays(const NpzFile& file, double discount, const NpzKeys& keys = {});

/// Reads the problem in a .npz file; errors begin with the path.
FiniteMdp read_mdp(const std::string& path, double discount, const NpzKeys& keys = {});
}  // namespace tessera::tabular

#ifndef TESSERA_COMPILED
#include <tessera/io/mdp_npz.impl.hpp>
#endif
