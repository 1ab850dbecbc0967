#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/support/error.hpp>

/// A trained policy as one function, apart from everything that training needs.
namespace tessera::deploy {
/// What a value of a program is.  Values are matrices of float32, (rows, columns); x is a value's first input, y its
/// second.  Where y has one row, or one column, that is taken for every row, or column, of x.
enum class op : std::uint8_t {
  observation,  ///< (1, n) in the task's units: the first value of every program
  noise,        ///< (R, d) numbers that the caller draws from N(0, 1)
  constant,     ///< `numbers`
  linear,       ///< x y + b, b the third input, (1, columns), which may be absent
  add,          ///< x + y
  multiply,     ///< x y, number by number
  minimum,      ///< the lesser of x and y
  clamp,        ///< x between `low` and `high`
  relu,         ///< the greater of x and 0
  gelu,         ///< x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
  tanh,
  silu,  ///< x / (1 + exp(-x))
  mish,  ///< x tanh(log(1 + exp x))
  exp,
  layer_norm,  ///< (x - mean) / sqrt(variance + `low`) y + b by row, b the third input; y and b (1, columns)
  rows,        ///< rows `from` to `from` + rows of x
  pick,        ///< the row of x whose y, (K, 1), is the largest, the first of equal ones
  likely,      ///< x where y - max y > `low`, else -1e30: (1, A) of each
  argmax,      ///< (1, 1): `from` + the index of the largest of x (1, A), the first of equal ones
};
inline constexpr std::array<const char*, 19> op_names = {
    "observation", "noise", "constant", "linear", "add",        "multiply", "minimum", "clamp",  "relu",  "gelu",
    "tanh",        "silu",  "mish",     "exp",    "layer_norm", "rows",     "pick",    "likely", "argmax"};
inline const char* name_of(op what) { return op_names[std::size_t(what)]; }

namespace detail {
// Limits of what is read: rows or columns of a value, numbers that a program computes, and its values.
inline constexpr std::int64_t max_extent = 1 << 24, max_results = 1 << 28;
inline constexpr std::size_t max_values = 1 << 20;
}  // namespace detail

struct Value {
  op what = op::constant;
  std::vector<std::int32_t> in{};  ///< earlier values
  std::int64_t rows = 1, columns = 1;
  float low = 0, high = 0;
  std::int64_t from = 0;
  std::vector<float> numbers{};  ///< of a constant, row by row
  std::size_t size() const { return std::size_t(rows * columns); }
};

/// What a policy takes and gives.
struct Signature {
  std::string algorithm{};  ///< "td3-bc"
  std::int64_t observation_size = 0;
  /// Numbers of one action, d; of discrete actions their count, A, of which the policy gives one, as a code.
  std::int64_t action_size = 0;
  bool discrete = false;
  std::int64_t first_action = 0;     ///< the code of the first discrete action; the others follow
  std::int64_t actions_at_once = 1;  ///< h actions that are done one after the other, of a policy of chunks
  std::vector<float> action_low{}, action_high{};  ///< (d), between which every action is; empty of discrete ones
  /// What the observation's numbers, and the action's, are called; empty where the data did not say.
  std::vector<std::string> observation_names{}, action_names{};

  /// How many numbers the policy gives: h d, or 1, the code.
  std::int64_t outputs() const { return discrete ? 1 : actions_at_once * action_size; }
  friend bool operator==(const Signature&, const Signature&) = default;
};

/// A policy as a list of values, each made of earlier ones; the last is the action.  Everything that is exported is
/// written from this.
struct Program {
  Signature signature{};
  std::vector<Value> values{};

  const Value& action() const { return values.back(); }
  /// The noise that the caller gives, (rows, columns); null where there is none.
  const Value* noise() const;
};

/// Adds a value, whose rows and columns are computed unless it is an input, a constant or `rows`.  Returns its index.
/// Throws Error where its inputs do not fit.
std::int32_t append(Program& p, Value v);

/// Why a program that was read is none: an empty text where it is sound.  Nothing is allocated by what it says.
std::string fault_of(const Program& p);
std::string fault_of(const Signature& s);  ///< of what it says of itself alone

/// A 64-bit hash of everything in it.  It detects damage; whoever changes a file on purpose can change the hash too.
std::uint64_t content_hash(const Program& p);

/// Replaces the noise that the caller would give by these numbers, row by row.
void fix_noise(Program& p, std::vector<float> numbers);

/// Whether every result has one row, so that each row of several observations is treated by itself.
bool by_row(const Program& p);

/// Where the results lie that a program computes, in one block of memory, which those share that are not needed at the
/// same time.  Offsets are multiples of 16 numbers; those of inputs and constants are -1.
struct Layout {
  std::vector<std::int64_t> offsets{};  ///< of each value
  std::int64_t size = 0;
};
Layout layout_of(const Program& p);

/// The numbers of a network's layer as they are written for people: "3 x 256".
std::string shape_text(std::int64_t rows, std::int64_t columns);
}  // namespace tessera::deploy

#ifndef TESSERA_COMPILED
#include <tessera/deploy/program.impl.hpp>
#endif
