// A trained policy in a controller: one exported header, and nothing else of Tessera.  It is compiled as firmware may
// be, C++17 with -fno-exceptions -fno-rtti, and allocates nothing.  A control loop that uses one
//   * has one `policy::Policy` for each thread that acts, static: what a call computes with is in it and not on the
//     stack, some hundred bytes to some kilobytes; the weights are constants, which may stay in flash,
//   * checks when it is compiled that the sizes are those of its sensors and actuators (`content_hash` says which
//     policy it is, where one was approved),
//   * gives the sensors in the units and the order of the log that the policy learned from, and gets the action in the
//     units of its actuators, within the bounds of that log,
//   * does what is safe where `act` says false: a number that it was given, or computed, is not finite, and the action
//     is unchanged.
// A call has no lock, no system call, and no loop without a bound: its longest time can be measured.
// The header was made by
//   tessera train --algorithm iql --dataset builtin:pendulum-medium --steps 10000 --set policy.net.hidden=24,24
//   tessera export runs/iql-pendulum-medium-seed0 --to header --out 09_deploy_policy.h
#include <cmath>
#include <cstdio>

#include "09_deploy_policy.h"

namespace {
constexpr float pi = 3.14159265f;

/// The plant: a pendulum of 1 m and 1 kg that a weak motor has to swing up; 20 cycles a second.
struct Pendulum {
  float angle = pi, speed = 0;  // 0: upright

  void read(float* sensors) const { sensors[0] = std::cos(angle), sensors[1] = std::sin(angle), sensors[2] = speed; }
  void drive(float torque) {
    speed += (15 * std::sin(angle) + 3 * torque) * 0.05f;
    speed = speed < -8 ? -8.0f : speed > 8 ? 8.0f : speed;
    angle += speed * 0.05f;
  }
  float off() const { return std::abs(std::remainder(angle, 2 * pi)); }
};

policy::Policy controller;  // its weights are constants; some hundred bytes of memory for what it computes
}  // namespace

int main() {
  static_assert(policy::observation_size == 3 && policy::action_size == 1, "the header is another policy's");
  Pendulum plant;
  int upright = 0;
  for (int cycle = 0; cycle < 400; ++cycle) {
    float sensors[policy::observation_size], torque[policy::action_size];
    plant.read(sensors);
    if (!controller.act(sensors, torque)) torque[0] = 0;  // a sensor's number was not finite: the safe action
    plant.drive(torque[0]);
    upright += plant.off() < 0.3f ? 1 : 0;
  }
  const float broken[policy::observation_size] = {NAN, 0, 0};
  float kept = 7;
  const bool refused = !controller.act(broken, &kept);
  std::printf("policy %s: upright in %d of 400 cycles; a broken sensor is %s\n", policy::content_hash, upright,
              refused ? "refused" : "not noticed");
  return upright > 200 && refused && kept > 6 ? 0 : 1;
}
