#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <iostream>
#include <map>
#include <thread>

#include <tessera/checkpoint.hpp>
#include <tessera/cli/agent.hpp>
#include <tessera/cli/algorithm_of.hpp>
#include <tessera/cli/best_row.hpp>
#include <tessera/cli/catalog.hpp>
#include <tessera/cli/commands.hpp>
#include <tessera/cli/data_flags.hpp>
#include <tessera/cli/data_parallel.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/following.hpp>
#include <tessera/cli/gymnasium.hpp>
#include <tessera/cli/impl/experience.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/limits.hpp>
#include <tessera/cli/load.hpp>
#include <tessera/cli/model_folder.hpp>
#include <tessera/cli/ope.hpp>
#include <tessera/cli/preloaded.hpp>
#include <tessera/cli/progress.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/cli/run_platform.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/cli/score.hpp>
#include <tessera/cli/train.hpp>
#include <tessera/dataset/cut_episodes.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/doctor/check.hpp>
#include <tessera/nn/device.hpp>
#include <tessera/nn/gemm.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/options/precision.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/launch.hpp>
#include <tessera/support/machine_memory.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/random.hpp>
#include <tessera/train/episodes.hpp>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace tessera::cli {
namespace detail {
using steady = std::chrono::steady_clock;
inline double seconds_since(steady::time_point start) {
  return std::chrono::duration<double>(steady::now() - start).count();
}

// The default folder of a run: runs/iql-pendulum_random-seed0.
inline std::string default_folder(const TrainCommand& c) {
  if (const auto run = RunFolder::run_that_keeps(c.finetune)) return *run + "-online";
  if (!c.finetune.empty()) return c.finetune.substr(0, c.finetune.find_last_not_of('/') + 1) + "-online";
  return fmt::format("runs/{}-{}-seed{}", c.algorithm, c.dataset.empty() ? path_label(c.env) : label_of(c.dataset),
                     c.seed);
}

// The command of a resumed run: the original one, except for flags that may be given again.
inline TrainCommand resumed_command(const TrainCommand& given, const RunConfig& config) {
  const auto has = [&](const char* flag) { return given.has(flag); };
  TrainCommand c = config.command;
  c.resume = given.resume, c.given = given.given, c.device = given.device;
  c.ranks.on = given.ranks.on, c.ranks.timeout = given.ranks.timeout;
  c.tensorboard = c.tensorboard || given.tensorboard;
  if (has("--dataset")) c.dataset = moved_dataset(given.dataset, config.command.dataset);
  if (has("--env")) {
    // For a task's file, only its location may have changed; for one of Gymnasium's, how it is run.
    const auto& [is, at] = find_environment(given.env);
    const bool alike = c.env.starts_with(is.name + ":");
    const bool moved =
        alike &&
        (is.of_file() || (is.name == GymnasiumByName::name && same_gymnasium(at, c.env.substr(is.name.size() + 1))));
    if (!moved && given.env != c.env)
      throw Error(fmt::format("--env: the run in {} is evaluated in {}; leave it out, or start a new run", given.resume,
                              c.env.empty() ? "no environment" : c.env));
    c.env = given.env;
  }
  if (has("--steps")) c.steps = given.steps;
  if (has("--patience")) c.patience = given.patience;
  if (has("--ope-dataset")) c.follow.dataset = moved_dataset(given.follow.dataset, config.command.follow.dataset);
  if (has("--online-steps")) c.online.steps = given.online.steps;
  if (c.steps != config.command.steps)
    for (const auto& [key, value] : config.parameters.items())
      if (key.ends_with("cosine_steps") && setting_text(value) == std::to_string(of_the_run))
        say("warning [other-length]: {} decays over the run, which was to be {} updates long and is now {}; a run of "
            "{} from the start would end elsewhere",
            key.substr(0, key.rfind('.')), config.command.steps, c.steps, c.steps);
  c.threads = has("--threads") ? given.threads : int(config.platform.threads);
  if (const auto cores = int(std::thread::hardware_concurrency()); !has("--threads") && cores > 0 && c.threads > cores)
    say("warning [more-threads]: the run in {} uses {} threads, and this machine has {} cores: it is slow; --threads "
        "{} is faster, and its numbers agree to rounding",
        given.resume, c.threads, cores, cores);
  return c;
}

// The command of a run that goes on online: the earlier run's own but for what was given.
inline TrainCommand finetuned_command(const TrainCommand& given, const RunConfig& config) {
  TrainCommand c = config.command;
  c.finetune = given.finetune, c.online = given.online, c.out = given.out, c.overwrite = given.overwrite;
  c.set = given.set, c.device = given.device, c.threads = given.threads, c.given = given.given;
  c.score = given.score;
  c.follow = {}, c.keep_every = 0, c.patience = 0, c.keep_best = false;  // of the log alone
  c.tensorboard = c.tensorboard || given.tensorboard;
  const auto take = [&](const char* flag, auto member) {
    if (given.has(flag)) c.*member = given.*member;
  };
  if (given.has("--dataset")) c.dataset = moved_dataset(given.dataset, config.command.dataset);
  take("--precision", &TrainCommand::precision);
  take("--env", &TrainCommand::env), take("--seed", &TrainCommand::seed);
  take("--batch", &TrainCommand::batch), take("--eval-every", &TrainCommand::eval_every);
  take("--eval-episodes", &TrainCommand::eval_episodes), take("--report-every", &TrainCommand::report_every);
  return c;
}

// What a run without a log begins with is its log from then on: the learner has its sizes and units from it.
inline Dataset random_log(const TrainCommand& c) {
  const auto task = open_environment(c.env);
  auto log = first_steps(c, task).dataset("online:" + task.name);
  log.spaces = task.spaces;
  return log;
}
// How many steps that is: those given, or a fifth of the run's and at most 5000.  The run keeps the number, so that its
// log is the same where it is made longer.
inline std::int64_t random_steps(const OnlineCommand& o) {
  return std::min(o.steps, o.random_steps > 0 ? o.random_steps : std::clamp<std::int64_t>(o.steps / 5, 1, 5000));
}

// Whether two settings are one, whichever version wrote them: numbers by their value.
inline bool same_setting(const json& a, const json& b) {
  const auto text = setting_text(a), other = setting_text(b);
  if (text == other) return true;
  const auto x = real_number(text), y = real_number(other);
  return x && y && *x == *y;
}

// A run that is resumed on another platform has different rounding.
inline void warn_of_other_platform(const std::string& run, const RunPlatform& now, const RunPlatform& then) {
  const auto differs = [&](const char* name, const std::string& what, const std::string& is, const std::string& was) {
    if (is != was)
      say("warning [other-{}]: {} was trained with {} {}, and goes on with {}: it agrees to rounding with a run that "
          "did not change",
          name, run, what, was, is);
  };
  differs("threads", "--threads", std::to_string(now.threads), std::to_string(then.threads));
  differs("ranks", "so many processes:", std::to_string(now.ranks), std::to_string(then.ranks));
  differs("device", "--device", now.device, then.device);
  differs("product", "the matrix product of", now.product, then.product);
  differs("libtorch", "libtorch", now.libtorch, then.libtorch);
}

// A resumed run keeps the limits that it began with, which may have been given on the command line, and not those that
// its data declare.
inline void restore_limits(Dataset& data, const RunConfig& config, const std::string& path) {
  const auto& limits = config.action_limits;
  if (limits.is_null() == (data.kind == action_kind::continuous) ||
      (!limits.is_null() && limits["low"].size() != data.action_low.size()))
    throw Error(path + "/config.json: action_limits do not fit the data; restore the file, or start a new run");
  if (limits.is_null()) return;
  data.action_low = limits["low"].get<std::vector<float>>(),
  data.action_high = limits["high"].get<std::vector<float>>();
  data.limits_from = limits_origin::user;
}

// What a checkpoint stores in addition to the agent, so that the run continues as if it had not been interrupted.
struct Kept {
  double seconds = 0;       // of training so far
  std::int64_t online = 0;  // steps of the environment so far
  MetricsWindow window{};

