#pragma once
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/checkpoint.hpp>
#include <tessera/cli/agent.hpp>
#include <tessera/cli/dynamics_models.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/parameter_json.hpp>
#include <tessera/cli/parameters_with.hpp>
#include <tessera/cli/preloaded.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/compose/ranges.hpp>
#include <tessera/compose/sizes.hpp>
#include <tessera/data/offline.hpp>
#include <tessera/dynamics_file.hpp>
#include <tessera/torch.hpp>
#include <tessera/train/exact.hpp>
#include <tessera/train/exported.hpp>

namespace tessera::cli {
template <class R>
class AgentOf : public Agent {
 public:
  using Learner = learner<R>;
  explicit AgentOf(Learner agent) : agent_(std::move(agent)) {}

  Replay replay(const Dataset& data) const override { return replay_of(data); }
  Replay replay(Dataset&& data) const override { return replay_of(std::move(data)); }
  void train(Replay& replay, const TrainOptions& options) override {
    if constexpr (TrainsOnline<typename R::template get<tessera::data>>)
      throw Error(kebab_case(type_name<R>()) + ": its batches are part collected online; give --online-steps");
    else tessera::train(agent_, replay, options);
  }
  void train_online(Replay& replay, const std::string& environment, Experience& experience,
                    const OnlineOptions& options) override {
    const auto task = task_of(environment, "fine-tune");
    tessera::train_online(agent_, replay, TaskIn<typename Learner::space>(task), experience, options);
  }
  Evaluation evaluate(const std::string& environment, const EvaluationOptions& options) override {
    const auto task = task_of(environment, "evaluate");
    auto result = tessera::evaluate(agent_, TaskIn<typename Learner::space>(task), options);
    if constexpr (requires { exact_value(agent_, *task.table); })
      if (task.table) result.exact_value = exact_value(agent_, *task.table);
    return result;
  }
  void save(const std::string& path, const std::map<std::string, std::string>& extra) override {
    save_checkpoint(agent_, path, extra);
  }
  void require_finite() override { tessera::require_finite(agent_); }
  void require_equal(nn::Ranks& ranks) override { tessera::require_equal(agent_, ranks); }
  void load_model(const std::string& path) override {
    if constexpr (TakesDynamics<Learner>) load_dynamics(agent_, path);
    else throw Error("this algorithm has no dynamics model that is trained");
  }
  ope::TargetPolicy target(ope::acting how) override { return ope::target_policy(agent_, how); }
  void set_precision(precision p) override { agent_.set_precision(p); }
  std::int64_t updates() const override { return agent_.updates(); }
  json parameters() const override {
    auto p = agent_.hyperparameters();
    return json_of(tessera::parameters<R>(p));
  }

 private:
  template <class Data>
  Replay replay_of(Data&& data) const {
    // A resumed agent keeps its units; the transitions that it learns from are selected from the data again.
    const auto chosen = agent_.transitions().empty()
                            ? torch_backend::prepare<R>(data, agent_.hyperparameters()).transitions
                            : agent_.transitions();
    return Preloaded::here().replay(data, chosen, agent_.units().normalizer(), agent_.problem().device.str(),
                                    replay_columns(typename Learner::logged_columns{}),
                                    [&] { return replay_for(agent_, std::forward<Data>(data), chosen); });
  }
  AnyTask task_of(const std::string& environment, const char* what) const {
    auto task = open_environment(environment, agent_.problem().observation_size);
    if (task.discrete != std::is_same_v<typename Learner::space, Discrete>)
      throw Error(environment + " has " + (task.discrete ? "discrete" : "continuous") +
                  " actions, but the policy takes " + Learner::space::name + " ones; " + what +
                  " in the environment that the data came from");
    return task;
  }

  Learner agent_;
};

/// The operations of an algorithm.
template <class R>
struct Trained {
  static void add_to(AlgorithmEntry& a) {
    a.imagination = &imagination, a.suit = &suit_settings, a.make = &make, a.load = &load,
    a.exported = &exported_policy<R>;
  }

