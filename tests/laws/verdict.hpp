#pragma once
#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace laws {
/// What a law says of a model: nothing, where the model keeps it; else which parts of the law it breaks, and by how
/// much.  It is a result and no assertion, so that a test can also require of a broken model that the law finds it out.
class verdict {
 public:
  /// One part of a law; `details`, such as numbers, are of use where it is broken, which is told once.
  verdict& expect(bool kept, std::string_view law, const std::string& details = {}) {
    if (!kept && !breaks(law)) broken_.push_back(std::string(law) + (details.empty() ? "" : ": " + details));
    return *this;
  }
  verdict& operator+=(const verdict& other) {
    broken_.insert(broken_.end(), other.broken_.begin(), other.broken_.end());
    return *this;
  }
  explicit operator bool() const { return broken_.empty(); }
  /// Whether the model breaks this part.
  bool breaks(std::string_view law) const {
    return std::any_of(broken_.begin(), broken_.end(), [&](const std::string& line) { return line.starts_with(law); });
  }
  friend std::ostream& operator<<(std::ostream& out, const verdict& v) {
    for (const auto& line : v.broken_) out << "\n  broken: " << line;
    return v.broken_.empty() ? out << "every law holds" : out;
  }

 private:
  std::vector<std::string> broken_;
};
}  // namespace laws
