#pragma once
#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/bulk.hpp>
#include <tessera/doctor/reward_shift.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
namespace detail {
class RewardModel {
 public:
  explicit RewardModel(const Dataset& data)
      : data_(data), n_(std::min<std::int64_t>(data.observation_size, 60)), squares_(n_ <= 20) {
    const auto rows = spread_rows(data.size());
    mean_.assign(std::size_t(n_), 0), unit_.assign(std::size_t(n_), 0);
    const auto count = double(rows.size());
    for (const auto i : rows)
      for (std::int64_t j = 0; j < n_; ++j) mean_[std::size_t(j)] += double(data.observation(i)[j]) / count;
    for (const auto i : rows)
      for (std::int64_t j = 0; j < n_; ++j)
        unit_[std::size_t(j)] += std::pow(double(data.observation(i)[j]) - mean_[std::size_t(j)], 2) / count;
    for (double& u : unit_) u = u > 0 ? 1 / std::sqrt(u) : 0;
    const bool discrete = data.kind == action_kind::discrete;
    actions_ = std::min<std::int64_t>(data.action_size, 20);
    size_ = 1 + (squares_ ? 4 : 2) * n_ + (discrete ? actions_ : 2 * actions_);
  }
  std::int64_t size() const { return size_; }

  Eigen::VectorXd features(std::int64_t i) const {
    Eigen::VectorXd x = Eigen::VectorXd::Zero(size_);
    Eigen::Index at = 0;
    x[at++] = 1;
    for (const float* s : {data_.observation(i), data_.next_observation(i)})
      for (std::int64_t j = 0; j < n_; ++j) {
        const double z = (double(s[j]) - mean_[std::size_t(j)]) * unit_[std::size_t(j)];
        x[at++] = z;
        if (squares_) x[at++] = z * z;
      }
    if (data_.kind == action_kind::discrete) {
      const auto a = data_.action_indices[std::size_t(i)];
      if (a < actions_) x[at + a] = 1;
      return x;
    }
    for (std::int64_t j = 0; j < actions_; ++j) {
      const double a = double(data_.actions[std::size_t(i * data_.action_size + j)]);
      x[at++] = a, x[at++] = a * a;
    }
    return x;
  }

  // Fits the rewards of `rows` to the features of the rows `lag` further on.
  Eigen::VectorXd fit(const std::vector<std::int64_t>& rows, std::int64_t lag) const {
    Eigen::MatrixXd x(Eigen::Index(rows.size()), size_);
    Eigen::VectorXd r(x.rows());
    for (Eigen::Index k = 0; k < x.rows(); ++k) {
      const auto i = rows[std::size_t(k)];
      x.row(k) = features(i + lag), r[k] = double(data_.rewards[std::size_t(i)]);
    }
    Eigen::MatrixXd square = x.transpose() * x;
    square.diagonal().array() += 1e-6 * double(rows.size());
    return square.ldlt().solve(x.transpose() * r);
  }
  double error(const Eigen::VectorXd& weights, std::int64_t reward_of, std::int64_t row) const {
    const double off = double(data_.rewards[std::size_t(reward_of)]) - weights.dot(features(row));
    return off * off;
  }

