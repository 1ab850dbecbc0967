#pragma once
#include <range/v3/range/concepts.hpp>
#include <range/v3/range/conversion.hpp>
#include <range/v3/range/traits.hpp>
#include <range/v3/view/all.hpp>
#include <range/v3/view/interface.hpp>
#include <range/v3/view/iota.hpp>
#include <range/v3/view/join.hpp>
#include <range/v3/view/transform.hpp>
#include <range/v3/view/view.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/episodes.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/random.hpp>

/// A data set as ranges of its transitions' indices: nothing is copied, and nothing crosses the end of an episode.
///
///   using namespace tessera::views;
///   for (auto piece : data | by_episode | top_returns(0.1) | windows(20))           // 20 steps of one good episode
///     for (auto i : piece) use(data.observation(i), data.rewards[std::size_t(i)]);
///   const auto [train, held_out] = data | by_episode | split(0.9, seed);             // of whole episodes
///   const auto chosen = train | ranges::views::filter(long_enough) | transitions;    // a std::vector of indices
///
/// Each is a range-v3 view, to be mixed with those of range-v3 and with filters of one's own; an index is one into
/// the arrays of the data set, which must outlive the views.  windows and chunks are read from start to end, once for
/// each time that they are made; `ranges::to<std::vector>()` keeps their pieces, of 32 bytes each, as top_returns and
/// split do by themselves.
namespace tessera {
/// Transitions of one episode that follow each other, in time order: a range of indices into the data set.
class Trajectory : public ranges::view_interface<Trajectory> {
 public:
  Trajectory() = default;
  Trajectory(const Dataset& data, std::int64_t episode, std::int64_t first, std::int64_t last)
      : data_(&data), episode_(episode), first_(first), last_(last) {}
  auto begin() const { return ranges::views::iota(first_, last_).begin(); }
  auto end() const { return ranges::views::iota(first_, last_).end(); }
  std::int64_t length() const { return last_ - first_; }

  const Dataset& data() const { return *data_; }
  /// The episode that they are of, an index into `Dataset::episodes`.
  std::int64_t episode() const { return episode_; }
  const Episode& in() const { return data_->episodes[std::size_t(episode_)]; }
  /// Steps of the episode before the first of them.
  std::int64_t offset() const { return first_ - in().first; }
  /// `count` of them from number `from` on, or as many as there are.
  Trajectory part(std::int64_t from, std::int64_t count) const {
    const auto first = std::min(first_ + from, last_);
    return {*data_, episode_, first, std::min(first + count, last_)};
  }

 private:
  const Dataset* data_ = nullptr;
  std::int64_t episode_ = 0, first_ = 0, last_ = 0;
};
/// All transitions of an episode; none, if it has none.
class WholeEpisode : public Trajectory {
 public:
  WholeEpisode() = default;
  WholeEpisode(const Dataset& data, std::int64_t episode)
      : Trajectory(data, episode, data.episodes[std::size_t(episode)].first,
                   data.episodes[std::size_t(episode)].first + data.episodes[std::size_t(episode)].transitions) {}
};

/// A transition, and the discounted sum of the rewards from it on.
struct ReturnToGo {
  std::int64_t transition;
  double value;
};

namespace detail {
template <class Range>
concept Trajectories = ranges::input_range<Range> && std::is_base_of_v<Trajectory, ranges::range_value_t<Range>>;
template <class Range>
concept WholeEpisodes = Trajectories<Range> && std::is_base_of_v<WholeEpisode, ranges::range_value_t<Range>>;

// The pieces of `length` that start at every `step`-th transition; those that are cut short by the episode's end, where
// `shorter`.
struct Pieces {
  std::int64_t length, step;
  bool shorter;
  auto operator()(const Trajectory& of) const {
    const auto room = shorter ? of.length() - 1 : of.length() - length;
    const auto count = room < 0 ? 0 : room / step + 1;
    return ranges::views::iota(std::int64_t{0}, count) |
           ranges::views::transform(
               [of, length = length, step = step](std::int64_t k) { return of.part(k * step, length); });
  }
};
inline auto pieces(const char* what, std::int64_t length, std::int64_t step, bool shorter) {
  if (length < 1)
    throw Error(std::string(what) + ": " + std::to_string(length) + " transitions; a piece has at least 1");
  return ranges::make_view_closure([=]<Trajectories Range>(Range&& of) {
    return ranges::views::all(std::forward<Range>(of)) | ranges::views::transform(Pieces{length, step, shorter}) |
           ranges::views::join;
  });
}

// The returns of an episode, kept for the pieces of it that follow.
class ReturnsOf {
 public:
  explicit ReturnsOf(double discount) : discount_(discount) {}
  auto operator()(const Trajectory& of) const {
    if (!of_ || data_ != &of.data() || episode_ != of.episode()) {
      const auto& episode = of.in();
      auto values = std::make_shared<std::vector<double>>(std::size_t(episode.transitions));
      double g = 0;
      for (auto k = episode.transitions; k-- > 0;) {
        const auto i = std::size_t(episode.first + k);
        g = double(of.data().rewards[i]) + (of.data().terminals[i] ? 0 : discount_ * g);
        (*values)[std::size_t(k)] = g;
      }
      of_ = std::move(values), data_ = &of.data(), episode_ = of.episode();
    }
    return ranges::views::iota(std::int64_t{0}, of.length()) |
           ranges::views::transform([values = of_, from = of.offset(), first = of.in().first](std::int64_t k) {
             return ReturnToGo{first + from + k, (*values)[std::size_t(from + k)]};
           });
  }

