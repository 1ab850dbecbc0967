#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/minari_space.hpp>
#include <tessera/io/tolerant_json.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::minari {
namespace detail {
using json = nlohmann::ordered_json;

[[noreturn]] TESSERA_INLINE void refuse(const std::string& about, const SpacePart& part, const std::string& what) {
  throw Error(about + (part.name.empty() ? "" : ": '" + printable_name(part.name) + "'") + ": " + what);
}
[[noreturn]] TESSERA_INLINE void refuse_space(const std::string& about, const SpacePart& part,
                                              const std::string& what) {
  refuse(about, part, what + "; the file is damaged or of a version that is not known: copy or download it again");
}

TESSERA_INLINE std::int64_t product(const std::vector<std::int64_t>& shape) {
  std::int64_t result = 1;
  for (const auto extent : shape) {
    if (extent < 1 || extent > most_numbers || result > most_numbers) return -1;
    result *= extent;
  }
  return result > most_numbers ? -1 : result;
}

TESSERA_INLINE void read_box(const json& space, const std::string& about, SpacePart& part) {
  const json* shape = entry_of(space, "shape");
  if (shape == nullptr || !shape->is_array() || shape->size() > 32) refuse_space(about, part, "a Box has no shape");
  part.shape = whole_numbers_of(shape);
  part.words = "Box(" + list_text(part.shape, most_shown) + ")";
  const json* dtype = entry_of(space, "dtype");
  const auto sides = std::count_if(part.shape.begin(), part.shape.end(), [](auto side) { return side >= 32; });
  if (dtype != nullptr && dtype->is_string() && dtype->get_ref<const std::string&>() == "uint8" && sides >= 2) {
    part.why_not = "is an image";
    return;
  }
  const auto count = product(part.shape);
  if (count < 0) refuse_space(about, part, "a Box has the shape (" + list_text(part.shape, most_shown) + ")");
  const auto bounds = [&](const char* key, double otherwise) {
    const json* value = entry_of(space, key);
    auto found = numbers_of(value, otherwise);
    if (value == nullptr) found.assign(static_cast<std::size_t>(count), otherwise);
    if (static_cast<std::int64_t>(found.size()) != count)
      refuse_space(about, part,
                   std::string("'") + key + "' has " + std::to_string(found.size()) + " numbers, and the shape " +
                       std::to_string(count));
    return found;
  };
  constexpr double infinite = std::numeric_limits<double>::infinity();
  part.low = bounds("low", -infinite), part.high = bounds("high", infinite);
  part.type = SpacePart::kind::box;
}

TESSERA_INLINE void read_choices(const json& space, const std::string& type, const std::string& about,
                                 SpacePart& part) {
  if (type == "MultiBinary") {
    const json* n = entry_of(space, "n");
    part.shape = whole_numbers_of(n);
    const auto count = product(part.shape);
    if (part.shape.empty() || count < 0)
      refuse_space(about, part, "a MultiBinary does not say how many numbers it has");
    part.choices.assign(static_cast<std::size_t>(count), 2), part.first.assign(static_cast<std::size_t>(count), 0);
    part.type = SpacePart::kind::multi_binary;
    part.words = "MultiBinary(" + list_text(part.shape, most_shown) + ")";
    return;
  }
  const bool many = type == "MultiDiscrete";
  part.choices = whole_numbers_of(entry_of(space, many ? "nvec" : "n"));
  constexpr double farthest = 1e12;
  bool good = !part.choices.empty() && std::int64_t(part.choices.size()) <= most_numbers &&
              (many || part.choices.size() == 1) &&
              std::all_of(part.choices.begin(), part.choices.end(), [](auto n) { return n >= 1; });
  for (const double start : numbers_of(entry_of(space, "start"), 0.5)) {  // may be negative
    good = good && std::floor(start) == start && std::abs(start) < farthest;
    part.first.push_back(good ? static_cast<std::int64_t>(start) : 0);
  }
  if (part.first.empty()) part.first.assign(part.choices.size(), 0);
  good = good && part.first.size() == part.choices.size();
  if (!good) refuse_space(about, part, "a " + type + " does not say how many values it has");
  if (many) {  // lists of lists have one shape
    for (const json* at = entry_of(space, "nvec"); at != nullptr && at->is_array();
         at = at->empty() ? nullptr : &at->front())
      part.shape.push_back(static_cast<std::int64_t>(at->size()));
    if (product(part.shape) != std::int64_t(part.choices.size()))
      refuse_space(about, part, "the numbers of a MultiDiscrete have no shape");
  }
  part.type = many ? SpacePart::kind::multi_discrete : SpacePart::kind::discrete;
  part.words = type + "(" + list_text(part.choices, most_shown) + ")";
}

// Names that are not one for each thing are none: the key is not Minari's, and may mean something else.
TESSERA_INLINE void read_names(const json& space, SpacePart& part) {
  const json* names = entry_of(space, "names");
  if (names == nullptr || !names->is_array() || !part.why_not.empty()) return;
  std::int64_t wanted = part.type == SpacePart::kind::discrete ? part.choices[0] : part.stored_size();
  if (part.type == SpacePart::kind::multi_discrete) {  // of the combinations
    wanted = 1;
    for (const auto n : part.choices) wanted = wanted > most_choices / n ? most_choices + 1 : wanted * n;
  }
  if (std::int64_t(names->size()) != wanted) return;
  if (!std::all_of(names->begin(), names->end(), [](const json& x) { return x.is_string(); })) return;
  for (const auto& each : *names) part.names.push_back(printable_name(each.get_ref<const std::string&>()));
}

TESSERA_INLINE void add_parts(const json& space, const std::string& about, const std::string& name,
                              const std::string& stored, std::int64_t& numbers, std::vector<SpacePart>& to) {
  SpacePart part;
  part.name = name, part.called = name_of_part(name), part.stored = stored;
  const json* type_entry = entry_of(space, "type");
  if (type_entry == nullptr || !type_entry->is_string()) refuse_space(about, part, "is not a space");
  const auto& type = type_entry->get_ref<const std::string&>();
  const auto below = [](const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "/" + key;
  };
  if (type == "Dict" || type == "Tuple") {
    const json* inner = entry_of(space, "subspaces");
    if (inner == nullptr || !(type == "Dict" ? inner->is_object() : inner->is_array()))
      refuse_space(about, part, "a " + type + " has no subspaces");
    std::size_t index = 0;
    for (const auto& item : inner->items()) {
      if (std::int64_t(to.size()) >= most_choices) refuse_space(about, part, "has too many parts");
      const auto number = std::to_string(index++);
      const auto& key = type == "Dict" ? item.key() : number;
      if (key.empty() || key.find('\0') != std::string::npos) refuse_space(about, part, "has a key without a name");
      add_parts(item.value(), about, below(name, key), below(stored, type == "Dict" ? key : "_index_" + number),
                numbers, to);
    }
    return;
  }
  part.words = printable_name(type);
  if (type == "Box") read_box(space, about, part);
  else if (type == "Discrete" || type == "MultiDiscrete" || type == "MultiBinary")
    read_choices(space, type, about, part);
  else part.why_not = type == "Text" ? "is a text" : "is a space of the kind '" + part.words + "'";
  if (part.why_not.empty() && (numbers += part.stored_size()) > most_numbers)
    refuse(about, part, "the parts have more than " + std::to_string(most_numbers) + " numbers; use another data set");
  read_names(space, part);
  to.push_back(std::move(part));
}

TESSERA_INLINE std::int64_t index_in(const SpacePart& part, std::size_t i, double value, std::size_t row,
                                     const std::string& about) {
  const auto choices = part.choices[i], first = part.first[i];
  const double index = value - static_cast<double>(first);
  if (!(index >= 0 && index < static_cast<double>(choices) && index == std::floor(index)))
    refuse(about, part,
           "row " + std::to_string(row) + " holds " + std::to_string(value) + ", and its values are " +
               std::to_string(first) + " to " + std::to_string(first + choices - 1) +
               " by the metadata; correct one of them");
  return static_cast<std::int64_t>(index);
}
}  // namespace detail

