#pragma once
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <numeric>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/folder.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/model_folder.hpp>
#include <tessera/cli/parameter_json.hpp>
#include <tessera/cli/picture.hpp>
#include <tessera/cli/pretty_json.hpp>
#include <tessera/cli/progress.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/train/fit_dynamics.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

namespace detail {
inline constexpr const char* model_name = "model.safetensors";

// Elites are selected among the members afterwards; all other settings affect the model's training.
inline bool chosen_afterwards(const std::string& key) { return key == "dynamics.elites"; }
// Settings that a model needs again if it keeps training along with the policy.
inline bool of_the_optimizer(const std::string& key) {
  return key.starts_with("dynamics.adam.") || key == "dynamics.weight_decay" || key == "dynamics.bounds_weight";
}

// Everything that determines a trained model.
inline std::string identity_text(GaussianEnsembleParams h, const DataIdentity& data) {
  auto out = fmt::format("{} {}", hash_text(data.hash), data.action_size);
  for (const auto& p : dynamics_parameters(h))
    if (!chosen_afterwards(p.key)) out += " " + p.key + "=" + p.text();
  return out;
}

inline const FolderKind& model_kind() {
  static const FolderKind kind{"dynamics model",
                               {"config.json", "training.csv", model_name},
                               {"training.svg", "training.png", "open_loop.svg", "open_loop.png", "model.h5"},
                               is_model_config};
  return kind;
}

inline std::string csv(const std::vector<DynamicsEpoch>& epochs) {
  std::string out = "epoch,loss";
  for (std::size_t i = 0; i < epochs.front().errors.size(); ++i) out += fmt::format(",member_{}", i);
  out += "\n";
  for (const auto& e : epochs) out += fmt::format("{},{},{}\n", e.epoch, e.loss, fmt::join(e.errors, ","));
  return out;
}

inline bool draw_training(const std::string& base, const std::string& title, const std::vector<DynamicsEpoch>& epochs,
                          double improvement) {
  const auto members = epochs.front().errors.size();
  std::string rows, kept;
  double min = epochs.front().best, largest = min;
  for (const auto& e : epochs) {
    rows += fmt::format("{} {} {} {}\n", e.epoch, e.loss, e.best, fmt::join(e.errors, " "));
    for (const double x : e.errors) min = std::min(min, x), largest = std::max(largest, x);
  }
  min = std::max(min, 1e-12), largest = std::max(largest, 2 * min);
  std::string plot;
  for (std::size_t i = 0; i < members; ++i) {
    const auto* best = &epochs.front();
    for (const auto& e : epochs)
      if (e.errors[i] < best->errors[i] * (1 - improvement)) best = &e;
    kept += fmt::format("{} {}\n", best->epoch, best->errors[i]);
    plot += fmt::format("$epochs using 1:{} with lines lw 1.5 lc rgb '#8ab4d8' {}, ", i + 4,
                        i == 0 ? "title 'each member'" : "notitle");
  }
  std::string tics;  // 1, 2 and 5 of each decade, or the decades alone
  for (double decade = std::pow(10, std::floor(std::log10(min))); decade <= largest; decade *= 10)
    for (const double k : {1., 2., 5.})
      if (k == 1 || largest < 100 * min) tics += fmt::format("{}{}", tics.empty() ? "" : ", ", k * decade);
  return draw(
      base, 900, 560, title,
      fmt::format(
          "$epochs << EOD\n{}EOD\n$kept << EOD\n{}EOD\nset title name noenhanced\nset xlabel 'epoch'\n"
          "set ylabel 'validation error (MSE, standardized targets)'\nset y2label 'training loss'\nset key below\n"
          "set bmargin 5\n"
          "set grid lc rgb '#dddddd' lt 1\nset border 11\nset tics nomirror\nset ytics ({})\nset format y '%g'\n"
          "set y2tics nomirror\nset logscale y\n"
          "set xrange [{}:{}]\nset yrange [{}:{}]\n{}"
          "plot {}$kept with points pt 7 ps 0.8 lc rgb '#1f77b4' title 'as it is kept', "
          "$epochs using 1:2 axes x1y2 with lines lw 2 dt 2 lc rgb '#d08030' title 'training loss (right)'\n",
          rows, kept, tics, epochs.size() > 1 ? 1.0 : 0.5, epochs.size() > 1 ? double(epochs.size()) : 1.5, min / 1.15,
          largest * 1.15, epochs.size() <= 20 ? "set xtics 1\n" : "", plot));
}

// The settings of an agent that uses a model: those that the model's training or shape fixed, and the given ones.
// Throws an Error if they contradict each other.
inline Settings settings_with_model(GaussianEnsembleParams model, const std::string& file, const Settings& given,
                                    bool learns_on) {
  auto asked = model;
  const auto own = dynamics_parameters(model), theirs = dynamics_parameters(asked);
  const auto free = [&](const std::string& key) {
    return chosen_afterwards(key) || (learns_on && of_the_optimizer(key));
  };
  for (const auto& [key, value] : given)
    if (std::any_of(own.begin(), own.end(), [&, k = key](const auto& p) { return p.key == k; }))
      set_parameter(theirs, key, value);
  Settings out;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const auto &key = own[i].key, has = own[i].text(), wants = theirs[i].text();
    if (!free(key) && has != wants)
      throw Error(
          fmt::format("--set {}={}: {} was trained with {}; leave the setting out, or train another model: "
                      "{} model train --set {}={}",
                      key, wants, file, has, program_name(), key, wants));
    if (!(learns_on && of_the_optimizer(key))) out.emplace_back(key, has);
  }
  out.insert(out.end(), given.begin(), given.end());
  return out;
}

