#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/train/checkpoint_header.hpp>

namespace tessera::detail {
TESSERA_INLINE void write_problem(safetensors::Metadata& to, const SavedProblem& on) {
  to["problem.observation_size"] = entry_text(on.observation_size);
  to["problem.action_size"] = entry_text(on.action_size);
  to["problem.actions"] = on.discrete ? "discrete" : "continuous";
}

TESSERA_INLINE SavedProblem read_problem(const safetensors::File& file) {
  const SavedProblem on{read_entry<std::int64_t>(file, "problem.observation_size"),
                        read_entry<std::int64_t>(file, "problem.action_size"),
                        file.text("problem.actions") == "discrete"};
  constexpr std::int64_t max = 1 << 30;
  if (on.observation_size < 1 || on.observation_size > max || on.action_size < 1 || on.action_size > max)
    throw file.damaged("its problem has an observation size of " + std::to_string(on.observation_size) +
                       " and an action size of " + std::to_string(on.action_size));
  if (!on.discrete && file.text("problem.actions") != "continuous")
    throw file.damaged("its problem.actions is neither continuous nor discrete");
  return on;
}

TESSERA_INLINE void write_parameters(safetensors::Metadata& to, const std::vector<Parameter>& all) {
  for (const auto& each : all) to[std::string(parameter_prefix) + each.key] = each.text();
}
TESSERA_INLINE void read_parameters(const safetensors::File& file, const std::vector<Parameter>& all) {
  for (auto at = file.metadata().lower_bound(std::string(parameter_prefix));
       at != file.metadata().end() && at->first.starts_with(parameter_prefix); ++at) {
    const auto key = at->first.substr(parameter_prefix.size());
    const auto found = std::find_if(all.begin(), all.end(), [&](const Parameter& p) { return p.key == key; });
    if (found == all.end())
      throw file.damaged("it has a hyper-parameter " + safetensors::detail::shown(key) +
                         ", which its algorithm does not have");
    try {
      found->set(at->second);
    } catch (const Error&) {  // its message would repeat the text, however long
      throw file.damaged("its hyper-parameter " + key + " is " + safetensors::detail::shown(at->second) +
                         ", which is not a valid value");
    }
  }
}

TESSERA_INLINE std::string fault_of(const Normalizer& u) {
  const auto finite = [](const std::vector<float>& all) {
    return std::all_of(all.begin(), all.end(), [](float x) { return std::isfinite(x); });
  };
  const auto scales = [](float x) { return std::isnormal(x) && x > 0; };
  if (!finite(u.observation_shift)) return "units.observation_shift has a number that is not finite";
  if (!std::all_of(u.observation_scale.begin(), u.observation_scale.end(), scales))
    return "units.observation_scale has a number that is not finite and above 0";
  if (!scales(u.reward_scale)) return "units.reward_scale is not finite and above 0";
  if (!std::isfinite(u.reward_shift)) return "units.reward_shift is not finite";
  if (!std::isfinite(u.observation_clip) || u.observation_clip < 0)
    return "units.observation_clip is not finite and at least 0";
  if (!std::isfinite(u.reward_limit) || u.reward_limit < 0) return "units.reward_limit is not finite and at least 0";
  if (!finite(u.action_low) || !finite(u.action_high))
    return "units.action_low or action_high has a number that is not finite";
  for (std::size_t j = 0; j < u.action_low.size(); ++j)
    if (!scales(u.action_high[j] - u.action_low[j]))
      return "units.action_low and action_high leave no room between them";
  return {};
}

TESSERA_INLINE void write_units(safetensors::Metadata& to, const Normalizer& u) {
  const auto put = [&](const char* key, const std::vector<float>& all) {
    to[std::string("units.") + key] = entries_text<float>(all);
  };
  put("observation_shift", u.observation_shift), put("observation_scale", u.observation_scale);
  put("reward_scale", {u.reward_scale}), put("reward_shift", {u.reward_shift});
  put("observation_clip", {u.observation_clip}), put("reward_limit", {u.reward_limit});
  put("action_low", u.action_low), put("action_high", u.action_high);
}

TESSERA_INLINE Normalizer read_units(const safetensors::File& file, const SavedProblem& on) {
  const auto limits = on.discrete ? 0 : on.action_size;
  Normalizer u;
  u.observation_shift = read_entries<float>(file, "units.observation_shift", on.observation_size);
  u.observation_scale = read_entries<float>(file, "units.observation_scale", on.observation_size);
  u.reward_scale = read_entry<float>(file, "units.reward_scale"),
  u.reward_shift = read_entry<float>(file, "units.reward_shift");
  u.observation_clip = read_entry<float>(file, "units.observation_clip"),
  u.reward_limit = read_entry<float>(file, "units.reward_limit");
  u.action_low = read_entries<float>(file, "units.action_low", limits),
  u.action_high = read_entries<float>(file, "units.action_high", limits);
  if (const auto fault = fault_of(u); !fault.empty()) throw file.damaged(fault);
  return u;
}

TESSERA_INLINE void check_tensors_of(const safetensors::File& file,
                                     const std::function<std::vector<Buffer>()>& expect) {
  std::vector<Buffer> expected;
  try {
    expected = expect();
  } catch (const Error& error) {  // the settings do not describe a network
    throw file.damaged(error.what());
  }
  for (auto& b : expected) {  // what has as many rows as there happen to be has those of the file
    const auto found = file.tensors().find(b.name);
    if (!b.shape.empty() && b.shape[0] == 0 && found != file.tensors().end() && !found->second.shape.empty())
      b.shape[0] = found->second.shape[0];
  }
  std::uint64_t bytes = 0;
  for (const auto& b : expected) bytes = math::saturating_sum(bytes, bytes_of(b));
  if (bytes != file.data_bytes())
    throw file.damaged("its hyper-parameters ask for " + exact_bytes_text(bytes) + " of tensors, and it has " +
                       std::to_string(file.data_bytes()));
  for (const auto& b : expected) {
    const auto& t = file.at(b.name);
    if (t.type != (b.holds == Buffer::kind::count ? safetensors::Type::i64 : safetensors::Type::f32) ||
        t.shape != b.shape)
      throw file.damaged("tensor '" + b.name + "' has another type or shape than its parameters say");
  }
  if (file.tensors().size() != expected.size())
    for (const auto& [name, t] : file.tensors())
      if (std::none_of(expected.begin(), expected.end(), [&](const Buffer& b) { return b.name == name; }))
        throw file.damaged("it has a tensor " + safetensors::detail::shown(name) +
                           ", which its algorithm does not have");
}

TESSERA_INLINE SavedHeader read_header(const safetensors::File& file, const std::string& wanted, bool discrete,
                                       const std::vector<Parameter>& parameters,
                                       const std::function<std::vector<Buffer>(const SavedProblem&)>& expect) {
  const auto& saved = algorithm_of(file);
  if (saved != wanted) {
    const auto its = printable_name(saved);
    throw Error(file.path() + ": was saved by " + its + ", not by " + wanted + "; load it as " + its);
  }
  SavedHeader out;
  read_parameters(file, parameters);
  out.on = read_problem(file);
  if (out.on.discrete != discrete)
    throw file.damaged("its problem has " + file.text("problem.actions") + " actions, and " + wanted +
                       " is not for those");
  out.seed = read_entry<std::uint64_t>(file, "problem.seed");
  out.units = read_units(file, out.on);
  if (expect) check_tensors_of(file, [&] { return expect(out.on); });
  check_counts(file);
  return out;
}

TESSERA_INLINE std::string fault_of(const std::string& name, const float* x, std::size_t count) {
  // The limits of the imagination are infinite if nothing is limited.
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
  if (zero && name.ends_with("/input_scale"))
    return name + " has a number that is 0";  // in a target scale, 0 means that it never changes
  return {};
}

TESSERA_INLINE std::int64_t read_count(const safetensors::File& file, const std::string& name) {
  std::int64_t x = 0;
  file.read(name, &x);
  if (x < 0 || x > max_updates)
    throw file.damaged("tensor '" + name + "' is " + std::to_string(x) + ", which is not a count");
  return x;
}

TESSERA_INLINE void check_counts(const safetensors::File& file) {
  const auto rows = file.tensors().find("imagined/rows");
  if (rows == file.tensors().end() || rows->second.shape.empty()) return;
  const auto capacity = rows->second.shape.front(), filled = read_count(file, "imagined/filled"),
             at = read_count(file, "imagined/at");
  if (filled > capacity || at > filled || (at == capacity && at > 0))
    throw file.damaged("imagined/filled or imagined/at is beyond imagined/rows");
}

TESSERA_INLINE safetensors::File open_saved(const std::string& path, const std::string& format,
                                            const std::string& other, const std::string& is_other) {
  auto file = safetensors::File::open(path);
  const auto& metadata = file.metadata();
  const auto found = metadata.find("format");
  if (found != metadata.end() && found->second == other) throw Error(path + ": " + is_other);
  if (found == metadata.end() || found->second != format)
    throw Error(path + ": is not a " + (format == checkpoint_format ? "checkpoint" : "dynamics model") +
                " of this version (format " +
                (found == metadata.end() ? std::string("none") : safetensors::detail::shown(found->second)) +
                ", expected '" + format + "'); use another file");
  file.verify();
  return file;
}

TESSERA_INLINE safetensors::File open_checkpoint(const std::string& path) {
  return open_saved(path, checkpoint_format, dynamics_format,
                    "is a dynamics model, not the checkpoint of a learner; give a checkpoint");
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE std::string checkpoint_algorithm(const std::string& path) {
  return detail::algorithm_of(detail::open_checkpoint(path));
}
TESSERA_INLINE std::int64_t checkpoint_updates(const std::string& path) {
  const auto file = detail::open_checkpoint(path);
  const auto found = file.tensors().find("updates");
  if (found == file.tensors().end() || !found->second.shape.empty()) throw file.damaged("it has no number of updates");
  return detail::read_count(file, "updates");
}
TESSERA_INLINE std::map<std::string, std::string> checkpoint_metadata(const std::string& path) {
  const auto file = detail::open_checkpoint(path);
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(detail::extra_prefix)) out.emplace(key.substr(detail::extra_prefix.size()), value);
  return out;
}
}  // namespace tessera