TESSERA_INLINE std::int64_t SpacePart::stored_size() const {
  std::int64_t size = 1;
  for (const auto extent : shape) size *= extent;
  return size;
}

TESSERA_INLINE std::string SpacePart::name_of(std::int64_t i) const {
  if (shape.empty()) return called;
  if (!names.empty() && type != kind::multi_discrete) return names[static_cast<std::size_t>(i)];
  std::string index;
  for (auto axis = shape.size(); axis-- > 0; i /= shape[axis])
    index = std::to_string(i % shape[axis]) + (index.empty() ? "" : "," + index);
  return called + "[" + index + "]";
}

TESSERA_INLINE std::vector<SpacePart> parts_of_space(const nlohmann::ordered_json& space, const std::string& about) {
  std::vector<SpacePart> parts;
  std::int64_t numbers = 0;
  if (space.is_string())
    detail::add_parts(parse_tolerant_json(space.get_ref<const std::string&>(), about), about, "", "", numbers, parts);
  else detail::add_parts(space, about, "", "", numbers, parts);
  if (parts.empty()) throw Error(about + ": has no parts; use a data set with observations and actions");
  return parts;
}

TESSERA_INLINE std::vector<SpacePart> choose_parts(std::vector<SpacePart> parts, const std::string& wanted,
                                                   const std::string& option, const std::string& about) {
  const auto is_named = [](const SpacePart& part, const std::string& name) {
    return part.name == name || (part.name.starts_with(name) && part.name[name.size()] == '/');
  };
  std::string readable;
  std::vector<std::string> names;
  for (const auto& part : parts) {
    names.push_back(part.name);
    if (part.why_not.empty() && !part.name.empty())
      readable += (readable.empty() ? "" : ":") + printable_name(part.name);
  }
  std::vector<std::string> chosen;
  if (!wanted.empty()) chosen = split_at(wanted, ':');
  for (const auto& name : chosen) {
    if (!name.empty() &&
        std::any_of(parts.begin(), parts.end(), [&](const auto& part) { return is_named(part, name); }))
      continue;
    const auto near = nearest_name(name, names);
    throw Error(about + ": has no part '" + printable_name(name) + "'" +
                (!near.empty()      ? "; did you mean '" + printable_name(near) + "'?"
                 : readable.empty() ? "; it has no parts with names: leave out ?" + option + "="
                                    : "; there are " + readable));
  }
  std::vector<SpacePart> found;
  for (auto& part : parts) {
    if (!chosen.empty() &&
        std::none_of(chosen.begin(), chosen.end(), [&](const auto& name) { return is_named(part, name); }))
      continue;
    if (!part.why_not.empty())
      detail::refuse(about, part,
                     part.why_not + " (" + part.words + "), and only numbers are learned from; " +
                         (readable.empty() ? "use another data set" : "leave it out with ?" + option + "=" + readable));
    found.push_back(std::move(part));
  }
  return found;
}