  std::map<std::string, std::string> text() {
    std::map<std::string, std::string> out{{"seconds", fmt::format("{}", seconds)}, {"window", window.text()}};
    if (online > 0) out["online_steps"] = std::to_string(online);
    return out;
  }
  static Kept of(const std::map<std::string, std::string>& text, const std::string& path) {
    Kept out;
    const auto seconds = text.find("seconds"), window = text.find("window");
    if (seconds == text.end() || window == text.end())
      throw Error(path + ": is not the checkpoint of a run, but of an agent alone; give the folder of a run made by `" +
                  program_name() + " train`");
    const auto *first = seconds->second.data(), *last = first + seconds->second.size();
    const auto read = std::from_chars(first, last, out.seconds);
    if (read.ec != std::errc{} || read.ptr != last || !(out.seconds >= 0) || !std::isfinite(out.seconds))
      throw Error(path + ": the seconds of its training are damaged; use another checkpoint");
    out.window = MetricsWindow::of_text(window->second);
    out.online = steps_online(text, path);
    return out;
  }
};

// Which of two recipes it is has not been said by who typed the algorithm's name.
inline void say_which(const AlgorithmEntry& a) {
  if (algorithm(a.name).size() > 1) say("algorithm: {} for {} actions: {}", a.name, a.space, a.slots);
}

// The precision of the updates' products: the one that was asked for where this machine gains by it, else, with a
// word, float.
inline precision precision_of(const TrainCommand& c) {
  if (c.precision == "float") return precision::float32;
  if (c.device != "cpu")
    throw Error(
        fmt::format("--precision bf16: is of the CPU's matrix products, and --device is {}; leave one of them "
                    "out, or start a new run",
                    c.device));
  const auto why = nn::why_no_bf16();
  if (why.empty()) return precision::bf16;
  say("warning [no-bf16]: --precision bf16: {}: the run's products are in float", why);
  return precision::float32;
}

// Updates are recorded on a GPU, by one process.
inline void require_launches(const TrainCommand& c) {
  if (!c.has("--updates-per-launch")) return;
  if (c.device == "cpu")
    throw Error("--updates-per-launch: updates are recorded on a GPU, and --device is cpu; leave it out");
  if (c.ranks.on)
    throw Error("--updates-per-launch: with --data-parallel updates are not recorded; leave one of them out");
}

// The memory for the inputs of a step, and for what each network stores for its backward pass.
inline void require_batch(const TrainCommand& c, const Dataset& data, const json& parameters,
                          const at::Device& device) {
  double numbers = 2.0 * double(data.observation_size) + 2.0 * double(data.action_size) + 4;
  for (const auto& [key, value] : parameters.items()) {
    if (!key.ends_with(".hidden") || !value.is_array()) continue;
    for (const auto& width : value) numbers += 2.0 * width.get<double>();
  }
  const double bytes = numbers * double(c.batch) * sizeof(float), max = double(machine_memory()) / 2;
  if (device.is_cpu() && bytes > max)
    throw Error(fmt::format(
        "--batch {}: a step takes {:.0f} bytes or more, and half of this machine's memory are {:.0f}; lower it",
        c.batch, bytes, max));
}

// Checked first, because a buffer of imagined transitions that does not fit into memory would end the run long after it
// began.
inline json describe_buffer(const Imagination& i, const at::Device& device) {
  const double bytes = double(i.rows) * double(i.width) * sizeof(float);
  const double memory = double(machine_memory());
  if (device.is_cpu() && bytes > memory)
    throw Error(
        fmt::format("{} imagined transitions (data.retain * data.rollout_batch * data.horizon) take {:.1f} GB, and "
                    "this machine has {:.1f}; "
                    "lower one of the three",
                    i.rows, bytes / 1e9, memory / 1e9));
  say("imagined transitions: at most {}, {:.1f} MB", i.rows, bytes / 1e6);
  return {{"rows", i.rows}, {"megabytes", bytes / 1e6}};
}

// What a fresh run begins with: a model's file, if the algorithm uses one; the settings of the agent; what config.json
// records about them.
struct Chosen {
  std::string model;
  Settings settings;
  json imagined{}, action_limits{}, chosen{}, findings{};
};

// What a reader or a check noticed, printed, and in the form of config.json.
inline void tell(const Warning& w, json& findings) {
  say("warning [{}]: {}", w.name, w.message);
  constexpr auto any_length = std::numeric_limits<std::size_t>::max();
  findings.push_back({{"name", printable_name(w.name)}, {"message", printable(w.message, any_length)}});
}

// The settings that suit the data, printed one by one; with --published they are printed and not applied.
inline json suit_to(Dataset& data, const TrainCommand& c, const AlgorithmEntry& a, Settings& settings, json& findings) {
  json out = json::array();
  const auto tell_setting = [&](const SuitedSetting& s) {
    if (c.published)
      say("warning [published-settings]: {}={} would suit the data and is not set, for --published: {}", s.key, s.value,
          s.reason);
    else say("chosen: {}={} ({})", s.key, s.value, s.reason);
    if (!c.published) out.push_back({{"key", s.key}, {"value", s.value}, {"reason", s.reason}});
  };
  auto untouched = data.action_low, above = data.action_high;
  for (const auto& s : suit_action_limits(data)) tell_setting(s);
  if (c.published) data.action_low = std::move(untouched), data.action_high = std::move(above);
  const auto suited = a.suit(data, settings, c.steps);
  for (const auto& s : suited.chosen) {
    tell_setting(s);
    if (!c.published) settings.emplace_back(s.key, s.value);
  }
  for (const auto& w : suited.advice) tell(w, findings);
  return out;
}

inline Chosen choose(const TrainCommand& c, const AlgorithmEntry& a, Dataset& data, const at::Device& device,
                     json findings) {
  Chosen out{{}, settings(c.set)};
  out.findings = std::move(findings);
  const auto imagination = a.imagination(data, out.settings);  // finds a misspelled setting before anything slow
  if (!c.model.empty() && !imagination.model) {
    std::string all;
    for (const auto& [name, recipes] : catalog())
      for (const auto& other : recipes)
        if (other.space == a.space && other.imagination(data, {}).model) all += (all.empty() ? "" : ", ") + name;
    throw Error("--model: " + a.name + " uses no dynamics model; leave it out" +
                (all.empty() ? "" : ", or take one of those that do: " + all));
  }
  if (imagination.rows > 0) out.imagined = describe_buffer(imagination, device);
  out.chosen = suit_to(data, c, a, out.settings, out.findings);
  out.action_limits = describe_limits(data);
  if (imagination.model) {
    auto identity = identity_of(data);
    identity.name = absolute_dataset(data.name);
    const ModelRequest wanted{data, std::move(identity), *imagination.model, c.env, device};
    auto chosen = choose_model(wanted, c.model, out.settings, imagination.model_learns_on);
    out.imagined["model"] = absolute_dataset(chosen.file);
    out.model = std::move(chosen.file), out.settings = std::move(chosen.settings);
  }
  return out;
}
// The estimates of the policy during its training, and a line that says what they are of.
inline std::unique_ptr<Following> following(const TrainCommand& c, Dataset data, Agent& agent) {
  const double own = discount_of(agent.parameters()), discount = own >= 0 ? own : 0.99;
  say("ope: fqe of the policy every {} updates, by {}, discount {}{}", c.follow.every,
      c.follow.dataset.empty() ? "the data that it learns from (held-out data with --ope-dataset are a stricter judge)"
                               : printable(c.follow.dataset),
      discount, own >= 0 ? "" : ", for its algorithm has none");
  return std::make_unique<Following>(
      std::move(data), agent, FollowingOptions{.discount = discount, .updates = c.follow.updates, .seed = c.seed});
}

// Whether a run evaluates, judges or saves after an update, whatever else happens.
inline bool pauses(const TrainCommand& c, std::int64_t updates) {
  const auto due = [&](std::int64_t every) { return every > 0 && updates % every == 0; };
  return due(c.eval_every) || due(c.follow.every) || due(c.keep_every);
}

// A run at work: what it has of its folder's files, when it saves and evaluates, and what it says of it.
class Training {
 public:
  // `known`: whether the agent is one of an earlier run.  All that is given outlives it.
  Training(const TrainCommand& c, RunFolder& folder, const RunConfig& config, Agent& agent, Following* follow, Kept was,
           std::optional<Experience> collected, bool known, DataParallel* ranks)
      : kept(std::move(was)), taken(c.dataset.empty() ? c.online.random_steps : 0),
        online_steps(c.online.steps - taken), from(agent.updates()), progress(from, c.steps), c_(c), folder_(folder),
        config_(config), agent_(agent), follow_(follow), collected_(std::move(collected)), known_(known), ranks_(ranks),
        earlier_(kept.seconds) {}

