#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/nn/tensor.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// The sums of a training's metrics since its last report.  Numbers stay on the device until there are those of `kept`
/// updates, or until somebody asks: memory does not grow with the length of a window.  Sums are made one number after
/// the other in the order of updates, so that they are the same to the bit however often the numbers are read, and a
/// window that was written down (`text`) and read back (`of_text`) goes on as if it had not been.
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
  /// Reads what waits on the device.  Throws Diverged at its first number that is not finite: ask before anything is
  /// saved.
  void flush();
  /// Each metric's mean, in order of first appearance.
  std::vector<std::pair<std::string, double>> means();
  const std::vector<Sum>& sums();
  void clear();

  /// The sums as text, a line `COUNT SUM NAME` each, from which `of_text` has them again to the bit.
  std::string text();
  /// An Error where the text is not one that `text` makes.
  static MetricsWindow of_text(std::string_view text);

 private:
  // A handful of names: a search is cheaper than a map.
  Sum& of(std::string_view name);

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
