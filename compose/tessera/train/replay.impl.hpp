#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/dataset/row_reader.hpp>
#include <tessera/dataset/same_observation.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/randoms.hpp>
#include <tessera/nn/ranks.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/release_pages.hpp>
#include <tessera/train/replay.hpp>

namespace tessera {
TESSERA_INLINE Replay::Replay(std::int64_t observation_size, std::int64_t action_size, bool discrete,
                              const at::Device& device, std::vector<ReplayColumn> with)
    : columns_(std::move(with)), n_(observation_size), d_(discrete ? 1 : action_size), discrete_(discrete) {
  rows_ = at::empty({0, width()}, at::TensorOptions(at::kFloat).device(device));
  starts_ = at::empty({0}, at::TensorOptions(at::kLong).device(device));
}

namespace detail {
// Rows (s, a, r, m, s'), or (s, a, r, m), in the learner's units, on the device, of numbers in those of the log.
inline at::Tensor in_units(const at::Tensor& s, const at::Tensor& a, const at::Tensor& r, const at::Tensor& m,
                           const at::Tensor& s_next, bool discrete, const nn::Units& units, const at::Device& device) {
  std::vector<at::Tensor> parts{units.observations(s.to(device)),
                                discrete ? a.to(device) : units.learner_actions(a.to(device)),
                                units.rewards(r.to(device)), m.to(device)};
  if (s_next.defined()) parts.push_back(units.observations(s_next.to(device)));
  return at::cat(parts, 1);
}
// Numbers of a log, (to - from, columns): `write(k, row)` writes row k.
template <class F>
at::Tensor raw_rows(std::int64_t from, std::int64_t to, std::int64_t columns, F write) {
  const auto t = at::empty({to - from, columns}, at::kFloat);
  float* p = t.template data_ptr<float>();
  for (auto k = from; k < to; ++k, p += columns) write(k, p);
  return t;
}
// The transitions from .. to - 1 of those chosen as rows (s, a, r, m), and s' with `next`, of n + d numbers.
inline at::Tensor rows_of_log(const Dataset& data, const std::vector<std::int64_t>& transitions, std::int64_t from,
                              std::int64_t to, bool with_next, const nn::Units& units, const at::Device& device) {
  const bool discrete = data.kind == action_kind::discrete;
  const std::int64_t n = data.observation_size, d = discrete ? 1 : data.action_size;
  const auto raw = [&](std::int64_t columns, auto write) {
    return raw_rows(from, to, columns, [&](std::int64_t k, float* p) { write(transitions[std::size_t(k)], p); });
  };
  const auto s = raw(n, [&](std::int64_t i, float* p) { std::copy_n(data.observation(i), n, p); });
  const auto a = discrete ? raw(1, [&](std::int64_t i, float* p) { *p = float(data.action_indices[std::size_t(i)]); })
                          : raw(d, [&](std::int64_t i, float* p) { std::copy_n(data.actions.data() + i * d, d, p); });
  const auto r = raw(1, [&](std::int64_t i, float* p) { *p = data.rewards[std::size_t(i)]; });
  const auto m = raw(1, [&](std::int64_t i, float* p) { *p = data.terminals[std::size_t(i)] ? 0.0f : 1.0f; });
  at::Tensor s_next;
  if (with_next) s_next = raw(n, [&](std::int64_t i, float* p) { std::copy_n(data.next_observation(i), n, p); });
  return in_units(s, a, r, m, s_next, discrete, units, device);
}
// Gives the memory of rows back, page by page, when the last transition that reads them has been read.  Transitions are
// read in order, `at_a_time` in a piece.
class ReadRows {
 public:
  // each(k, f): f(row) of the rows that the k-th transition reads, of `rows` rows of `size` bytes.
  template <class Each>
  ReadRows(void* memory, std::size_t rows, std::size_t size, std::int64_t count, std::int64_t at_a_time, Each each)
      : begin_(reinterpret_cast<std::uintptr_t>(memory)), end_(begin_ + rows * size) {
    const auto first = begin_ / page_;
    // The piece that reads a page last; the first one, where none does.
    std::vector<std::int64_t> last((end_ - 1) / page_ - first + 1, 0);
    for (std::int64_t k = 0; k < count; ++k)
      each(k, [&](std::int64_t row) {
        const auto at = begin_ + std::uintptr_t(row) * size;
        for (auto p = at / page_; p <= (at + size - 1) / page_; ++p) last[p - first] = k / at_a_time;
      });
    ends_.assign(std::size_t(count / at_a_time) + 2, 0);
    for (const auto piece : last) ++ends_[std::size_t(piece) + 1];
    std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
    pages_.resize(last.size());
    auto place = ends_;
    for (std::size_t p = 0; p < last.size(); ++p) pages_[place[std::size_t(last[p])]++] = first + p;
  }
  void read(std::size_t piece) const {
    for (auto i = ends_[piece]; i < ends_[piece + 1];) {
      auto j = i + 1;  // neighbors at once
      while (j < ends_[piece + 1] && pages_[j] == pages_[j - 1] + 1) ++j;
      const auto from = std::max(pages_[i] * page_, begin_), to = std::min((pages_[j - 1] + 1) * page_, end_);
      release_pages(reinterpret_cast<void*>(from), to - from);
      i = j;
    }
  }