  // Updates up to `steps`, and what an interruption has left undone of them; then, of a policy that has seen the log
  // alone, the last evaluation and checkpoint.
  void on_the_log(Replay& replay) {
    if (known_ && from > 0 && kept.online == 0) keep();  // what a killed run may have left undone
    // The evaluation, or the estimate, that a signal had interrupted.
    if (from > 0 && from < c_.steps) {
      const bool evaluated = !c_.env.empty() && from % c_.eval_every == 0 && !has_return() && evaluate();
      const bool judged = follows(from) && !has_estimate() && estimate();
      if (evaluated || judged) save();
    }
    if (interrupted() && from == 0) throw Interrupted("interrupted before the first update; nothing was written");
    const bool updates_due = !interrupted() && from < c_.steps && !stopped();
    if (ranks_ ? ranks_->begins(updates_due) : updates_due) {
      auto o = options();
      o.after_update = [this](std::int64_t updates) {
        if (updates == c_.steps) return false;  // saved below, with the last report
        if (ranks_) {
          // Of a signal the others hear with the next update's gradient.
          if (!ranks_->interrupted() && !pauses(c_, updates)) return true;
          ranks_->meet(agent_, kept.window);
        }
        if (updates % c_.eval_every == 0 && !c_.env.empty()) evaluate();
        if (follows(updates)) estimate();
        if (pauses(c_, updates) || interrupted()) save();
        return ranks_ ? ranks_->goes_on(!stopped()) : !interrupted() && !stopped();
      };
      agent_.train(replay, o);
      if (ranks_) ranks_->leave_core();
    }
    spent = seconds();
    if ((agent_.updates() == c_.steps || stopped()) && kept.online == 0) {
      if (!c_.env.empty() && !((known_ || stopped()) && has_return())) evaluate();
      if (follow_ && !has_estimate()) estimate();
      save();
    }
  }

