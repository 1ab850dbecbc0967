#pragma once
#include <cstdint>
#include <optional>
#include <utility>

#include <tessera/policy/bound.hpp>
#include <tessera/policy/one_network.hpp>

namespace tessera {
namespace detail {
/// Whether a critic update looks up pi(.|s'): it needs a policy, and is not content with the target policy.
template <class C>
constexpr bool looks_up_next_policy = needs_slot<policy, C> && !UsesTargetPolicy<C>;
}  // namespace detail

/// What policies have in common that are functions of one network's head.  The deriving part gives `layout` and
/// whatever it can of mode, sample, log_prob, ... (see concepts/policy.hpp).
struct NetworkPolicy : OneNetworkPolicy {
  using asks = and_checks<head_policy_checks, checks<lack::run_in<stage::actor>>>;
  template <class Part, class Step>
    requires HeadPolicy<Part>
  using at_states = bound_policy<Part, Step>;

  /// Lives between updates: the network.
  template <class B>
  struct state {
    typename B::network net;

    template <class Problem, class Recipe>
    state(const auto& h, const Problem& on, Recipe)
        : net(on, "policy", h.net, h.adam, on.observation_size, B::single,
              Recipe::template part<policy>::layout(h, on.action_size), Recipe::template any<want::target_policy>) {}
    void each(auto&& f) { f("policy", net); }
  };

  template <class Step, class Backend>
  struct lookups : OneNetworkPolicy::lookups_of<lookups<Step, Backend>, Step, Backend> {
    using common = OneNetworkPolicy::lookups_of<lookups, Step, Backend>;
    using tensor = typename Backend::tensor;
    using common::pi;

    /// pi(.|s) with gradient; pi(.|s') without.
    auto pi(place where) {
      auto& step = this->self();
      auto& net = this->policy_network();
      const auto version = net.version();
      auto& kept = where == now ? now_ : next_;
      if (!kept || kept->version != version) {
        // The actor's objective always needs pi(.|s): where it is still to come, and the policy stands still until
        // then, one pass serves both states.  So does one where it comes first, and its step waits for a critic that
        // needs pi(.|s').
        const bool both = where == next ? step.ahead(stage::actor{}, stage::actor{})
                                        : detail::looks_up_next_policy<typename Step::template part<critic>> &&
                                              step.step_waits_for(stage::actor{}, stage::critic{});
        if (both) {
          typename Backend::with_grad guard;
          auto heads = net.trained_and_fixed(step.state(now), step.state(next));
          now_ = memo<head<tensor>>{version, std::move(heads[0])};
          next_ = memo<head<tensor>>{version, std::move(heads[1])};
        } else if (where == now) {
          typename Backend::with_grad guard;  // also where an estimate without gradient asks first
          now_ = memo<head<tensor>>{version, net.trained(step.state(now))};
        } else {
          typename Backend::no_grad guard;
          next_ = memo<head<tensor>>{version, net.fixed(step.state(next))};
        }
      }
      return bound(kept->of);
    }

   private:
    friend common;
    template <class How>
    auto at(const tensor& states, How how) {
      return bound(ask(how, this->policy_network(), states));
    }
    auto bound(const head<tensor>& x) {
      return policy_at<typename Step::template part<policy>, Step>(this->template params_in<policy>(), x, this->self());
    }
    std::optional<memo<head<tensor>>> now_, next_;
  };
};
}  // namespace tessera
