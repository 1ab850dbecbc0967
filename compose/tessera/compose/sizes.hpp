#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tessera/compose/memory.hpp>
#include <tessera/compose/recipe.hpp>
#include <tessera/concepts/types.hpp>
#include <tessera/options/network.hpp>
#include <tessera/options/residual_network.hpp>
#include <tessera/support/machine_memory.hpp>
#include <tessera/support/saturating.hpp>

namespace tessera {
/// What a learner keeps between updates under one name.
struct Buffer {
  enum class kind { numbers, count };  ///< numbers of 4 bytes; one whole number
  std::string name;
  std::vector<std::int64_t> shape;  ///< of numbers; of 0 rows: as many as there happen to be
  kind holds = kind::numbers;
};

namespace detail {
inline std::int64_t extent(std::uint64_t x) {
  return std::int64_t(std::min<std::uint64_t>(x, std::uint64_t(std::numeric_limits<std::int64_t>::max())));
}

/// Stands in for numbers where only their sizes are asked for: nothing is allocated.
struct size_backend {
  struct tensor {
    std::vector<std::int64_t> shape;
  };
  struct device {};
  static device cpu() { return {}; }
  static constexpr std::int64_t single = 0;

  struct network {
    template <class Problem, class Options>
    network(const Problem&, std::string_view, const Options& h, const AdamOptions&, std::int64_t inputs,
            std::int64_t members, const head_layout& top, bool with_target)
        : numbers{{std::max<std::int64_t>(members, 1), extent(mlp_row(h, inputs, top))}}, has_target(with_target) {}
    void each_buffer(const std::string& owner, auto&& f) {
      f(owner + "/parameters", numbers);
      if (has_target) f(owner + "/target", numbers);
      f(owner + "/first_moment", numbers), f(owner + "/second_moment", numbers), f(owner + "/steps", steps);
    }
    tensor numbers;
    bool has_target;
    std::int64_t steps = 0;
  };
  struct scalar {
    template <class Problem>
    scalar(double, const AdamOptions&, const Problem&) {}
    void each_buffer(const std::string& owner, auto&& f) {
      f(owner + "/value", numbers), f(owner + "/first_moment", numbers), f(owner + "/second_moment", numbers),
          f(owner + "/steps", steps);
    }
    tensor numbers{{1}};
    std::int64_t steps = 0;
  };

  template <std::size_t N>
  static tensor filled(const std::array<std::int64_t, N>& sizes, double, const device&) {
    return {{sizes.begin(), sizes.end()}};
  }
};

/// Collects what `each_buffer` lists.
struct buffer_list {
  std::vector<Buffer> all;
  template <class T>
  void operator()(const std::string& name, const T& x) {
    if constexpr (std::is_same_v<T, size_backend::tensor>) all.push_back({name, x.shape, Buffer::kind::numbers});
    else all.push_back({name, {}, Buffer::kind::count});
  }
};

// A part keeps nothing, or says that its state is made of any backend's network, scalar and filled, and of counts
// (`sized_state`).
template <class Part>
constexpr bool sized = !HasState<Part, size_backend> || requires {
  requires Part::sized_state;
};
template <class... Slots>
struct all_sized {
  static constexpr bool value = (sized<typename Slots::type> && ...);
};
}  // namespace detail

/// A recipe whose learner's sizes are known before it is made: not, where a part of a user's own keeps what only one
/// backend has.
template <class R>
concept SizesKnown = R::completed::template apply<detail::all_sized>::value;

/// What a learner of these hyper-parameters and sizes keeps between updates, under the names of its `each_buffer`,
/// without making it.
template <SizesKnown R>
std::vector<Buffer> buffers_of(const params_of<R>& p, std::int64_t observation_size, std::int64_t action_size) {
  constexpr bool discrete = std::is_same_v<typename R::template get<policy>::space, Discrete>;
  const problem_spec<detail::size_backend> on{observation_size, action_size, 0, {}, discrete};
  detail::memory<R, detail::size_backend> m(p, detail::seen_by_parts<R>(on, p));
  detail::buffer_list out;
  out("updates", std::int64_t{0});
  m.each([&](const std::string& owner, auto& x) { x.each_buffer(owner, out); });
  return std::move(out.all);
}

/// Bytes of the numbers of a buffer.
inline std::uint64_t bytes_of(const Buffer& b) {
  std::uint64_t bytes = b.holds == Buffer::kind::count ? 8 : 4;
  for (const auto size : b.shape)
    bytes = math::saturating_product(bytes, size < 0 ? math::max_count : std::uint64_t(size));
  return bytes;
}
/// Bytes of all that a learner keeps, and of its networks' gradients, which are as large as a moment of theirs.
inline std::uint64_t bytes_of(const std::vector<Buffer>& buffers) {
  std::uint64_t sum = 0;
  for (const auto& b : buffers)
    sum = math::saturating_sum(sum, math::saturating_product(bytes_of(b), b.name.ends_with("/first_moment") ? 2 : 1));
  return sum;
}

/// Throws Error where a learner of these hyper-parameters and sizes needs more memory than there is: before it is made,
/// or the data are read.
template <SizesKnown R>
void check_memory(const params_of<R>& p, std::int64_t observation_size, std::int64_t action_size) {
  check_memory(bytes_of(buffers_of<R>(p, observation_size, action_size)), "the learner",
               "make its networks narrower (net.hidden), take fewer members, or keep fewer imagined transitions");
}
}  // namespace tessera
