#pragma once
#include <optional>
#include <type_traits>
#include <utility>

#include <tessera/concepts/asked.hpp>
#include <tessera/concepts/lookups.hpp>
#include <tessera/concepts/value.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/ensemble.hpp>

namespace tessera {
/// The base of values that are a network:
///   A(s, a_D) = min_i Qbar_i(s, a_D) - V(s)
/// where V(s) is that of the moment, or, if the part's hyper-parameter `advantage_before_step` says so, that from
/// before V's step of this update, which V's own loss has computed: a pass less.  Neither V nor A has a gradient.  What
/// the network is fitted to, in stage::value, is the deriving part's `loss`; it has a slowly moving copy where a part
/// looks that up.
struct NetworkValue {
  using role = role::value_estimate;
  using needs = all_of<need<critic, want::critic_of_actions>>;
  using asks = and_checks<fitted_value_checks, checks<lack::run_in<stage::value>>>;

  static constexpr bool sized_state = true;
  /// Lives between updates: the network.
  template <class B>
  struct state {
    typename B::network net;

    template <class Problem, class Recipe>
    state(const auto& h, const Problem& on, Recipe)
        : net(on, "value", h.net, h.adam, on.observation_size, B::single, head_layout::value(),
              Recipe::template any<want::target_value>) {}
    void each(auto&& f) { f("value", net); }
  };

  template <class Step>
  static void run(stage::value, const auto&, Step& step) {
    step.descend(stage::value{}, step.template state_of<value>().net);
  }
  template <class Step>
  static typename Step::tensor estimate(const auto&, Step& step, place where) {
    return step.v(where, as::fixed);
  }
  template <class Step>
  static typename Step::tensor advantage(const auto&, Step& step) {
    return math::min(step.q(now, logged_action, as::target)) - step.v(now, as::fixed);
  }

  template <class Step, class Backend>
  struct lookups : in_step<Step, lookups<Step, Backend>> {
    using tensor = typename Backend::tensor;

    /// V(s), (B), at the batch's states, or at states (B', n) that are not the batch's; asked for as in
    /// concepts/asked.hpp: with gradient, unless it is said.
    template <class Where, class How = decltype(as::trained)>
    tensor v(const Where& where, How how = {}) {
      static_assert(How::to != gradient::input, "a value's states have no gradient: ask for V as::fixed");
      static_assert(!detail::asks_target<How> || Step::template any<want::target_value>,
                    "step.v(where, as::target): the value has no slowly moving copy; a part that looks it up says  "
                    "static constexpr bool uses_target_value = true;");
      if constexpr (std::is_same_v<Where, place> && !detail::asks_target<How> && How::to == gradient::nowhere) {
        return fixed(where);
      } else {
        [[maybe_unused]] gradient_guard<Backend, How> guard;
        tensor out = ask(how, net(), this->self().state(where)).out;
        if constexpr (std::is_same_v<Where, place> && !detail::asks_target<How>)
          if (where == now && keeps_before() && !before_) before_ = Backend::stop(out);
        return out;
      }
    }

   private:
    bool keeps_before() {
      const auto& h = this->template params_in<tessera::value>();
      if constexpr (requires { h.advantage_before_step; }) return h.advantage_before_step;
      else return false;
    }
    // V at the batch's states with the parameters of this moment; or V(s) from before V's step.
    tensor fixed(place where) {
      auto& step = this->self();
      if (where == now && before_) return *before_;
      const auto version = net().version();
      auto& kept = where == now ? now_ : next_;
      if (!kept || kept->version != version) {
        typename Backend::no_grad guard;
        // The critic looks V up at s', the actor at s: where the other is still to come, and V stands still until then,
        // one pass serves both.
        constexpr bool both_look = detail::needs_slot<tessera::value, typename Step::template part<critic>> &&
                                   detail::needs_slot<tessera::value, typename Step::template part<actor>>;
        if (both_look &&
            (where == now ? step.ahead(stage::critic{}, stage::value{}) : step.ahead(stage::actor{}, stage::value{}))) {
          auto both = net().both_fixed(step.state(now), step.state(next));
          now_ = memo<tensor>{version, std::move(both[0].out)};
          next_ = memo<tensor>{version, std::move(both[1].out)};
        } else {
          kept = memo<tensor>{version, net().fixed(step.state(where)).out};
        }
      }
      return kept->of;
    }

    auto& net() { return this->template state_in<tessera::value>().net; }
    std::optional<memo<tensor>> now_, next_;
    std::optional<tensor> before_;
  };
};
}  // namespace tessera
