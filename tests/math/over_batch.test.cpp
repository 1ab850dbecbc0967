#include <tessera/math/over_batch.hpp>
//
#include <tessera/nn/backend.hpp>

#include "helpers/in_ranks.hpp"
#include "helpers/tensors.hpp"

using namespace support;
using namespace tessera;

TEST_CASE("what is taken over a minibatch", "[math][over_batch]") {
  const auto x = row({1, -2, 4});
  CHECK(math::batch_mean(x).item<float>() == 1);
  CHECK(math::batch_max(x).item<float>() == 4);
  // e^1, e^-2, e^4 over their sum, 57.451768
  CHECK(close(math::batch_softmax(x), row({0.0473142f, 0.0023557f, 0.9503302f}), 1e-6));
  // deviations 0, -3, 3 over sqrt(6)
  CHECK(close(math::standardized(x, 0), row({0, -1.2247449f, 1.2247449f}), 1e-6));
  CHECK(close(math::standardized(row({5, 5}), 1e-5), row({0, 0})));
}

TEST_CASE("what ranks take over a minibatch that they share is that of the joint one", "[math][over_batch]") {
  if (!nn::has_ranks()) return;
  for (const int size : {2, 3}) {
    CAPTURE(size);
    const auto all = at::linspace(-3, 5, 12).square();
    const auto said = in_ranks(size, [&](nn::Ranks& ranks) {
      nn::JointUpdates joint(ranks);
      const nn::JointUpdates::scope scope(&joint);
      const auto rows = 12 / size, from = ranks.rank() * rows;
      const auto mine = all.narrow(0, from, rows);
      const auto require = [](bool equal, const char* what) {
        if (!equal) throw std::runtime_error(what);  // Catch's assertions are of one thread
      };
      require(close(math::batch_mean(mine), all.mean(), 1e-5), "mean");
      require(math::batch_max(mine).equal(all.amax(0)), "max");
      require(close(math::batch_softmax(mine) / size, all.softmax(0).narrow(0, from, rows), 1e-6), "softmax");
      require(close(math::standardized(mine, 1e-6), ((all - all.mean()) / all.std(false)).narrow(0, from, rows), 1e-5),
              "standardized");
      auto leaf = mine.clone().requires_grad_(true);
      require(!math::batch_mean(leaf).requires_grad(), "no gradient");
    });
    for (const auto& text : said) CHECK(text == "");
  }
}
