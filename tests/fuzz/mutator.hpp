#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace tessera::fuzz {
/// What formats are made wrong by: single bits, numbers that mean much, parts lost, doubled, or taken from elsewhere,
/// and a cut end.  The same inputs in the same order every time.
class Mutator {
 public:
  explicit Mutator(std::vector<std::string> seeds) : seeds_(std::move(seeds)) {}

  std::string next() {
    std::string text = any();
    for (auto times = 1 + below(4); times-- > 0;) {
      const auto at = below(text.size() + 1);
      switch (below(8)) {
        case 0:
          if (at < text.size()) text[at] = char(text[at] ^ (1 << below(8)));
          break;
        case 1:
          if (at < text.size()) text[at] = char(below(256));
          break;
        case 2: {  // a number of 1, 2, 4 or 8 bytes, little-endian
          constexpr std::uint64_t much[] = {0,          1,          0x7f,        0xff,      0x7fff,     0xffff,
                                            0x7fffffff, 0xffffffff, 0x100000000, INT64_MAX, UINT64_MAX, 1u << 20};
          const auto number = much[below(std::size(much))];
          for (std::size_t i = 0, width = std::size_t{1} << below(4); i < width && at + i < text.size(); ++i)
            text[at + i] = char(number >> (8 * i));
          break;
        }
        case 3:
          text.erase(at, 1 + below(16));
          break;
        case 4:
          text.insert(at, text.substr(below(text.size() + 1), 1 + below(32)));
          break;
        case 5: {
          const auto other = any();
          const auto from = below(other.size() + 1);
          text.replace(at, std::min<std::size_t>(text.size() - at, 64), other.substr(from, 1 + below(64)));
          break;
        }
        case 6:
          if (below(4) == 0) text.resize(at);
          break;
        default:
          for (std::size_t i = at, end = std::min(text.size(), at + 1 + below(64)); i < end; ++i) text[i] = 0;
      }
    }
    return text;
  }

 private:
  std::size_t below(std::size_t n) { return n == 0 ? 0 : std::size_t(random_() % n); }
  const std::string& any() { return seeds_[below(seeds_.size())]; }
  std::vector<std::string> seeds_;
  std::mt19937_64 random_{1};
};
}  // namespace tessera::fuzz
