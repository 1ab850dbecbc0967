// A command line of your own: train --algorithm sigmoid-awac --dataset builtin:pendulum-mixed --env weak-pendulum
#include <tessera/algorithms/awac.hpp>
#include <tessera/cli.hpp>
#include <tessera/env/pendulum.hpp>

using namespace tessera;

/// Imitation of the logged actions, weighted by how good they are:  minimize -E_D sigmoid(A(s,a) / width) log pi(a|s)
struct SigmoidWeighted {
  using role = role::actor_objective;
  struct params {
    double width = 1.0;
    static constexpr doc docs[] = {{"width", "advantage at which an action weighs 0.73", above_zero}};
  };
  using needs = all_of<need<policy, want::policy_with_log_prob>, need<value, want::value_of_states>>;
  static constexpr const char* formula = "-E sigmoid(A / width) log pi(a_D|s)";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto w = (step.advantage() / h.width).sigmoid();
    return {"actor/sigmoid", -(w * step.pi(now).log_prob(step.action())).mean()};
  }
};
struct SigmoidAwac : recipes::Awac::with<actor<SigmoidWeighted>> {};

/// A pendulum whose motor delivers four fifths of the requested torque.
struct WeakPendulum : Pendulum {
  static constexpr const char* name = "weak-pendulum";
  using Pendulum::Pendulum;
  void step(const float* torques, float* rewards, std::uint8_t* terminated) {
    std::vector<float> given(torques, torques + count());
    for (float& torque : given) torque *= 0.8f;
    Pendulum::step(given.data(), rewards, terminated);
  }
};

const cli::Algorithm<SigmoidAwac> algorithm;
const cli::Environment<WeakPendulum> environment;
int main(int argc, char** argv) { return cli::run(argc, argv); }