  /// Whether the patience has ended it.
  bool stopped() const { return agent_.updates() < c_.steps && stopped_early(c_, folder_.rows()); }
  /// What its end was, and which checkpoint was kept.
  void say_kept() const {
    const auto best = c_.keep_best || c_.patience > 0 ? best_row(c_, folder_.rows()) : std::nullopt;
    if (!best) return;
    if (stopped())
      say("stopped at update {} of {}: {} {} after that at update {} had no better {} (--patience {})",
          agent_.updates(), c_.steps, best->later,
          c_.follow.every > 0 ? best->later == 1 ? "estimate" : "estimates"
          : best->later == 1  ? "evaluation"
                              : "evaluations",
          best->updates, compared(c_).substr(4), c_.patience);
    say("kept: {}, of update {}, the best by {}: {:.5g}", folder_.best(), best->updates, compared(c_), best->value);
  }

  // Steps of the environment, if any were asked for and the updates on the log are done.
  void online(Replay& replay) {
    if (c_.online.steps == 0 || agent_.updates() < c_.steps || interrupted()) return;
    progress.end();
    const auto& data = config_.data;
    experience_ = collected_ ? std::move(*collected_)
                             : Experience(data.observation_size, data.action_size, data.kind == action_kind::discrete);
    Progress steps_done(taken + kept.online, c_.online.steps, "step", "steps");
    OnlineOptions o{.steps = online_steps,
                    .environments = c_.online.environments,
                    .updates_per_step = c_.online.updates_per_step,
                    .random_steps = c_.dataset.empty() ? 0 : c_.online.random_steps,
                    .exploration_noise = c_.online.exploration_noise,
                    .capacity = c_.online.replay,
                    .horizon = c_.horizon,
                    .seed = c_.seed,
                    .training = options()};
    const auto evaluated = [&] {
      if (has_return() || !evaluate()) return false;
      say_steps(folder_.rows().back());
      return true;
    };
    o.after_step = [&](std::int64_t steps) {
      kept.online = steps;
      const auto each = c_.eval_every, before = steps - std::min(steps, c_.online.environments);
      const bool due = steps < online_steps && steps / each != before / each && !has_return();
      const bool shows = due && evaluated();
      steps_done.show(taken + steps, seconds(), "", shows ? std::optional(last->mean()) : std::nullopt, score());
      if (steps < online_steps && (due || interrupted())) save();
      return !interrupted();
    };
    agent_.train_online(replay, c_.env, *experience_, o);
    spent = seconds();
    if (kept.online < online_steps) return;
    if (evaluated()) steps_done.show(taken + kept.online, seconds(), "", last->mean(), score());
    save();
  }

  // Of the last evaluation, where it can have one.
  std::optional<double> score() const {
    return last && config_.score ? std::optional(normalized_score(last->mean(), config_.score->between)) : std::nullopt;
  }

  Kept kept;
  const std::int64_t taken, online_steps;  // of a run without a log its first steps were taken already
  const std::int64_t from;                 // updates when it began
  std::optional<Evaluation> last{};        // that is complete
  std::optional<ope::Estimate> last_estimate{};
  double spent = 0;  // seconds of training in this call
  Progress progress;

