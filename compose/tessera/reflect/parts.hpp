#pragma once
// The fields of the library's own hyper-parameters, as Boost.Hana sees them.  The order is that of the fields;
// reflect.hpp asserts that none is missing.
#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/actor/maximise_q.hpp>
#include <tessera/actor/soft_maximise_q.hpp>
#include <tessera/actor/softmax_advantage_weighted.hpp>
#include <tessera/compose/reflect.hpp>
#include <tessera/compose/schedule.hpp>
#include <tessera/constraint/forward_kl.hpp>
#include <tessera/constraint/squared_error.hpp>
#include <tessera/critic/smoothed_policy_backup.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/data/top_episodes.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/value/expectile.hpp>
#include <tessera/value/policy_mean.hpp>

// clang-format off
BOOST_HANA_ADAPT_STRUCT(tessera::MlpOptions, hidden, activation, layer_norm, init, last_gain);
BOOST_HANA_ADAPT_STRUCT(tessera::AdamOptions, learning_rate, beta1, beta2, epsilon, cosine_steps, weight_decay, decoupled, max_gradient_norm);
// policies
BOOST_HANA_ADAPT_STRUCT(tessera::GaussianParams, net, adam, log_std_min, log_std_max);
BOOST_HANA_ADAPT_STRUCT(tessera::DeterministicPolicy::params, net, adam);
BOOST_HANA_ADAPT_STRUCT(tessera::CategoricalPolicy::params, net, adam);
// critics
BOOST_HANA_ADAPT_STRUCT(tessera::CriticParams, net, adam, members, discount, polyak);
BOOST_HANA_ADAPT_STRUCT(tessera::SmoothedPolicyBackup::params, net, adam, members, discount, polyak, smoothing, smoothing_clip);
BOOST_HANA_ADAPT_STRUCT(tessera::SoftBackup::params, net, adam, members, discount, polyak, entropy);
// values
BOOST_HANA_ADAPT_STRUCT(tessera::Expectile::params, net, adam, tau);
BOOST_HANA_ADAPT_STRUCT(tessera::PolicyMean::params, samples);
// actors
BOOST_HANA_ADAPT_STRUCT(tessera::AdvantageWeighted::params, beta, max_weight);
BOOST_HANA_ADAPT_STRUCT(tessera::SoftmaxAdvantageWeighted::params, beta);
BOOST_HANA_ADAPT_STRUCT(tessera::MaximiseQ::params, alpha, normalize);
BOOST_HANA_ADAPT_STRUCT(tessera::SoftMaximiseQ::params, initial_temperature, target_entropy, automatic, adam);
// constraints
BOOST_HANA_ADAPT_STRUCT(tessera::SquaredError::params, weight);
BOOST_HANA_ADAPT_STRUCT(tessera::ForwardKl::params, weight);
// data and schedule
BOOST_HANA_ADAPT_STRUCT(tessera::OfflineParams, standardize, reward, reward_shift);
BOOST_HANA_ADAPT_STRUCT(tessera::TopEpisodes::params, fraction, units);
BOOST_HANA_ADAPT_STRUCT(tessera::Periods, actor, targets);
// clang-format on
