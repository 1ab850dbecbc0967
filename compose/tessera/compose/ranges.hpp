#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <tessera/compose/recipe.hpp>
#include <tessera/concepts/docs.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/shortest_text.hpp>

/// The ranges that hyper-parameters' `docs` state, held against their values: those of the command line and those of a
/// program.
namespace tessera {
namespace detail {
// Pointers to the fields of an aggregate, of at most so many fields.
// clang-format off
template <class P>
constexpr auto fields(P& p) {
  constexpr auto n = arity<std::remove_const_t<P>>();
  static_assert(n <= max_fields, "hyper-parameters of more fields: make them of joined<> pieces");
  if constexpr (n == 0) return std::make_tuple();
  else if constexpr (n == 1) { auto& [x1] = p; return std::make_tuple(&x1); }
  else if constexpr (n == 2) { auto& [x1, x2] = p; return std::make_tuple(&x1, &x2); }
  else if constexpr (n == 3) { auto& [x1, x2, x3] = p; return std::make_tuple(&x1, &x2, &x3); }
  else if constexpr (n == 4) { auto& [x1, x2, x3, x4] = p; return std::make_tuple(&x1, &x2, &x3, &x4); }
  else if constexpr (n == 5) { auto& [x1, x2, x3, x4, x5] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5); }
  else if constexpr (n == 6) { auto& [x1, x2, x3, x4, x5, x6] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6); }
  else if constexpr (n == 7) { auto& [x1, x2, x3, x4, x5, x6, x7] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7); }
  else if constexpr (n == 8) { auto& [x1, x2, x3, x4, x5, x6, x7, x8] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8); }
  else if constexpr (n == 9) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9); }
  else if constexpr (n == 10) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10); }
  else if constexpr (n == 11) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11); }
  else if constexpr (n == 12) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12); }
  else if constexpr (n == 13) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13); }
  else if constexpr (n == 14) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13, &x14); }
  else if constexpr (n == 15) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13, &x14, &x15); }
  else if constexpr (n == 16) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13, &x14, &x15, &x16); }
  else if constexpr (n == 17) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13, &x14, &x15, &x16, &x17); }
  else if constexpr (n == 18) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17, x18] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13, &x14, &x15, &x16, &x17, &x18); }
  else if constexpr (n == 19) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17, x18, x19] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13, &x14, &x15, &x16, &x17, &x18, &x19); }
  else if constexpr (n == 20) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17, x18, x19, x20] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13, &x14, &x15, &x16, &x17, &x18, &x19, &x20); }
  else if constexpr (n == 21) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17, x18, x19, x20, x21] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13, &x14, &x15, &x16, &x17, &x18, &x19, &x20, &x21); }
  else if constexpr (n == 22) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17, x18, x19, x20, x21, x22] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13, &x14, &x15, &x16, &x17, &x18, &x19, &x20, &x21, &x22); }
  else if constexpr (n == 23) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17, x18, x19, x20, x21, x22, x23] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13, &x14, &x15, &x16, &x17, &x18, &x19, &x20, &x21, &x22, &x23); }
  else if constexpr (n == 24) { auto& [x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17, x18, x19, x20, x21, x22, x23, x24] = p; return std::make_tuple(&x1, &x2, &x3, &x4, &x5, &x6, &x7, &x8, &x9, &x10, &x11, &x12, &x13, &x14, &x15, &x16, &x17, &x18, &x19, &x20, &x21, &x22, &x23, &x24); }
}
// clang-format on

// "at least 1" where the value breaks the range that `about` states; else nothing.
template <class T>
std::string range_broken(const doc& about, T x) {
  const auto value = static_cast<double>(x);
  if (std::isnan(value) && std::isnan(about.min)) return "";
  std::string wanted;
  if (!std::isfinite(value)) {
    wanted = "a finite number";
  } else if (value < about.min) {
    wanted = about.min == above_zero ? "more than 0" : "at least ";
    if (about.min != above_zero) wanted += shortest_text(about.min);
  } else if (value > about.max) {
    wanted = about.max == below_one ? "less than 1" : "at most ";
    if (about.max != below_one) wanted += shortest_text(about.max);
  } else {
    return wanted;
  }
  wanted += " (";
  wanted += about.text;
  wanted += ")";
  return wanted;
}