 private:
  double seconds() const { return seconds_since(start_) - apart_; }
  // If losses or parameters are not finite, nothing is saved except that fact.
  void require_finite() { kept.window.flush(), agent_.require_finite(); }
  void save() {
    const auto began = steady::now();
    require_finite();
    kept.seconds = earlier_ + seconds();
    if (experience_ && experience_->size() > 0) experience_->save(folder_.online());
    std::function<void(const std::string&)> write_following;
    if (follow_) write_following = [this](const std::string& path) { follow_->save(path); };
    folder_.save(
        config_, [&](const std::string& path) { agent_.save(path, kept.text()); }, write_following);
    if (!experience_) keep();
    apart_ += seconds_since(began);
  }
  bool follows(std::int64_t updates) const { return follow_ && updates % c_.follow.every == 0; }
  bool keeps(std::int64_t updates) const { return c_.keep_every > 0 && updates % c_.keep_every == 0; }
  // The checkpoint under the names under which it stays.
  void keep() {
    const auto updates = agent_.updates();
    if (keeps(updates)) agent_.save(folder_.kept(updates), kept.text());
    const auto best = c_.keep_best || c_.patience > 0 ? best_row(c_, folder_.rows()) : std::nullopt;
    if (best && best->updates == updates) agent_.save(folder_.best(), kept.text());
  }
  bool has_estimate() const {
    return !folder_.rows().empty() && folder_.rows().back().updates == agent_.updates() &&
           folder_.rows().back().metric(estimate_column).has_value();
  }
  Row& row_of_policy() {
    if (folder_.rows().empty() || folder_.rows().back().updates != agent_.updates())
      folder_.add({agent_.updates(), earlier_ + seconds(), {}});
    return folder_.rows().back();
  }
  // False if a signal interrupted it; it is then repeated when the run is resumed.
  bool estimate() {
    const auto began = steady::now();
    require_finite();
    const auto made = (*follow_)(agent_.updates());
    apart_ += seconds_since(began);
    if (!made) return false;
    last_estimate = *made;
    auto& row = row_of_policy();
    row.set(estimate_column, made->value);
    row.set(estimate_low_column, made->interval.low), row.set(estimate_high_column, made->interval.high);
    progress.show(agent_.updates(), seconds(), "", std::nullopt, std::nullopt,
                  fmt::format("fqe {:.4g} ({:.4g} to {:.4g})", made->value, made->interval.low, made->interval.high));
    return true;
  }
  // Whether the policy as it is was evaluated already.
  bool has_return() {
    return !folder_.rows().empty() && folder_.rows().back().updates == agent_.updates() &&
           folder_.rows().back().return_mean.has_value();
  }
  // False if a signal interrupted it; it is then repeated when the run is resumed.
  bool evaluate() {
    const auto began = steady::now();
    require_finite();
    Evaluation result;
    try {
      result = agent_.evaluate(c_.env,
                               {.episodes = c_.eval_episodes, .seed = c_.seed, .horizon = c_.horizon, .keep_going = [] {
                                  return !interrupted();
                                }});
    } catch (const Error&) {  // of an environment that did not answer when it was to stop
      if (!interrupted()) throw;
      result.stopped = true;
    }
    apart_ += seconds_since(began);
    if (result.stopped) return false;
    last = std::move(result);
    row_of_policy().return_mean = last->mean();
    folder_.rows().back().return_std = last->std();
    if (score()) folder_.rows().back().set("score", *score());
    if (!experience_) progress.show(agent_.updates(), seconds(), "", last->mean(), score());
    return true;
  }
  void say_steps(Row& row) { row.set("environment_steps", double(taken + experience_->size())); }
  TrainOptions options() {
    TrainOptions o{.updates = c_.steps, .batch = c_.batch, .report_every = c_.report_every, .window = &kept.window};
    if (ranks_) o.joint = &ranks_->joint();
    o.record = c_.updates_per_launch > 0;
    o.updates_per_launch = std::max<std::int64_t>(c_.updates_per_launch, 1);
    for (const auto every : {c_.eval_every, c_.follow.every, c_.keep_every})
      if (every > 0) o.pauses.push_back(every);
    o.note = [](const std::string& line) { say(line); };
    o.report = [this](const Report& r) {
      const bool whole = experience_ ? experience_->size() >= online_steps : r.updates >= c_.steps;
      if (r.partial && !whole) return;  // a signal ended it in between, and it goes on
      folder_.add({r.updates, earlier_ + seconds(), r.metrics});
      if (experience_) return say_steps(folder_.rows().back());
      std::string text;
      for (const auto& [name, x] : r.metrics) text += fmt::format("  {} {:.4g}", name, x);
      progress.show(r.updates, seconds(), text, std::nullopt);
    };
    return o;
  }

