#pragma once
#include <tessera/concepts/checks.hpp>

namespace tessera {
/// Action-space tags.  A policy, a critic and an environment each carry one as `space`, so that parts
/// of different spaces do not compile together.

/// Actions are vectors; inside a learner every coordinate is scaled to [-1, 1].
struct Continuous {
  static constexpr const char* name = "continuous";
};
/// Actions are indices 0 .. count-1.
struct Discrete {
  static constexpr const char* name = "discrete";
};

namespace detail {
template <class Part>
struct space_in {
  using type = void;
};
template <class Part>
  requires requires { typename Part::space; }
struct space_in<Part> {
  using type = typename Part::space;
};
}  // namespace detail
/// The action space of a part; void, where it has none.
template <class Part>
using space_of = typename detail::space_in<Part>::type;

template <class S>
concept ActionSpace = requires {
  S::name;
};

namespace lack {
/// using space = Continuous;  or Discrete
struct action_space {
  template <class T>
  static constexpr bool found = ActionSpace<space_of<T>>;
};
}  // namespace lack
}  // namespace tessera
