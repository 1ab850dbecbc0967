#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/compose/name.hpp>
#include <tessera/compose/sizes.hpp>
#include <tessera/dataset/normalizer.hpp>
#include <tessera/io/safetensors.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/machine_memory.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/saturating.hpp>
#include <tessera/support/shortest_text.hpp>

/// Reads everything about a saved learner except its tensors, without libtorch.
namespace tessera {
namespace detail {
inline constexpr const char* checkpoint_format = "tessera-checkpoint-2";
inline constexpr const char* dynamics_format = "tessera-dynamics-2";
inline constexpr std::string_view parameter_prefix = "parameters.", extra_prefix = "extra.";
inline constexpr std::int64_t max_updates =
    1'000'000'000'000'000;  // the largest count in a file: beyond it, products of counts overflow

// Numbers in the metadata, as text that reads back to the same number.
template <class T>
std::string entries_text(std::span<const T> all) {
  std::string out;
  for (const T x : all) out += (out.empty() ? "" : ",") + shortest_text(x);
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
    if (code != std::errc{} || end != text.data() + comma)
      throw file.damaged("its " + key + " has an entry that is not a number");
    out.push_back(x);
    from = comma + 1;
  }
  if (std::int64_t(out.size()) != count)
    throw file.damaged("its " + key + " has " + std::to_string(out.size()) + " entries where " + std::to_string(count) +
                       " were expected");
  return out;
}
template <class T>
T read_entry(const safetensors::File& file, const std::string& key) {
  return read_entries<T>(file, key, 1).front();
}

// The sizes of a problem, and whether its actions are discrete.
struct SavedProblem {
  std::int64_t observation_size = 0, action_size = 0;
  bool discrete = false;
};
void write_problem(safetensors::Metadata& to, const SavedProblem& on);
SavedProblem read_problem(const safetensors::File& file);

// Hyper-parameters, one entry each.
void write_parameters(safetensors::Metadata& to, const std::vector<Parameter>& all);
void read_parameters(const safetensors::File& file, const std::vector<Parameter>& all);

// The affine maps of a learner.  Returns what is wrong with them, or an empty text: a scale that divides must not be 0.
std::string fault_of(const Normalizer& u);
void write_units(safetensors::Metadata& to, const Normalizer& u);
Normalizer read_units(const safetensors::File& file, const SavedProblem& on);

// Checks a file's tensors before anything is made of them: it must have those that `expect` lists, with their sizes,
// and no others.
void check_tensors_of(const safetensors::File& file, const std::function<std::vector<Buffer>()>& expect);

// What is wrong with the numbers of the tensor of that name, or an empty text.
std::string fault_of(const std::string& name, const float* x, std::size_t count);
std::int64_t read_count(const safetensors::File& file, const std::string& name);
// Checks counts that are used as positions in other tensors.
void check_counts(const safetensors::File& file);

// Opens a file of the given format and checks that it is complete.
safetensors::File open_saved(const std::string& path, const std::string& format, const std::string& other,
                             const std::string& is_other);
safetensors::File open_checkpoint(const std::string& path);
inline const std::string& algorithm_of(const safetensors::File& file) { return file.text("algorithm"); }

/// A checkpoint without its tensors and hyper-parameters.
struct SavedHeader {
  SavedProblem on;
  std::uint64_t seed = 0;
  Normalizer units;
};
// Of the algorithm of that name; sets the parameters, and then holds the tensors against those that `expect`, if it is
// not empty, lists for them.
SavedHeader read_header(const safetensors::File& file, const std::string& wanted, bool discrete,
                        const std::vector<Parameter>& parameters,
                        const std::function<std::vector<Buffer>(const SavedProblem&)>& expect);

/// A checkpoint of recipe R without its tensors, which have been checked to be those of its learner.
template <class R>
struct CheckpointHeader : SavedHeader {
  params_of<R> params;
};
template <class R>
CheckpointHeader<R> read_checkpoint_header(const safetensors::File& file) {
  CheckpointHeader<R> out;
  std::function<std::vector<Buffer>(const SavedProblem&)> expect;
  if constexpr (SizesKnown<R>)
    expect = [&](const SavedProblem& on) { return buffers_of<R>(out.params, on.observation_size, on.action_size); };
  constexpr bool discrete = std::is_same_v<typename R::template get<policy>::space, Discrete>;
  static_cast<SavedHeader&>(out) =
      read_header(file, kebab_case(type_name<R>()), discrete, parameters<R>(out.params), expect);
  return out;
}
}  // namespace detail

/// The recipe of a checkpoint, its type's name in kebab case ("discrete-iql").  Throws Error where the file is not a
/// checkpoint, or damaged.
std::string checkpoint_algorithm(const std::string& path);

/// How many updates its learner had made; the same errors.
std::int64_t checkpoint_updates(const std::string& path);

/// The `extra` that was given to save_checkpoint.  Throws an Error if the file is not a checkpoint, or is damaged.
std::map<std::string, std::string> checkpoint_metadata(const std::string& path);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/checkpoint_header.impl.hpp>
#endif
