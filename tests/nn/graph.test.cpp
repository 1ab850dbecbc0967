#include <tessera/nn/graph.hpp>
//
#include "helpers/device.hpp"

using namespace support;
using namespace tessera;

TEST_CASE("a graph repeats its work with the memory it had, and recording does none of it", "[nn][graph]") {
  const auto device = other_device();
  const auto x = at::ones({3}, at::TensorOptions(at::kFloat).device(device)), sum = at::zeros_like(x);
  const auto graph = nn::graph_on(device);
  float factor = 2;
  at::Tensor y;
  const auto work = [&] {
    y = factor * x;
    sum.add_(y);
  };
  graph->warm_up(work);
  CHECK(close(sum.cpu(), row({2, 2, 2})));
  graph->record(work);
  CHECK(close(sum.cpu(), row({2, 2, 2})));
  factor = 100;  // a number of the host, which stays that of the recording
  graph->repeat();
  CHECK(close(sum.cpu(), row({4, 4, 4})));
  x.fill_(5);
  graph->repeat();
  CHECK(close(y.cpu(), row({10, 10, 10})));
  CHECK(close(sum.cpu(), row({14, 14, 14})));
}

TEST_CASE("works side by side are repeated, and then what reads all of them", "[nn][graph]") {
  const auto device = other_device();
  const auto graph = nn::graph_on(device);
  std::vector<at::Tensor> sums;
  std::vector<nn::Graph::work> branches;
  for (int i = 0; i < 40; ++i) {  // more than a GPU has streams for
    sums.push_back(at::zeros({3}, at::TensorOptions(at::kFloat).device(device)));
    branches.emplace_back([&sums, i] { sums[std::size_t(i)].add_(i).mul_(2); });
  }
  graph->warm_up(branches);  // 2 i
  at::Tensor all;
  graph->record(branches, [&] { all = at::stack(sums); });
  const auto wanted = at::arange(40, at::kFloat).unsqueeze(1).expand({40, 3});
  for (const double factor : {6.0, 14.0}) {  // 2 (2 i + i), 2 (6 i + i)
    graph->repeat();
    CHECK(close(all.cpu(), factor * wanted));
  }
}

TEST_CASE("there are no graphs on the CPU", "[nn][graph]") { CHECK(nn::graph_on(at::kCPU) == nullptr); }

TEST_CASE("on the pretended device recording fails where a GPU would wait, or be brought numbers", "[nn][graph]") {
  const auto device = pretended::begin();
  const auto x = row({1, -2, 3}).to(device);
  const auto refuses = [&](const char* what, const std::function<void()>& f) {
    INFO(what);
    const auto graph = nn::graph_on(device);
    CHECK_THROWS(graph->record(f));
    CHECK(close((x + 1).cpu(), row({2, -1, 4})));  // and it works again
  };
  refuses("item", [&] { (void)x.sum().item<double>(); });
  refuses("nonzero", [&] { (void)x.nonzero(); });
  refuses("mask", [&] { (void)x.index({x > 0}); });
  refuses("masked_select", [&] { (void)x.masked_select(x > 0); });
  refuses("to the CPU", [&] { (void)x.cpu(); });
  refuses("from the CPU", [&] { (void)row({1, 2}).to(device); });
  refuses("generator", [&] { (void)at::empty_like(x).normal_(); });
  refuses("comparison", [&] { (void)x.equal(x); });
  const auto graph = nn::graph_on(device);
  graph->record([&] { (void)(x * at::full({}, 2.0, x.options()) + at::where(x > 0, x, -x)); });
}
