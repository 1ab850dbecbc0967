#pragma once
#include <tessera/data/offline.hpp>

namespace tessera {
/// Batches are drawn uniformly from the transitions of the best episodes:
///   the max(1, floor(fraction * episodes)) episodes of largest undiscounted return
/// Statistics are those of the chosen transitions.
/// Source: "%BC" of Chen et al. 2021 (Decision Transformer), section 5.  Differs from CORL's version, which
/// ranks by the return discounted by 0.99.
struct TopEpisodes {
  using role = role::data_source;
  struct params {
    double fraction = 0.1;
    OfflineParams units{};

    static constexpr doc docs[] = {
        {"fraction", "share of the episodes that is kept, in (0, 1]", 0, 1},
        {"units", "normalisation"},
    };
  };
  using needs_ = needs<>;
  static constexpr const char* formula = "(s, a, r, s', m) ~ U(best fraction of the episodes of D, by return)";
  static constexpr const char* source = "Chen et al. 2021, section 5";

  template <class Data, class Out>
  static void prepare(const params& h, const Data& data, Out& out) {
    out.transitions = top_episodes(data, h.fraction);
    out.normalizer = fit_normalizer(data, out.transitions, h.units);
  }
};
static_assert(DataSource<TopEpisodes>);
}  // namespace tessera
