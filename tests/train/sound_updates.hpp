#pragma once
#include "laws/probe.hpp"

/// What an update of any recipe promises, whatever is in its slots: every network steps down its stage's own objective,
/// nothing else moves, and the objective is one of its role.  An objective's variables are the stage's own networks
/// alone: what a part looks up without gradient is a constant of it, also where it depends on them.
namespace laws {
/// The inside of a learner, whose update can be made piece by piece: each question is asked of a step of its own, with
/// the same noise.
template <class R>
class workbench {
 public:
  using B = torch_backend;
  using one_step = step<R, B>;
  /// The slope of a loss in the parameters of each network, by name.
  using slopes = std::map<std::string, at::Tensor>;

  explicit workbench(const params_of<R>& h, sizes of = {})
      : p(h), on_(tessera::detail::seen_by_parts<R>(problem_spec<B>{of.n, of.d, 7, at::kCPU, discrete<R>}, p)),
        units_(units_of(of), on_), m_(p, on_) {}

  template <class F>
  auto with_step(const batch<at::Tensor>& b, F&& f, std::int64_t update = 1) {
    each_number([](const std::string&, const at::Tensor&) {
    });  // says that networks may have moved, so that nothing is remembered of another batch
    one_step s(p, m_, on_, units_, b, update);
    return f(s);
  }
  /// f(name, network)
  void each_network(auto&& f) {
    m_.each([&](const std::string& name, auto& x) {
      if constexpr (requires { x.mlp(); }) f(name, x);
    });
  }
  numbers all() {
    numbers found;
    each_number([&](const std::string& name, const at::Tensor& x) { found[name] = x.clone(); });
    return found;
  }
  void give(const numbers& from) {
    at::NoGradGuard guard;
    m_.each([&](const char* owner, auto& x) {
      x.each_buffer(owner, [&](const std::string& name, auto& y) {
        if constexpr (std::is_same_v<std::decay_t<decltype(y)>, at::Tensor>) y.copy_(from.at(name));
        else y = from.at(name).template item<std::int64_t>();
      });
    });
  }
  /// The slope of loss(step), a scalar, in all networks.
  template <class F>
  slopes slope_of(const batch<at::Tensor>& b, F&& loss) {
    with_step(b, [&](auto& s) {
      const at::Tensor x = loss(s);
      if (x.requires_grad()) x.backward();
    });
    slopes found;
    each_network([&](const std::string& name, auto& net) {
      found[name] = net.gathered_gradient().clone();
      net.gradient().zero_();
    });
    return found;
  }
  /// Of one-number networks such as multipliers: the names of those that a loss' gradient has reached; it is cleared by
  /// a step, which is undone.
  std::set<std::string> reached_scalars() {
    const auto before = all();
    m_.each([&](const std::string&, auto& x) {
      if constexpr (
          !requires { x.mlp(); } && requires { x.apply(); })
        x.apply();
    });
    std::set<std::string> reached;
    for (const auto& name : different(before, all()))
      if (name.ends_with("/value")) reached.insert(name);
    give(before);
    return reached;
  }
  /// Adds a number to all outputs of a network.
  void lift(const std::string& which, double by) {
    each_network([&](const std::string& name, auto& net) {
      if (name != which) return;
      at::NoGradGuard guard;
      net.mlp().look(net.parameters()).layers.back().bias.add_(by);
      net.move(at::zeros_like(net.parameters()));  // says that it has moved
    });
  }
  /// Makes all members of the critic the first one.
  void equal_critics() {
    each_network([&](const std::string& name, auto& net) {
      if (name == "critic" || name == "noise_critic")
        net.assign(net.parameters().narrow(0, 0, 1).expand_as(net.parameters()).clone());
    });
  }

  params_of<R> p;

