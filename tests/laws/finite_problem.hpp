#pragma once
#include "laws/probe.hpp"

namespace laws {
/// A problem of three states, in which every pair was logged.  Where actions are continuous, there are three of them,
/// rewards are linear in the action, by one slope for all states, and where it leads does not depend on it: a network
/// without hidden layers represents Q exactly.
struct finite_problem {
  static constexpr std::int64_t states = 3;
  static constexpr double discount = 0.8, slope = 0.7, next_logged = 0.3;
  batch<at::Tensor> rows;
  at::Tensor state, action, next, pair;  ///< of each row: s, a, s', and the first row of the same pair
  std::int64_t actions = 0;

  template <class R>
  static finite_problem of() {
    finite_problem f;
    f.actions = discrete<R> ? 2 : 3;
    // Of the discrete problem's pairs the second action is rare in state 0.
    const std::vector<std::vector<std::int64_t>> copies{{9, 1, 5}, {4, 6, 5}, {5, 5, 5}},
        leads{{1, 2, 1}, {2, 0, 2}, {0, 1, 0}};
    const std::vector<std::vector<double>> paid{{0.5, 2}, {-1, 0.3}, {1, 0}};
    const double base[] = {0.5, -1, 1};
    std::vector<std::int64_t> s, a, after, pair;
    std::vector<float> r, m, x;
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < std::size_t(f.actions); ++j) {
        const auto first = std::int64_t(s.size());
        const double number = 0.8 * (double(j) - 1);
        for (std::int64_t k = 0; k < (discrete<R> ? copies[i][j] : 1); ++k) {
          s.push_back(std::int64_t(i)), a.push_back(std::int64_t(j)), pair.push_back(first), x.push_back(float(number));
          after.push_back(discrete<R> ? leads[i][j] : leads[i][0]);
          r.push_back(float(discrete<R> ? paid[i][j] : base[i] + slope * number)),
              m.push_back(i == 2 && (j == 0 || !discrete<R>) ? 0.0f : 1.0f);
        }
      }
    const auto eye = at::eye(states);
    f.state = torch::tensor(s), f.action = torch::tensor(a), f.next = torch::tensor(after),
    f.pair = torch::tensor(pair);
    const auto known = at::ones({f.state.size(0)});
    const at::Tensor logged = discrete<R> ? f.action : torch::tensor(x).unsqueeze(1);
    const at::Tensor then = discrete<R> ? at::zeros_like(f.action) : at::full_like(logged, next_logged);
    f.rows = {eye.index_select(0, f.state), logged, torch::tensor(r), eye.index_select(0, f.next), torch::tensor(m)};
    f.rows.template set<column::next_action>(then), f.rows.template set<column::next_action_known>(known),
        f.rows.template set<column::returns>(known);
    f.rows.template set<column::fixed_policy>(
        (discrete<R> ? fixed_probabilities() : fixed_actions().unsqueeze(1)).to(at::kFloat).index_select(0, f.next));
    return f;
  }
  /// What a fixed policy does in each state: its action, (states), or of discrete ones the probabilities, (states, 2).
  static at::Tensor fixed_actions() { return torch::tensor({0.4, -0.2, 0.1}, at::kDouble); }
  static at::Tensor fixed_probabilities() {
    return torch::tensor({0.3, 0.7, 0.5, 0.5, 0.9, 0.1}, at::kDouble).view({states, 2});
  }
  /// A quantity of all rows -> of the pairs, (states, actions).
  at::Tensor table(const at::Tensor& of_rows) const {
    auto out = at::zeros({states, actions}, at::kDouble);
    out.index_put_({state, action}, of_rows.to(at::kDouble));
    return out;
  }
  /// A quantity of all rows that is the state's -> (states).
  at::Tensor by_state(const at::Tensor& of_rows) const {
    auto out = at::zeros({states}, at::kDouble);
    out.index_put_({state}, of_rows.to(at::kDouble));
    return out;
  }
  /// How often each action was logged in each state, (states, actions).
  at::Tensor frequencies() const {
    auto n = at::zeros({states, actions}, at::kDouble);
    n.index_put_({state, action}, at::ones({state.size(0)}, at::kDouble), true);
    return n / n.sum(1, true);
  }
  /// The solution of  Q = r + extra + gamma m v(Q)(s'),  by iteration; v maps (states, actions) -> (states).
  at::Tensor solve(const std::function<at::Tensor(const at::Tensor&)>& v, const at::Tensor& extra = {}) const {
    at::Tensor r = rows.rewards.to(at::kDouble);
    if (extra.defined()) r = r + extra.index({state, action});
    at::Tensor q = at::zeros_like(r);
    for (int k = 0; k < 300; ++k) q = r + discount * rows.not_done.to(at::kDouble) * v(table(q)).index_select(0, next);
    return q;
  }
};
}  // namespace laws