 private:
  std::uintptr_t page_ = memory_page(), begin_, end_;
  std::vector<std::uintptr_t> pages_;  // by the piece that reads them last,
  std::vector<std::size_t> ends_;      // of which the k-th has those from ends_[k] to ends_[k + 1]
};
// The same of what takes the most memory in a data set; of none, nothing.
class ReadTransitions {
 public:
  ReadTransitions(Dataset* data, const std::vector<std::int64_t>& transitions, std::int64_t at_a_time)
      : at_a_time_(at_a_time) {
    if (!data) return;
    const auto add = [&](auto& memory, std::size_t rows, auto each) {
      if (rows > 0)
        columns_.emplace_back(memory.data(), rows, memory.size() / rows * sizeof memory[0],
                              std::int64_t(transitions.size()), at_a_time, each);
    };
    const auto at = [&](std::int64_t k) { return transitions[std::size_t(k)]; };
    add(data->observations, data->observations.size() / std::size_t(std::max<std::int64_t>(data->observation_size, 1)),
        [&](std::int64_t k, auto read) {
          read(data->observation_row[std::size_t(at(k))]);
          read(data->next_observation_row[std::size_t(at(k))]);
        });
    const auto itself = [&](std::int64_t k, auto read) { read(at(k)); };
    for (auto* const row : {&data->observation_row, &data->next_observation_row}) add(*row, row->size(), itself);
    if (!data->actions.empty()) add(data->actions, data->rewards.size(), itself);
  }
  // The piece that ends before the k-th transition has been read.
  void up_to(std::int64_t k) const {
    if (k % at_a_time_ != 0) return;
    for (const auto& column : columns_) column.read(std::size_t(k / at_a_time_ - 1));
  }