 private:
  static nn::Units units_of(sizes of) {
    const auto n = std::size_t(of.n), d = discrete<R> ? 0 : std::size_t(of.d);
    return nn::Units(Normalizer{std::vector<float>(n, 0.0f), std::vector<float>(n, 1.0f), 1, 0,
                                std::vector<float>(d, -1.0f), std::vector<float>(d, 1.0f)});
  }
  void each_number(auto&& f) {
    m_.each([&](const char* owner, auto& x) {
      x.each_buffer(owner, [&](const std::string& name, auto& y) {
        if constexpr (std::is_same_v<std::decay_t<decltype(y)>, at::Tensor>) f(name, y.detach());
        else f(name, at::full({}, std::int64_t(y), at::kLong));
      });
    });
  }
  problem_spec<B> on_;
  nn::Units units_;
  tessera::detail::memory<R, B> m_;
};

/// What a stage trains, by the names of what it keeps.
inline const std::map<std::string, std::vector<std::string>> homes{
    {"dynamics", {"dynamics"}},
    {"behavior", {"behavior", "encoder", "decoder"}},
    {"critic", {"critic"}},
    {"noise_critic", {"noise_critic"}},
    {"value", {"value"}},
    {"actor", {"policy"}},
    {"constraint", {"discriminator"}},
    {"duals", {"log_alpha", "critic_multiplier", "constraint_multiplier"}},
    {"targets", {}}};
template <class S>
bool is_home(const std::string& owner) {
  const auto& own = homes.at(S::name);
  return std::find(own.begin(), own.end(), owner.substr(0, owner.find('/'))) != own.end();
}
/// Whether a stage may change a number: the targets' stage the target copies alone, which no other changes.
template <class S>
bool may_change(const std::string& name) {
  return name.ends_with("/target") == std::is_same_v<S, stage::targets> &&
         (std::is_same_v<S, stage::targets> || is_home<S>(name));
}

inline double along(const at::Tensor& x, const at::Tensor& y) {
  return (x.to(at::kDouble) * y.to(at::kDouble)).sum().item<double>();
}
inline double cosine(const at::Tensor& x, const at::Tensor& y) {
  return along(x, y) / std::sqrt(along(x, x) * along(y, y) + 1e-300);
}
/// One row of a batch, many times.
inline batch<at::Tensor> repeated(const batch<at::Tensor>& b, std::int64_t row, std::int64_t times) {
  const auto take = [&](const at::Tensor& x) { return x.narrow(0, row, 1).repeat_interleave(times, 0); };
  batch<at::Tensor> out{take(b.observations),      take(b.actions),  take(b.rewards),
                        take(b.next_observations), take(b.not_done), b.logged == 0 ? 0 : batch<at::Tensor>::everything};
  out.set<column::next_action>(take(b.get<column::next_action>())),
      out.set<column::next_action_known>(take(b.get<column::next_action_known>()));
  out.set<column::returns>(take(b.get<column::returns>()));
  if (b.get<column::chunk_valid>().defined())  // as a whole chunk
    out.set<column::chunk_valid>(at::ones_like(take(b.get<column::chunk_valid>())));
  return out;
}

/// Puts a value that is a soft maximum where no exponent is above -1: the factor of its loss that follows the largest
/// is a constant there.
template <class R>
void lift_soft_maximum(workbench<R>& bench) {
  using V = typename R::template get<value>;
  if constexpr (SoftMaximumValue<V>) bench.lift("value", 3 * V::temperature(bench.p.value));
}

// 1. A stage's sum is an objective, of which the networks of that stage have the slope.

/// The gradient of a stage's sum is its slope in the parameters of the stage's own networks, by central differences
/// with equal noise, and reaches nothing else; a small step down the gradient lowers it.
template <class R, class S>
verdict slope_laws(workbench<R>& bench, S at, const batch<at::Tensor>& b) {
  const std::string in = std::string(S::name) + ": ";
  verdict v;
  const auto before = bench.all();
  const auto parts = [&] {
    return bench.with_step(b, [&](auto& s) {
      double sum = 0, size = 0;
      for (const auto& t : s.summands(at).items)
        sum += t.value.template item<double>(), size += std::abs(t.value.template item<double>());
      return std::pair(sum, size);
    });
  };
  const auto g = bench.slope_of(b, [&](auto& s) { return total(s.summands(at)); });
  const auto reached = bench.reached_scalars();
  v.expect(reached.empty(), "the gradient reaches the stage's own networks alone", in + listed(reached));
  double square = 0;
  for (const auto& [name, slope] : g) {
    const double own = along(slope, slope);
    v.expect(std::isfinite(own), "the gradient is finite", in + name);
    if (!is_home<S>(name)) v.expect(own == 0, "the gradient reaches the stage's own networks alone", in + name);
    else v.expect(own > 0, "the gradient reaches the stage's own networks", in + name), square += own;
  }
  if (!(square > 0)) return v;
  const double norm = std::sqrt(square), size = std::max(parts().second, 0.1);
  const auto down = [&](double by) {
    bench.each_network([&](const std::string& name, auto& net) {
      if (is_home<S>(name)) net.move(g.at(name) * (-by / norm));
    });
    const double f = parts().first;
    bench.give(before);
    return f;
  };
  // As far as changes the sum by so much of itself: less than its bends, more than its rounding, which differ from sum
  // to sum.
  bool slopes = false, lower = false;
  std::string told = in + "of " + std::to_string(norm);
  for (const double share : {2e-3, 5e-4, 1e-4}) {
    const double far = share * size / norm, low = down(far), here = down(0), slope = (down(-far) - low) / (2 * far);
    slopes = slopes || std::abs(slope / norm - 1) < 0.05, lower = lower || low < here;
    told += ", " + std::to_string(slope);
  }
  v.expect(slopes, "the gradient of a stage's sum is its slope", told);
  v.expect(lower, "a step down the gradient lowers the stage's sum", told);
  return v;
}

// 2. An update moves what it should.

/// Each stage changes its own networks, their optimizers and multipliers alone.
template <class R>
verdict movement_laws(const params_of<R>& p, const batch<at::Tensor>& b) {
  workbench<R> bench(p);
  verdict v;
  bench.with_step(b, [&](auto& s) {
    [&]<class... Stages>(list_of<Stages...>) {
      (
          [&]<class S>(S at) {
            const auto before = bench.all();
            s.run(at);
            const auto moved = different(before, bench.all());
            std::set<std::string> others;
            for (const auto& name : moved)
              if (!may_change<S>(name)) others.insert(name);
            v.expect(others.empty(), "a stage moves its own networks alone",
                     std::string(S::name) + ": " + listed(others));
            if (tessera::detail::is_run<R, S>) v.expect(!moved.empty(), "a stage moves its own networks", S::name);
          }(Stages{}),
          ...);
    }(tessera::detail::order_of<R>{});
  });
  return v;
}
/// An update of a learner with tiny steps lowers the objective of every stage that has one: at the same batch, in the
/// mean over noise, the other networks being as they were.  A value that is a soft maximum is judged where it is
/// lifted, the rest where it is not.
template <class R>
verdict progress_laws(params_of<R> p, const batch<at::Tensor>& b, bool soft_maximum_lifted = false) {
  constexpr double tiny = 1e-5;
  const auto slow = [](AdamOptions& adam) { adam.learning_rate = tiny, adam.weight_decay = 0; };
  if constexpr (requires { p.policy.adam; }) slow(p.policy.adam);
  if constexpr (requires { p.critic.adam; }) slow(p.critic.adam);
  if constexpr (requires { p.value.adam; }) slow(p.value.adam);
  if constexpr (requires { p.behavior.adam; }) slow(p.behavior.adam);
  if constexpr (requires { p.behavior.model; }) slow(p.behavior.model.adam);
  if constexpr (requires { p.dynamics.adam; }) slow(p.dynamics.adam);
  if constexpr (requires { p.actor.kl; }) p.actor.kl = 1e-7;
  auto agent = fresh<R>(p);
  workbench<R> bench(p);
  if (soft_maximum_lifted) lift_soft_maximum(bench);
  auto before = numbers_of(agent);
  for (const auto& [name, x] : bench.all()) before.at(name) = x;
  laws::give(agent, before);
  agent.update(b);
  const auto after = numbers_of(agent);
  verdict v;
  [&]<class... Stages>(list_of<Stages...>) {
    (
        [&]<class S>(S at) {
          auto then = before;
          for (auto& [name, x] : then)
            if (name.ends_with("/parameters") && is_home<S>(name)) x = after.at(name);
          const auto sum = [&](const numbers& from) {
            bench.give(from);
            double all = 0;
            for (std::int64_t update = 1; update <= 8; ++update)  // the update's own noise came after other draws
              bench.with_step(
                  b,
                  [&](auto& s) {
                    for (const auto& t : s.summands(at).items) all += t.value.template item<double>();
                  },
                  update);
            return all;
          };
          if (bench.with_step(b, [&](auto& s) { return s.summands(at).empty(); })) return;
          if constexpr (SoftMaximumValue<typename R::template get<value>>)
            if (std::is_same_v<S, stage::value> != soft_maximum_lifted) return;
          const double first = sum(before), last = sum(then);
          std::ostringstream told;
          told.precision(10);
          told << S::name << ": " << last << " after " << first;
          v.expect(last < first, "an update lowers the stage's objective", told.str());
        }(Stages{}),
        ...);
  }(tessera::detail::order_of<R>{});
  return v;
}

// 3. The objective is one of its role, in words of the law's own.

/// Where Q is far from its target, a step brings it nearer.
template <class R>
verdict critic_role(const params_of<R>& p, const batch<at::Tensor>& b) {
  using C = typename R::template get<critic>;
  verdict v;
  if constexpr (OneStepBackup<C>)
    for (const double off : {100.0, -100.0}) {
      workbench<R> bench(p);
      bench.lift("critic", off);
      const auto g = bench.slope_of(b, [&](auto& s) { return total(s.summands(stage::critic{})); });
      const auto error = bench.slope_of(b, [&](auto& s) -> at::Tensor {
        at::Tensor y;
        {
          at::NoGradGuard guard;
          y = C::reward(p.critic, s) + p.critic.discount * s.not_done() * C::next_value(p.critic, s);
        }
        return (s.q(now, logged_action) - y).square().mean();
      });
      const double same = cosine(g.at("critic"), error.at("critic"));
      v.expect(same > 0.5, "a step of the critic brings Q to its target",
               "off by " + std::to_string(off) + ": " + std::to_string(same));
    }
  return v;
}
/// What presses on Q at actions that are not the log's lowers it there, against the log's where that is pushed up; what
/// asks critics to differ makes the slopes of their values in the action less alike.
template <class R>
verdict pressing_role(const params_of<R>& p, const batch<at::Tensor>& b) {
  using C = typename R::template get<critic>;
  verdict v;
  if constexpr (
      requires {
        p.critic.temperature;
        p.critic.uniform_actions;
      } ||
      requires { p.critic.diversity; }) {
    workbench<R> bench(p);
    // Where all values are above the log's returns a calibrated critic is a conservative one.
    auto low = b;
    if constexpr (requires { p.critic.repeat_last_reward; })
      low.template set<column::returns>(at::full_like(b.rewards, -1e3));
    const auto slope_of_term = [&](const std::string& name) {
      return bench
          .slope_of(low,
                    [&](auto& s) {
                      at::Tensor found;
                      for (const auto& t : C::loss(p.critic, s).items)
                        if (t.name == name) found = t.value;
                      return found;
                    })
          .at("critic");
    };
    if constexpr (requires { p.critic.uniform_actions; }) {
      const auto gap = bench
                           .slope_of(low,
                                     [&](auto& s) -> at::Tensor {
                                       at::Tensor elsewhere;
                                       if constexpr (discrete<R>) elsewhere = s.q(now, every_action).mean(-1);
                                       else
                                         elsewhere = s.q(now, at::rand({s.action().size(0), 10, s.action_size()},
                                                                       nn::generator(at::kCPU, 1, 0, 0)) *
                                                                      2 -
                                                                  1)
                                                         .mean(-1);
                                       return (elsewhere - s.q(now, logged_action)).mean();
                                     })
                           .at("critic");
      const double same = cosine(slope_of_term("critic/conservative"), gap);
      v.expect(same > 0.05, "a conservative critic lowers Q elsewhere", std::to_string(same));
    }
    if constexpr (requires { p.critic.diversity; }) {
      const auto alike = bench
                             .slope_of(low,
                                       [&](auto& s) -> at::Tensor {
                                         const at::Tensor g = s.q_action_gradient(now, s.action()),
                                                          unit = g / (g.norm(2, -1, true) + 1e-10), sum = unit.sum(0);
                                         return (sum.square().sum(-1) - double(g.size(0))).mean();
                                       })
                             .at("critic");
      const double same = cosine(slope_of_term("critic/diversity"), alike);
      v.expect(same > 0.5, "critics that are to differ do so more", std::to_string(same));
    }
  }
  return v;
}
/// Where V is above all that it is a statistic of, a step lowers it; where it is below, it raises it.
template <class R>
verdict value_role(const params_of<R>& p, const batch<at::Tensor>& b) {
  using V = typename R::template get<value>;
  verdict v;
  if constexpr (FittedValue<V>) {
    double off = 20;
    if constexpr (SoftMaximumValue<V>)
      off = 2 * V::temperature(p.value);  // beyond the exponent's bound there is no gradient
    for (const double by : {off, -off}) {
      workbench<R> bench(p);
      bench.lift("value", by);
      const auto g = bench.slope_of(b, [&](auto& s) { return total(s.summands(stage::value{})); });
      const auto height = bench.slope_of(b, [](auto& s) { return at::Tensor(s.v(now).mean()); });
      const double same = cosine(g.at("value"), height.at("value"));
      v.expect(by > 0 ? same > 0.3 : same < -0.3, "a step of the value brings V to what it is a statistic of",
               "off by " + std::to_string(by) + ": " + std::to_string(same));
    }
  }
  return v;
}
/// An actor whose loss depends on the log's actions makes one likelier that is alone in a batch, or, by an advantage
/// that is negative, less likely.  One that does not raises the value of the policy's actions under critics that are
/// all the same, with their entropy at its temperature.
template <class R>
verdict actor_role(params_of<R> p, const batch<at::Tensor>& b) {
  using A = typename R::template get<actor>;
  using P = typename R::template get<policy>;
  verdict v;
  if constexpr (!std::is_void_v<A> && TrainedPolicy<P>) {
    if constexpr (requires { p.value.standardize; }) p.value.standardize = false;
    workbench<R> bench(p);
    const auto slope = [&](const batch<at::Tensor>& of) {
      return bench.slope_of(of, [&](auto& s) { return total(A::loss(p.actor, s)); }).at("policy");
    };
    auto other = b;
    other.actions = b.actions.flip({0});
    if (!at::equal(slope(b), slope(other))) {
      if constexpr (LogDensityPolicy<P>) {
        int moved = 0;
        for (std::int64_t row = 0; row < b.rewards.size(0) && moved < 4; ++row) {
          const auto alone = repeated(b, row, 8);
          const auto g = slope(alone);
          if (along(g, g) == 0) continue;  // a weight of zero
          ++moved;
          double sign = 1;
          if constexpr (MovesIn<A, stage::actor>)
            sign = bench.with_step(
                alone, [](auto& s) { return s.advantage().mean().template item<double>() < 0 ? -1.0 : 1.0; });
          const auto likely =
              bench.slope_of(alone, [](auto& s) { return at::Tensor(s.pi(now).log_prob(s.action()).mean()); })
                  .at("policy");
          const double same = -sign * cosine(g, likely);
          v.expect(same > 0.99, "a step of the actor makes the log's actions likelier", std::to_string(same));
        }
        v.expect(moved > 0, "the actor imitates some of the log's actions");
      }
    } else if constexpr (!std::is_void_v<typename R::template get<critic>>) {
      bench.equal_critics();
      const auto loss = [&](auto& s) -> at::Tensor {
        at::Tensor t = s.constant(0);
        if constexpr (EntropyRegularized<A>) t = A::temperature(p.actor, s).detach();
        if constexpr (EnumerablePolicy<P>) {
          const at::Tensor log_pi = s.pi(now).log_probs(), q = std::get<0>(s.q(now, every_action, as::fixed).min(0));
          return (log_pi.exp() * (t * log_pi - q)).sum(-1).mean();
        } else if constexpr (SoftPolicy<P>) {
          const auto [a, log_pi] = s.pi(now).sample_with_log_prob();
          return t * log_pi.mean() - s.q(now, a, as::frozen).mean();
        } else if constexpr (ActsInNoise<P>) {
          const auto [w, log_pi] = s.pi(now).latent_with_log_prob();
          return t * log_pi.mean() - s.noise_q(now, w, as::frozen).mean();
        } else {
          return -s.q(now, s.pi(now).sample(), as::frozen).mean();
        }
      };
      const double same = cosine(slope(b), bench.slope_of(b, loss).at("policy"));
      v.expect(same > 0.5, "a step of the actor raises the value of its actions", std::to_string(same));
    }
  }
  return v;
}
/// Where the log has one action alone, the behavior's model comes to it, and a step of the constraint brings the
/// policy's mode to it.
template <class R>
verdict constraint_role(params_of<R> p, const batch<at::Tensor>& b) {
  using C = typename R::template get<constraint>;
  using M = typename R::template get<behavior>;
  verdict v;
  workbench<R> bench(p);
  const auto alone = repeated(b, 0, 32);
  if constexpr (!std::is_void_v<M>) {
    const auto distance = [&] {
      return bench.with_step(alone, [&](auto& s) {
        at::NoGradGuard guard;
        if constexpr (BehaviorDensity<M>)
          return -M::log_prob(p.behavior, s, now, s.action()).mean().template item<double>();
        else
          return (M::samples(p.behavior, s, now, 10) - s.action().unsqueeze(1)).square().mean().template item<double>();
      });
    };
    const double first = distance();
    for (int k = 0; k < 200; ++k)
      bench.with_step(
          alone, [&](auto& s) { s.run(stage::behavior{}); }, k + 1);
    const double last = distance();
    v.expect(last < first, "the behavior's model comes to the log",
             std::to_string(last) + " after " + std::to_string(first));
  }
  if constexpr (!std::is_void_v<C>) {
    for (int k = 0; k < 200; ++k)
      bench.with_step(
          alone, [&](auto& s) { s.run(stage::constraint{}); }, k + 1);
    const auto g = bench.slope_of(alone, [&](auto& s) { return total(C::loss(p.constraint, s)); });
    const auto distance = bench.slope_of(alone, [&](auto& s) -> at::Tensor {
      if constexpr (discrete<R>) return -s.pi(now).log_prob(s.action()).mean();
      else if constexpr (ModePolicy<typename R::template get<policy>>)
        return (s.pi(now).mode() - s.action()).square().mean();
      else return (s.pi(now).sample() - s.action()).square().mean();
    });
    const double same = cosine(g.at("policy"), distance.at("policy"));
    v.expect(same > 0, "a step of the constraint brings the policy to the behavior", std::to_string(same));
  }
  return v;
}

/// A temperature rises where there is less entropy than its target, a multiplier where there is more of its penalty;
/// else they fall.
template <class R>
verdict multiplier_role(const params_of<R>& p, const batch<at::Tensor>& b) {
  verdict v;
  const auto moves = [&](const std::string& which, const auto& set, int expected) {
    auto q = p;
    set(q);
    workbench<R> bench(q);
    const double first = bench.all().at(which).template item<double>();
    bench.with_step(b, [&](auto& s) {
      [&]<class... Stages>(list_of<Stages...>) { (s.run(Stages{}), ...); }(tessera::detail::order_of<R>{});
    });
    const double change = bench.all().at(which).template item<double>() - first;
    v.expect(change * expected > 0, "a multiplier moves against the excess over its target",
             which + " by " + std::to_string(change));
  };
  if constexpr (requires { p.actor.target_entropy; }) {
    moves(
        "log_alpha/value", [](auto& q) { q.actor.target_entropy = 50; }, 1);
    moves(
        "log_alpha/value", [](auto& q) { q.actor.target_entropy = -50; }, -1);
  }
  if constexpr (requires { p.constraint.multiplier_adam; }) {
    moves(
        "constraint_multiplier/value", [](auto& q) { q.constraint.target = -1e4; }, 1);
    moves(
        "constraint_multiplier/value", [](auto& q) { q.constraint.target = 1e4; }, -1);
  }
  if constexpr (requires { p.critic.multiplier_adam; }) {
    moves(
        "critic_multiplier/value", [](auto& q) { q.critic.target = -1e4; }, 1);
    moves(
        "critic_multiplier/value", [](auto& q) { q.critic.target = 1e4; }, -1);
  }
  return v;
}

/// All of it, of a recipe.
template <class R>
verdict update_laws() {
  auto p = small<R>();
  // What is left out in the first updates is in, and each stage is due in every one.
  if constexpr (requires { p.schedule.actor; }) p.schedule.actor = p.schedule.targets = 1;
  if constexpr (requires { p.dynamics.adversary_every; }) p.dynamics.adversary_every = 1;
  if constexpr (requires { p.behavior.keep_training; }) p.behavior.keep_training = true;
  const auto b = some_batch<R>(3, 64);
  verdict v = movement_laws<R>(p, b);
  v += progress_laws<R>(p, some_batch<R>(3, 256));
  if constexpr (SoftMaximumValue<typename R::template get<value>>)
    v += progress_laws<R>(p, some_batch<R>(3, 256), true);
  v += critic_role<R>(p, b);
  v += pressing_role<R>(p, b);
  v += value_role<R>(p, b);
  v += actor_role<R>(p, b);
  v += constraint_role<R>(p, b);
  v += multiplier_role<R>(p, b);

  // Constants of an objective that depend on its own networks are made true constants: they are no part of the slope.
  auto q = p;
  using V = typename R::template get<value>;
  if constexpr (requires { q.actor.normalize; }) q.actor.normalize = false;    // by the mean of |Q|
  if constexpr (requires { q.dynamics.adversary; }) q.dynamics.adversary = 0;  // samples of the model itself
  if constexpr (requires { q.dynamics.beta; }) q.dynamics.beta = 0;            // weights by its own deviations
  if constexpr (!std::is_void_v<V> && !FittedValue<V>)
    if constexpr (requires { q.actor.beta; }) q.actor.beta = 0;  // weights by a mean over the policy
  [&]<class... Stages>(list_of<Stages...>) {
    (
        [&]<class S>(S at) {
          workbench<R> bench(q);
          if constexpr (std::is_same_v<S, stage::value>) lift_soft_maximum(bench);
          if (!bench.with_step(b, [&](auto& s) { return s.summands(at).empty(); })) v += slope_laws(bench, at, b);
        }(Stages{}),
        ...);
  }(tessera::detail::order_of<R>{});
  return v;
}
}  // namespace laws
