#include <tessera/deploy/program.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "helpers/programs.hpp"

namespace {
using namespace tessera::deploy;
}  // namespace

TEST_CASE("a value is appended with its size, and refused where its inputs do not fit") {
  Program p;
  CHECK_THROWS_AS(append(p, {.what = op::relu, .in = {0}}), tessera::Error);
  const auto x = append(p, {.what = op::observation, .columns = 3});
  CHECK_THROWS_AS(append(p, {.what = op::observation, .columns = 3}), tessera::Error);
  const auto w = append(p, {.what = op::constant, .rows = 3, .columns = 4, .numbers = std::vector<float>(12, 1)});
  const auto y = append(p, {.what = op::linear, .in = {x, w}});
  CHECK(p.values[std::size_t(y)].rows == 1);
  CHECK(p.values[std::size_t(y)].columns == 4);
  CHECK_THROWS_AS(append(p, {.what = op::linear, .in = {w, x}}), tessera::Error);
  CHECK_THROWS_AS(append(p, {.what = op::add, .in = {x, w}}), tessera::Error);
  CHECK_THROWS_AS(append(p, {.what = op::add, .in = {y}}), tessera::Error);
  CHECK_THROWS_AS(append(p, {.what = op::add, .in = {y, 9}}), tessera::Error);
  CHECK_THROWS_AS(append(p, {.what = op::clamp, .in = {y}, .low = 1, .high = 0}), tessera::Error);
  CHECK_THROWS_AS(append(p, {.what = op::constant, .columns = 2, .numbers = {1}}), tessera::Error);
  CHECK_THROWS_AS(append(p, {.what = op::constant, .numbers = {std::nanf("")}}), tessera::Error);
  CHECK_THROWS_AS(append(p, {.what = op::rows, .in = {w}, .rows = 2, .from = 2}), tessera::Error);
  CHECK(p.values[std::size_t(append(p, {.what = op::rows, .in = {w}, .rows = 2, .from = 1}))].size() == 8);
}

TEST_CASE("a program that does not do what its signature says is refused") {
  CHECK(fault_of(support::small_policy()) == "");
  CHECK(fault_of(support::small_discrete_policy()) == "");
  CHECK(fault_of(support::small_best_of()) == "");
  const auto refused = [](const std::function<void(Program&)>& change) {
    auto p = support::small_policy();
    change(p);
    INFO(fault_of(p));
    return !fault_of(p).empty() && fault_of(p).find('\n') == std::string::npos;
  };
  CHECK(refused([](Program& p) { p.values.clear(); }));
  CHECK(refused([](Program& p) { p.signature.observation_size = 3; }));
  CHECK(refused([](Program& p) { p.signature.action_size = 0; }));
  CHECK(refused([](Program& p) { p.signature.actions_at_once = std::numeric_limits<std::int64_t>::max(); }));
  CHECK(refused([](Program& p) { p.signature.action_low = {4}; }));
  CHECK(refused([](Program& p) { p.signature.action_low = {std::nanf("")}; }));
  CHECK(refused([](Program& p) { p.signature.action_high.clear(); }));
  CHECK(refused([](Program& p) { p.signature.action_names = {"a", "b"}; }));
  CHECK(refused([](Program& p) { p.signature.discrete = true; }));
  CHECK(refused([](Program& p) {
    p.values.pop_back(), p.values.pop_back();
    p.values.back().columns = 2;
  }));
  CHECK(refused([](Program& p) { p.values[3].in[0] = 3; }));
  CHECK(refused([](Program& p) { p.values[3].in[0] = -1; }));
  CHECK(refused([](Program& p) { p.values[3].columns = 1 << 20; }));
  CHECK(refused([](Program& p) { p.values[1].numbers.pop_back(); }));
  CHECK(refused([](Program& p) { p.values[0].rows = std::numeric_limits<std::int64_t>::max(); }));
  CHECK(refused([](Program& p) { p.values.resize(1); }));
}