inline double mean_of_first(std::int64_t count, const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.begin() + std::ptrdiff_t(count), 0.0) / double(count);
}
}  // namespace detail

TESSERA_CLI_INLINE std::string default_model_folder(const ModelRequest& r) {
  ContentHash h;
  h.add(detail::identity_text(r.params, r.identity));
  return fmt::format("models/{}-{}", label_of(r.identity.name), hash_text(h.value()));
}

TESSERA_CLI_INLINE std::string model_file(const std::string& path) {
  if (!fs::exists(path))
    throw Error(path + ": there is no such folder or file; give the --out of `" + program_name() + " model train`");
  if (!fs::is_directory(path)) return path;
  const auto file = file_of(path, detail::model_name);
  if (fs::exists(file)) return file;
  for (const char* name : {"/checkpoint.safetensors", "/checkpoint.h5"})
    if (fs::exists(path + name))
      throw Error(path + ": is the folder of a run, which has its model in its checkpoint; give the --out of `" +
                  program_name() + " model train`");
  if (fs::exists(path + "/model.h5"))
    throw Error(path +
                "/model.h5: is of an earlier version, whose models are not read any more; train it again, with --out " +
                path + " --overwrite");
  throw Error(file + ": is missing; give the --out of a `" + program_name() + " model train` that was not interrupted");
}

