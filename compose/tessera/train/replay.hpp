#pragma once
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/concepts/columns.hpp>
#include <tessera/concepts/types.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/same_observation.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/units.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// The transitions from which a column is filled: see concepts/columns.hpp.
class LoggedRows {
 public:
  LoggedRows(const float* rows, std::int64_t count, std::int64_t width, std::int64_t n, std::int64_t d,
             const std::vector<std::uint8_t>& goes_on)
      : rows_(rows), count_(count), width_(width), n_(n), d_(d), goes_on_(goes_on) {}
  std::int64_t count() const { return count_; }
  std::int64_t observation_width() const { return n_; }
  std::int64_t action_width() const { return d_; }  ///< 1 for discrete actions
  const float* observation(std::int64_t k) const { return rows_ + k * width_; }
  const float* action(std::int64_t k) const { return observation(k) + n_; }
  float reward(std::int64_t k) const { return observation(k)[n_ + d_]; }
  float not_done(std::int64_t k) const { return observation(k)[n_ + d_ + 1]; }
  const float* next_observation(std::int64_t k) const { return observation(k) + n_ + d_ + 2; }
  bool goes_on(std::int64_t k) const { return goes_on_[std::size_t(k)] != 0; }

 private:
  const float* rows_;
  std::int64_t count_, width_, n_, d_;
  const std::vector<std::uint8_t>& goes_on_;
};

/// A column in the replay buffer.
struct ReplayColumn {
  const char* name;
  bool is_action;
  std::int64_t (*width)(std::int64_t action_width);
  void (*fill)(const LoggedRows&, float*);
};
template <class... Columns>
std::vector<ReplayColumn> replay_columns(columns<Columns...>) {
  return {ReplayColumn{Columns::name, Columns::is_action, Columns::width,
                       [](const LoggedRows& log, float* out) { Columns::fill(log, out); }}...};
}

/// The replay buffer: the chosen transitions of a data set in a learner's units, on its device.  A row is (s, a, r, m,
/// s'), so that a minibatch is one gather; discrete actions are stored as floats (exact to 2^24) and returned as
/// indices.
class Replay {
 public:
  using batch_type = batch<at::Tensor>;

  Replay(const Dataset& data, const std::vector<std::int64_t>& transitions, const nn::Units& units,
         const at::Device& device, std::vector<ReplayColumn> with = {})
      : columns_(std::move(with)), n_(data.observation_size),
        d_(data.kind == action_kind::discrete ? 1 : data.action_size), discrete_(data.kind == action_kind::discrete) {
    const auto count = std::int64_t(transitions.size()), sars = 2 * n_ + d_ + 2;
    auto width = sars;
    for (const auto& c : columns_) width += c.width(d_);
    rows_ = at::empty({count, width}, at::TensorOptions(at::kFloat).device(device));
    // In pieces: the conversion to the learner's units then takes little memory compared with the rows.
    constexpr std::int64_t max = 65536;
    for (std::int64_t from = 0; from < count; from += max) {
      const auto to = std::min(count, from + max);
      const auto raw = [&](std::int64_t columns, auto fill) {
        auto t = at::empty({to - from, columns}, at::kFloat);
        float* p = t.data_ptr<float>();
        for (auto k = from; k < to; ++k, p += columns) fill(transitions[std::size_t(k)], p);
        return t.to(device);
      };
      const auto s =
          units.observations(raw(n_, [&](std::int64_t i, float* p) { std::copy_n(data.observation(i), n_, p); }));
      const auto s_next =
          units.observations(raw(n_, [&](std::int64_t i, float* p) { std::copy_n(data.next_observation(i), n_, p); }));
      const auto a =
          discrete_ ? raw(1, [&](std::int64_t i, float* p) { *p = float(data.action_indices[std::size_t(i)]); })
                    : units.learner_actions(
                          raw(d_, [&](std::int64_t i, float* p) { std::copy_n(data.actions.data() + i * d_, d_, p); }));
      const auto r = units.rewards(raw(1, [&](std::int64_t i, float* p) { *p = data.rewards[std::size_t(i)]; }));
      const auto m = raw(1, [&](std::int64_t i, float* p) { *p = data.terminals[std::size_t(i)] ? 0.0f : 1.0f; });
      rows_.slice(0, from, to).slice(1, 0, sars).copy_(at::cat({s, a, r, m, s_next}, 1));
    }
    if (!columns_.empty()) {
      goes_on_.resize(std::size_t(count), 0);
      const SameObservation same(data.observations, n_);
      for (std::int64_t k = 0; k + 1 < count; ++k) {
        const auto i = transitions[std::size_t(k)], j = transitions[std::size_t(k) + 1];
        const bool ends = data.terminals[std::size_t(i)] || data.timeouts[std::size_t(i)];
        goes_on_[std::size_t(k)] = j == i + 1 && !ends && same(data.next_observation(i), data.observation(j));
      }
      const auto host = rows_.to(at::kCPU);
      const LoggedRows log(host.data_ptr<float>(), count, width, n_, d_, goes_on_);
      auto at_column = sars;
      for (const auto& c : columns_) {
        const auto filled = at::empty({count, c.width(d_)}, at::kFloat);
        c.fill(log, filled.data_ptr<float>());
        rows_.slice(1, at_column, at_column + filled.size(1)).copy_(filled);
        at_column += filled.size(1);
      }
    }
    std::vector<std::int64_t> first;
    auto episode = data.episodes.begin();
    for (std::int64_t k = 0; k < count; ++k) {
      const auto i = transitions[std::size_t(k)];
      while (episode != data.episodes.end() && (episode->first < i || episode->transitions == 0)) ++episode;
      if (episode != data.episodes.end() && episode->first == i) first.push_back(k);
    }
    starts_ = at::tensor(first, at::kLong).to(device);
  }

