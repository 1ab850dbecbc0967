#pragma once
// The fields of the library's own hyper-parameters, as Boost.Hana sees them.  The order is that of the fields;
// reflect.hpp asserts that none is missing.
#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/actor/boltzmann_weighted.hpp>
#include <tessera/actor/fixed_temperature_maximise_q.hpp>
#include <tessera/actor/in_sample_softmax.hpp>
#include <tessera/actor/maximise_q.hpp>
#include <tessera/actor/natural_policy_gradient.hpp>
#include <tessera/actor/soft_maximise_q.hpp>
#include <tessera/actor/softmax_advantage_weighted.hpp>
#include <tessera/actor/sparse_weighted.hpp>
#include <tessera/behavior/categorical_support.hpp>
#include <tessera/behavior/density.hpp>
#include <tessera/behavior/vae.hpp>
#include <tessera/compose/reflect.hpp>
#include <tessera/compose/schedule.hpp>
#include <tessera/constraint/dual_kl.hpp>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/constraint/mmd.hpp>
#include <tessera/constraint/reverse_kl.hpp>
#include <tessera/constraint/squared_error.hpp>
#include <tessera/critic/best_of_policy_backup.hpp>
#include <tessera/critic/cloning_penalised.hpp>
#include <tessera/critic/conservative.hpp>
#include <tessera/critic/diversified.hpp>
#include <tessera/critic/log_behavior_reward.hpp>
#include <tessera/critic/smoothed_policy_backup.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/data/model_augmented.hpp>
#include <tessera/data/model_paths.hpp>
#include <tessera/data/top_episodes.hpp>
#include <tessera/dynamics/adversarial.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/sigmoid_std_gaussian.hpp>
#include <tessera/select/best_of.hpp>
#include <tessera/uncertainty/halt_above.hpp>
#include <tessera/uncertainty/next_value_std.hpp>
#include <tessera/uncertainty/soft_penalty.hpp>
#include <tessera/value/expectile.hpp>
#include <tessera/value/exponential.hpp>
#include <tessera/value/fitted_policy_mean.hpp>
#include <tessera/value/gumbel.hpp>
#include <tessera/value/path_baseline.hpp>
#include <tessera/value/policy_mean.hpp>
#include <tessera/value/return_regression.hpp>
#include <tessera/value/sparse.hpp>

