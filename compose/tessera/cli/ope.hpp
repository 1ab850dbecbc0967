#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/json.hpp>
#include <tessera/cli/ope_commands.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/ope/estimate.hpp>
#include <tessera/sources/tabular_log.hpp>
#include <tessera/train/behavior_model.hpp>

namespace tessera::cli {
/// What logged data say of a trained policy.
struct Judged {
  std::string run, algorithm;
  std::int64_t updates = 0;  ///< that the policy was trained for
  double discount = 1;
  std::string discount_from;  ///< "--discount", "the run's", or why it is another
  bool sampled = false;
  ope::Estimate data;  ///< the mean of the log's own discounted returns
  std::vector<ope::Estimate> estimates;
  double effective_size = std::numeric_limits<double>::quiet_NaN();  ///< of the ratios; NaN without
  double rare_share = std::numeric_limits<double>::quiet_NaN();      ///< NaN where nothing is known of the behavior
  std::vector<double> refits;                                        ///< what fits to resampled episodes say
  std::vector<double> members;  ///< what each network of fitted Q evaluation says of the first states
  std::vector<std::pair<std::string, std::string>> absent;  ///< estimators that are not there, and why
  std::vector<Warning> warnings;

  /// The estimate of that name; null if there is none.
  const ope::Estimate* find(const std::string& estimator) const;
};

/// Data that policies are judged by.
class Judge {
 public:
  explicit Judge(const JudgeCommand& c);

  const Dataset& data() const { return data_; }
  /// By these estimators, or all that can be had.
  Judged operator()(const std::string& run, const std::vector<std::string>& estimators, double discount);
  /// Where log b(a|s) comes from, in words.
  const std::string& behavior() const { return behavior_; }

 private:
  const ope::BehaviorModel* model();

  const JudgeCommand& c_;
  Dataset data_;
  std::string behavior_;
  std::vector<double> log_behavior_;
  std::optional<tabular::Log> finite_;  ///< the data as numbered states, if they are of a finite problem
  std::unique_ptr<ope::BehaviorModel> model_;
};

/// gamma of a run's critic or value, from its config.json; below 0 where it has none.
double discount_of(const json& parameters);
/// As text for people, as JSON, and the script of a picture of the intervals, 760 points wide.
std::string text_of(const Judged& judged);
namespace detail {
/// A number of such a table; "-" where there is none.
std::string cell(double x);
}  // namespace detail
json json_of(const Judged& judged);
std::pair<std::string, int> forest_of(const std::vector<Judged>& all);

void judge(const OpeCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/ope.hpp>
#endif
