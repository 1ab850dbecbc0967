#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/compose/name.hpp>
#include <tessera/compose/reflect.hpp>
#include <tessera/compose/sizes.hpp>
#include <tessera/data/error.hpp>
#include <tessera/data/machine_memory.hpp>
#include <tessera/data/normalizer.hpp>
#include <tessera/data/printable.hpp>
#include <tessera/data/safetensors.hpp>
#include <tessera/math/saturating.hpp>

/// What is known of a saved learner before it is made: all but its numbers, without libtorch.
namespace tessera {
namespace detail {
inline constexpr const char* checkpoint_format = "tessera-checkpoint-2";
inline constexpr const char* dynamics_format = "tessera-dynamics-2";
inline constexpr std::string_view parameter_prefix = "parameters.", extra_prefix = "extra.";
inline constexpr std::int64_t most_updates = 1'000'000'000'000'000;  // of any count in a file: beyond it, products of counts overflow

// Numbers in metadata, as text that reads back to the same number.
template <class T>
std::string entries_text(std::span<const T> all) {
  std::string out;
  char buffer[64];
  for (const T x : all) {
    if (!out.empty()) out += ',';
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, x).ptr);
  }
  return out.empty() ? "none" : out;
}
template <class T>
std::string entry_text(T x) {
  return entries_text<T>(std::span<const T>(&x, 1));
}
template <class T>
std::vector<T> read_entries(const safetensors::File& file, const std::string& key, std::int64_t count) {
  const std::string_view text = file.text(key);
  std::vector<T> out;
  for (std::size_t from = 0; text != "none" && from <= text.size();) {
    const auto comma = std::min(text.find(',', from), text.size());
    T x{};
    const auto [end, code] = std::from_chars(text.data() + from, text.data() + comma, x);
    if (code != std::errc{} || end != text.data() + comma) throw file.damaged("its " + key + " has what is no number");
    out.push_back(x);
    from = comma + 1;
  }
  if (std::int64_t(out.size()) != count)
    throw file.damaged("its " + key + " has " + std::to_string(out.size()) + " entries where " + std::to_string(count) + " were expected");
  return out;
}
template <class T>
T read_entry(const safetensors::File& file, const std::string& key) {
  return read_entries<T>(file, key, 1).front();
}

// The sizes of a problem, and whether its actions are indices.
struct SavedProblem {
  std::int64_t observation_size = 0, action_size = 0;
  bool discrete = false;
};
inline void write_problem(safetensors::Metadata& to, const SavedProblem& on) {
  to["problem.observation_size"] = entry_text(on.observation_size);
  to["problem.action_size"] = entry_text(on.action_size);
  to["problem.actions"] = on.discrete ? "discrete" : "continuous";
}
inline SavedProblem read_problem(const safetensors::File& file) {
  const SavedProblem on{read_entry<std::int64_t>(file, "problem.observation_size"), read_entry<std::int64_t>(file, "problem.action_size"),
                        file.text("problem.actions") == "discrete"};
  constexpr std::int64_t most = 1 << 30;
  if (on.observation_size < 1 || on.observation_size > most || on.action_size < 1 || on.action_size > most)
    throw file.damaged("its problem has an observation size of " + std::to_string(on.observation_size) + " and an action size of " + std::to_string(on.action_size));
  if (!on.discrete && file.text("problem.actions") != "continuous") throw file.damaged("its problem.actions is neither continuous nor discrete");
  return on;
}

// Hyper-parameters, an entry each.
inline void write_parameters(safetensors::Metadata& to, const std::vector<Parameter>& all) {
  for (const auto& each : all) to[std::string(parameter_prefix) + each.key] = each.text();
}
inline void read_parameters(const safetensors::File& file, const std::vector<Parameter>& all) {
  for (auto at = file.metadata().lower_bound(std::string(parameter_prefix)); at != file.metadata().end() && at->first.starts_with(parameter_prefix); ++at) {
    const auto key = at->first.substr(parameter_prefix.size());
    const auto found = std::find_if(all.begin(), all.end(), [&](const Parameter& p) { return p.key == key; });
    if (found == all.end()) throw file.damaged("it has a hyper-parameter " + safetensors::detail::shown(key) + ", which its algorithm has not");
    try {
      found->set(at->second);
    } catch (const Error&) {  // which repeats the text, however long
      throw file.damaged("its hyper-parameter " + key + " is " + safetensors::detail::shown(at->second) + ", which it cannot be");
    }
  }
}

