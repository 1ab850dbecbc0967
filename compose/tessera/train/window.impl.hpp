#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/shortest_text.hpp>
#include <tessera/train/window.hpp>

namespace tessera {
TESSERA_INLINE at::Tensor MetricsWindow::waiting() const { return at::stack(values_).to(at::kCPU, at::kDouble); }

TESSERA_INLINE void MetricsWindow::flush() {
  if (!values_.empty()) take(waiting());
}

TESSERA_INLINE void MetricsWindow::flush(nn::JointUpdates& joint) {
  if (values_.empty()) return;
  auto all = waiting();
  joint.ranks().sum(all);
  take(all.div_(double(joint.size())));
}

TESSERA_INLINE void MetricsWindow::take(const at::Tensor& all) {
  const double* x = all.data_ptr<double>();
  for (std::size_t i = 0; i < values_.size(); ++i) {
    // All numbers stay, so that calling again throws again.
    if (!std::isfinite(x[i]))
      throw Diverged("training diverged: " + std::string(names_[i]) + " is " + (std::isnan(x[i]) ? "NaN" : "infinite") +
                     " at update " + std::to_string(updates_[i]) +
                     "; lower the learning rate, or check the scale of the data's rewards");
  }
  for (std::size_t i = 0; i < values_.size(); ++i) {
    auto& s = of(names_[i]);
    s.sum += x[i];
    s.count += 1;
  }
  names_.clear(), values_.clear(), updates_.clear();
  waiting_ = 0;
}

TESSERA_INLINE std::vector<std::pair<std::string, double>> MetricsWindow::means() {
  flush();
  std::vector<std::pair<std::string, double>> out;
  for (const auto& s : sums_) out.emplace_back(s.name, s.sum / double(s.count));
  return out;
}

TESSERA_INLINE const std::vector<MetricsWindow::Sum>& MetricsWindow::sums() {
  flush();
  return sums_;
}

TESSERA_INLINE void MetricsWindow::clear() {
  names_.clear(), values_.clear(), updates_.clear(), sums_.clear();
  waiting_ = 0;
}

TESSERA_INLINE std::string MetricsWindow::text() {
  flush();
  std::string out;
  for (const auto& s : sums_) {
    out += std::to_string(s.count) + ' ' + shortest_text(s.sum) + ' ';
    out += s.name;
    out += '\n';
  }
  return out;
}

TESSERA_INLINE MetricsWindow MetricsWindow::of_text(std::string_view text) {
  MetricsWindow out;
  const auto wrong = [](const std::string& why) {
    return Error("metrics since the last report: " + why + "; they were not written by `text()`");
  };
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) throw wrong("line " + std::to_string(line) + " does not end");
    const char *at = text.data(), *const stop = at + end;
    Sum s;
    const auto count = std::from_chars(at, stop, s.count);
    const bool counted = count.ec == std::errc() && count.ptr != stop && *count.ptr == ' ' && s.count > 0;
    const auto sum =
        counted ? std::from_chars(count.ptr + 1, stop, s.sum) : std::from_chars_result{at, std::errc::invalid_argument};
    if (sum.ec != std::errc() || sum.ptr == stop || *sum.ptr != ' ' || sum.ptr + 1 == stop || !std::isfinite(s.sum))
      throw wrong("line " + std::to_string(line) + " is not a count, a finite sum and a name");
    s.name.assign(sum.ptr + 1, stop);
    if (out.of(s.name).count > 0) throw wrong("line " + std::to_string(line) + " names a metric for the second time");
    out.sums_.back() = std::move(s);
    text.remove_prefix(end + 1);
  }
  return out;
}

TESSERA_INLINE MetricsWindow::Sum& MetricsWindow::of(std::string_view name) {
  const auto found = std::find_if(sums_.begin(), sums_.end(), [&](const Sum& s) { return s.name == name; });
  return found != sums_.end() ? *found : sums_.emplace_back(Sum{std::string(name)});
}
}  // namespace tessera