TESSERA_INLINE std::int64_t ObservationLayout::width_of(const SpacePart& part) const {
  const auto size = part.stored_size();
  if (part.type == SpacePart::kind::box || part.type == SpacePart::kind::multi_binary || !one_hot_) return size;
  std::int64_t sum = 0;
  for (const auto choices : part.choices) sum += std::min(choices, detail::most_numbers + 1);
  return sum;
}

TESSERA_INLINE ObservationLayout::ObservationLayout(std::vector<SpacePart> parts, bool one_hot,
                                                    const std::string& about)
    : parts_(std::move(parts)), one_hot_(one_hot) {
  for (const auto& part : parts_) {
    begin_.push_back(size_);
    const auto width = width_of(part);
    if (width > detail::most_numbers || (size_ += width) > detail::most_numbers)
      detail::refuse(about, part,
                     part.words + " makes observations of more than " + std::to_string(detail::most_numbers) +
                         " numbers; " +
                         (part.is_discrete() ? "write ?discrete=index to have a discrete value as one number"
                                             : "choose fewer parts with ?observation=NAME:NAME"));
  }
}

TESSERA_INLINE void ObservationLayout::place(std::size_t which, const std::vector<double>& from, std::vector<float>& to,
                                             const std::string& about) const {
  const auto& part = parts_[which];
  const auto size = static_cast<std::size_t>(part.stored_size()), width = static_cast<std::size_t>(size_),
             begin = static_cast<std::size_t>(begin_[which]);
  const bool as_is = part.type == SpacePart::kind::box;
  const bool hot = one_hot_ && !as_is && part.type != SpacePart::kind::multi_binary;
  for (std::size_t row = 0; row * size < from.size(); ++row) {
    float* out = to.data() + row * width + begin;
    for (std::size_t i = 0; i < size; ++i) {
      const double value = from[row * size + i];
      if (as_is) {
        *out++ = static_cast<float>(value);
        continue;
      }
      const auto index = detail::index_in(part, i, value, row, about);
      if (!hot) {
        *out++ = static_cast<float>(index);
        continue;
      }
      std::fill_n(out, part.choices[i], 0.0f);
      out[index] = 1;
      out += part.choices[i];
    }
  }
}

