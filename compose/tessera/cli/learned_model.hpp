#pragma once
#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/dynamics_models.hpp>
#include <tessera/dynamics_file.hpp>
#include <tessera/train/fit_dynamics.hpp>

namespace tessera::cli {
/// A dynamics model of any type, behind the operations of the command line.
class LearnedModel {
 public:
  virtual ~LearnedModel() = default;
  virtual std::string kind() const = 0;
  /// Its settings.  The references live as long as the model.
  virtual std::vector<Parameter> parameters() = 0;
  /// The data that it was trained on.
  virtual const DataIdentity& data() const = 0;
  /// What of them it is held out, and what it learns from.
  virtual Holdout split(const Dataset& data) const = 0;
  virtual void fit(const Dataset& data, const DynamicsProgress& progress, const DynamicsSteps& during) = 0;
  virtual void save(const DataIdentity& data, const std::string& path) = 0;
  /// Epochs of its training.
  virtual std::int64_t trained() const = 0;
  /// Each member's validation error, and how many of the first members transitions are drawn from.
  virtual std::vector<double> errors() const = 0;
  virtual std::int64_t drawn_from() const = 0;
  /// What of its settings a report of its training shows, 0 where it has none: epochs without an improvement after
  /// which training stops, and the relative drop of an error that counts as one.
  virtual std::int64_t patience() const = 0;
  virtual double improvement() const = 0;
  virtual OneStepErrors one_step(const Dataset& data, const std::vector<std::int64_t>& rows) const = 0;
  virtual OpenLoopErrors open_loop(const Dataset& data, const std::vector<std::int64_t>& episodes, std::int64_t horizon,
                                   std::int64_t stride) const = 0;
  /// (n + 1) deviations of the states and of the reward.
  virtual std::vector<double> spread(const Dataset& data, const std::vector<std::int64_t>& rows) const = 0;
  /// Whether it says of any transition that the task ends there.
  virtual bool ends() const = 0;
};

template <LearnedDynamics D>
class LearnedModelOf : public LearnedModel {
 public:
  using State = typename D::template state<torch_backend>;
  LearnedModelOf(typename D::params h, DataIdentity of, State learned)
      : h_(std::move(h)), data_(std::move(of)), model_(std::move(learned)) {}

  static std::unique_ptr<LearnedModel> make(const Settings& settings, const Dataset& data, const at::Device& device) {
    auto h = dynamics_parameters_with<D>(settings);
    const problem_spec<torch_backend> on{data.observation_size, data.action_size, 0, device,
                                         data.kind == action_kind::discrete};
    State fresh(h, on);
    return std::make_unique<LearnedModelOf>(std::move(h), DataIdentity{}, std::move(fresh));
  }
  static std::unique_ptr<LearnedModel> load(const std::string& path, const at::Device& device) {
    auto there = load_dynamics<D>(path, device);
    return std::make_unique<LearnedModelOf>(std::move(there.params), std::move(there.data), std::move(there.model));
  }

  std::string kind() const override { return dynamics_kind<D>(); }
  std::vector<Parameter> parameters() override { return dynamics_parameters(h_); }
  const DataIdentity& data() const override { return data_; }
  Holdout split(const Dataset& data) const override {
    return hold_out(data, h_.holdout, h_.holdout_rows, std::uint64_t(h_.seed));
  }
  void fit(const Dataset& data, const DynamicsProgress& progress, const DynamicsSteps& during) override {
    fit_dynamics<D>(h_, model_, data, progress, during);
  }
  void save(const DataIdentity& data, const std::string& path) override { save_dynamics<D>(h_, model_, data, path); }
  std::int64_t trained() const override { return model_.trained.value; }
  std::vector<double> errors() const override { return DynamicsFit::numbers(model_.errors.value); }
  std::int64_t drawn_from() const override {
    const auto all = model_.errors.value.numel();
    if constexpr (EnsembleDynamics<D>) return std::min<std::int64_t>(h_.elites, all);
    else return all;
  }
  std::int64_t patience() const override {
    if constexpr (requires { std::int64_t{h_.patience}; }) return h_.patience;
    else return 0;
  }
  double improvement() const override {
    if constexpr (requires { double{h_.improvement}; }) return h_.improvement;
    else return 0;
  }
  OneStepErrors one_step(const Dataset& data, const std::vector<std::int64_t>& rows) const override {
    return one_step_errors<D>(h_, model_, data, rows);
  }
  OpenLoopErrors open_loop(const Dataset& data, const std::vector<std::int64_t>& episodes, std::int64_t horizon,
                           std::int64_t stride) const override {
    return open_loop_errors<D>(h_, model_, data, episodes, horizon, stride);
  }
  std::vector<double> spread(const Dataset& data, const std::vector<std::int64_t>& rows) const override {
    const auto [of_states, of_targets] =
        tessera::detail::spread_of<D>(model_, task_rows(data, rows, model_.errors.value.device()));
    auto out = DynamicsFit::numbers(of_states);
    out.push_back(of_targets[of_states.size(0)].template item<double>());
    return out;
  }
  bool ends() const override {
    if constexpr (requires { model_.ends.value; }) return model_.ends.value;
    else return true;
  }

 private:
  typename D::params h_;
  DataIdentity data_;
  State model_;
};

/// The half of an entry that takes libtorch.
template <LearnedDynamics D>
void add_training_to(DynamicsModelEntry& entry) {
  entry.make = &LearnedModelOf<D>::make, entry.load = &LearnedModelOf<D>::load;
}
}  // namespace tessera::cli
