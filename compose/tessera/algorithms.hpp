#pragma once
// The catalog: every algorithm, alphabetically.
#include <tessera/algorithms/ac_bc.hpp>                    // actor-critic with forward KL
#include <tessera/algorithms/awac.hpp>                     // advantage-weighted actor-critic
#include <tessera/algorithms/awr.hpp>                      // advantage-weighted regression
#include <tessera/algorithms/bc.hpp>                       // behavior cloning
#include <tessera/algorithms/bear.hpp>                     // support constraint by MMD
#include <tessera/algorithms/brac.hpp>                     // behavior-regularized actor-critic
#include <tessera/algorithms/cal_ql.hpp>                   // calibrated Q-learning
#include <tessera/algorithms/combo.hpp>                    // conservative critic on a model's data
#include <tessera/algorithms/cql.hpp>                      // conservative Q-learning
#include <tessera/algorithms/crr.hpp>                      // critic-regularized regression
#include <tessera/algorithms/diffusion_bc.hpp>             // behavior cloning by a diffusion
#include <tessera/algorithms/discrete_bcq.hpp>             // batch-constrained Q-learning
#include <tessera/algorithms/discrete_cql.hpp>             // conservative Q-learning over discrete actions
#include <tessera/algorithms/dsrl.hpp>                     // SAC in the noise of a frozen flow
#include <tessera/algorithms/eql.hpp>                      // exponential Q-learning
#include <tessera/algorithms/fawac.hpp>                    // advantage-weighted actor-critic with a flow
#include <tessera/algorithms/fbrac.hpp>                    // behavior-regularized actor-critic with a flow
#include <tessera/algorithms/flow_bc.hpp>                  // behavior cloning by a flow
#include <tessera/algorithms/fql.hpp>                      // flow Q-learning
#include <tessera/algorithms/idql.hpp>                     // implicit Q-learning with a diffusion
#include <tessera/algorithms/ifql.hpp>                     // implicit Q-learning with a flow
#include <tessera/algorithms/in_ac.hpp>                    // in-sample actor-critic
#include <tessera/algorithms/iql.hpp>                      // implicit Q-learning
#include <tessera/algorithms/mobile.hpp>                   // model-based, uncertainty about the next value
#include <tessera/algorithms/mopo.hpp>                     // model-based, uncertainty about the model
#include <tessera/algorithms/morel.hpp>                    // model-based, HALT beyond the data
#include <tessera/algorithms/morel_npg.hpp>                // MOReL with its own planner, natural policy gradient
#include <tessera/algorithms/percent_bc.hpp>               // behavior cloning of the best episodes
#include <tessera/algorithms/qc.hpp>                       // Q-chunking: the best of a flow's action chunks
#include <tessera/algorithms/qc_fql.hpp>                   // Q-chunking: flow Q-learning of action chunks
#include <tessera/algorithms/rambo.hpp>                    // model-based, with an adversarial model
#include <tessera/algorithms/re_brac.hpp>                  // TD3+BC with a penalty on both sides
#include <tessera/algorithms/redq.hpp>                     // randomized ensembled double Q-learning
#include <tessera/algorithms/reverse_kl_actor_critic.hpp>  // actor-critic with reverse KL
#include <tessera/algorithms/reward_kl.hpp>                // KL-regularized soft actor-critic
#include <tessera/algorithms/rlpd.hpp>                     // RL with prior data: online, half of each batch logged
#include <tessera/algorithms/sac.hpp>                      // soft actor-critic
#include <tessera/algorithms/sac_n.hpp>                    // SAC with many critics; EDAC
#include <tessera/algorithms/sql.hpp>                      // sparse Q-learning
#include <tessera/algorithms/td3.hpp>                      // twin delayed deterministic policy gradient
#include <tessera/algorithms/td3_bc.hpp>                   // TD3 with behavior cloning
#include <tessera/algorithms/xql.hpp>                      // extreme Q-learning

namespace tessera {
/// Every algorithm of the catalog, alphabetically: code that covers all of them iterates over this list, as in
///   []<class... Recipes>(list_of<Recipes...>) { ... }(all_recipes{});
/// A type is for one kind of actions.  On the command line `Iql` and `DiscreteIql` are both `iql`: the data choose.
using all_recipes =
    list_of<recipes::AcBc, recipes::Awac, recipes::AwacLearnedV, recipes::Awr, recipes::Bc, recipes::Bear,
            recipes::BracP, recipes::BracV, recipes::BracVDual, recipes::CalQl, recipes::Combo, recipes::Cql,
            recipes::CqlLagrange, recipes::CqlLowerBound, recipes::Crr, recipes::CrrBinary, recipes::DiffusionBc,
            recipes::DiscreteAwac, recipes::DiscreteAwr, recipes::DiscreteBc, recipes::DiscreteBcq,
            recipes::DiscreteCql, recipes::DiscreteEql, recipes::DiscreteInAc, recipes::DiscreteIql,
            recipes::DiscreteRewardKl, recipes::DiscreteSql, recipes::DiscreteXql, recipes::Dsrl,
            recipes::DsrlNoiseAliased, recipes::Edac, recipes::Eql, recipes::Fawac, recipes::Fbrac, recipes::FlowBc,
            recipes::Fql, recipes::FqlNormalized, recipes::Idql, recipes::IdqlImplicit, recipes::Ifql, recipes::InAc,
            recipes::Iql, recipes::IqlQuantile, recipes::Mobile, recipes::Mopo, recipes::MopoDisagreement,
            recipes::Morel, recipes::MorelNpg, recipes::PercentBc, recipes::Qc, recipes::QcFql, recipes::Rambo,
            recipes::ReBrac, recipes::Redq, recipes::ReverseKlActorCritic, recipes::RewardKl, recipes::Rlpd,
            recipes::Sac, recipes::SacN, recipes::Sql, recipes::Td3, recipes::Td3Bc, recipes::Xql>;
}  // namespace tessera
