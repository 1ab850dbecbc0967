#pragma once
#include <cstdint>

namespace tessera {
/// What lookups are derived from: access to the step that is the sum of them.  `Lookups` is the deriving class, since a
/// step has several.
template <class Step, class Lookups>
struct in_step {
 protected:
  Step& self() { return static_cast<Step&>(*this); }
  /// The hyper-parameters, and the state, of the part in slot S.
  template <template <class> class S>
  const auto& params_in() {
    return self().template params_of_slot<S>();
  }
  template <template <class> class S>
  auto& state_in() {
    return self().template state_of<S>();
  }
};

/// A value that is cached until the network that it is computed with takes a step.
template <class T>
struct memo {
  std::int64_t version;
  T of;
};
}  // namespace tessera