TEST_CASE("a program's memory is bounded before it is taken") {
  auto p = support::small_best_of();
  p.values[1].rows = 1 << 24;
  for (std::size_t i = 2; i < p.values.size(); ++i)
    if (p.values[i].what != op::constant && p.values[i].what != op::pick) p.values[i].rows = 1 << 24;
  CHECK(fault_of(p) == "");
  for (int i = 0; i < 20; ++i) {  // as many results as would take a gigabyte and more
    p.values.insert(p.values.end() - 1, p.values[p.values.size() - 2]);
    p.values[p.values.size() - 2].in[0] = std::int32_t(p.values.size()) - 3;
    p.values.back().in[1] = std::int32_t(p.values.size()) - 2;
  }
  CHECK(fault_of(p) == "it computes more than a policy does");
}

TEST_CASE("the hash changes with every number, name and edge") {
  const auto p = support::small_policy();
  const auto h = content_hash(p);
  const auto other = [&](const std::function<void(Program&)>& change) {
    auto q = p;
    change(q);
    return content_hash(q) != h;
  };
  CHECK(content_hash(support::small_policy()) == h);
  CHECK(other([](Program& q) { q.values[1].numbers[2] = std::nextafter(2.0f, 3.0f); }));
  CHECK(other([](Program& q) { q.signature.action_high[0] = 2; }));
  CHECK(other([](Program& q) { q.signature.observation_names[0] = "Angle"; }));
  CHECK(other([](Program& q) { q.signature.algorithm = "iql"; }));
  CHECK(other([](Program& q) { q.values[4].what = op::tanh; }));
  CHECK(other([](Program& q) { q.signature.first_action = 1; }));
}

TEST_CASE("noise becomes a constant") {
  auto p = support::small_best_of();
  REQUIRE(p.noise() != nullptr);
  CHECK(p.noise()->rows == 3);
  CHECK_THROWS_AS(fix_noise(p, {1, 2}), tessera::Error);
  fix_noise(p, {1, 2, 3});
  CHECK(p.noise() == nullptr);
  CHECK(p.values[1].numbers == std::vector<float>{1, 2, 3});
  CHECK(fault_of(p) == "");
  fix_noise(p, {});  // there is none any more
}

TEST_CASE("results that are needed at the same time do not share memory") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Program p;
    append(p, {.what = op::observation, .columns = 20});
    const auto w = constant(p, 20, 20, std::vector<float>(400, 0.5f));
    const auto any = [&] {
      for (;;)
        if (const auto i = std::int32_t(random() % p.values.size()); i != w) return i;
    };
    for (int i = 0; i < 30; ++i) {
      const auto kind = random() % 3;
      if (kind == 0) append(p, {.what = op::linear, .in = {any(), w}});
      else if (kind == 1) apply(p, op::add, any(), any());
      else apply(p, op::relu, any());
    }
    const auto layout = layout_of(p);
    // Which value last wrote each number, as the program runs.
    std::vector<std::int32_t> owner(std::size_t(layout.size), -1);
    for (std::size_t i = 0; i < p.values.size(); ++i) {
      const auto at = layout.offsets[i];
      if (i < 2) {
        REQUIRE(at == -1);
        continue;
      }
      REQUIRE((at >= 0 && at % 16 == 0 && at + 20 <= layout.size));
      const auto holds = [&](std::size_t k) {
        for (std::int64_t j = 0; j < 20; ++j)
          if (owner[std::size_t(layout.offsets[k] + j)] != std::int32_t(k)) return false;
        return true;
      };
      for (const auto x : p.values[i].in) REQUIRE((x < 2 || holds(std::size_t(x))));
      // A product must not be written where it is read from.
      if (p.values[i].what == op::linear && p.values[i].in[0] >= 2)
        REQUIRE(layout.offsets[std::size_t(p.values[i].in[0])] != at);
      for (std::int64_t j = 0; j < 20; ++j) owner[std::size_t(at + j)] = std::int32_t(i);
    }
    const auto last = layout.offsets.back();
    REQUIRE(owner[std::size_t(last)] == std::int32_t(p.values.size()) - 1);
  }
}

TEST_CASE("every operation has a name of its own") {
  CHECK(std::string(name_of(op::observation)) == "observation");
  CHECK(std::string(name_of(op::argmax)) == "argmax");
  CHECK(std::string(name_of(op::layer_norm)) == "layer_norm");
}
