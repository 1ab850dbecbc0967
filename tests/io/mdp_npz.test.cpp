#include <tessera/io/mdp_npz.hpp>

#include "helpers/npz.hpp"
#include "tabular/support.hpp"

using namespace support;
using Catch::Contains;
using tessera::tabular::read_mdp;

TEST_CASE("an MDP of a .npz file", "[tabular][npz]") {
  const Folder folder;
  const auto path = folder / "m.npz";
  const auto p = npy("(2, 1, 2)", {0.25, 0.75, 0, 1}), r = npy("(2, 1)", {3, 0}), start = npy("(2,)", {1, 0});
  write_bytes(path, zip({{"tx_mat.npy", p}, {"r_mat.npy", r}, {"d_0.npy", start}}));
  const auto mdp = read_mdp(path, 0.9);
  CHECK(mdp.rewards()(0, 0) == 3);
  CHECK(mdp.terminal(1));
  CHECK(mdp.discount() == 0.9);
  write_bytes(path, zip({{"P.npy", p}, {"R.npy", r}, {"d.npy", start}}));
  CHECK(read_mdp(path, 1, {"P", "R", "d"}).states() == 2);
  CHECK_THROWS_WITH(read_mdp(path, 1), Contains("array tx_mat: is missing") && Contains("[P, R, d]"));
  write_bytes(path, zip({{"tx_mat.npy", start}, {"r_mat.npy", r}, {"d_0.npy", start}}));
  CHECK_THROWS_WITH(read_mdp(path, 1), Contains("array tx_mat") && Contains("(states, actions, states)"));
  write_bytes(path, zip({{"tx_mat.npy", p}, {"r_mat.npy", start}, {"d_0.npy", start}}));
  CHECK_THROWS_WITH(read_mdp(path, 1), Contains("array r_mat") && Contains("(2, 1, 2) or (2, 1)"));
  write_bytes(path, zip({{"tx_mat.npy", npy("(2, 1, 2)", {0.5, 0.75, 0, 1})}, {"r_mat.npy", r}, {"d_0.npy", start}}));
  CHECK_THROWS_WITH(read_mdp(path, 1), Contains("m.npz: an MDP, state 0, action 0") && Contains("1.25"));
}
