#pragma once
#include <concepts>
#include <cstdint>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/data.hpp>

namespace tessera {
/// When a part that looks at `step.update()` does the same again: after update `after`, in updates whose numbers are
/// equal modulo `period`.
struct rhythm {
  std::int64_t after = 0;
  std::int64_t period = 1;
};
/// A part that says so:  rhythm_of(h).
template <class C>
concept HasRhythm = requires(const typename C::params& h) {
  { C::rhythm_of(h) } -> std::same_as<rhythm>;
};

/// Whether what a part asks of the device in an update can be recorded there once and repeated (a CUDA graph): it asks
/// for the same each time, reads no number back, and brings none of the host's.  A part that knows better says
///   static constexpr bool capturable
/// and of the others those that refill cannot: they work on the host between updates.
template <class C>
inline constexpr bool is_capturable = !Refills<C>;
template <class C>
  requires requires {
    { C::capturable } -> std::convertible_to<bool>;
  }
inline constexpr bool is_capturable<C> = C::capturable;
}  // namespace tessera