// The affine maps of a learner.  Empty, or what is wrong with them: a scale that divides must have an inverse.
inline std::string fault_of(const Normalizer& u) {
  const auto finite = [](const std::vector<float>& all) { return std::all_of(all.begin(), all.end(), [](float x) { return std::isfinite(x); }); };
  const auto scales = [](float x) { return std::isnormal(x) && x > 0; };
  if (!finite(u.observation_shift)) return "units.observation_shift has a number that is not finite";
  if (!std::all_of(u.observation_scale.begin(), u.observation_scale.end(), scales)) return "units.observation_scale has a number that is not finite and above 0";
  if (!scales(u.reward_scale)) return "units.reward_scale is not finite and above 0";
  if (!std::isfinite(u.reward_shift)) return "units.reward_shift is not finite";
  if (!std::isfinite(u.observation_clip) || u.observation_clip < 0) return "units.observation_clip is not finite and at least 0";
  if (!std::isfinite(u.reward_limit) || u.reward_limit < 0) return "units.reward_limit is not finite and at least 0";
  if (!finite(u.action_low) || !finite(u.action_high)) return "units.action_low or action_high has a number that is not finite";
  for (std::size_t j = 0; j < u.action_low.size(); ++j)
    if (!scales(u.action_high[j] - u.action_low[j])) return "units.action_low and action_high leave no room between them";
  return {};
}
inline void write_units(safetensors::Metadata& to, const Normalizer& u) {
  const auto put = [&](const char* key, const std::vector<float>& all) { to[std::string("units.") + key] = entries_text<float>(all); };
  put("observation_shift", u.observation_shift), put("observation_scale", u.observation_scale);
  put("reward_scale", {u.reward_scale}), put("reward_shift", {u.reward_shift});
  put("observation_clip", {u.observation_clip}), put("reward_limit", {u.reward_limit});
  put("action_low", u.action_low), put("action_high", u.action_high);
}
inline Normalizer read_units(const safetensors::File& file, const SavedProblem& on) {
  const auto limits = on.discrete ? 0 : on.action_size;
  Normalizer u;
  u.observation_shift = read_entries<float>(file, "units.observation_shift", on.observation_size);
  u.observation_scale = read_entries<float>(file, "units.observation_scale", on.observation_size);
  u.reward_scale = read_entry<float>(file, "units.reward_scale"), u.reward_shift = read_entry<float>(file, "units.reward_shift");
  u.observation_clip = read_entry<float>(file, "units.observation_clip"), u.reward_limit = read_entry<float>(file, "units.reward_limit");
  u.action_low = read_entries<float>(file, "units.action_low", limits), u.action_high = read_entries<float>(file, "units.action_high", limits);
  if (const auto fault = fault_of(u); !fault.empty()) throw file.damaged(fault);
  return u;
}

// What a file's tensors are held against before anything is made of them: there are those that `expect` lists, of their sizes, and no other.
template <class Expect>
void check_tensors_of(const safetensors::File& file, Expect&& expect) {
  std::vector<Buffer> expected;
  try {
    expected = std::forward<Expect>(expect)();
  } catch (const Error& error) {  // of settings that make no network
    throw file.damaged(error.what());
  }
  std::uint64_t bytes = 0;
  for (const auto& b : expected) bytes = math::saturating_sum(bytes, bytes_of(b));
  if (bytes != file.data_bytes())
    throw file.damaged("its hyper-parameters ask for " + exact_bytes_text(bytes) + " of tensors, and it has " + std::to_string(file.data_bytes()));
  for (const auto& b : expected) {
    const auto& t = file.at(b.name);
    if (t.type != (b.holds == Buffer::kind::count ? safetensors::Type::i64 : safetensors::Type::f32) || t.shape != b.shape)
      throw file.damaged("tensor '" + b.name + "' has another type or shape than its parameters say");
  }
  if (file.tensors().size() != expected.size())
    for (const auto& [name, t] : file.tensors())
      if (std::none_of(expected.begin(), expected.end(), [&](const Buffer& b) { return b.name == name; }))
        throw file.damaged("it has a tensor " + safetensors::detail::shown(name) + ", which its algorithm has not");
}

