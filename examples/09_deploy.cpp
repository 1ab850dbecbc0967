// A trained policy in a controller: one exported header, and nothing else of Tessera.  It is compiled as firmware may
// be, C++17 with -fno-exceptions -fno-rtti, and allocates nothing.  The header was made by
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
