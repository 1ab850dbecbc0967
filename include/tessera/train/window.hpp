#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/data/error.hpp>
#include <tessera/nn/torch.hpp>

namespace tessera {
/// The sums of a training's metrics since its last report.  Numbers stay on the device until there are those of `kept` updates, or until
/// somebody asks: memory does not grow with the length of a window.  Sums are made one number after the other in the order of updates, so
/// that they are the same to the bit however often the numbers are read, and a window that was written down (`text`) and read back
/// (`of_text`) goes on as if it had not been.
class MetricsWindow {
 public:
  struct Sum {
    std::string name;
    double sum = 0;
    std::int64_t count = 0;  ///< of the updates that had this metric
    bool operator==(const Sum&) const = default;
  };
  static constexpr std::int64_t kept = 128;  ///< updates whose numbers may wait on the device

  /// Takes over the metrics of an update.  Throws Diverged when it comes to read one that is not finite.
  template <class Metrics>
  void add(std::int64_t update, const Metrics& metrics) {
    for (const auto& m : metrics) {
      names_.push_back(m.name);
      values_.push_back(m.value);
      updates_.push_back(update);
    }
    if (++waiting_ >= kept) flush();
  }
  /// Reads what waits on the device.  Throws Diverged at its first number that is not finite: ask before anything is saved.
  void flush() {
    if (values_.empty()) return;
    const auto all = at::stack(values_).to(at::kCPU, at::kDouble);
    const double* x = all.data_ptr<double>();
    for (std::size_t i = 0; i < values_.size(); ++i) {
      // All stay, so that who asks again hears it again.
      if (!std::isfinite(x[i]))
        throw Diverged("training diverged: " + std::string(names_[i]) + " is " + (std::isnan(x[i]) ? "NaN" : "infinite") + " at update " +
                       std::to_string(updates_[i]) + "; lower the learning rate, or check the scale of the data's rewards");
    }
    for (std::size_t i = 0; i < values_.size(); ++i) {
      auto& s = of(names_[i]);
      s.sum += x[i];
      s.count += 1;
    }
    names_.clear(), values_.clear(), updates_.clear();
    waiting_ = 0;
  }
  /// Each metric's mean, in order of first appearance.
  std::vector<std::pair<std::string, double>> means() {
    flush();
    std::vector<std::pair<std::string, double>> out;
    for (const auto& s : sums_) out.emplace_back(s.name, s.sum / double(s.count));
    return out;
  }
  const std::vector<Sum>& sums() {
    flush();
    return sums_;
  }
  void clear() {
    names_.clear(), values_.clear(), updates_.clear(), sums_.clear();
    waiting_ = 0;
  }

  /// The sums as text, a line `COUNT SUM NAME` each, from which `of_text` has them again to the bit.
  std::string text() {
    flush();
    std::string out;
    for (const auto& s : sums_) {
      char digits[32];
      out += std::to_string(s.count);
      out += ' ';
      out.append(digits, std::to_chars(digits, digits + sizeof digits, s.sum).ptr);  // the shortest that reads back as the same number
      out += ' ';
      out += s.name;
      out += '\n';
    }
    return out;
  }
  /// An Error where the text is not one that `text` makes.
  static MetricsWindow of_text(std::string_view text) {
    MetricsWindow out;
    const auto wrong = [](const std::string& why) { return Error("metrics since the last report: " + why + "; they were not written by `text()`"); };
    for (std::size_t line = 1; !text.empty(); ++line) {
      const auto end = text.find('\n');
      if (end == std::string_view::npos) throw wrong("line " + std::to_string(line) + " does not end");
      const char *at = text.data(), *const stop = at + end;
      Sum s;
      const auto count = std::from_chars(at, stop, s.count);
      const bool counted = count.ec == std::errc() && count.ptr != stop && *count.ptr == ' ' && s.count > 0;
      const auto sum = counted ? std::from_chars(count.ptr + 1, stop, s.sum) : std::from_chars_result{at, std::errc::invalid_argument};
      if (sum.ec != std::errc() || sum.ptr == stop || *sum.ptr != ' ' || sum.ptr + 1 == stop || !std::isfinite(s.sum))
        throw wrong("line " + std::to_string(line) + " is not a count, a finite sum and a name");
      s.name.assign(sum.ptr + 1, stop);
      if (out.of(s.name).count > 0) throw wrong("line " + std::to_string(line) + " names a metric for the second time");
      out.sums_.back() = std::move(s);
      text.remove_prefix(end + 1);
    }
    return out;
  }

 private:
  // A handful of names: a search is cheaper than a map.
  Sum& of(std::string_view name) {
    const auto found = std::find_if(sums_.begin(), sums_.end(), [&](const Sum& s) { return s.name == name; });
    return found != sums_.end() ? *found : sums_.emplace_back(Sum{std::string(name)});
  }

  std::vector<Sum> sums_;
  std::vector<const char*> names_;
  std::vector<at::Tensor> values_;
  std::vector<std::int64_t> updates_;
  std::int64_t waiting_ = 0;
};
}  // namespace tessera