 private:
  double discount_;
  // Of this object alone: a copy has its own.
  mutable std::shared_ptr<const std::vector<double>> of_;
  mutable const Dataset* data_ = nullptr;
  mutable std::int64_t episode_ = 0;
};

inline constexpr std::uint64_t stream_of_splits = 0x73706c6974;  // not that of other draws with the same seed

// A view of pieces that it keeps.
template <class Piece>
auto kept(std::vector<Piece> pieces) {
  auto all = std::make_shared<const std::vector<Piece>>(std::move(pieces));
  return ranges::views::iota(std::size_t{0}, all->size()) |
         ranges::views::transform([all](std::size_t k) { return (*all)[k]; });
}
template <class Range>
struct Parts {
  Range first, second;
};
struct ByEpisode {
  auto operator()(const Dataset& data) const {
    require_in_memory(data, "a view of its episodes");
    return ranges::views::iota(std::int64_t{0}, std::int64_t(data.episodes.size())) |
           ranges::views::transform([&data](std::int64_t e) { return WholeEpisode(data, e); });
  }
  void operator()(const Dataset&&) const = delete;
  friend auto operator|(const Dataset& data, ByEpisode by) { return by(data); }
  friend void operator|(const Dataset&&, ByEpisode) = delete;
};
struct Transitions {
  template <Trajectories Range>
  auto operator()(Range&& of) const {
    return ranges::views::all(std::forward<Range>(of)) | ranges::views::join | ranges::to<std::vector>();
  }
  template <Trajectories Range>
  friend auto operator|(Range&& of, Transitions all) {
    return all(std::forward<Range>(of));
  }
};
}  // namespace detail

namespace views {
/// data | by_episode: a `WholeEpisode` for each episode, in file order, also for one without transitions.  Every
/// transition is in one of them, once.
inline constexpr detail::ByEpisode by_episode{};

/// ... | windows(n): the runs of n transitions, one from each transition that has n - 1 behind it in its piece.
inline auto windows(std::int64_t n) { return detail::pieces("windows", n, 1, false); }

/// ... | chunks(h): each piece cut into pieces of h transitions, one after the other; the last may be shorter.
inline auto chunks(std::int64_t h) { return detail::pieces("chunks", h, h, true); }

/// ... | top_returns(fraction): the best whole episodes of those that come in, up to a fraction of their transitions,
/// in the order in which they come: the rule is `best_episodes`, as for the data source TopEpisodes.
inline auto top_returns(double fraction, ranking by = ranking::undiscounted) {
  detail::require_fraction(fraction);
  return ranges::make_view_closure([fraction, by]<class Range>(Range&& of) {
    static_assert(detail::WholeEpisodes<Range>,
                  "top_returns ranks whole episodes: put it before windows, chunks and returns_to_go");
    std::vector<WholeEpisode> all, best;
    std::vector<Episode> ranked;
    for (const WholeEpisode& e : of) all.push_back(e), ranked.push_back(e.in());
    for (const auto k : best_episodes(ranked, fraction, by)) best.push_back(all[k]);
    return detail::kept(std::move(best));
  });
}

/// ... | returns_to_go(gamma): for each piece, a range of `ReturnToGo`, one for each transition, by
///   G_i = r_i + gamma m_i G_{i+1}
/// up to the end of the EPISODE, not of the piece; m is 0 where the task ended, also where the log goes on after that.
/// Rewards are raw; a truncated end is worth nothing.  A last row of an episode that is no transition is not in it.
inline auto returns_to_go(double gamma) {
  if (!(gamma >= 0 && gamma <= 1))
    throw Error("returns_to_go: the discount is " + std::to_string(gamma) + "; it must be from 0 to 1");
  return ranges::make_view_closure([gamma]<detail::Trajectories Range>(Range&& of) {
    return ranges::views::all(std::forward<Range>(of)) | ranges::views::transform(detail::ReturnsOf(gamma));
  });
}

/// ... | split(fraction, seed): {first, second}, two views that share out the episodes.  Each is in the first with
/// probability `fraction`, a function of (seed, its number in the data set) alone: filters do not move it, and pieces
/// of an episode stay together.  How many the first holds is therefore not exact.
inline auto split(double fraction, std::uint64_t seed) {
  if (!(fraction >= 0 && fraction <= 1))
    throw Error("split: the fraction is " + std::to_string(fraction) + "; it must be from 0 to 1");
  return ranges::make_view_closure([fraction, seed]<detail::Trajectories Range>(Range&& of) {
    std::vector<ranges::range_value_t<Range>> first, second;
    for (const auto& piece : of) {
      Random random(seed, detail::stream_of_splits, std::uint64_t(piece.episode()));
      (random.uniform() < fraction ? first : second).push_back(piece);
    }
    using Part = decltype(detail::kept(first));
    return detail::Parts<Part>{detail::kept(std::move(first)), detail::kept(std::move(second))};
  });
}

/// ... | transitions: the indices of all pieces, one after the other, in a std::vector, as `Prepared::transitions` is.
inline constexpr detail::Transitions transitions{};
}  // namespace views
}  // namespace tessera
