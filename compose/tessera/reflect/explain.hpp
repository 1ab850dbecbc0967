#pragma once
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <tessera/compose/learner.hpp>
#include <tessera/compose/name.hpp>
#include <tessera/reflect/reflect.hpp>

namespace tessera {
/// The description of one filled slot.
struct slot_text {
  std::string slot, part, formula, source;
};

namespace detail {
template <class Slot>
void add_slot(std::vector<slot_text>& out) {
  using C = typename Slot::type;
  if constexpr (!Plays<C, role::default_values>) {
    slot_text t{Slot::label, part_name<C>(), "", ""};
    if constexpr (requires { C::formula; }) t.formula = C::formula;
    if constexpr (requires { C::source; }) t.source = C::source;
    out.push_back(std::move(t));
  }
}
template <class... Slots>
struct texts_of {
  static std::vector<slot_text> get() {
    std::vector<slot_text> out;
    (add_slot<Slots>(out), ...);
    return out;
  }
};
}  // namespace detail

/// The descriptions of a recipe's slots, including neutral parts.
template <class R>
std::vector<slot_text> slot_texts() {
  return R::completed::template apply<detail::texts_of>::get();
}

/// The slots that a recipe itself fills, as one line: "policy<GaussianPolicy> actor<BehaviorCloning>".
template <class R>
std::string slot_line() {
  std::string line;
  for (const auto& t : R::template apply<detail::texts_of>::get())
    line += (line.empty() ? "" : " ") + t.slot + "<" + t.part + ">";
  return line;
}

namespace detail {
/// The description of one stage of the update: which parts run in it.
struct stage_text {
  std::string name, parts;
  std::int64_t period = 1;
};
inline void explain(std::ostream& out, std::string_view name, const std::vector<slot_text>& slots,
                    const std::vector<stage_text>& order, const std::vector<Parameter>& parameters) {
  const auto pad = [](const std::string& text, std::size_t width) {
    return text + std::string(width + 2 - text.size(), ' ');
  };
  std::size_t wide = 0;
  for (const auto& t : slots) wide = std::max(wide, t.slot.size() + t.part.size() + 2);
  out << name << "\n\nSlots\n";
  for (const auto& t : slots) {
    out << "  " << pad(t.slot + "<" + t.part + ">", wide) << t.formula << "\n";
    if (!t.source.empty()) out << "  " << pad("", wide) << "[" << t.source << "]\n";
  }

  out << "\nUpdate order\n";
  int line = 0;
  for (const auto& stage : order) {
    out << "  " << ++line << ". " << stage.name;
    if (stage.period > 1) out << ", every " << stage.period << " updates";
    out << ": " << stage.parts << "\n";
  }

  std::size_t keys = 0, values = 0;
  for (const auto& p : parameters) keys = std::max(keys, p.key.size()), values = std::max(values, p.text().size());
  out << "\nParameters (KEY, default, meaning)\n";
  for (const auto& p : parameters) out << "  " << pad(p.key, keys) << pad(p.text(), values) << p.about->text << "\n";
}
}  // namespace detail

namespace detail {
// "critic, actor + constraint": the slots that run in a stage, and those that add to its loss.
template <class R, class S>
struct stage_parts {
  template <class... Slots>
  struct in_slots {
    static std::string get() {
      std::string run, add;
      const auto list = [](std::string& to, const char* slot) { (to += to.empty() ? "" : ", ") += slot; };
      (
          [&] {
            using C = typename Slots::type;
            if constexpr (runs_in_stage<R, C, S> || moves_in_stage<R, C, S>) list(run, Slots::label);
            if constexpr (is_home<Slots, S> || adds_to_stage<R, C, S>) list(add, Slots::label);
          }(),
          ...);
      return add.empty() ? run : run + " by the loss of " + add;
    }
  };
};
}  // namespace detail

/// Prints a recipe as text: slots, formulas, update order, and every hyper-parameter.
template <class R>
void explain(std::ostream& out, params_of<R> p = {}) {
  std::vector<detail::stage_text> order;
  const auto add = [&]<class S>(S, std::int64_t period) {
    if constexpr (detail::is_run<R, S>)
      order.push_back(
          {S::name, R::completed::template apply<detail::stage_parts<R, S>::template in_slots>::get(), period});
  };
  add(stage::start{}, 1);
  [&]<class... Stages>(list_of<Stages...>) {
    (add(Stages{}, R::completed::template get<schedule>::when(Stages{}, p.schedule).period), ...);
  }(detail::order_of<R>{});
  detail::explain(out, type_name<R>(), slot_texts<R>(), order, parameters<R>(p));
}
}  // namespace tessera
