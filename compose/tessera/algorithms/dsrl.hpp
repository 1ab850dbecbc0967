#pragma once
#include <tessera/actor/soft_maximize_noise_q.hpp>
#include <tessera/behavior/generator.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/latent_soft_backup.hpp>
#include <tessera/critic/noise_aliased_backup.hpp>
#include <tessera/policy/latent.hpp>
#include <tessera/schedule/noise_critic_last.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code for hopper; the flow is FQL's.
struct DsrlDefaults : no_parameters<role::default_values> {
  static void network(MlpOptions& net) {
    net.hidden = {128, 128, 128}, net.activation = activation::tanh, net.layer_norm = true;
  }
  static void on(GaussianParams& h) { network(h.net); }
  static void on(CriticParams& h) { network(h.net); }
  static void on(FlowParams& h) { h.net.hidden = {512, 512, 512, 512}, h.net.activation = activation::gelu; }
  template <class Model>
  static void on(GeneratorParams<Model>& h) {
    if constexpr (requires { on(h.model); }) on(h.model);
    h.pretrain_updates = 100'000, h.keep_training = false;
  }
  static constexpr void on(SoftMaximizeQ::params& h) { h.target_entropy = 0.4054651081081644; }  // log 1.5: 0 of w / b
};
/// Diffusion steering, in its simple form (Wagenmaker et al. 2025, DSRL-SAC): SAC whose actions are the noise of a flow
/// of the behavior, in a box [-b, b]^d; the flow is fitted first, in behavior.pretrain_updates, and then stands still.
/// Differs from the paper: the flow is fitted here (theirs is there before); a log's actions have noise too, found by
/// undoing the flow, so that learning begins offline; an action is one step's (theirs: chunks of 4 or 8); one update a
/// step online unless asked (20).  Differs from the authors' code: a flow in place of DDIM; log pi is of w, not of
/// w / b, and so is what critics of noise see; the temperature moves after the actor; log sigma >= -5 (-20);
/// observations are standardized (theirs are scaled by their range); the critics' losses are added up, not halved,
/// which Adam takes for the same.
struct Dsrl : recipe<policy<LatentPolicy>, behavior<Generator<FlowPolicy>>, critic<LatentSoftBackup>,
                     actor<SoftMaximizeNoiseQ>, defaults<DsrlDefaults>> {};
/// The same with noise aliasing (DSRL-NA): the critic is of actions, and a critic of noise is fitted to it, which the
/// actor climbs.  Differs from the paper, and the code: as Dsrl, but that no noise of logged actions is asked for; one
/// step of the critic of noise an update (theirs: 10 for each 20 updates of the rest); each of its members is fitted to
/// the least of the critic's (theirs: each to its own).
struct DsrlNoiseAliased : Dsrl::with<critic<NoiseAliasedBackup>, schedule<NoiseCriticLast>> {};
}  // namespace recipes
using Dsrl = learner<recipes::Dsrl>;
using DsrlNoiseAliased = learner<recipes::DsrlNoiseAliased>;
}  // namespace tessera