  /// Fills in the returns:  G = r + gamma m ((1 - lambda) V(s') + lambda G'),  with G' the return of the next
  /// transition, or V(s') if the log has none.  `next_values` (size()) are V(s'); lambda = 1 is Monte Carlo.
  /// Source: Sutton, Barto 2018, section 12.1.
  void set_returns(double discount, double lambda, const at::Tensor& next_values) {
    const auto r = rows_.select(1, n_ + d_).to(at::kCPU, at::kDouble).contiguous(),
               m = rows_.select(1, n_ + d_ + 1).to(at::kCPU, at::kDouble).contiguous();
    const auto v = next_values.to(at::kCPU, at::kDouble).contiguous();
    auto g = at::empty({size()}, at::kDouble);
    const double *pr = r.data_ptr<double>(), *pm = m.data_ptr<double>(), *pv = v.data_ptr<double>();
    double* const pg = g.data_ptr<double>();
    for (auto k = size(); k-- > 0;) {
      const double after = goes_on_[std::size_t(k)] ? (1 - lambda) * pv[k] + lambda * pg[k + 1] : pv[k];
      pg[k] = pr[k] + discount * pm[k] * after;
    }
    auto at_column = 2 * n_ + d_ + 2;
    for (const auto& c : columns_) {
      if (std::string_view(c.name) == column::returns::name) return void(rows_.select(1, at_column).copy_(g));
      at_column += c.width(d_);
    }
    throw Error("the replay has no column of returns: make it for an agent that reads them, with replay_for");
  }

  std::int64_t size() const { return rows_.size(0); }

  /// The minibatch of an update: uniform with replacement, a function of (seed, update) alone.
  batch<at::Tensor> sample(std::uint64_t seed, std::int64_t update, std::int64_t count) const {
    auto index = at::empty({count}, at::TensorOptions(at::kLong).device(rows_.device()));
    index.random_(0, size(), nn::generator(rows_.device(), seed, nn::stream::batches, std::uint64_t(update)));
    if (!rows_.is_cpu()) return take(rows_.index_select(0, index));
    const auto width = rows_.size(1);
    const auto x = at::empty({count, width}, at::kFloat);
    const float* from = rows_.data_ptr<float>();
    const std::int64_t* i = index.data_ptr<std::int64_t>();
    float* to = x.data_ptr<float>();
    for (std::int64_t b = 0; b < count; ++b, to += width) std::copy_n(from + i[b] * width, width, to);
    return take(x);
  }
  /// The same from the first transitions of episodes; from all transitions if none of the first ones was chosen.
  batch<at::Tensor> sample_starts(std::uint64_t seed, std::int64_t update, std::int64_t count) const {
    const auto from = starts_.numel() > 0 ? starts_.numel() : size();
    const auto pick =
        at::empty({count}, at::TensorOptions(at::kLong).device(rows_.device()))
            .random_(0, from, nn::generator(rows_.device(), seed, nn::stream::starts, std::uint64_t(update)));
    return take(rows_.index_select(0, starts_.numel() > 0 ? starts_.index_select(0, pick) : pick));
  }
  /// The first `logged` rows of the minibatch come from this buffer, the others from the first `filled` rows of another
  /// one with the same layout.
  batch<at::Tensor> sample(std::uint64_t seed, std::int64_t update, std::int64_t count, std::int64_t logged,
                           const at::Tensor& others, std::int64_t filled) const {
    if (filled == 0 || others.size(1) != rows_.size(1))
      throw Error("a mixed batch needs imagined rows in the layout of the logged ones");
    const auto g = nn::generator(rows_.device(), seed, nn::stream::batches, std::uint64_t(update));
    const auto draw = [&](std::int64_t n, std::int64_t from) {
      return at::empty({n}, at::TensorOptions(at::kLong).device(rows_.device())).random_(0, from, g);
    };
    const auto here = draw(logged, size()), there = draw(count - logged, filled);
    auto b = take(at::cat({rows_.index_select(0, here), others.index_select(0, there)}));
    b.logged = logged;
    return b;
  }
  /// All rows, in order.
  batch<at::Tensor> all() const { return take(rows_); }

 private:
  batch<at::Tensor> take(const at::Tensor& x) const {
    const auto count = x.size(0), width = x.size(1);
    const auto columns = [&](std::int64_t first, std::int64_t size) {
      return x.as_strided({count, size}, {width, 1}, first);
    };
    const auto at_column = [&](std::int64_t at) { return x.as_strided({count}, {width}, at); };
    const auto actions = [&](std::int64_t first) {
      return discrete_ ? at_column(first).to(at::kLong) : columns(first, d_);
    };
    batch<at::Tensor> b{columns(0, n_), actions(n_), at_column(n_ + d_), columns(n_ + d_ + 2, n_),
                        at_column(n_ + d_ + 1)};
    auto first = 2 * n_ + d_ + 2;
    for (const auto& c : columns_) {
      const auto size = c.width(d_);
      b.more.push_back({c.name, c.is_action ? actions(first) : size == 1 ? at_column(first) : columns(first, size)});
      first += size;
    }
    return b;
  }

  std::vector<ReplayColumn> columns_;
  std::int64_t n_, d_;
  bool discrete_;
  std::vector<std::uint8_t> goes_on_;  // whether the next row continues the episode
  at::Tensor rows_, starts_;
};
}  // namespace tessera
