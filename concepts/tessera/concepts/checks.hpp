#pragma once
#include <type_traits>

namespace tessera {
/// What a concept asks for, piece by piece and in an order, so that an error can name the first piece that a type
/// lacks.  Each is a word of namespace `lack`, with  template <class T> static constexpr bool found.  The concept is
/// that all are found.
template <class... Pieces>
struct checks {};

// Words of an error: declared, never defined.
template <class... Sentence>
struct composition_error;
template <class T>
struct component;
template <class Piece>
struct lacks;
template <class Concept>
struct to_be;

namespace detail {
// The first piece that is not found; void, where all are.  Later ones are not looked at: some make sense only after the
// earlier.
template <class T, class Checks>
struct lack_in {
  using type = void;
};
template <bool found, class T, class Piece, class... Rest>
struct lack_or {
  using type = Piece;
};
template <class T, class Piece, class... Rest>
struct lack_or<true, T, Piece, Rest...> : lack_in<T, checks<Rest...>> {};
template <class T, class Piece, class... Rest>
struct lack_in<T, checks<Piece, Rest...>> : lack_or<Piece::template found<T>, T, Piece, Rest...> {};

template <class A, class B>
struct checks_of_both;
template <class... As, class... Bs>
struct checks_of_both<checks<As...>, checks<Bs...>> {
  using type = checks<As..., Bs...>;
};
}  // namespace detail
/// The checks of one list, then those of another.
template <class A, class B>
using and_checks = typename detail::checks_of_both<A, B>::type;

/// The first piece of a list that T lacks; void, where it has all.
template <class T, class Checks>
using first_lack = typename detail::lack_in<T, Checks>::type;
template <class T, class Checks>
concept HasAll = std::is_void_v<first_lack<T, Checks>>;
}  // namespace tessera
