#pragma once
#include <tessera/compose/learner.hpp>
#include <tessera/torch.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "helpers/tensors.hpp"
#include "laws/verdict.hpp"

/// What the laws need of learners and of a step's inside, in one place.  A law looks at a model through a learner of
/// its own: it hands over batches, sees which of the learner's numbers move, and, where it asks the model something
/// that only a step can ask, does so from a probe: a part of the learner that lets the law look at every step it sees.
namespace laws {
using namespace tessera;

// 1. Learners.

/// The hyper-parameters of a recipe with networks that are quick to train.
template <class R>
params_of<R> small() {
  params_of<R> p;
  const auto narrow = [](auto& net) {
    if constexpr (std::is_same_v<std::decay_t<decltype(net)>, MlpOptions>) net.hidden = {16};
    else net.width = 16, net.blocks = 1, net.expansion = 2, net.frequencies = 4, net.time_hidden = {8};
  };
  if constexpr (requires { p.policy.net; }) narrow(p.policy.net);
  if constexpr (requires { p.policy.average; }) p.policy.average = 0.1;
  if constexpr (requires { p.critic.net; }) narrow(p.critic.net);
  if constexpr (requires { p.value.net; }) narrow(p.value.net);
  if constexpr (requires { p.behavior.model; }) narrow(p.behavior.model.net);
  if constexpr (requires { p.behavior.encoder; }) narrow(p.behavior.encoder), narrow(p.behavior.decoder);
  if constexpr (requires { p.behavior.pretrain_updates; }) p.behavior.pretrain_updates = 0;
  if constexpr (requires { p.constraint.net; }) narrow(p.constraint.net);
  if constexpr (requires { p.dynamics.members; })
    narrow(p.dynamics.net), p.dynamics.members = 4, p.dynamics.elites = 2, p.dynamics.max_epochs = 1;
  if constexpr (requires { p.actor.cloning_steps; }) p.actor.cloning_steps = 0;
  if constexpr (requires { p.actor.warmup_updates; }) p.actor.warmup_updates = 0;
  if constexpr (requires { p.constraint.target; }) p.constraint.target = 0.1;
  if constexpr (requires {
                  p.critic.min_multiplier;
                  p.critic.target;
                })
    p.critic.target = 1;
  if constexpr (requires { p.value.minibatch; }) p.value.minibatch = 16;
  if constexpr (requires { p.data.rollouts; }) p.data.rollouts = 40, p.data.horizon = 5;
  if constexpr (requires { p.data.rollout_batch; })
    p.data.rollout_batch = 40, p.data.horizon = 3, p.data.rollout_every = 1, p.data.retain = 2;
  return p;
}
/// Leaves hyper-parameters as they are.
inline constexpr auto as_they_are = [](auto&) {};
template <class R>
constexpr bool discrete = std::is_same_v<typename R::template get<policy>::space, Discrete>;

/// n numbers a state; d numbers an action, or d actions.
struct sizes {
  std::int64_t n = 3, d = 2;
};
/// A learner whose units are those of the data: observations and rewards as they are, actions in [-1, 1].
template <class R>
learner<R> fresh(const params_of<R>& p, sizes of = {}, std::uint64_t seed = 7) {
  const auto n = std::size_t(of.n), d = discrete<R> ? 0 : std::size_t(of.d);
  Normalizer units{std::vector<float>(n, 0.0f),  std::vector<float>(n, 1.0f), 1, 0,
                   std::vector<float>(d, -1.0f), std::vector<float>(d, 1.0f)};
  return learner<R>(problem_spec<torch_backend>{of.n, of.d, seed, at::kCPU}, nn::Units(std::move(units)), p);
}

/// Random transitions with every column that a part may read; the same for equal seeds.  Half of them are imagined,
/// where the data source imagines any, and all, where it follows the policy.
template <class R>
batch<at::Tensor> some_batch(std::uint64_t seed, std::int64_t rows = 32, sizes of = {}) {
  const auto g = nn::generator(at::kCPU, seed, 0, 0);  // of its own: what a model draws from elsewhere shows
  const auto normal = [&](at::IntArrayRef shape) { return at::randn(shape, g, at::kFloat); };
  const auto width = of.d * tessera::detail::actions_at_once<R>(small<R>());
  const auto actions = [&] {
    return discrete<R> ? at::randint(of.d, {rows}, g, at::kLong) : at::rand({rows, width}, g, at::kFloat) * 1.8 - 0.9;
  };
  const auto flags = [&] { return (at::rand({rows}, g, at::kFloat) < 0.8).to(at::kFloat); };
  batch<at::Tensor> b{normal({rows, of.n}), actions(), normal({rows}), normal({rows, of.n}), flags()};
  b.template set<column::next_action>(actions()), b.template set<column::next_action_known>(flags()),
      b.template set<column::returns>(normal({rows}));
  using Source = typename R::template get<data>;
  if constexpr (DecidesChunks<Source>)  // of the first steps of each, one at least
    b.template set<column::chunk_valid>(
        at::cat({at::ones({rows, 1}), (at::rand({rows, width / of.d - 1}, g, at::kFloat) < 0.9).to(at::kFloat)}, 1)
            .cumprod(1));
  if constexpr (tessera::detail::brought_by<Source>::type::template has<column::fixed_policy>)  // two actions each
    b.template set<column::fixed_policy>(discrete<R> ? at::rand({rows, of.d}, g, at::kFloat).softmax(-1)
                                                     : at::rand({rows, 2 * of.d}, g, at::kFloat) * 1.8 - 0.9);
  if constexpr (FollowsPolicy<Source>) b.logged = 0;
  else if constexpr (ImaginesTransitions<Source>) b.logged = rows / 2;
  return b;
}

/// A learner's numbers by name: networks, their targets, optimizers, multipliers, and whatever else a part keeps.
using numbers = std::map<std::string, at::Tensor>;
template <class Agent>
numbers numbers_of(Agent& agent) {
  numbers all;
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) all[name] = x.detach().clone();
    else all[name] = at::full({}, std::int64_t(x), at::kLong);
  });
  return all;
}
/// Gives a learner the numbers of another one of its type.
template <class Agent>
void give(Agent& agent, const numbers& all) {
  at::NoGradGuard guard;
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) x.copy_(all.at(name));
    else x = all.at(name).template item<std::int64_t>();
  });
}
/// The names of what is not the same to the bit.
inline std::set<std::string> different(const numbers& a, const numbers& b) {
  std::set<std::string> names;
  for (const auto& [name, x] : a)
    if (!b.count(name) || !at::equal(x, b.at(name))) names.insert(name);
  return names;
}
inline std::string listed(const std::set<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}
/// The numbers of one owner: those whose names begin so.
inline bool all_belong_to(const std::set<std::string>& names, const std::string& owner) {
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) { return name.starts_with(owner); });
}
template <class Agent>
double metric(const Agent& agent, const std::string& name) {
  for (const auto& m : agent.metrics())
    if (m.name == name) return m.value.template item<double>();
  return std::nan("");
}

