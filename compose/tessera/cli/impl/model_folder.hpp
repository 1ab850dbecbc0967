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
#include <tessera/dynamics/gaussian_ensemble.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

namespace detail {
inline constexpr const char* model_name = "model.safetensors";

// All that a trained model follows from.
inline std::string identity_text(const WantedModel& model, const DataIdentity& data) {
  const auto& type = dynamics_model(model.kind);
  auto out = fmt::format("{} {}", hash_text(data.hash), data.action_size);
  if (model.kind != dynamics_kind<GaussianEnsemble>()) out += " " + model.kind;  // which once was the only one
  for (const auto& [key, value] : model.settings)
    if (type.counts(key) != counts_for::use) out += " " + key + "=" + value;
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
  for (std::size_t i = 0; !epochs.empty() && i < epochs.front().errors.size(); ++i) out += fmt::format(",member_{}", i);
  out += "\n";
  for (const auto& e : epochs) out += fmt::format("{},{},{}\n", e.epoch, e.loss, fmt::join(e.errors, ","));
  return out;
}

inline bool draw_training(const std::string& base, const std::string& title, const std::vector<DynamicsEpoch>& epochs,
                          double improvement) {
  if (epochs.empty()) return false;
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

// The settings of an agent that uses a model: the model's own where training or its shape fixed them, and those given.
// Throws Error where the latter contradict.
inline Settings settings_with_model(const WantedModel& model, const std::string& file, const Settings& given,
                                    bool learns_on) {
  const auto& type = dynamics_model(model.kind);
  const auto& own = model.settings;
  auto asked = own;
  for (const auto& [key, value] : given)
    if (std::any_of(own.begin(), own.end(), [&, k = key](const auto& s) { return s.first == k; }))
      asked.emplace_back(key, value);
  asked = type.settings(asked);
  Settings out;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const auto& [key, has] = own[i];
    const auto& wants = asked[i].second;
    const auto counts = type.counts(key);
    const bool asked_for_again = learns_on && counts == counts_for::learning;
    if (counts != counts_for::use && !asked_for_again && has != wants)
      throw Error(
          fmt::format("--set {}={}: {} was trained with {}; leave the setting out, or train another model: "
                      "{} model train{} --set {}={}",
                      key, wants, file, has, program_name(),
                      dynamics_models().size() > 1 ? " --kind " + model.kind : "", key, wants));
    if (!asked_for_again) out.emplace_back(key, has);
  }
  out.insert(out.end(), given.begin(), given.end());
  return out;
}

inline double mean_of_first(std::int64_t count, const std::vector<double>& x) {
  if (x.empty()) return 0;
  return std::accumulate(x.begin(), x.begin() + std::ptrdiff_t(count), 0.0) / double(count);
}
}  // namespace detail

TESSERA_CLI_INLINE const DynamicsModelEntry& trained_dynamics_model(const std::string& kind) {
  if (auto& usual = dynamics_models().at(dynamics_kind<GaussianEnsemble>()); usual.make == nullptr)
    add_training_to<GaussianEnsemble>(usual);
  return dynamics_model(kind);
}

TESSERA_CLI_INLINE std::string default_model_folder(const ModelRequest& r) {
  ContentHash h;
  h.add(detail::identity_text(r.model, r.identity));
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

  const auto model = trained_dynamics_model(r.model.kind).make(r.model.settings, r.data, r.device);
  std::vector<DynamicsEpoch> epochs;
  ModelProgress progress(model->patience());
  const auto start = std::chrono::steady_clock::now();
  model->fit(
      r.data,
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

  const auto split = model->split(r.data);
  const auto errors = model->errors();
  ModelResult out{held.file(detail::model_name),
                  false,
                  {{"kind", r.model.kind},
                   {"dataset", r.identity.name},
                   {"data_hash", hash_text(r.identity.hash)},
                   {"env", r.env},
                   {"observation_size", r.identity.observation_size},
                   {"action_size", r.identity.action_size},
                   {"actions", r.identity.kind == action_kind::discrete ? "discrete" : "continuous"},
                   {"transitions", r.data.size()},
                   {"held_out", split.held.size()},
                   {"held_out_episodes", split.episodes.size()},
                   {"epochs", model->trained()},
                   {"seconds", seconds},
                   {"validation_error", detail::mean_of_first(model->drawn_from(), errors)},
                   {"member_errors", errors},
                   {"parameters", json_of(model->parameters())}}};
  held.stage();
  write_text(held.staged("config.json"), pretty(out.report) + "\n");
  write_text(held.staged("training.csv"), detail::csv(epochs));
  model->save(r.identity, held.staged(detail::model_name));
  held.commit();
  if (!interrupted())
    detail::draw_training(folder + "/training", "dynamics model of " + short_name(r.data), epochs,
                          model->improvement());
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
  const auto& type = trained_dynamics_model(r.model.kind);
  if (path.empty()) {
    const auto folder = default_model_folder(r);
    if (!fs::exists(file_of(folder, detail::model_name))) say("model: none in {} yet; training it first", folder);
    const auto result = make_model(r, folder, if_there::use);
    say("model: {}{}", folder, result.found ? " (cached)" : "");
    out.file = result.file;
    const auto there = type.load(out.file, at::kCPU);
    if (const auto is = detail::identity_text({r.model.kind, settings_of(there->parameters())}, there->data()),
        should = detail::identity_text(r.model, r.identity);
        is != should)
      throw Error(out.file +
                  ": is not the model that its folder's name says; remove the folder, and it is trained again");
  } else {
    out.file = model_file(path);
    const auto there = type.load(out.file, at::kCPU);
    const auto& of = there->data();
    require_same_sizes(r.identity, of, out.file);
    if (of.hash != r.identity.hash)
      say("warning [model-data]: {} was trained on other data: {} (hash {}), not {} (hash {})", out.file, of.name,
          hash_text(of.hash), r.identity.name, hash_text(r.identity.hash));
    out.settings =
        detail::settings_with_model({r.model.kind, settings_of(there->parameters())}, out.file, given, learns_on);
    say("model: {}", out.file);
  }
  return out;
}
}  // namespace tessera::cli