  const TrainCommand& c_;
  RunFolder& folder_;
  const RunConfig& config_;
  Agent& agent_;
  Following* follow_;                    // null: the policy is not judged
  std::optional<Experience> collected_;  // before this session, until it goes on
  bool known_;
  DataParallel* ranks_;                   // null: this process alone
  std::optional<Experience> experience_;  // of the online phase
  const steady::time_point start_ = steady::now();
  const double earlier_;  // seconds of training of what it goes on from
  double apart_ = 0;      // seconds of saving and evaluating
};
// What all ranks must have in common besides the data and the parameters.
inline std::string joint_settings(const TrainCommand& c, const json& parameters) {
  return fmt::format("{} {} {} {} {} {} {} {} {}", c.algorithm, c.steps, c.batch, c.seed, c.eval_every, c.report_every,
                     c.follow.every, c.keep_every, c.ranks.sharded) +
         parameters.dump();
}

// `ranks`: null where this process trains the run alone.
inline void train_run(TrainCommand c, DataParallel* ranks) {
  const bool resumed = !c.resume.empty(), follower = ranks && !ranks->first();
  const Reading reading = c.reading;
  read_environments(reading);
  std::optional<RunFolder> folder;
  RunConfig config;
  if (resumed) {
    require_resumable(c);
    if (!follower) folder = RunFolder::resume(c.resume);
    if (ranks) c.resume = ranks->folder_of(c.resume);
    config = RunFolder::config_of(c.resume);
    c = detail::resumed_command(c, config);
    c.algorithm = detail::algorithm_of(c.resume, config).name;
  }
  const bool finetuned = !c.finetune.empty(), known = resumed || finetuned;
  if (finetuned) {
    config = RunFolder::config_of(c.finetune);
    c = detail::finetuned_command(c, config);
    c.algorithm = detail::algorithm_of(c.finetune, config).name;
  }
  const bool from_nothing = c.dataset.empty();
  if (!known && !c.has("--steps") && (from_nothing || algorithm(c.algorithm).front().only_online)) c.steps = 0;
  if (!known && from_nothing) c.online.random_steps = detail::random_steps(c.online);
  if (c.online.steps == 0) require_positive("--steps", c.steps);
  for (auto [flag, value] : {std::pair{"--batch", c.batch},
                             {"--eval-every", c.eval_every},
                             {"--eval-episodes", c.eval_episodes},
                             {"--report-every", c.report_every}})
    require_positive(flag, value);
  if (c.batch > 1'000'000) throw Error(fmt::format("--batch must be at most 1000000, not {}", c.batch));
  if (ranks && !c.has("--threads")) c.threads = ranks->threads();
  if (c.threads > 0) nn::set_threads(c.threads);
  const auto products = detail::precision_of(c);
  detail::require_launches(c);
  const auto device = nn::device(c.device);

  algorithm(c.algorithm);  // there is one
  if (!c.env.empty()) {
    require_environment(c.env);
    say_warnings(open_environment(c.env), c.horizon);
  }
  if (!resumed && !c.out.empty() && !follower) RunFolder::require_free(c.out, c.overwrite);
  auto ready = Preloaded::here().take(absolute_dataset(c.dataset));
  auto data = ready ? *std::move(ready) : from_nothing ? detail::random_log(c) : load(c.dataset, reading, true);
  if (c.episode_length != 0) data = cut_episodes(std::move(data), c.episode_length);
  auto now = run_data(data);
  if (ranks) ranks->require_same(now.hash, "the data");
  const auto earlier_run = resumed ? c.resume : c.finetune;
  if (known)
    if (const auto what = difference(now, config.data); !what.empty())
      throw Error(fmt::format(
          "{}: is not the data that the run in {} learns from: {}; give that with --dataset, or start a new run",
          data.name, earlier_run, what));
  if (known) {
    if (const auto what = names_difference(now.spaces, config.data.spaces); !what.empty())
      say("warning [other-names]: {}: {} when the run in {} began; its numbers are the same", data.name, what,
          earlier_run);
    // The same numbers from a file that knows less of them.
    if (now.spaces == LogSpaces{}) now.spaces = config.data.spaces;
  }
  std::optional<Dataset> judged_by;
  std::string followed_on;
  if (!c.follow.dataset.empty() && !follower) {
    judged_by = load(c.follow.dataset, reading, true);
    if (c.episode_length != 0) judged_by = cut_episodes(*std::move(judged_by), c.episode_length);
    followed_on = run_data(*judged_by).hash;
    if (resumed && followed_on != config.followed_on)
      throw Error(
          fmt::format("{}: is not the data that the run in {} is judged by (content hash {}, and was {}); give "
                      "that with --ope-dataset, or start a new run",
                      judged_by->name, c.resume, followed_on, config.followed_on));
  }
  json noticed = json::array();
  for (const auto& w : data.warnings) detail::tell(w, noticed);
  const auto space = space_of(data.kind);
  const AlgorithmEntry& a = algorithm_for(data.name + ": its actions are " + space, c.algorithm, space);
  if (!resumed) require_settings(a, settings(c.set));
  if (ranks) require_data_parallel(a, a.imagination(data, resumed ? Settings{} : settings(c.set)));
  if (!known) detail::say_which(a);
  if (data.on_disk && a.imagination(data, known ? Settings{} : settings(c.set)).model)
    require_in_memory(data, "the dynamics model of " + a.name);
  // Before the environment's, which would refuse a glitch that the user's leave out; and after, so that the user's
  // stay.
  const auto declare = [&] {
    known ? detail::restore_limits(data, config, earlier_run) : declare_limits(data, c.action_low, c.action_high);
  };
  declare();
  if (!c.env.empty()) fit_to_environment(data, c.env), require_evaluable(data.observation_size, c.eval_episodes);
  declare();
  const bool same_task = finetuned && c.score.empty() && absolute_environment(c.env) == config.command.env;
  const auto score = resumed || same_task ? config.score : choose_score(c.score, data.task, c.env);
  if (score && !resumed) say_score(*score);
  std::vector<double> returns;
  for (const auto& e : data.episodes) returns.push_back(e.episode_return);
  now.returns = spread(returns);
  const double behavior = now.returns->mean;
  const auto odd = data.on_disk ? training_findings(in_memory(data, reading)) : training_findings(data);
  if (!known)
    for (const auto& w : odd)  // what a run has collected by itself may stop within an episode
      if (!from_nothing || w.name != "no-end-marks") detail::tell(w, noticed);

  remember_signals();
  if (!resumed && !follower)
    folder = c.out.empty() ? RunFolder::create_fresh(detail::default_folder(c)) : RunFolder::create(c.out, c.overwrite);
  auto with = known ? detail::Chosen{{}, {}, config.imagined, config.action_limits, config.chosen, config.findings}
                    : detail::choose(c, a, data, device, std::move(noticed));
  const auto checkpoint = resumed     ? RunFolder::checkpoint_of(c.resume)
                          : finetuned ? RunFolder::checkpoint_of(c.finetune)
                                      : "";
  auto agent = known ? a.load(checkpoint, device, finetuned ? settings(c.set) : Settings{})
                     : a.make(data, with.settings, c.seed, device);
  auto kept = known ? detail::Kept::of(checkpoint_metadata(checkpoint), checkpoint) : detail::Kept{};
  agent->set_precision(products);
  if (finetuned) c.steps = agent->updates();
  if (resumed && kept.online > 0 && c.steps != config.command.steps)
    throw Error(
        fmt::format("--steps: the run in {} is in its online phase, which began after {}; give --online-steps "
                    "alone",
                    c.resume, config.command.steps));
  if (!with.model.empty()) agent->load_model(with.model);
  if (agent->updates() > c.steps && kept.online == 0)
    throw Error(fmt::format("{}: has made {} updates already, more than --steps {}; ask for more steps", c.resume,
                            agent->updates(), c.steps));
  const auto parameters = agent->parameters();
  for (auto& setting : with.chosen)
    if (const auto found = parameters.find(setting["key"].get<std::string>()); found != parameters.end())
      setting["value"] = *found;
  detail::require_batch(c, data, parameters, device);
  auto platform = this_platform(c.device, products);
  if (ranks) platform.ranks = ranks->size();
  if (resumed) {
    for (const auto& [key, value] : parameters.items())
      if (!config.parameters.contains(key) || !detail::same_setting(config.parameters[key], value))
        throw Error(fmt::format(
            "{}/config.json: parameters.{} is {}, but the run was made with {}; restore the file, or start a new run",
            c.resume, key, config.parameters.contains(key) ? setting_text(config.parameters[key]) : "missing",
            setting_text(value)));
    detail::warn_of_other_platform(c.resume, platform, config.platform);
  }
  if (ranks) {
    ranks->require_same(detail::joint_settings(c, parameters), "the settings");
    ranks->prepare(c.ranks.sharded);
  }
  const auto title = fmt::format("{} on {}", c.algorithm, short_name(data));
  const bool judges = c.follow.every > 0 && !judged_by && !follower;
  Replay replay = judges ? agent->replay(data) : agent->replay(std::move(data));
  if (!judges) data = {};
  if (follower)
    return ranks->follow(c, *agent, replay, kept.window, [&](std::int64_t k) { return detail::pauses(c, k); });
  std::unique_ptr<Following> follow;
  if (c.follow.every > 0) follow = detail::following(c, judged_by ? *std::move(judged_by) : std::move(data), *agent);
  data = {};  // everything that training reads is in the replay buffer now

  // What it has collected is read before anything is written, so that a damaged file leaves the run as it was.
  std::optional<Experience> collected;
  if (kept.online > 0) collected = Experience::read(folder->online(), kept.online);
  if (known) folder->read_metrics(earlier_run, agent->updates());
  if (follow && resumed)
    for (auto row = folder->rows().rbegin(); row != folder->rows().rend(); ++row)
      if (row->metric(estimate_column)) {
        follow->restore(RunFolder::following_of(folder->path()), row->updates);
        break;
      }
  if (c.tensorboard) folder->write_events_from(resumed ? agent->updates() : 0);
  config = {c,           now,   platform,      parameters, with.imagined, with.action_limits,
            with.chosen, score, with.findings, followed_on};
  if (!c.follow.dataset.empty()) config.command.follow.dataset = absolute_dataset(c.follow.dataset);
  config.command.dataset = absolute_dataset(c.dataset), config.command.env = absolute_environment(c.env);
  if (resumed) folder->write_config(config);
  detail::Training run(c, *folder, config, *agent, follow.get(), std::move(kept), std::move(collected), known, ranks);
  try {
    run.on_the_log(replay);
    run.online(replay);
  } catch (const Diverged& e) {
    run.progress.end();
    folder->save_history(config);
    // Outliers are a more likely reason than the learning rate.
    std::string outliers;
    for (const auto& w : odd)
      if (outliers.empty() && w.name.starts_with("outlier-")) outliers = "; and the data hold outliers: " + w.message;
    const auto saved = folder->saved() ? fmt::format("; {} keeps the checkpoint from before", folder->path())
                                       : std::string("; no checkpoint was saved");
    throw Diverged(e.what() + outliers + saved);
  } catch (const RankFailure& e) {
    run.progress.end();
    throw RankFailure(
        e.what() + (folder->saved() ? fmt::format("; go on from the last checkpoint, with any number of processes: {} "
                                                  "train --resume {} --data-parallel",
                                                  program_name(), folder->path())
                                    : std::string("; no checkpoint was saved")));
  } catch (const Error& e) {  // of an environment that did not answer when it was to stop
    if (!interrupted()) throw;
    run.progress.end();
    throw Interrupted(e.what() + (folder->saved()
                                      ? fmt::format("; go on from the last checkpoint with: {} train --resume {}",
                                                    program_name(), folder->path())
                                      : std::string("; no checkpoint was saved")));
  }
  const auto done = agent->updates();
  run.progress.end();
  if (!interrupted()) run.say_kept();

  if ((!c.env.empty() || follow) && !interrupted())
    folder->draw_curve(title, behavior, c.online.steps > 0 && c.steps > 0 ? c.steps : 0, score,
                       follow ? std::optional(follow->of_data()) : std::nullopt);

  json result = {{"algorithm", c.algorithm},
                 {"dataset", c.dataset},
                 {"updates", done},
                 {"seconds", run.spent},
                 {"updates_per_second", run.spent > 0 ? double(done - run.from) / run.spent : 0.0},
                 {"return_mean", nullptr},
                 {"return_std", nullptr},
                 {"return_behavior", behavior},
                 {"episodes", 0},
                 {"seed", c.seed},
                 {"out", folder->path()}};
  if (score) {
    result["score"] = run.score() ? json(*run.score()) : json();
    result["score_behavior"] = normalized_score(behavior, score->between);
  }
  if (ranks) result["ranks"] = ranks->size();
  if (c.online.steps > 0) result["online_steps"] = run.taken + run.kept.online;
  if (const auto& last = run.last)
    result["return_mean"] = last->mean(), result["return_std"] = last->std(), result["episodes"] = c.eval_episodes;
  if (const auto& e = run.last_estimate)
    result["fqe"] = e->value, result["fqe_low"] = e->interval.low, result["fqe_high"] = e->interval.high;
  if (const auto best = c.keep_best || c.patience > 0 ? best_row(c, folder->rows()) : std::nullopt) {
    result["best_updates"] = best->updates, result["best"] = folder->best();
    result["stopped_early"] = run.stopped();
  }
  if (with.imagined.contains("model")) result["model"] = with.imagined["model"];
  if (run.last && run.last->exact_value) result["exact_value"] = *run.last->exact_value;
  std::cout << line_of(result) << std::endl;
  if (interrupted()) {
    if ((done < c.steps && !run.stopped()) || (c.online.steps > 0 && run.kept.online < run.online_steps))
      throw Interrupted(fmt::format("interrupted at update {}; go on with: {} train --resume {}", done, program_name(),
                                    folder->path()));
    throw Interrupted(fmt::format("interrupted after the last update; {} is whole", folder->path()));
  }
}

// As rank 0, or as another, whose errors name it; of an error the others hear.
inline void train_run(const TrainCommand& c, DataParallel& ranks) {
  const auto text = [&](const std::exception& e) {
    if (!ranks.stopped_together()) ranks.ranks().leave(e.what());
    const std::string what = e.what(), me = fmt::format("rank {} of {}: ", ranks.rank(), ranks.size());
    return ranks.first() || what.starts_with(me) ? what : me + what;
  };
  try {
    train_run(c, &ranks);
  } catch (const RankFailure& e) {
    throw RankFailure(text(e));
  } catch (const Diverged& e) {
    throw Diverged(text(e));
  } catch (const Interrupted& e) {
    if (ranks.stopped_together() && ranks.first()) throw;
    throw Interrupted(text(e));
  } catch (const Error& e) {
    throw Error(text(e));
  } catch (const c10::Error& e) {
    ranks.ranks().leave(e.what_without_backtrace());
    throw;
  } catch (const std::exception& e) {
    ranks.ranks().leave(e.what());
    throw;
  }
}

// What the replay of a run without a model holds follows from its data and these settings, as `train` makes it.
inline void make_replay(const TrainCommand& c, Dataset& data) {
  const auto& a = algorithm_for(data.name, c.algorithm, space_of(data.kind));
  const auto given = settings(c.set);
  require_settings(a, given);
  if (data.on_disk || c.episode_length != 0 || a.imagination(data, given).model) return;
  const auto low = data.action_low, high = data.action_high;
  const auto from = data.limits_from;
  const auto actions = data.action_size;
  declare_limits(data, c.action_low, c.action_high);
  if (!c.env.empty()) fit_to_environment(data, c.env);
  declare_limits(data, c.action_low, c.action_high);
  const auto device = nn::device(c.device);
  const auto chosen = choose(c, a, data, device, json::array());
  Preloaded::here().begin();
  a.make(data, chosen.settings, c.seed, device)->replay(data);
  data.action_low = low, data.action_high = high, data.limits_from = from, data.action_size = actions;  // as read
}
}  // namespace detail