 private:
  static params_of<R> parameters(const Settings& settings) { return parameters_with<R>(settings); }
  static Imagination imagination(const Dataset& data, const Settings& s) {
    Imagination out;
    const auto p = parameters(s);
    if constexpr (TakesDynamics<learner<R>>) {
      using Part = typename R::template get<tessera::dynamics>;
      using Model = learned_model<Part>;
      typename Model::params own = p.dynamics;
      out.model = WantedModel{dynamics_kind<Model>(), settings_of(dynamics_parameters(own))};
      out.model_learns_on = RunsIn<Part, stage::dynamics>;
    }
    if constexpr (learner<R>::imagines) {
      using Source = typename R::template get<tessera::data>;
      if constexpr (requires { Source::capacity(p.data); }) {  // only sources that store imagined transitions
        out.rows = Source::capacity(p.data);
        out.width = Source::width(problem_spec<torch_backend>{.observation_size = data.observation_size,
                                                              .action_size = data.action_size,
                                                              .discrete = data.kind == action_kind::discrete});
      }
    }
    return out;
  }
  static Suiting suit_settings(const Dataset& data, const Settings& s, std::int64_t steps) {
    SuitOptions o;
    o.rewards = !std::is_void_v<typename R::template get<critic>> || !std::is_void_v<typename R::template get<value>>;
    for (const auto& [key, text] : s)
      if (key.starts_with(o.prefix)) o.given.push_back(key.substr(key.rfind('.') + 1));
    const auto p = parameters(s);
    auto suited = suit(data, p.data, o);
    // The authors' warm-up phases are sized for the length of their runs, which are long.
    const auto shorten = [&](const char* key, std::int64_t length, const char* what, bool only_then = false) {
      const bool given = std::any_of(s.begin(), s.end(), [&](const auto& each) { return each.first == key; });
      if (!given && length > steps / (only_then ? 2 : 5))
        suited.chosen.push_back({key, std::to_string(steps / (only_then ? 2 : 25)),
                                 std::string(what) + " of " + std::to_string(length) + " updates is more than " +
                                     (only_then ? "half" : "a fifth") + " of the run"});
    };
    if constexpr (requires { p.actor.warmup_updates; })
      shorten("actor.warmup_updates", p.actor.warmup_updates, "a warm start without Q");
    // A model that is frozen after its head start has no other updates: it has half of the run.
    if constexpr (requires { p.behavior.pretrain_updates; })
      shorten("behavior.pretrain_updates", p.behavior.pretrain_updates, "training the behavior's model alone",
              !p.behavior.keep_training);
    return {std::move(suited.chosen), std::move(suited.advice)};
  }
  static std::unique_ptr<Agent> make(const Dataset& data, const Settings& s, std::uint64_t seed,
                                     const at::Device& device) {
    return std::make_unique<AgentOf<R>>(learner<R>(data, parameters(s), {.seed = seed, .device = device}));
  }
  static std::unique_ptr<Agent> load(const std::string& path, const at::Device& device, const Settings& s) {
    return std::make_unique<AgentOf<R>>(
        load_checkpoint<learner<R>>(path, device, [&](params_of<R>& p) { change(p, s); }));
  }

  // The names and sizes of what a learner keeps; the sizes of the task do not matter where two are compared.
  static std::vector<std::pair<std::string, std::vector<std::int64_t>>> sizes_of(const params_of<R>& p) {
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> out;
    if constexpr (SizesKnown<R>)
      for (auto& b : buffers_of<R>(p, 3, 2)) out.emplace_back(std::move(b.name), std::move(b.shape));
    return out;
  }
  // Sets what a run that goes on may have otherwise: not what its networks, or the units that it learns in, hang on.
  static void change(params_of<R>& p, const Settings& s) {
    const auto in_units = [](const std::string& key) {
      return key.starts_with("data.") &&
             std::any_of(std::begin(OfflineParams::docs), std::end(OfflineParams::docs),
                         [&](const doc& d) { return key.ends_with(std::string(".") + d.name); });
    };
    for (const auto& [key, value] : s) {
      const auto sizes = sizes_of(p);
      const auto before = json_of(tessera::parameters<R>(p));
      set_parameter(tessera::parameters<R>(p), key, value);
      const auto after = json_of(tessera::parameters<R>(p));
      if (after != before && (sizes_of(p) != sizes || key.find(".net.") != std::string::npos || in_units(key)))
        throw Error("--set " + key + "=" + value + ": a run that goes on keeps its networks and units, and its " + key +
                    " is " + setting_text(before[key]) + "; leave it out, or train a new run with it");
    }
    require_ranges<R>(p);
  }
};
}  // namespace tessera::cli
