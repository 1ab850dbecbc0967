#pragma once
#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/slots.hpp>

namespace tessera {
namespace detail {
template <class Agent>
using dynamics_of = typename Agent::recipe_type::template get<dynamics>;
}  // namespace detail
/// A learner whose dynamics model is trained on the log, and can come from a file.
template <class Agent>
concept TakesDynamics = requires {
  typename Agent::recipe_type;
}
&&LearnedDynamics<detail::dynamics_of<Agent>>;
}  // namespace tessera
