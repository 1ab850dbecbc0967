#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/nn/ranks.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// The sums of a training run's metrics since its last report.  Numbers stay on the device until `kept` updates have
/// accumulated, or until they are read, so that memory does not grow with the length of the window.  They are summed
/// one after another in the order of updates, so that the sums are identical to the bit however often they are read,
/// and a window that was saved (`text`) and restored (`of_text`) continues as if it had not been.
class MetricsWindow {
 public:
  struct Sum {
    std::string name;
    double sum = 0;
    std::int64_t count = 0;  ///< how many updates had this metric
    bool operator==(const Sum&) const = default;
  };
  static constexpr std::int64_t kept = 128;  ///< how many updates' numbers may wait on the device

  /// Adds the metrics of an update.  Throws Diverged when it reads one that is not finite.
  template <class Metrics>
  void add(std::int64_t update, const Metrics& metrics) {
    for (const auto& m : metrics) {
      names_.push_back(m.name);
      values_.push_back(m.value);
      updates_.push_back(update);
    }
    if (++waiting_ < kept) return;
    if (auto* const joint = nn::JointUpdates::here()) flush(*joint);
    else flush();
  }
  /// Reads what waits on the device.  Throws Diverged at the first number that is not finite: call it before anything
  /// is saved.
  void flush();
  /// The same of numbers that are each rank's own: what is kept are their means over the ranks.  Called on all of them.
  void flush(nn::JointUpdates& joint);
  /// Each metric's mean, in order of first appearance.
  std::vector<std::pair<std::string, double>> means();
  const std::vector<Sum>& sums();
  void clear();

  /// The sums as text, one line `COUNT SUM NAME` each, from which `of_text` restores them to the bit.
  std::string text();
  /// Throws an Error if the text is not one that `text` writes.
  static MetricsWindow of_text(std::string_view text);

 private:
  // There are only a few names: a linear search is faster than a map.
  Sum& of(std::string_view name);
  // The numbers that wait, on the CPU; and what is done with them then.
  at::Tensor waiting() const;
  void take(const at::Tensor& all);

  std::vector<Sum> sums_;
  std::vector<const char*> names_;
  std::vector<at::Tensor> values_;
  std::vector<std::int64_t> updates_;
  std::int64_t waiting_ = 0;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/window.impl.hpp>
#endif
