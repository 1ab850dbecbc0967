#pragma once
#include <cstddef>
#include <iterator>
#include <limits>
#include <type_traits>

#include <tessera/concepts/checks.hpp>

namespace tessera {
/// Ends of an open range: more than 0, less than 1.
inline constexpr double above_zero = std::numeric_limits<double>::min();
inline constexpr double below_one = 1 - std::numeric_limits<double>::epsilon();
/// In place of a smallest value: there is none, and the number may be left unset, as NaN.
inline constexpr double or_unset = std::numeric_limits<double>::quiet_NaN();

/// What a hyper-parameter is: its name, and its meaning, unit, range and source in one line.
/// `params::docs` lists them in the order of the fields; a part in which one is missing does not compose.
struct doc {
  const char* name;
  const char* text;
  double min = -1e30;  ///< smallest and largest value that makes sense, inclusive; to be well inside what a float holds
  double max = 1e30;
};

template <class... Ts>
struct list_of {
  static constexpr std::size_t size = sizeof...(Ts);
  /// The place of T in the list; `size`, where it has none.
  template <class T>
  static constexpr std::size_t place_of = [] {
    std::size_t i = 0;
    (void)((std::is_same_v<T, Ts> || (++i, false)) || ...);
    return i;
  }();
};
/// The hyper-parameters of a part that is made of others: those of all pieces, under their own names.
///   struct params : joined<CriticParams, MyOwn> {};
template <class... Ps>
struct joined : Ps... {
  using pieces = list_of<Ps...>;
};

namespace detail {
// How many fields an aggregate has: the most initializers it takes.
struct any_field {
  template <class T>
  constexpr operator T() const;  // NOLINT: stands for a value of any type
};
template <class P, class... Fields>
consteval std::size_t arity() {
  if constexpr (requires { P{Fields{}..., any_field{}}; }) return arity<P, Fields..., any_field>();
  else return sizeof...(Fields);
}
// The most fields that can be told apart.
inline constexpr std::size_t max_fields = 24;

// Whether all fields are documented, in order.
template <class P>
consteval bool is_documented() {
  if constexpr (std::is_aggregate_v<P> && requires { P::docs; })
    return arity<P>() > 0 && arity<P>() <= max_fields && std::size(P::docs) == arity<P>();
  else return false;
}

// Whether hyper-parameters, or all pieces of joined ones, have nothing to set or are as `Piece` says.
template <class Piece, class P>
consteval bool all_pieces() {
  if constexpr (requires { typename P::pieces; })
    return []<class... Ps>(list_of<Ps...>) { return (all_pieces<Piece, Ps>() && ...); }(typename P::pieces{});
  else if constexpr (std::is_empty_v<P>) return true;
  else return Piece::template of<P>;
}
}  // namespace detail

namespace lack {
/// struct params of public fields with defaults, without constructors
struct params_that_are_an_aggregate {
  template <class P>
  static constexpr bool of = std::is_aggregate_v<P>;
  template <class C>
  static constexpr bool found = detail::all_pieces<params_that_are_an_aggregate, typename C::params>();
};
/// static constexpr doc docs[] = {{"beta", "what it is, its unit and its source", 0, 1}, ...};  in `params`
struct docs {
  template <class P>
  static constexpr bool of = requires {
    std::size(P::docs);
  };
  template <class C>
  static constexpr bool found = detail::all_pieces<docs, typename C::params>();
};
/// as many entries in `params::docs` as there are fields, in their order
struct a_doc_for_every_field {
  template <class P>
  static constexpr bool of = detail::is_documented<P>();
  template <class C>
  static constexpr bool found = detail::all_pieces<a_doc_for_every_field, typename C::params>();
};
}  // namespace lack
/// Of hyper-parameters, so that they can be listed, saved, and set from the command line.
using docs_checks = checks<lack::params_that_are_an_aggregate, lack::docs, lack::a_doc_for_every_field>;
}  // namespace tessera