 private:
  std::int64_t at_a_time_;
  std::vector<ReadRows> columns_;
};
}  // namespace detail

TESSERA_INLINE Replay::Replay(const Dataset& data, const std::vector<std::int64_t>& transitions, const nn::Units& units,
                              const at::Device& device, std::vector<ReplayColumn> with, Dataset* given_up)
    : columns_(std::move(with)), n_(data.observation_size),
      d_(data.kind == action_kind::discrete ? 1 : data.action_size), discrete_(data.kind == action_kind::discrete),
      logged_(std::int64_t(transitions.size())) {
  const auto count = logged_;
  const bool once = !data.on_disk && columns_.empty() && device.is_cpu();
  if (!columns_.empty()) given_up = nullptr;  // they are made of the data
  rows_ = at::empty({data.on_disk || once ? 0 : count, width()}, at::TensorOptions(at::kFloat).device(device));
  if (data.on_disk) {
    disk_ = std::make_shared<Disk>(Disk{data.on_disk, units, {}, {}});
    bool all = count == data.size();
    for (std::int64_t k = 0; all && k < count; ++k) all = transitions[std::size_t(k)] == k;
    if (!all) disk_->chosen = transitions;
  } else if (once) {
    fill_once(data, transitions, units, given_up);
  } else {
    fill(data, transitions, units, given_up);
  }
  if (!columns_.empty()) {
    follows_.resize(std::size_t(count), 0);
    const SameObservation same(data);
    RowReader rows(data), after(data);
    std::vector<std::uint8_t> inside(std::size_t(data.size()), 0);  // not the last of its episode
    for (const auto& e : data.episodes)
      for (std::int64_t i = 0; i + 1 < e.transitions; ++i) inside[std::size_t(e.first + i)] = 1;
    for (std::int64_t k = 0; k + 1 < count; ++k) {
      const auto i = transitions[std::size_t(k)], j = transitions[std::size_t(k) + 1];
      const bool last = data.episodes.empty() ? rows.terminal(i) : !inside[std::size_t(i)];
      follows_[std::size_t(k)] =
          j == i + 1 && !last && !rows.timeout(i) && same(rows.next_observation(i), after.observation(j));
    }
    if (disk_) fill_columns_of_disk();
    else fill_columns(rows_, follows_);
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

TESSERA_INLINE void Replay::fill(const Dataset& data, const std::vector<std::int64_t>& transitions,
                                 const nn::Units& units, Dataset* given_up) {
  const detail::ReadTransitions read(given_up, transitions, converted);
  for (std::int64_t from = 0; from < logged_; from += converted) {
    const auto to = std::min(logged_, from + converted);
    rows_.slice(0, from, to)
        .slice(1, 0, numbers())
        .copy_(detail::rows_of_log(data, transitions, from, to, true, units, rows_.device()));
    read.up_to(to);
  }
}

TESSERA_INLINE void Replay::fill_once(const Dataset& data, const std::vector<std::int64_t>& transitions,
                                      const nn::Units& units, Dataset* given_up) {
  Once once{at::empty({logged_, n_ + d_ + 2}, at::kFloat), {}, std::vector<std::int64_t>(std::size_t(logged_))};
  std::vector<std::int64_t> others;  // observations that are no chosen transition's s, or not the one's beside it
  for (std::int64_t k = 0; k < logged_; ++k) {
    const auto i = std::size_t(transitions[std::size_t(k)]);
    const auto wanted = data.next_observation_row[i];
    const auto is_at = [&](std::int64_t row) {
      return row < logged_ && data.observation_row[std::size_t(transitions[std::size_t(row)])] == wanted;
    };
    auto& after = once.after[std::size_t(k)];
    if (is_at(k + 1)) after = k + 1;
    else if (is_at(k)) after = k;
    else after = logged_ + std::int64_t(others.size()), others.push_back(wanted);
  }
  once.others = at::empty({std::int64_t(others.size()), n_}, at::kFloat);
  const detail::ReadTransitions read(given_up, transitions, converted);
  for (std::int64_t from = 0, other = 0; from < logged_; from += converted) {
    const auto to = std::min(logged_, from + converted);
    once.rows.slice(0, from, to).copy_(detail::rows_of_log(data, transitions, from, to, false, units, at::kCPU));
    const auto first = other;
    for (auto k = from; k < to; ++k) other += once.after[std::size_t(k)] >= logged_ ? 1 : 0;
    if (other > first)
      once.others.slice(0, first, other)
          .copy_(units.observations(detail::raw_rows(first, other, n_, [&](std::int64_t k, float* p) {
            std::copy_n(data.observations.data() + others[std::size_t(k)] * n_, n_, p);
          })));
    read.up_to(to);
  }
  once_ = std::make_shared<const Once>(std::move(once));
}

TESSERA_INLINE const float* Replay::next_of(std::int64_t k) const {
  const auto after = once_->after[std::size_t(k)];
  return after < logged_ ? once_->rows.data_ptr<float>() + after * once_->rows.size(1)
                         : once_->others.data_ptr<float>() + (after - logged_) * n_;
}

TESSERA_INLINE at::Tensor Replay::from_disk(std::span<const std::int64_t> transitions) const {
  const auto count = std::int64_t(transitions.size());
  const auto raw = [&](std::int64_t columns) { return at::empty({count, columns}, at::kFloat); };
  const auto s = raw(n_), a = raw(d_), r = raw(1), m = raw(1), s_next = raw(n_);
  disk_->rows->gather(transitions, {s.data_ptr<float>(), a.data_ptr<float>(), r.data_ptr<float>(), m.data_ptr<float>(),
                                    s_next.data_ptr<float>()});
  return detail::in_units(s, a, r, m, s_next, discrete_, disk_->units, rows_.device());
}

TESSERA_INLINE at::Tensor Replay::rows_at(const at::Tensor& index) const {
  const auto count = index.size(0), wide = rows_.size(1);
  if (!disk_) {
    if (!rows_.is_cpu()) return rows_.index_select(0, index);
    const auto x = at::empty({count, wide}, at::kFloat);
    const float* from = rows_.data_ptr<float>();
    const std::int64_t* i = index.data_ptr<std::int64_t>();
    float* to = x.data_ptr<float>();
    if (!once_) {
      for (std::int64_t b = 0; b < count; ++b, to += wide) std::copy_n(from + i[b] * wide, wide, to);
      return x;
    }
    const float* const stored = once_->rows.data_ptr<float>();
    const auto size = once_->rows.size(1);
    for (std::int64_t b = 0; b < count; ++b, to += wide) {
      if (i[b] >= logged_) std::copy_n(from + (i[b] - logged_) * wide, wide, to);
      else std::copy_n(next_of(i[b]), n_, std::copy_n(stored + i[b] * size, size, to));
    }
    return x;
  }
  const auto host = index.to(at::kCPU).contiguous();
  const std::int64_t* i = host.data_ptr<std::int64_t>();
  std::vector<std::int64_t> transitions, logged, places, online, others;
  for (std::int64_t b = 0; b < count; ++b)
    if (i[b] < logged_) transitions.push_back(disk_->chosen_at(i[b])), logged.push_back(i[b]), places.push_back(b);
    else online.push_back(i[b] - logged_), others.push_back(b);
  const auto list = [&](const std::vector<std::int64_t>& x) { return at::tensor(x, at::kLong); };
  auto x = at::empty({count, wide}, rows_.options());
  auto of_log = from_disk(transitions);
  if (wide > numbers()) of_log = at::cat({of_log, disk_->columns.index_select(0, list(logged)).to(rows_.device())}, 1);
  if (others.empty()) return of_log;
  x.index_copy_(0, list(places).to(rows_.device()), of_log);
  x.index_copy_(0, list(others).to(rows_.device()), rows_.index_select(0, list(online).to(rows_.device())));
  return x;
}

TESSERA_INLINE void Replay::expect(const at::Tensor& index) const {
  const auto host = index.to(at::kCPU).contiguous();
  std::vector<std::int64_t> transitions;
  for (std::int64_t b = 0; b < host.size(0); ++b)
    if (const auto i = host.data_ptr<std::int64_t>()[b]; i < logged_) transitions.push_back(disk_->chosen_at(i));
  disk_->rows->expect(transitions);
}

TESSERA_INLINE at::Tensor Replay::part(std::int64_t from, std::int64_t to) const {
  return rows_at(at::arange(from, to, at::kLong));
}

TESSERA_INLINE batch<at::Tensor> Replay::all() const {
  if (disk_)
    throw Error(
        "a part of the algorithm sees all transitions at once, and these stay on the disk; raise the memory "
        "limit, give it a part of the data, or choose an algorithm without imagined transitions");
  if (!once_) return take(rows_);
  if (online() > 0) return take(part(0, size()));
  // s, a, r and m are where they are stored.
  const auto& x = once_->rows;
  const auto s_next = at::empty({logged_, n_}, at::kFloat);
  for (std::int64_t k = 0; k < logged_; ++k) std::copy_n(next_of(k), n_, s_next.data_ptr<float>() + k * n_);
  return {x.narrow(1, 0, n_), discrete_ ? x.select(1, n_).to(at::kLong) : x.narrow(1, n_, d_), x.select(1, n_ + d_),
          s_next, x.select(1, n_ + d_ + 1)};
}

TESSERA_INLINE void Replay::fill_columns_of_disk() {
  const auto extra = width() - numbers();
  disk_->columns = at::empty({logged_, extra}, at::kFloat);
  // What a column holds may be of what comes later in its episode: whole ones are read at a time.
  constexpr std::int64_t most = std::int64_t{1} << 30;
  std::vector<std::int64_t> transitions;
  for (std::int64_t from = 0, to = 0; from < logged_; from = to) {
    for (to = std::min(logged_, from + piece); to < logged_ && follows_[std::size_t(to - 1)] != 0;) ++to;
    if ((to - from) * width() * std::int64_t(sizeof(float)) > most)
      throw Error("an episode of " + std::to_string(to - from) + " transitions stays on the disk, and the column " +
                  columns_.front().name + " needs it in memory; raise the memory limit, or cut the log's episodes");
    transitions.clear();
    for (auto k = from; k < to; ++k) transitions.push_back(disk_->chosen_at(k));
    const auto rows = at::empty({to - from, width()}, at::kFloat);
    rows.slice(1, 0, numbers()).copy_(from_disk(transitions));
    fill_columns(rows, {follows_.begin() + from, follows_.begin() + to});
    disk_->columns.slice(0, from, to).copy_(rows.slice(1, numbers()));
  }
}

TESSERA_INLINE void Replay::set_returns(double discount, double lambda, const at::Tensor& next_values) {
  const auto of = place_of(column::returns::name);
  double after_next = 0;
  // From the last row to the first, some at a time.
  for (auto to = size(); to > 0;) {
    const auto from = disk_ ? std::max<std::int64_t>(0, to - piece) : 0;
    const auto rows = disk_ ? part(from, to) : rows_;
    const auto r = rows.select(1, n_ + d_).to(at::kCPU, at::kDouble).contiguous(),
               m = rows.select(1, n_ + d_ + 1).to(at::kCPU, at::kDouble).contiguous();
    const auto v = next_values.slice(0, from, to).to(at::kCPU, at::kDouble).contiguous();
    const auto g = at::empty({to - from}, at::kDouble);
    const double *pr = r.data_ptr<double>(), *pm = m.data_ptr<double>(), *pv = v.data_ptr<double>();
    double* const pg = g.data_ptr<double>();
    for (auto k = to - from; k-- > 0;) {
      const bool goes_on = follows_[std::size_t(from + k)] && pm[k] != 0;
      const double after = goes_on ? (1 - lambda) * pv[k] + lambda * after_next : pv[k];
      pg[k] = after_next = pr[k] + discount * pm[k] * after;
    }
    const auto logged = std::max<std::int64_t>(0, std::min(to, apart()) - from);
    if (logged > 0) disk_->columns.select(1, of - numbers()).narrow(0, from, logged).copy_(g.narrow(0, 0, logged));
    if (logged < to - from)
      rows_.select(1, of)
          .narrow(0, from + logged - apart(), to - from - logged)
          .copy_(g.narrow(0, logged, to - from - logged));
    to = from;
  }
}

TESSERA_INLINE void Replay::set_column(const char* column, std::int64_t from, const at::Tensor& numbers) {
  const auto of = place_of(column);
  const auto& rows = disk_ ? disk_->columns : rows_;
  rows.narrow(1, disk_ ? of - this->numbers() : of, numbers.size(1))
      .narrow(0, from, numbers.size(0))
      .copy_(numbers.to(rows.device()));
}

TESSERA_INLINE std::int64_t Replay::place_of(const char* column) const {
  auto at_column = numbers();
  for (const auto& c : columns_) {
    if (std::string_view(c.name) == column) return at_column;
    at_column += c.width(d_);
  }
  throw Error("the replay has no column of " + std::string(column) +
              ": make it for an agent that reads them, with replay_for");
}

TESSERA_INLINE void Replay::append(const at::Tensor& transitions, bool starts, std::int64_t capacity) {
  const auto count = transitions.size(0);
  if (transitions.dim() != 2 || transitions.size(1) != numbers())
    throw Error("transitions of a replay have " + std::to_string(numbers()) + " numbers");
  if (count > capacity)
    throw Error("an episode of " + std::to_string(count) + " transitions does not fit into a replay of " +
                std::to_string(capacity) + "; make it larger");
  auto rows = at::empty({count, width()}, rows_.options());
  rows.narrow(1, 0, numbers()).copy_(transitions);
  std::vector<std::uint8_t> follows(columns_.empty() ? 0 : std::size_t(count), 1);
  if (!follows.empty()) follows.back() = 0;
  if (!columns_.empty()) fill_columns(rows, follows);
  // Where the end of the ring is too near, old rows stay there until the next round.
  if (next_ + count > capacity) next_ = 0;
  const auto first = logged_ + next_, last = first + count;
  grow(last - apart(), logged_ + capacity - apart());
  rows_.narrow(0, first - apart(), count).copy_(rows);
  if (!columns_.empty()) {
    follows_.resize(std::size_t(size()), 0);
    std::copy(follows.begin(), follows.end(), follows_.begin() + first);
    // What was there before this goes on no more, nor does it go on with what is there now.
    if (first > logged_) follows_[std::size_t(first - 1)] = 0;
  }
  const auto outside = starts_.lt(first).logical_or(starts_.ge(last));
  starts_ = starts_.index({outside});
  if (starts) starts_ = at::cat({starts_, at::full({1}, first, starts_.options())});
  next_ += count;
}

TESSERA_INLINE at::Tensor Replay::drawn(std::uint64_t seed, std::int64_t update, std::int64_t count) const {
  const auto draw = [&](std::int64_t n, std::int64_t from, std::int64_t to, std::uint64_t key) {
    return nn::Randoms(rows_.device(), key, nn::stream::batches, std::uint64_t(update)).between({n}, from, to);
  };
  const auto* const joint = nn::JointUpdates::here();
  if (!joint) return draw(count, 0, size(), seed);
  // Its own rows of the draw that one process would make; or a draw of its own, from its share of the data.
  if (!joint->options().sharded)
    return draw(count * joint->size(), 0, size(), seed).narrow(0, count * joint->rank(), count);
  const auto [from, to] = nn::share_of(size(), joint->rank(), joint->size());
  return draw(count, from, to, nn::random_key(seed, nn::stream::shards, std::uint64_t(joint->rank())));
}

TESSERA_INLINE batch<at::Tensor> Replay::sample(std::uint64_t seed, std::int64_t update, std::int64_t count) const {
  auto b = take(rows_at(drawn(seed, update, count)));
  if (disk_ && disk_->rows->reads_ahead()) expect(drawn(seed, update + 1, count));
  return b;
}

TESSERA_INLINE batch<at::Tensor> Replay::sample_mixed(std::uint64_t seed, std::int64_t update, std::int64_t count,
                                                      double ratio) const {
  if (online() == 0 || logged_ == 0) return sample(seed, update, count);
  const auto logged = std::llround(ratio * double(count));
  nn::Randoms numbers(rows_.device(), seed, nn::stream::batches, std::uint64_t(update));
  const auto of_log = numbers.between({logged}, 0, logged_);
  return take(rows_at(at::cat({of_log, numbers.between({count - logged}, logged_, size())})));
}

TESSERA_INLINE batch<at::Tensor> Replay::sample_starts(std::uint64_t seed, std::int64_t update,
                                                       std::int64_t count) const {
  const auto from = starts_.numel() > 0 ? starts_.numel() : size();
  const auto pick =
      nn::Randoms(rows_.device(), seed, nn::stream::starts, std::uint64_t(update)).between({count}, 0, from);
  return take(rows_at(starts_.numel() > 0 ? starts_.index_select(0, pick) : pick));
}

TESSERA_INLINE batch<at::Tensor> Replay::sample(std::uint64_t seed, std::int64_t update, std::int64_t count,
                                                std::int64_t logged, const at::Tensor& others,
                                                std::int64_t filled) const {
  if (filled == 0 || others.size(1) != rows_.size(1))
    throw Error("a mixed batch needs imagined rows in the layout of the logged ones");
  nn::Randoms numbers(rows_.device(), seed, nn::stream::batches, std::uint64_t(update));
  const auto here = numbers.between({logged}, 0, size()), there = numbers.between({count - logged}, 0, filled);
  auto b = take(at::cat({rows_at(here), others.index_select(0, there)}));
  b.logged = logged;
  return b;
}

TESSERA_INLINE batch<at::Tensor> Replay::sample_chunks(std::uint64_t seed, std::int64_t update, std::int64_t count,
                                                       std::int64_t steps, double discount) const {
  if (steps < 1) throw Error("chunks of " + std::to_string(steps) + " steps; give at least 1");
  const auto flag = place_of(column::follows::name);
  const auto which = at::arange(steps, at::TensorOptions(at::kLong).device(rows_.device()));
  // Rows behind the last stand for none: what is behind an episode's end does not count.
  const auto rows = (drawn(seed, update, count).unsqueeze(1) + which).clamp_max(size() - 1);
  const auto x = rows_at(rows.reshape({-1})).view({count, steps, rows_.size(1)});
  const auto follows = x.select(2, flag).narrow(1, 0, steps - 1).cumprod(1);
  const auto valid = at::cat({at::ones({count, 1}, x.options()), follows}, 1);
  const auto weights = at::pow(discount, which.to(at::kDouble)).to(at::kFloat);
  const auto k = valid.sum(1);
  const auto last = (k - 1).to(at::kLong).view({count, 1, 1}).expand({count, 1, n_});
  const auto m = (1 - valid * (1 - x.select(2, n_ + d_ + 1))).amin(1);
  auto b = take(x.select(1, 0).contiguous());
  b.set<column::chunk>(discrete_ ? (x.select(2, n_) * valid).to(at::kLong)
                                 : (x.narrow(2, n_, d_) * valid.unsqueeze(2)).reshape({count, steps * d_}));
  b.set<column::chunk_valid>(valid);
  b.set<column::n_step_reward>((x.select(2, n_ + d_) * valid * weights).sum(1));
  b.set<column::n_step_next>(x.narrow(2, n_ + d_ + 2, n_).gather(1, last).squeeze(1));
  b.set<column::n_step_bootstrap>(at::pow(discount, k.to(at::kDouble)).to(at::kFloat) * m);
  return b;
}

TESSERA_INLINE std::int64_t Replay::width() const {
  auto out = numbers();
  for (const auto& c : columns_) out += c.width(d_);
  return out;
}

TESSERA_INLINE void Replay::fill_columns(const at::Tensor& rows, const std::vector<std::uint8_t>& follows) const {
  const auto host = rows.to(at::kCPU);
  const LoggedRows log(host.data_ptr<float>(), rows.size(0), rows.size(1), n_, d_, follows);
  auto at_column = numbers();
  for (const auto& c : columns_) {
    const auto filled = at::empty({rows.size(0), c.width(d_)}, at::kFloat);
    c.fill(log, filled.data_ptr<float>());
    rows.slice(1, at_column, at_column + filled.size(1)).copy_(filled);
    at_column += filled.size(1);
  }
}

TESSERA_INLINE void Replay::grow(std::int64_t size, std::int64_t most) {
  if (size <= rows_.size(0)) return;
  if (!storage_.defined() || size > storage_.size(0)) {
    const auto room = std::clamp(2 * rows_.size(0), size, most);
    const auto wider = at::empty({std::max(room, size), width()}, rows_.options());
    wider.narrow(0, 0, rows_.size(0)).copy_(rows_);
    storage_ = wider;
  }
  rows_ = storage_.narrow(0, 0, size);
}

TESSERA_INLINE batch<at::Tensor> Replay::take(const at::Tensor& x) const {
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
}  // namespace tessera
