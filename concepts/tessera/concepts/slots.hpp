#pragma once

namespace tessera {
// A slot wraps the component that fills it, and lends its name to the component's hyper-parameters:
// `p.actor.beta` is parameter `beta` of the part in `actor<>`.

/// Where an optional slot is absent, its neutral part stands in.
struct Mode;
struct Offline;
struct CriticFirst;

// clang-format off
/// what kind of distribution acts
template <class C> struct policy     { using type = C; static constexpr const char* label = "policy";     struct named { typename C::params policy{};     }; static constexpr auto member = &named::policy; };
/// what Q regresses to, and what else presses on it
template <class C> struct critic     { using type = C; static constexpr const char* label = "critic";     struct named { typename C::params critic{};     }; static constexpr auto member = &named::critic; };
/// how V is had, if there is one
template <class C> struct value      { using type = C; static constexpr const char* label = "value";      struct named { typename C::params value{};      }; static constexpr auto member = &named::value; };
/// what the policy maximises
template <class C> struct actor      { using type = C; static constexpr const char* label = "actor";      struct named { typename C::params actor{};      }; static constexpr auto member = &named::actor; };
/// what keeps it near the data
template <class C> struct constraint { using type = C; static constexpr const char* label = "constraint"; struct named { typename C::params constraint{}; }; static constexpr auto member = &named::constraint; };
/// who acted when the data were logged, as a model fitted to them
template <class C> struct behavior   { using type = C; static constexpr const char* label = "behavior";   struct named { typename C::params behavior{};   }; static constexpr auto member = &named::behavior; };
/// what imagines transitions
template <class C> struct dynamics   { using type = C; static constexpr const char* label = "dynamics";   struct named { typename C::params dynamics{};   }; static constexpr auto member = &named::dynamics; };
/// how doubt about the model costs
template <class C> struct uncertainty { using type = C; static constexpr const char* label = "uncertainty"; struct named { typename C::params uncertainty{}; }; static constexpr auto member = &named::uncertainty; };
/// where a batch comes from
template <class C> struct data       { using type = C; static constexpr const char* label = "data";       struct named { typename C::params data{};       }; static constexpr auto member = &named::data; };
/// how an action is chosen at test time
template <class C> struct select     { using type = C; static constexpr const char* label = "select";     struct named { typename C::params select{};     }; static constexpr auto member = &named::select; };
/// in which order, and how often, the networks are updated
template <class C> struct schedule   { using type = C; static constexpr const char* label = "schedule";   struct named { typename C::params schedule{};   }; static constexpr auto member = &named::schedule; };
/// the algorithm's own default values; a part that is swapped out takes its values along
template <class C> struct defaults   { using type = C; static constexpr const char* label = "defaults";   struct named {}; };
// clang-format on

namespace detail {
template <template <class> class Slot>
struct neutral {
  using type = void;
};
template <>
struct neutral<select> {
  using type = Mode;
};
template <>
struct neutral<data> {
  using type = Offline;
};
template <>
struct neutral<schedule> {
  using type = CriticFirst;
};
}  // namespace detail
}  // namespace tessera