 private:
  const Dataset& data_;
  std::int64_t n_, actions_ = 0, size_ = 0;
  bool squares_;
  std::vector<double> mean_, unit_;
};
inline double median(std::vector<double> x) {
  const auto middle = x.begin() + std::ptrdiff_t(x.size() / 2);
  std::nth_element(x.begin(), middle, x.end());
  return *middle;
}

// Rewards that differ from nearly all others, and where they stand.
inline RewardLag lag_of_events(const Dataset& data) {
  std::vector<float> sorted(data.rewards);
  const auto middle = sorted.begin() + std::ptrdiff_t(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const float mode = *middle;
  const auto odd = [&](std::int64_t i) { return data.rewards[std::size_t(i)] != mode; };
  std::int64_t all = 0, last = 0, before = 0, after = 0, ends = 0;
  for (std::int64_t i = 0; i < data.size(); ++i) all += odd(i);
  for (std::size_t e = 0; e + 1 < data.episodes.size(); ++e) {
    const auto &a = data.episodes[e], &b = data.episodes[e + 1];
    if (a.transitions < 3 || b.transitions == 0) continue;
    const auto end = a.first + a.transitions - 1;
    if (data.terminals[std::size_t(end)] == 0) continue;
    ++ends, last += odd(end), before += odd(end - 1), after += odd(b.first);
  }
  if (all < 5 || 5 * all > data.size() || ends < 5 || 20 * last > all) return {};
  const auto says = [&](std::int64_t count) {
    return std::to_string(count) + " of " + std::to_string(all) + " rewards other than " + short_number(double(mode));
  };
  if (5 * after >= 4 * all)
    return {1,
            says(after) + " stand in the first row after a terminal, " + std::to_string(last) + " in the terminal row"};
  if (5 * before >= 4 * all)
    return {-1, says(before) + " stand in the row before a terminal, " + std::to_string(last) + " in the terminal row"};
  return {};
}
}  // namespace detail

TESSERA_INLINE RewardLag reward_lag(const Dataset& data) {
  const auto [least, largest] = std::minmax_element(data.rewards.begin(), data.rewards.end());
  if (data.size() == 0 || *least == *largest) return {};
  if (auto found = detail::lag_of_events(data); found.rows != 0) return found;

  // Rows with one above and one below in their episode, and known next observations.
  std::vector<std::uint8_t> inner(std::size_t(data.size()));
  for (const auto& e : data.episodes)
    for (auto i = e.first + 1; i + 1 < e.first + e.transitions; ++i)
      inner[std::size_t(i)] = data.terminals[std::size_t(i + 1)] == 0 && data.knows_next(i + 1);
  std::vector<std::int64_t> fitted, tested;
  for (const auto i : detail::spread_rows(data.size()))
    if (inner[std::size_t(i)] != 0 && fitted.size() < 3000)
      (fitted.size() > tested.size() ? tested : fitted).push_back(i);
  const detail::RewardModel model(data);
  if (std::int64_t(tested.size()) < std::max<std::int64_t>(5 * model.size(), 50)) return {};

  double mean = 0, variance = 0;
  for (const auto i : tested) mean += double(data.rewards[std::size_t(i)]) / double(tested.size());
  for (const auto i : tested)
    variance += std::pow(double(data.rewards[std::size_t(i)]) - mean, 2) / double(tested.size());
  if (!(variance > 0)) return {};
  std::array<Eigen::VectorXd, 3> weights;
  std::array<double, 3> error{};
  for (const int lag : {-1, 0, 1}) {
    auto& w = weights[std::size_t(lag + 1)];
    w = model.fit(fitted, lag);
    for (const auto i : tested) error[std::size_t(lag + 1)] += model.error(w, i, i + lag) / double(tested.size());
  }
  const auto share = [&](double e) { return detail::short_number(100 * std::min(1.0, e / variance)) + " %"; };
  for (const int lag : {-1, 1}) {
    const double other = error[std::size_t(lag + 1)];
    if (other < 0.5 * error[1] && other < 0.5 * variance)
      return {-lag, "the row " + std::string(lag < 0 ? "above" : "below") + " leaves " + share(other) +
                        " of their variance unexplained, their own row " + share(error[1])};
  }

  std::vector<double> inside, own_first, by_last, own_last, by_first;
  std::vector<float> firsts, lasts;
  for (const auto i : tested) inside.push_back(model.error(weights[1], i, i));
  const double usual = detail::median(inside);
  constexpr std::size_t most = 500;
  for (std::size_t e = 0; e + 1 < data.episodes.size() && own_first.size() < most; ++e) {
    const auto &a = data.episodes[e], &b = data.episodes[e + 1];
    if (a.transitions < 2 || b.transitions < 2 || a.rows != a.transitions) continue;
    const auto last = a.first + a.transitions - 1;
    if (!data.knows_next(last)) continue;
    own_first.push_back(model.error(weights[1], b.first, b.first));
    by_last.push_back(model.error(weights[0], b.first, last));
    firsts.push_back(data.rewards[std::size_t(b.first)]);
    if (data.terminals[std::size_t(last)] != 0) continue;
    own_last.push_back(model.error(weights[1], last, last));
    by_first.push_back(model.error(weights[2], last, b.first));
    lasts.push_back(data.rewards[std::size_t(last)]);
  }
  const auto across = [&](const std::vector<double>& own, const std::vector<double>& other) {
    return own.size() >= 8 && detail::median(other) < 0.25 * detail::median(own) && detail::median(own) > 4 * usual;
  };
  if (across(own_first, by_last))
    return {1, "the first reward of an episode fits the last row of the one before, and not its own row"};
  if (across(own_last, by_first))
    return {-1, "the reward where an episode was cut fits the first row of the next one, and not its own row"};
  const auto filled = [&](const std::vector<float>& rewards, const std::vector<double>& own) {
    if (own.size() < 8 || error[1] > 0.2 * variance) return false;
    const auto same = std::count(rewards.begin(), rewards.end(), rewards[rewards.size() / 2]);
    return 20 * same >= 19 * std::int64_t(rewards.size()) && detail::median(own) > 25 * usual;
  };
  if (filled(firsts, own_first))
    return {1, "the first reward of nearly every episode is " +
                   detail::short_number(double(firsts[firsts.size() / 2])) + ", which does not fit its row"};
  if (filled(lasts, own_last))
    return {-1, "the reward where an episode was cut is always " +
                    detail::short_number(double(lasts[lasts.size() / 2])) + ", which does not fit its row"};
  return {};
}

namespace symptoms {
TESSERA_INLINE void RewardShift::run(const Dataset& data, DoctorReport& report) {
  const auto lag = reward_lag(data);
  if (lag.rows == 0) return;
  report.add(
      {.what = std::string("rewards seem to stand one row ") + (lag.rows > 0 ? "late" : "early") + ": " + lag.evidence,
       .key = "rewards",
       .why = "every action is credited with what another one earned",
       .advice = lag.rows > 0 ? "move each reward one row up, within its episode, if the log wrote what the step "
                                "before had earned"
                              : "move each reward one row down, within its episode, if the log wrote what the "
                                "next step earned"});
}
}  // namespace symptoms
}  // namespace tessera