// clang-format off
BOOST_HANA_ADAPT_STRUCT(tessera::MlpOptions, hidden, activation, layer_norm, norm_last, norm_epsilon, init, last_gain, last_bound);
BOOST_HANA_ADAPT_STRUCT(tessera::AdamOptions, learning_rate, beta1, beta2, epsilon, cosine_steps, weight_decay, decoupled, max_gradient_norm);
// policies
BOOST_HANA_ADAPT_STRUCT(tessera::GaussianParams, net, adam, log_std_min, log_std_max);
BOOST_HANA_ADAPT_STRUCT(tessera::SigmoidStdGaussianPolicy::params, net, adam, log_std_min, log_std_max);
BOOST_HANA_ADAPT_STRUCT(tessera::DeterministicPolicy::params, net, adam);
BOOST_HANA_ADAPT_STRUCT(tessera::CategoricalPolicy::params, net, adam);
// critics
BOOST_HANA_ADAPT_STRUCT(tessera::CriticParams, net, adam, members, discount, polyak, huber);
BOOST_HANA_ADAPT_STRUCT(tessera::SmoothingParams, smoothing, smoothing_clip);
BOOST_HANA_ADAPT_STRUCT(tessera::SoftBackupParams, entropy);
BOOST_HANA_ADAPT_STRUCT(tessera::BestOfParams, samples, least_weight);
BOOST_HANA_ADAPT_STRUCT(tessera::CloningPenaltyParams, cloning);
BOOST_HANA_ADAPT_STRUCT(tessera::LogBehaviorParams, log_floor);
BOOST_HANA_ADAPT_STRUCT(tessera::ConservativeParams, weight, temperature, uniform_actions, policy_actions, next_policy_actions);
BOOST_HANA_ADAPT_STRUCT(tessera::DiversityParams, diversity);
BOOST_HANA_ADAPT_STRUCT(tessera::LagrangeParams, target, least_weight, most_weight, multiplier_adam);
// models of the behaviour
BOOST_HANA_ADAPT_STRUCT(tessera::DensityParams<tessera::GaussianParams>, model, head_start, beside);
BOOST_HANA_ADAPT_STRUCT(tessera::DensityParams<tessera::CategoricalPolicy::params>, model, head_start, beside);
BOOST_HANA_ADAPT_STRUCT(tessera::SupportParams, threshold, logit_weight);
BOOST_HANA_ADAPT_STRUCT(tessera::DensityParams<tessera::SigmoidStdGaussianPolicy::params>, model, head_start, beside);
BOOST_HANA_ADAPT_STRUCT(tessera::Vae::params, encoder, decoder, adam, kl_weight, head_start, beside);
// values
BOOST_HANA_ADAPT_STRUCT(tessera::Expectile::params, net, adam, tau);
BOOST_HANA_ADAPT_STRUCT(tessera::PolicyMean::params, samples);
BOOST_HANA_ADAPT_STRUCT(tessera::FittedPolicyMean::params, net, adam);
BOOST_HANA_ADAPT_STRUCT(tessera::Gumbel::params, net, adam, beta, max_z);
BOOST_HANA_ADAPT_STRUCT(tessera::Sparse::params, net, adam, alpha);
BOOST_HANA_ADAPT_STRUCT(tessera::Exponential::params, net, adam, alpha, max_z);
BOOST_HANA_ADAPT_STRUCT(tessera::ReturnRegression::params, net, adam, discount, lambda, refresh, standardize);
BOOST_HANA_ADAPT_STRUCT(tessera::PathBaseline::params, net, adam, discount, lambda, passes, minibatch, standardize);
// actors
BOOST_HANA_ADAPT_STRUCT(tessera::AdvantageWeighted::params, beta, max_weight);
BOOST_HANA_ADAPT_STRUCT(tessera::BoltzmannWeighted::params, sharpness, max_weight);
BOOST_HANA_ADAPT_STRUCT(tessera::SoftmaxAdvantageWeighted::params, beta);
BOOST_HANA_ADAPT_STRUCT(tessera::MaximiseQ::params, alpha, normalize);
BOOST_HANA_ADAPT_STRUCT(tessera::SoftMaximiseQ::params, initial_temperature, target_entropy, max_temperature, adam);
BOOST_HANA_ADAPT_STRUCT(tessera::FixedTemperatureMaximiseQ::params, temperature, without_q, samples);
BOOST_HANA_ADAPT_STRUCT(tessera::InSampleSoftmax::params, temperature, max_weight);
BOOST_HANA_ADAPT_STRUCT(tessera::SparseWeighted::params, max_weight);
BOOST_HANA_ADAPT_STRUCT(tessera::NaturalPolicyGradient::params, kl, iterations, damping, cloning_steps, cloning_batch);
// constraints
BOOST_HANA_ADAPT_STRUCT(tessera::SquaredError::params, weight);
BOOST_HANA_ADAPT_STRUCT(tessera::ForwardKl::params, weight);
BOOST_HANA_ADAPT_STRUCT(tessera::ReverseKl::params, weight, samples, log_floor);
BOOST_HANA_ADAPT_STRUCT(tessera::DualKl::params, net, adam, weight, steps, slope_weight);
BOOST_HANA_ADAPT_STRUCT(tessera::MmdParams, weight, samples, bandwidth);
// dynamics models, and doubt about them
BOOST_HANA_ADAPT_STRUCT(tessera::GaussianEnsembleParams, net, adam, members, elites, weight_decay, bounds_weight, beta, termination, batch, holdout,
                        holdout_rows, improvement, patience, max_epochs, seed);
BOOST_HANA_ADAPT_STRUCT(tessera::AdversarialParams, adversary, adversary_every, adversary_bounds);
BOOST_HANA_ADAPT_STRUCT(tessera::SoftPenaltyParams, weight);
BOOST_HANA_ADAPT_STRUCT(tessera::HaltAboveParams, pessimism, penalty);
BOOST_HANA_ADAPT_STRUCT(tessera::NextValueStdParams, weight, samples);
// selections
BOOST_HANA_ADAPT_STRUCT(tessera::BestOf::params, samples);
// data and schedule
BOOST_HANA_ADAPT_STRUCT(tessera::OfflineParams, standardize, reward, reward_shift, scale, reward_limit);
BOOST_HANA_ADAPT_STRUCT(tessera::ModelAugmentedParams, real_ratio, horizon, starts, every, keep, uniform_actions, range);
BOOST_HANA_ADAPT_STRUCT(tessera::ModelPathsParams, paths, horizon, start, range);
BOOST_HANA_ADAPT_STRUCT(tessera::TopEpisodes::params, fraction, units);
BOOST_HANA_ADAPT_STRUCT(tessera::Periods, actor, targets);
// clang-format on
