#include <tessera/env/pendulum.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include <tessera/env/check_environment.hpp>

using tessera::Pendulum;

TEST_CASE("the pendulum keeps the laws of an environment", "[env][pendulum]") {
  CHECK(tessera::environment_report<Pendulum>());
}

TEST_CASE("one step of the pendulum, computed by hand", "[env][pendulum]") {
  struct Step {
    double angle, speed;
    float torque;
    double reward, cosine, sine, next_speed;
  };
  const Step steps[] = {
      {1.0, 0.5, 1, -1.026, 0.485330529, 0.874330760, 1.281103239},
      {std::numbers::pi / 2, 8.0, 2, -8.871401100, -0.389418342, 0.921060994, 8.0},  // speed is clipped
      {4.0, 7.9, -5, -11.457935147, -0.352993903, -0.935625622, 7.032398129},        // torque is clipped
      {-3.5, -1.0, 0.25, -7.846182954, -0.923619518, 0.383310560, -0.699412579},     // angle is wrapped
  };
  for (const auto& s : steps) {
    Pendulum env(1);
    env.place(0, s.angle, s.speed);
    float reward = 0;
    std::uint8_t terminated = 1;
    env.step(&s.torque, &reward, &terminated);
    CHECK(reward == Approx(s.reward).epsilon(1e-6));
    CHECK(terminated == 0);
    CHECK(env.observations()[0] == Approx(s.cosine).epsilon(1e-6));
    CHECK(env.observations()[1] == Approx(s.sine).epsilon(1e-6));
    CHECK(env.observations()[2] == Approx(s.next_speed).epsilon(1e-6));
  }
}

TEST_CASE("fifty steps of the pendulum agree with an independent computation", "[env][pendulum]") {
  Pendulum env(1);
  env.place(0, 0.3, -0.2);
  double sum = 0;
  for (int t = 0; t < 50; ++t) {
    const float torque = t % 3 != 0 ? 1.5f : -0.5f;
    float reward = 0;
    std::uint8_t terminated = 0;
    env.step(&torque, &reward, &terminated);
    sum += reward;
  }
  CHECK(sum == Approx(-276.39221726670957).epsilon(1e-6));
  CHECK(env.observations()[0] == Approx(0.5015163616238941).epsilon(1e-6));
  CHECK(env.observations()[1] == Approx(0.8651481601572828).epsilon(1e-6));
  CHECK(env.observations()[2] == Approx(5.771901175138204).epsilon(1e-6));
}

TEST_CASE("the pendulum starts anywhere, slowly", "[env][pendulum]") {
  const Pendulum env(4000, 200, 5);
  double cosine = 0, sine = 0, speed = 0, squared_speed = 0;
  for (int i = 0; i < 4000; ++i) {
    const float* row = env.observations() + 3 * i;
    CHECK(row[0] * row[0] + row[1] * row[1] == Approx(1));
    REQUIRE(std::abs(row[2]) <= 1);
    cosine += row[0] / 4000;
    sine += row[1] / 4000;
    speed += row[2] / 4000;
    squared_speed += row[2] * row[2] / 4000;
  }
  CHECK(cosine == Approx(0).margin(0.04));
  CHECK(sine == Approx(0).margin(0.04));
  CHECK(speed == Approx(0).margin(0.04));
  CHECK(squared_speed == Approx(1.0 / 3).margin(0.03));
}

TEST_CASE("a pendulum without copies or steps is refused", "[env][pendulum]") {
  CHECK_THROWS_WITH(Pendulum(0), Catch::Contains("pendulum") && Catch::Contains("at least 1"));
  CHECK_THROWS_WITH(Pendulum(1, 0), Catch::Contains("horizon 0"));
}