[[noreturn]] inline void bad_value(const std::string& key, std::string_view text, std::string_view wanted) {
  std::string message = "parameter ";
  for (const std::string_view part :
       {std::string_view(key), std::string_view(": '"), text, std::string_view("' is not "), wanted})
    message += part;
  throw Error(message);
}

// A field that is named after another as its other end: x_min and x_max, min_x and max_x.
inline std::string other_end(const std::string& name) {
  if (name.ends_with("_min")) return name.substr(0, name.size() - 4) + "_max";
  if (name.starts_with("min_")) return "max_" + name.substr(4);
  return "";
}

[[noreturn]] inline void bad_order(const std::string& prefix, const char* low, double min, const char* high,
                                   double max) {
  std::string message = "parameter ";
  for (const std::string& part : {prefix, std::string("."), std::string(low), std::string(": "), shortest_text(min),
                                  std::string(" is above "), prefix, std::string("."), std::string(high),
                                  std::string(", "), shortest_text(max), std::string("; set the one, or the other")})
    message += part;
  throw Error(message);
}

// A field whose range is stated, without its type: the pointer that is set is its value's.
struct Ranged {
  const doc* about;
  const double* real = nullptr;
  const std::int64_t* whole = nullptr;
  const std::vector<std::int64_t>* list = nullptr;

  bool is_number() const { return real != nullptr || whole != nullptr; }
  double number() const { return real != nullptr ? *real : static_cast<double>(*whole); }
};
template <class T>
void require_range(const std::string& prefix, const doc& about, T value) {
  const auto wanted = range_broken(about, value);
  if (wanted.empty()) return;
  std::string key = prefix;
  key += '.';
  key += about.name;
  bad_value(key, shortest_text(value), wanted);
}
inline void require_ranges(const std::string& prefix, std::span<const Ranged> fields) {
  for (const auto& each : fields) {
    if (each.real != nullptr) require_range(prefix, *each.about, *each.real);
    if (each.whole != nullptr) require_range(prefix, *each.about, *each.whole);
    if (each.list != nullptr)
      for (const auto x : *each.list) require_range(prefix, *each.about, x);
  }
  for (const auto& low : fields)
    for (const auto& high : fields)
      if (low.is_number() && high.is_number() && other_end(low.about->name) == high.about->name &&
          low.number() > high.number())
        bad_order(prefix, low.about->name, low.number(), high.about->name, high.number());
}

template <class P>
void require_ranges(const std::string& prefix, const P& params);

template <class T>
void add_ranged(std::vector<Ranged>& out, const std::string& prefix, const doc& about, const T& value) {
  if constexpr (std::is_same_v<T, double>) out.push_back({&about, &value});
  else if constexpr (std::is_same_v<T, std::int64_t>) out.push_back({&about, nullptr, &value});
  else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) out.push_back({&about, nullptr, nullptr, &value});
  else if constexpr (std::is_class_v<T>) require_ranges(prefix + "." + about.name, value);
}

template <class... Pieces, class P>
void require_ranges_of_pieces(const std::string& prefix, const P& params, list_of<Pieces...>) {
  (require_ranges(prefix, static_cast<const Pieces&>(params)), ...);
}

template <class P>
void require_ranges(const std::string& prefix, const P& params) {
  if constexpr (requires { typename P::pieces; }) {
    require_ranges_of_pieces(prefix, params, typename P::pieces{});
  } else if constexpr (is_documented<P>()) {
    std::vector<Ranged> ranged;
    const doc* about = std::data(P::docs);
    std::apply([&](const auto*... field) { (add_ranged(ranged, prefix, *about++, *field), ...); }, fields(params));
    require_ranges(prefix, std::span<const Ranged>(ranged));
  }
}

template <class... Slots>
struct ranges_of {
  template <class Params>
  static void require(const Params& p) {
    (one<Slots>(p), ...);
  }

 private:
  template <class Slot, class Params>
  static void one(const Params& p) {
    if constexpr (Parameterized<Slot>) require_ranges(Slot::label, p.*Slot::member);
  }
};
}  // namespace detail

/// Throws Error for the first hyper-parameter of a recipe that is outside the range its `docs` state.
template <class R>
void require_ranges(const params_of<R>& p) {
  R::completed::template apply<detail::ranges_of>::require(p);
}
}  // namespace tessera
