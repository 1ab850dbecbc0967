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

namespace detail {
[[noreturn]] inline void bad_value(const Parameter& p, std::string_view text, const std::string& wanted) {
  bad_value(p.key, text, wanted);
}
// Parses a value and checks it against the parameter's range.
template <class T>
T read_number(const Parameter& p, std::string_view text, const char* kind) {
  std::optional<T> x;
  if constexpr (std::is_integral_v<T>) x = whole_number<T>(text);
  else x = real_number(text);
  if (!x) bad_value(p, text, kind);
  if (const auto wanted = range_broken(*p.about, *x); !wanted.empty()) bad_value(p, text, wanted);
  return *x;
}

struct to_text {
  std::string operator()(const double* x) const { return number_text(*x); }
  std::string operator()(const std::int64_t* x) const { return std::to_string(*x); }
  std::string operator()(const bool* x) const { return *x ? "true" : "false"; }
  std::string operator()(const Choice& c) const { return c.names[std::size_t(c.get(c.at))]; }
  std::string operator()(const std::vector<std::int64_t>* list) const {
    std::string out;
    for (auto x : *list) {
      if (!out.empty()) out += ',';
      out += std::to_string(x);
    }
    return out.empty() ? "none" : out;
  }
};
struct from_text {
  const Parameter& p;
  std::string_view text;

  void operator()(double* x) const { *x = read_number<double>(p, text, "a number"); }
  void operator()(std::int64_t* x) const { *x = read_number<std::int64_t>(p, text, "a whole number"); }
  void operator()(bool* x) const {
    if (text != "true" && text != "false") bad_value(p, text, "true or false");
    *x = text == "true";
  }
  void operator()(const Choice& c) const {
    std::string all;
    for (std::size_t i = 0; i < c.names.size(); ++i) {
      if (text == c.names[i]) return c.set(c.at, int(i));
      if (i > 0) all += ", ";
      all += c.names[i];
    }
    bad_value(p, text, "one of " + all);
  }
  void operator()(std::vector<std::int64_t>* list) const {
    std::vector<std::int64_t> out;
    for (std::size_t from = 0; text != "none" && from <= text.size();) {
      const auto comma = std::min(text.find(',', from), text.size());
      out.push_back(read_number<std::int64_t>(p, text.substr(from, comma - from),
                                              "a list of whole numbers such as 256,256, or none"));
      from = comma + 1;
    }
    *list = out;
  }
};
}  // namespace detail

inline std::string Parameter::text() const { return std::visit(detail::to_text{}, value); }
inline void Parameter::set(std::string_view text) const { std::visit(detail::from_text{*this, text}, value); }

/// Sets one of a list of hyper-parameters by key.  An unknown key is an Error that names the nearest one.
inline void set_parameter(const std::vector<Parameter>& all, const std::string& key, std::string_view text) {
  std::vector<std::string> keys;
  for (const auto& p : all) {
    if (p.key == key) return p.set(text);
    keys.push_back(p.key);
  }
  std::string near;
  for (const auto& meant : meant_keys(key, keys)) {
    near += near.empty() ? "'" : " or '";
    near += meant;
    near += '\'';
  }
  throw Error("unknown parameter '" + key + "'" + (near.empty() ? "" : "; did you mean " + near + "?") +
              " (explain lists all)");
}
}  // namespace tessera