// 2. Probes.

/// The sum of a loss's summands.
inline at::Tensor total(const terms<at::Tensor>& sum) {
  at::Tensor all = sum.items[0].value;
  for (std::size_t i = 1; i < sum.items.size(); ++i) all = all + sum.items[i].value;
  return all;
}
/// A law that does not look.
struct unwatched {
  template <class Part>
  static void look(const auto&, auto&) {}
};
/// A part that is itself, but that `Law` may look at every step before it gives its loss, which can be hushed: then it
/// says the same, asks for the same noise and leaves the same traces in its own state, but its gradient is zero.  A law
/// may also tell the loss in its own words.
template <class Part, class Law = unwatched>
struct Probed : Part {
  using takes_chunks = std::conditional_t<TakesChunks<Part>, Probed, void>;
  static inline bool hushed = false, retold = false;
  static inline double said = 0;  ///< the last loss

  template <class Step>
  static terms<typename Step::tensor> loss(const typename Part::params& h, Step& step) {
    Law::template look<Part>(h, step);
    if constexpr (requires { Law::template retell<Part>(h, step); })
      if (retold) return told(Law::template retell<Part>(h, step));
    auto sum = told(Part::loss(h, step));
    if (hushed)
      for (auto& t : sum.items) t.value = t.value * 0.0;
    return sum;
  }

