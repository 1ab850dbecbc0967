// make_log FORM OUT: writes a small log in the layout of D4RL, odd in the way that FORM names; "plain" is not
// odd, "pendulum" fits that environment.  "corridor" is a layout of its own: see own_formats.hpp.
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <tessera/io/hdf5.hpp>
#include <tessera/support/random.hpp>

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "make_log FORM OUT\n"), 2;
  const std::string form = argv[1];
  if (form == "corridor") {
    std::vector<float> rows;
    for (int episode = 0; episode < 40; ++episode)
      for (int cell = episode % 4; cell < 4; ++cell)
        rows.insert(rows.end(), {float(cell), 1.0f, -1.0f, cell == 3 ? 1.0f : 0.0f});
    auto own = tessera::hdf5::File::create(argv[2]);
    own.write("corridor", rows, {std::int64_t(rows.size()) / 4, 4});
    own.close();
    return 0;
  }
  constexpr std::int64_t count = 1000;
  const std::int64_t length = form == "bandit" || form == "far-rewards" || form == "far-observations" ? 1
                              : form == "two-episodes"                                                ? 500
                                                                                                      : 50;
  const bool terminal = length == 1;
  tessera::Random random(0);
  std::vector<float> observations, actions, rewards, terminals, timeouts;
  for (std::int64_t i = 0; i < count; ++i) {
    const double z = random.normal(), a = random.uniform(-1, 1);
    double r = 1 - std::pow(a - std::tanh(z), 2), x = z;
    if (form == "unscaled") x = 11946 + 40 * z;
    if (form == "zero-rewards") r = 0;
    if (form == "large-rewards") r *= 1e5;
    if (form == "far-rewards" && i % 100 == 7) r *= 1e18;
    if (form == "far-observations" && i % 100 == 7) x = 1e30;
    observations.insert(observations.end(), {float(x), float(random.normal())});
    if (form == "pendulum") observations.push_back(float(random.normal()));
    actions.push_back(form == "glitch" && i == 432 ? 1000.0f : float(a));
    rewards.push_back(float(r));
    const bool end = i % length == length - 1;
    terminals.push_back(end && terminal);
    timeouts.push_back(end && !terminal && form != "no-ends");
  }
  auto file = tessera::hdf5::File::create(argv[2]);
  file.write("observations", observations, {count, form == "pendulum" ? 3 : 2});
  file.write("actions", actions, {count, 1});
  file.write("rewards", rewards);
  file.write("terminals", terminals);
  file.write("timeouts", timeouts);
  file.close();
  return 0;
}
