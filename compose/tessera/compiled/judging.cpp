// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/train/behavior_model.impl.hpp>
#include <tessera/train/evaluation_log.impl.hpp>
#include <tessera/train/finite_log.impl.hpp>
#include <tessera/train/fitted_q.impl.hpp>
#include <tessera/train/logged_steps.impl.hpp>
#include <tessera/train/target_policy.impl.hpp>