 private:
  static auto told(const auto& sum) {
    said = total(sum).template item<double>();
    return sum;
  }
};
/// An actor that asks nothing of the policy, so that a constraint alone moves it.
struct idle_actor : no_parameters<role::actor_objective> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    if constexpr (ModePolicy<typename Step::policy_type>) return {"actor/nothing", step.pi(now).mode().sum() * 0.0};
    else return {"actor/nothing", step.pi(now).sample().sum() * 0.0};
  }
};
/// The same over discrete actions, whose mode has no gradient.
struct idle_discrete_actor : no_parameters<role::actor_objective> {
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/nothing", step.pi(now).log_probs().sum() * 0.0};
  }
};
/// The part in a slot of a recipe with a probe in it.
template <class R, template <class> class Slot, class Law = unwatched>
using probe_in = Probed<typename R::template get<Slot>, Law>;
template <class R, template <class> class Slot, class Law = unwatched>
using probed = typename R::template with<Slot<probe_in<R, Slot, Law>>>;

/// Sets a switch for as long as it lives.
class switched {
 public:
  explicit switched(bool& which) : which_(which) { which_ = true; }
  ~switched() { which_ = false; }
  switched(const switched&) = delete;
  switched& operator=(const switched&) = delete;

 private:
  bool& which_;
};

/// The hyper-parameters of another part, from within a step.
template <template <class> class Slot, class Step>
const auto& params_in(Step& step) {
  return step.template params_of_slot<Slot>();
}
// 3. Laws of every part.

/// Where a part's loss leaves a trace: what differs between a learner of R, in whose slot there is a probe, and its
/// twin whose loss is hushed, after four updates (an actor may run in every other).  The optimizer of the network that
/// the loss is of is to have a step size of 0, so that others see the same network in both.
template <class R, template <class> class Slot>
std::set<std::string> traces(const params_of<R>& p, sizes of = {}) {
  using Probe = typename R::template get<Slot>;
  const auto after = [&] {
    auto agent = fresh<R>(p, of);
    for (std::uint64_t k = 1; k <= 4; ++k) agent.update(some_batch<R>(k, 32, of));
    return numbers_of(agent);
  };
  const auto loud = after();
  const switched on(Probe::hushed);
  return different(loud, after());
}
/// The loss of the part in `Slot` is of one network alone, whose numbers have names that begin with `owner`.
template <class R, template <class> class Slot>
verdict reaches_alone(const params_of<R>& p, const std::string& owner, sizes of = {}) {
  const auto seen = traces<R, Slot>(p, of);
  verdict v;
  v.expect(!seen.empty(), "the gradient reaches its network");
  v.expect(all_belong_to(seen, owner), "the gradient reaches its network alone", listed(seen));
  return v;
}

/// Law of `Component`: a part holds no state.  A fresh learner that is given another's numbers goes on as that one
/// does.
template <class R>
verdict holds_no_state(const params_of<R>& p, sizes of = {}) {
  auto first = fresh<R>(p, of);
  for (std::uint64_t k = 1; k <= 3; ++k) first.update(some_batch<R>(k, 32, of));
  auto second = fresh<R>(p, of, 7);
  give(second, numbers_of(first));
  for (std::uint64_t k = 4; k <= 5; ++k)
    first.update(some_batch<R>(k, 32, of)), second.update(some_batch<R>(k, 32, of));
  const auto apart = different(numbers_of(first), numbers_of(second));
  return verdict().expect(apart.empty(), "what a part remembers is its state", listed(apart));
}
}  // namespace laws