TESSERA_CLI_INLINE ModelResult make_model(const ModelRequest& r, const std::string& folder, if_there what) {
  const auto already = [&] {
    if (what == if_there::replace ||
        (!fs::exists(file_of(folder, detail::model_name)) && !fs::exists(folder + "/model.h5")))
      return false;
    if (what == if_there::use)
      return fs::exists(file_of(folder, detail::model_name));  // a model of an earlier version is trained again
    throw Error(folder + ": already holds a model; use it with --model " + folder +
                ", replace it with --overwrite, or give another --out");
  };
  if (already()) return {file_of(folder, detail::model_name), true};
  remember_signals();
  HeldFolder held(folder, detail::model_kind(), true,
                  what == if_there::use ? HeldFolder::if_held::wait : HeldFolder::if_held::refuse);
  if (already()) return {held.file(detail::model_name), true};

  const auto on = problem_spec<torch_backend>{r.data.observation_size, r.data.action_size, 0, r.device,
                                              r.data.kind == action_kind::discrete};
  GaussianEnsemble::state<torch_backend> model(r.params, on);
  std::vector<DynamicsEpoch> epochs;
  ModelProgress progress(r.params.patience);
  const auto start = std::chrono::steady_clock::now();
  fit_dynamics(
      r.params, model, r.data,
      [&](const DynamicsEpoch& e) {
        epochs.push_back(e);
        progress.epoch(e.epoch, e.loss, e.best, e.patience);
        return !interrupted();
      },
      [&](std::int64_t epoch, std::int64_t done, std::int64_t all) {
        progress.step(epoch, done, all);
        return !interrupted();
      });
  progress.end();
  if (interrupted())
    throw Interrupted(
        fmt::format("interrupted after epoch {} of a model's training; nothing was written", epochs.size()));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const auto split = hold_out(r.data, r.params.holdout, r.params.holdout_rows, std::uint64_t(r.params.seed));
  const auto host = model.errors.value.to(at::kCPU, at::kDouble).contiguous();
  const std::vector<double> errors(host.data_ptr<double>(), host.data_ptr<double>() + host.numel());
  auto params = r.params;
  const json settings = json_of(dynamics_parameters(params));
  ModelResult out{held.file(detail::model_name),
                  false,
                  {{"dataset", r.identity.name},
                   {"data_hash", hash_text(r.identity.hash)},
                   {"env", r.env},
                   {"observation_size", r.identity.observation_size},
                   {"action_size", r.identity.action_size},
                   {"actions", r.identity.kind == action_kind::discrete ? "discrete" : "continuous"},
                   {"transitions", r.data.size()},
                   {"held_out", split.held.size()},
                   {"held_out_episodes", split.episodes.size()},
                   {"epochs", model.trained.value},
                   {"seconds", seconds},
                   {"validation_error", detail::mean_of_first(GaussianEnsemble::elites(r.params), errors)},
                   {"member_errors", errors},
                   {"parameters", settings}}};
  held.stage();
  write_text(held.staged("config.json"), pretty(out.report) + "\n");
  write_text(held.staged("training.csv"), detail::csv(epochs));
  save_dynamics(r.params, model, r.identity, held.staged(detail::model_name));
  held.commit();
  if (!interrupted())
    detail::draw_training(folder + "/training", "dynamics model of " + short_name(r.data), epochs,
                          r.params.improvement);
  return out;
}

TESSERA_CLI_INLINE void require_same_sizes(const DataIdentity& data, const DataIdentity& model,
                                           const std::string& file) {
  const auto of_model = sizes_text(model), of_data = sizes_text(data);
  if (of_model != of_data)
    throw Error(fmt::format("{}: is a model of {}, but {} has {}; train one on it with `{} model train`", file,
                            of_model, data.name, of_data, program_name()));
}

TESSERA_CLI_INLINE ChosenModel choose_model(const ModelRequest& r, const std::string& path, const Settings& given,
                                            bool learns_on) {
  ChosenModel out{"", given};
  if (path.empty()) {
    const auto folder = default_model_folder(r);
    if (!fs::exists(file_of(folder, detail::model_name))) say("model: none in {} yet; training it first", folder);
    const auto result = make_model(r, folder, if_there::use);
    say("model: {}{}", folder, result.found ? " (cached)" : "");
    out.file = result.file;
    const auto there = load_dynamics(out.file);
    if (const auto is = detail::identity_text(there.params, there.data),
        should = detail::identity_text(r.params, r.identity);
        is != should)
      throw Error(out.file +
                  ": is not the model that its folder's name says; remove the folder, and it is trained again");
  } else {
    out.file = model_file(path);
    const auto there = load_dynamics(out.file);
    require_same_sizes(r.identity, there.data, out.file);
    if (there.data.hash != r.identity.hash)
      say("warning [model-data]: {} was trained on other data: {} (hash {}), not {} (hash {})", out.file,
          there.data.name, hash_text(there.data.hash), r.identity.name, hash_text(r.identity.hash));
    out.settings = detail::settings_with_model(there.params, out.file, given, learns_on);
    say("model: {}", out.file);
  }
  return out;
}
}  // namespace tessera::cli
