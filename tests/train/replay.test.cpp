#include <tessera/train/replay.hpp>

#include <cmath>
#include <tessera/io/d4rl.hpp>

#include "helpers/files.hpp"
#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
Replay whole(const Dataset& data, std::vector<ReplayColumn> with) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < data.size(); ++i) all.push_back(i);
  struct {
    at::Device device = at::kCPU;
  } on;
  const auto n = std::size_t(data.observation_size);
  return Replay(data, all,
                nn::Units(nn::Units(Normalizer{std::vector<float>(n, 0), std::vector<float>(n, 1), 1, 0,
                                               data.action_low, data.action_high}),
                          on),
                at::kCPU, with);
}
Dataset read(const FlatFile& flat) {
  const Folder folder;
  flat.write(folder / "d.h5");
  return read_d4rl(hdf5::File::open(folder / "d.h5"));
}
}  // namespace

TEST_CASE("copies whose last bit differs are linked as exact ones are", "[train][replay]") {
  FlatFile exact(8);
  exact.timeouts[2] = 1, exact.terminals[5] = 1, exact.timeouts[7] = 1;
  exact.add_next();
  auto rounded = exact;
  for (float& x : rounded.next_observations) x = std::nextafter(x, 1000.f);
  const auto one = read(exact), two = read(rounded);
  CHECK(one.observations.size() < two.observations.size());  // none is stored once
  CHECK(one.timeouts == two.timeouts);
  auto a = whole(one, replay_columns(columns<column::next_action, column::next_action_known, column::returns>{})),
       b = whole(two, replay_columns(columns<column::next_action, column::next_action_known, column::returns>{}));
  const auto known = row({1, 1, 0, 1, 1, 0, 1, 0});
  CHECK(close(a.all().get<column::next_action_known>(), known));
  CHECK(close(b.all().get<column::next_action_known>(), known));
  CHECK(at::equal(a.all().get<column::next_action>(), b.all().get<column::next_action>()));
  // Monte Carlo: a chain of returns that a lost link would cut.
  const auto none = at::zeros({8});
  a.set_returns(0.5, 1, none), b.set_returns(0.5, 1, none);
  CHECK(close(a.all().get<column::returns>(), row({1 + 1 + 0.75, 2 + 1.5, 3, 4 + 2.5 + 1.5, 5 + 3, 6, 7 + 4, 8})));
  CHECK(at::equal(a.all().get<column::returns>(), b.all().get<column::returns>()));
}

TEST_CASE("a transition that leads elsewhere than the next begins is not linked to it", "[train][replay]") {
  FlatFile flat(4);
  flat.add_next();
  auto data = read(flat);
  data.observations.insert(data.observations.end(), {1.01f, -1});
  data.next_observation_row[0] = std::int64_t(data.observations.size()) / 2 - 1;
  CHECK(close(whole(data, replay_columns(columns<column::next_action, column::next_action_known>{}))
                  .all()
                  .get<column::next_action_known>(),
              row({0, 1, 1, 0})));
}