// Empty, or what is wrong with the numbers of a name.
inline std::string fault_of(const std::string& name, const float* x, std::size_t count) {
  // The limits of what may be imagined are infinite where nothing is limited.
  const bool limits = name == "imagined/low" || name == "imagined/high";
  bool not_finite = false, nan = false, negative = false, zero = false;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, x + i, sizeof bits);
    not_finite |= (bits & 0x7f800000u) == 0x7f800000u, nan |= (bits & 0x7fffffffu) > 0x7f800000u;
    negative |= x[i] < 0, zero |= x[i] == 0;
  }
  if (limits ? nan : not_finite) return name + " has a number that is not finite";
  if (negative && (name.ends_with("/second_moment") || name.ends_with("_scale"))) return name + " has a number below 0";
  if (zero && name.ends_with("/input_scale")) return name + " has a number that is 0";  // of a target it stands for what never changes
  return {};
}
inline std::int64_t read_count(const safetensors::File& file, const std::string& name) {
  std::int64_t x = 0;
  file.read(name, &x);
  if (x < 0 || x > most_updates) throw file.damaged("tensor '" + name + "' is " + std::to_string(x) + ", which is no count");
  return x;
}
// Counts that say where in other tensors something is.
inline void check_counts(const safetensors::File& file) {
  const auto rows = file.tensors().find("imagined/rows");
  if (rows == file.tensors().end() || rows->second.shape.empty()) return;
  const auto capacity = rows->second.shape.front(), filled = read_count(file, "imagined/filled"), at = read_count(file, "imagined/at");
  if (filled > capacity || at > filled || (at == capacity && at > 0)) throw file.damaged("imagined/filled or imagined/at is beyond imagined/rows");
}

// A file of ours: of the format, and whole.
inline safetensors::File open_saved(const std::string& path, const std::string& format, const std::string& other, const std::string& is_other) {
  auto file = safetensors::File::open(path);
  const auto& metadata = file.metadata();
  const auto found = metadata.find("format");
  if (found != metadata.end() && found->second == other) throw Error(path + ": " + is_other);
  if (found == metadata.end() || found->second != format)
    throw Error(path + ": is not a " + (format == checkpoint_format ? "checkpoint" : "dynamics model") + " of this version (format " +
                (found == metadata.end() ? std::string("none") : safetensors::detail::shown(found->second)) + ", expected '" + format + "'); use another file");
  file.verify();
  return file;
}
inline safetensors::File open_checkpoint(const std::string& path) {
  return open_saved(path, checkpoint_format, dynamics_format, "is a dynamics model, not the checkpoint of a learner; give a checkpoint");
}
inline const std::string& algorithm_of(const safetensors::File& file) { return file.text("algorithm"); }

/// A checkpoint of recipe R but for its tensors, which are known to be those that its learner has.
template <class R>
struct CheckpointHeader {
  params_of<R> params;
  SavedProblem on;
  std::uint64_t seed = 0;
  Normalizer units;
};
template <class R>
CheckpointHeader<R> read_checkpoint_header(const safetensors::File& file) {
  const auto &saved = algorithm_of(file), wanted = kebab_case(type_name<R>());
  if (saved != wanted) {
    const auto its = printable_name(saved);
    throw Error(file.path() + ": was saved by " + its + ", not by " + wanted + "; load it as " + its);
  }
  CheckpointHeader<R> out;
  read_parameters(file, parameters<R>(out.params));
  out.on = read_problem(file);
  if (out.on.discrete != std::is_same_v<typename R::template get<policy>::space, Discrete>)
    throw file.damaged("its problem has " + file.text("problem.actions") + " actions, and " + wanted + " is not for those");
  out.seed = read_entry<std::uint64_t>(file, "problem.seed");
  out.units = read_units(file, out.on);
  if constexpr (SizesKnown<R>) check_tensors_of(file, [&] { return buffers_of<R>(out.params, out.on.observation_size, out.on.action_size); });
  check_counts(file);
  return out;
}
}  // namespace detail

/// The algorithm of a checkpoint, in kebab case.  Throws Error where the file is not a checkpoint, or damaged.
inline std::string checkpoint_algorithm(const std::string& path) { return detail::algorithm_of(detail::open_checkpoint(path)); }

/// What was given to save_checkpoint as `extra`.  Throws Error where the file is not a checkpoint, or damaged.
inline std::map<std::string, std::string> checkpoint_metadata(const std::string& path) {
  const auto file = detail::open_checkpoint(path);
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(detail::extra_prefix)) out.emplace(key.substr(detail::extra_prefix.size()), value);
  return out;
}
}  // namespace tessera
