// A program that learns from random pushes how to stop a cart on a rail, and then stops it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <random>

#include "controller.hpp"

namespace {
struct Cart {
  float position, speed;  // m, m/s
  /// One step of 0.1 s under a push in [-1, 1] m/s^2; the reward.
  float push(float force) {
    speed += 0.1f * force, position += 0.1f * speed;
    return -std::abs(position);
  }
  bool left() const { return std::abs(position) > 3; }  // the end of the rail ends the task
};

Log random_pushes(int episodes) {
  Log log;
  log.observation_size = 2, log.action_size = 1;
  log.action_low = {-1}, log.action_high = {1};
  std::mt19937 random(0);
  std::uniform_real_distribution<float> any(-1, 1);
  for (int e = 0; e < episodes; ++e) {
    Cart cart{2 * any(random), any(random)};
    for (int t = 0; t < 50; ++t) {
      const float force = any(random);
      log.observations.insert(log.observations.end(), {cart.position, cart.speed});
      log.actions.push_back(force);
      log.rewards.push_back(cart.push(force));
      log.next_observations.insert(log.next_observations.end(), {cart.position, cart.speed});
      log.terminals.push_back(cart.left());
      log.timeouts.push_back(!cart.left() && t == 49);
      if (cart.left()) break;
    }
  }
  return log;
}
}  // namespace

int main() try {
  learn(random_pushes(400), 3000, "own_program.safetensors");
  Controller controller("own_program.safetensors");
  Cart cart{1.5f, 0};
  for (int t = 0; t < 100; ++t) {
    const float seen[] = {cart.position, cart.speed};
    cart.push(controller.act(seen)[0]);
  }
  std::printf("after 10 s the cart is %.2f m from 0, at %.2f m/s\n", double(std::abs(cart.position)),
              double(cart.speed));
  return std::abs(cart.position) < 0.5f ? 0 : 1;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 2;
}
