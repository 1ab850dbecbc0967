#pragma once
#include <algorithm>
#include <boost/hana/for_each.hpp>
#include <boost/hana/tuple.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <tessera/compose/ranges.hpp>
#include <tessera/compose/recipe.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/synonyms.hpp>

namespace tessera {
/// An aggregate whose fields are all documented, in order; the names are those in `docs`.
template <class P>
concept Reflected = std::is_empty_v<P> || requires {
  typename P::pieces;
} || detail::is_documented<P>();

/// A value of an enumeration, without its type.
struct Choice {
  void* at;
  int (*get)(const void*);
  void (*set)(void*, int);
  std::vector<const char*> names;
};

/// One hyper-parameter: its key ("actor.beta"), its documentation, and a reference to its value.
struct Parameter {
  std::string key;
  const doc* about;
  std::variant<double*, std::int64_t*, bool*, std::vector<std::int64_t>*, Choice> value;

  /// The value as text that reads back to the same value.
  std::string text() const;
  /// The inverse of `text`.  Throws Error with what was expected.
  void set(std::string_view text) const;
};

namespace detail {
template <class T>
auto reference_to(T& value) {
  if constexpr (std::is_enum_v<T>) {
    const auto names = enumerators(value);
    return Choice{&value,
                  [](const void* p) { return int(*static_cast<const T*>(p)); },
                  [](void* p, int i) { *static_cast<T*>(p) = T(i); },
                  {names.begin(), names.end()}};
  } else {
    return &value;
  }
}

template <class P, class... Pieces>
void list_pieces(std::vector<Parameter>& out, const std::string& prefix, P& params, list_of<Pieces...>);

// Visits the fields depth first, joined parameters piece by piece.  The keys of the fields of a nested aggregate begin
// with its name and a dot.
template <class P>
void list_fields(std::vector<Parameter>& out, const std::string& prefix, P& params) {
  static_assert(Reflected<P>, "name and document every field in params::docs, in the order of the fields");
  if constexpr (requires { typename P::pieces; }) {
    list_pieces(out, prefix, params, typename P::pieces{});
  } else if constexpr (!std::is_empty_v<P>) {
    std::size_t i = 0;
    boost::hana::for_each(std::apply(boost::hana::make_tuple, fields(params)), [&](auto* field) {
      const doc& about = P::docs[i++];
      const std::string key = prefix + "." + about.name;
      if constexpr (requires { Parameter{"", nullptr, reference_to(*field)}; })
        out.push_back({key, &about, reference_to(*field)});
      else list_fields(out, key, *field);
    });
  }
}

template <class P, class... Pieces>
void list_pieces(std::vector<Parameter>& out, const std::string& prefix, P& params, list_of<Pieces...>) {
  (list_fields(out, prefix, static_cast<Pieces&>(params)), ...);
}

template <class... Slots>
struct fields_of {
  template <class Params>
  static std::vector<Parameter> list(Params& p) {
    std::vector<Parameter> out;
    (add<Slots>(out, p), ...);
    return out;
  }

 private:
  template <class Slot, class Params>
  static void add(std::vector<Parameter>& out, Params& p) {
    if constexpr (Parameterized<Slot>) list_fields(out, Slot::label, p.*Slot::member);
  }
};
}  // namespace detail

/// Every hyper-parameter of a recipe, slot by slot.  The references live as long as `p`.
template <class R, class Params>
std::vector<Parameter> parameters(Params& p) {
  return R::completed::template apply<detail::fields_of>::list(p);
}

/// Sets one of a list of hyper-parameters by key.  An unknown key is an Error that names the nearest one.
void set_parameter(const std::vector<Parameter>& all, const std::string& key, std::string_view text);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/reflect/reflect.impl.hpp>
#endif
