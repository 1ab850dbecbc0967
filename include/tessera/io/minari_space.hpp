#pragma once
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>

namespace tessera::minari {
/// One of the numbers, lists of numbers or other things that a Gymnasium space is made of; Dict and Tuple spaces are
/// taken apart.
struct SpacePart {
  enum class kind { box, discrete, multi_discrete, multi_binary, unreadable };
  kind type = kind::unreadable;
  std::string words;    ///< for messages: "Discrete(3, start 1)", "Text"
  std::string name;     ///< keys and numbers joined: "agent/velocity", "1"; empty for a space that is no Dict or Tuple
  std::string called;   ///< the same for the names of its numbers, see `name_of_part`
  std::string stored;   ///< the same as it is written in HDF5: "agent/velocity", "_index_1"
  std::string why_not;  ///< why it cannot be learned from: "is an image"; only if it is unreadable
  std::vector<std::int64_t> shape;           ///< () for a Discrete
  std::vector<double> low, high;             ///< of a box, for each number; may be infinite
  std::vector<std::int64_t> choices, first;  ///< of the discrete ones, for each number: how many values, and the least
  /// What its numbers, or its values if it is a Discrete, are called, by a key 'names' that `write_minari` writes.
  std::vector<std::string> names;

  bool is_discrete() const { return type != kind::box; }
  /// Numbers in a row of it, as it is stored.
  std::int64_t stored_size() const;
  /// "velocity[1]", "mode", "goal[0,1]" for its number `i`; "[1]" for a space without a name.
  std::string name_of(std::int64_t i) const;
};

namespace detail {
inline constexpr std::int64_t most_numbers = 1 << 20;  ///< more than a vector observation has
inline constexpr std::int64_t most_choices = 65536;
/// The product of a shape; -1 if it is not one of 1 to `most_numbers` numbers.
std::int64_t product(const std::vector<std::int64_t>& shape);
inline constexpr std::size_t most_shown = 8;  ///< numbers of a shape in a message
[[noreturn]] void refuse(const std::string& about, const SpacePart& part, const std::string& what);
/// The same for a description that makes no sense.
[[noreturn]] void refuse_space(const std::string& about, const SpacePart& part, const std::string& what);
}  // namespace detail

/// Takes a space apart, in the order of Gymnasium's `flatten`.  `about` begins the messages: "metadata.json: key
/// 'observation_space'".  `space` is the object that Minari writes, or its text.
std::vector<SpacePart> parts_of_space(const nlohmann::ordered_json& space, const std::string& about);

/// The parts that `wanted`, names with colons between them, names; "agent" names all of agent/....  All, where it is
/// empty.  Throws an Error for a name that is not there, and for a part that is chosen and cannot be learned from:
/// `option` is how one chooses others ("observation").
std::vector<SpacePart> choose_parts(std::vector<SpacePart> parts, const std::string& wanted, const std::string& option,
                                    const std::string& about);

/// How observations are made of parts: the numbers of boxes and binaries as they are, a discrete one as ones and zeros
/// (1 at its value), as Gymnasium's `flatten` does, or as one number, counted from 0.
class ObservationLayout {
 public:
  ObservationLayout(std::vector<SpacePart> parts, bool one_hot, const std::string& about);

  const std::vector<SpacePart>& parts() const { return parts_; }
  std::int64_t size() const { return size_; }
  /// Writes part `which`, (rows, its stored size) numbers, into `to`, (rows, size()).  Throws for a value outside a
  /// discrete part's.
  void place(std::size_t which, const std::vector<double>& from, std::vector<float>& to,
             const std::string& about) const;
  void describe(LogSpaces& spaces) const;

 private:
  std::int64_t width_of(const SpacePart& part) const;

  std::vector<SpacePart> parts_;
  std::vector<std::int64_t> begin_;
  bool one_hot_;
  std::int64_t size_ = 0;
};

/// How actions are made of parts: boxes one after another, or one discrete action that is the choice of all the
/// discrete ones, the last fastest.
class ActionLayout {
 public:
  /// Throws if there are both kinds, or too many discrete actions.
  ActionLayout(std::vector<SpacePart> parts, const std::string& about);

  const std::vector<SpacePart>& parts() const { return parts_; }
  action_kind kind() const { return kind_; }
  std::int64_t size() const { return size_; }  ///< as `Dataset::action_size`
  /// Limits that are declared; empty if discrete.
  const std::vector<float>& low() const { return low_; }
  const std::vector<float>& high() const { return high_; }
  /// Adds part `which`, (rows, its stored size) numbers, to (rows, size()) actions, or to (rows) indices that are 0
  /// before the first part is added.
  void place(std::size_t which, const std::vector<double>& from, std::vector<float>& to,
             std::vector<std::int64_t>& indices, const std::string& about) const;
  void describe(LogSpaces& spaces) const;

 private:
  std::vector<SpacePart> parts_;
  std::vector<std::int64_t> begin_;
  action_kind kind_ = action_kind::continuous;
  std::int64_t size_ = 0;
  std::vector<float> low_, high_;
};
}  // namespace tessera::minari

#ifndef TESSERA_COMPILED
#include <tessera/io/minari_space.impl.hpp>
#endif
