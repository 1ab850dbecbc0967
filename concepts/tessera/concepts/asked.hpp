#pragma once
#include <type_traits>

/// How a step asks a network: `step.q(next, a, as::target)`.
namespace tessera {
/// Which copy of the network answers.
enum class copy { online, target };
/// Where the gradient of the answer flows.
enum class gradient { everywhere, input, nowhere };

/// Both axes, as a type, so that what a part asks for is known when it is compiled.
template <copy From, gradient To>
struct asked {
  static_assert(From == copy::online || To == gradient::nowhere,
                "no gradient flows into a target network: it follows the online one");
  static constexpr copy from = From;
  static constexpr gradient to = To;
};

namespace as {
/// The online network, with gradient to its parameters and to its input.
inline constexpr asked<copy::online, gradient::everywhere> trained{};
/// The online network with its parameters held constant: the gradient reaches the input (the action) alone.
inline constexpr asked<copy::online, gradient::input> frozen{};
/// The online network, without gradient.
inline constexpr asked<copy::online, gradient::nowhere> fixed{};
/// The slowly moving copy, without gradient.
inline constexpr asked<copy::target, gradient::nowhere> target{};
}  // namespace as

/// Actions that have a name of their own: the batch's, and, where they are discrete, all of them.
struct logged_action_t {};
struct every_action_t {};
inline constexpr logged_action_t logged_action{};
inline constexpr every_action_t every_action{};

namespace detail {
template <class How>
constexpr bool asks_target = How::from == copy::target;
template <class How>
constexpr bool asks_trained = How::to == gradient::everywhere;
struct no_guard {};
}  // namespace detail

// For parts that bring networks of their own.

/// Switches gradients off, for as long as it lives, where none is asked for.
template <class Backend, class How>
using gradient_guard = std::conditional_t<How::to == gradient::nowhere, typename Backend::no_grad, detail::no_guard>;

/// A network's answer to an input, as it is asked.
template <class How, class Network, class... Inputs>
auto ask(How, Network& net, const Inputs&... inputs) {
  if constexpr (detail::asks_target<How>) return net.target(inputs...);
  else if constexpr (How::to == gradient::nowhere) return net.fixed(inputs...);
  else if constexpr (How::to == gradient::input) return net.frozen(inputs...);
  else return net.trained(inputs...);
}
/// The same at K actions for each state, (B, K, d).
template <class How, class Network, class T>
auto ask_many(How, Network& net, const T& states, const T& actions, auto... members) {
  if constexpr (detail::asks_target<How>) return net.target_many(states, actions);
  else if constexpr (How::to == gradient::nowhere) return net.fixed_many(states, actions);
  else if constexpr (How::to == gradient::input) return net.frozen_many(states, actions, members...);
  else return net.trained_many(states, actions);
}
}  // namespace tessera