TESSERA_INLINE void ObservationLayout::describe(LogSpaces& spaces) const {
  const bool named = parts_.size() > 1 || !parts_[0].name.empty() || !parts_[0].names.empty();
  for (const auto& part : parts_)
    for (std::int64_t i = 0; i < part.stored_size(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const auto add = [&](const std::string& name, double low, double high) {
        if (named) spaces.observation_names.push_back(name);
        spaces.observation_low.push_back(static_cast<float>(low));
        spaces.observation_high.push_back(static_cast<float>(high));
      };
      if (part.type == SpacePart::kind::box) {
        add(part.name_of(i), part.low[at], part.high[at]);
      } else if (!one_hot_ || part.type == SpacePart::kind::multi_binary) {
        add(part.name_of(i), 0, static_cast<double>(part.choices[at] - 1));
      } else {
        for (std::int64_t value = 0; value < part.choices[at]; ++value)
          add(part.name_of(i) + "=" + std::to_string(part.first[at] + value), 0, 1);
      }
    }
}

TESSERA_INLINE ActionLayout::ActionLayout(std::vector<SpacePart> parts, const std::string& about)
    : parts_(std::move(parts)) {
  const bool discrete = parts_[0].is_discrete();
  kind_ = discrete ? action_kind::discrete : action_kind::continuous;
  size_ = discrete ? 1 : 0;
  for (const auto& part : parts_) {
    if (part.is_discrete() != discrete) {
      const auto of_kind = [&](bool wanted) {
        std::string names;
        for (const auto& each : parts_)
          if (each.is_discrete() == wanted) names += (names.empty() ? "" : ":") + printable_name(each.name);
        return names;
      };
      throw Error(about +
                  ": actions have discrete and continuous parts, and an algorithm is for one kind; choose with "
                  "?action=" +
                  of_kind(true) + " or ?action=" + of_kind(false));
    }
    begin_.push_back(size_);
    if (!discrete) {
      size_ += part.stored_size();
      if (size_ > detail::most_numbers)
        detail::refuse(about, part, "actions have too many numbers; choose fewer parts");
      for (const double x : part.low) low_.push_back(static_cast<float>(x));
      for (const double x : part.high) high_.push_back(static_cast<float>(x));
    } else {
      for (const auto choices : part.choices) {
        if (choices > detail::most_choices || (size_ *= choices) > detail::most_choices)
          detail::refuse(about, part,
                         "there are more than " + std::to_string(detail::most_choices) +
                             " discrete actions, every combination of choices counting as one; choose fewer parts "
                             "with ?action=NAME:NAME, or use another data set");
      }
    }
  }
}

TESSERA_INLINE void ActionLayout::place(std::size_t which, const std::vector<double>& from, std::vector<float>& to,
                                        std::vector<std::int64_t>& indices, const std::string& about) const {
  const auto& part = parts_[which];
  const auto size = static_cast<std::size_t>(part.stored_size());
  for (std::size_t row = 0; row * size < from.size(); ++row)
    for (std::size_t i = 0; i < size; ++i) {
      const double value = from[row * size + i];
      if (kind_ == action_kind::continuous) {
        to[row * static_cast<std::size_t>(size_) + static_cast<std::size_t>(begin_[which]) + i] =
            static_cast<float>(value);
        continue;
      }
      indices[row] = indices[row] * part.choices[i] + detail::index_in(part, i, value, row, about);
    }
}

TESSERA_INLINE void ActionLayout::describe(LogSpaces& spaces) const {
  const bool named = parts_.size() > 1 || !parts_[0].name.empty() || !parts_[0].names.empty();
  if (kind_ == action_kind::continuous) {
    if (named)
      for (const auto& part : parts_)
        for (std::int64_t i = 0; i < part.stored_size(); ++i) spaces.action_names.push_back(part.name_of(i));
    return;
  }
  std::vector<std::int64_t> factors, first;
  for (const auto& part : parts_) {
    factors.insert(factors.end(), part.choices.begin(), part.choices.end());
    first.insert(first.end(), part.first.begin(), part.first.end());
  }
  const auto& names = parts_[0].names;
  if (parts_.size() == 1 && std::int64_t(names.size()) == size_) spaces.action_names = names;
  if (factors.size() == 1) {
    spaces.first_action = first[0];
    return;
  }
  spaces.action_factors = factors;
  if (!spaces.action_names.empty()) return;
  if (std::all_of(first.begin(), first.end(), [](auto s) { return s == 0; })) return;
  // What the task calls them is not the index of the choice: say it.
  for (std::int64_t action = 0; action < size_; ++action) {
    std::string name;
    auto rest = action;
    for (auto k = factors.size(); k-- > 0; rest /= factors[k])
      name = std::to_string(first[k] + rest % factors[k]) + (name.empty() ? "" : "," + name);
    spaces.action_names.push_back(name);
  }
}
}  // namespace tessera::minari