TESSERA_CLI_INLINE void preload(const TrainCommand& c, bool (*stopped)()) {
  const Quiet quiet;
  if (c.dataset.empty() || c.device != "cpu" || c.reading.untrusted) return;
  try {
    nn::set_threads(1);  // a fork has the thread alone that makes it
    read_environments(c.reading);
    auto limits = reading_limits(c.reading, c.dataset);
    limits.meanwhile = [stopped] {
      if (stopped()) throw Error("stopped");
    };
    auto data = open_dataset(c.dataset, limits);
    if (data.on_disk) return;
    if (c.resume.empty() && c.finetune.empty()) {
      auto keep = data.warnings;
      try {
        detail::make_replay(c, data);
      } catch (const std::exception&) {
        data = open_dataset(c.dataset, limits);
      }
      data.warnings = std::move(keep);
    }
    Preloaded::here().keep(absolute_dataset(c.dataset), std::move(data));
  } catch (const std::exception&) {
  }
  Preloaded::here().end();
  close_gymnasium();  // each run has processes of its own
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

TESSERA_CLI_INLINE void train(TrainCommand c) {
  end_on_signals();
  if (!c.ranks.on) {
    if (const char* const size = std::getenv("WORLD_SIZE"); size != nullptr && whole_number<int>(size).value_or(1) > 1)
      say("warning [not-data-parallel]: WORLD_SIZE={} in the environment, and this process trains a run of its own; "
          "give --data-parallel to train one run together",
          size);
    return detail::train_run(std::move(c), nullptr);
  }
  DataParallel ranks(c, nn::device(c.device));
  if (ranks.size() == 1) return detail::train_run(std::move(c), nullptr);
  detail::train_run(c, ranks);
}

TESSERA_CLI_INLINE void evaluate(const EvaluateCommand& c) {
  end_on_signals();
  read_environments(c.reading);
  require_positive("--episodes", c.episodes);
  if (c.threads > 0) nn::set_threads(c.threads);
  const auto config = RunFolder::config_of(c.run);
  const auto env = c.env.empty() ? config.command.env : c.env;
  if (env.empty()) throw Error(c.run + ": was trained without an environment; name one with --env");
  require_environment(env);
  say_warnings(open_environment(env, config.data.observation_size), c.horizon > 0 ? c.horizon : config.command.horizon);
  require_evaluable(config.data.observation_size, c.episodes);
  const int horizon = c.horizon > 0 ? c.horizon : config.command.horizon;
  const auto checkpoint = RunFolder::checkpoint_of(c.run);
  auto agent = detail::algorithm_of(c.run, config).load(checkpoint, nn::device(c.device), {});
  remember_signals();
  const auto result = agent->evaluate(
      env, {.episodes = c.episodes, .seed = c.seed, .horizon = horizon, .keep_going = [] { return !interrupted(); }});
  if (result.stopped) throw Interrupted("interrupted in the evaluation; run it again");
  json out = {{"run", c.run},
              {"env", env},
              {"updates", agent->updates()},
              {"episodes", c.episodes},
              {"return_mean", result.mean()},
              {"return_std", result.std()},
              {"seed", c.seed}};
  const bool same_task = c.env.empty() || absolute_environment(env) == config.command.env;
  const auto score = c.score.empty() && same_task ? config.score : choose_score(c.score, {}, env);
  if (score) say_score(*score), out["score"] = normalized_score(result.mean(), score->between);
  if (result.exact_value) out["exact_value"] = *result.exact_value;
  std::cout << line_of(out) << std::endl;
}
}  // namespace tessera::cli
