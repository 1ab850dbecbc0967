#pragma once
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <tessera/deploy/file.hpp>
#include <tessera/io/regular_file.hpp>
#include <tessera/io/safetensors.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/shortest_text.hpp>

namespace tessera::deploy {
namespace detail {
using nlohmann::json;

// Numbers as JSON.
inline void add_numbers(std::string& to, const std::vector<float>& all) {
  to += '[';
  for (std::size_t i = 0; i < all.size(); ++i) to += (i > 0 ? "," : "") + shortest_text(all[i]);
  to += ']';
}
inline std::string signature_json(const Signature& s) {
  std::string out = "{\"algorithm\":" + json(s.algorithm).dump(-1, ' ', true, json::error_handler_t::replace);
  const auto count = [&](const char* key, std::int64_t x) {
    out += ",\"" + std::string(key) + "\":" + std::to_string(x);
  };
  count("observation_size", s.observation_size), count("action_size", s.action_size);
  out += std::string(",\"discrete\":") + (s.discrete ? "true" : "false");
  count("first_action", s.first_action), count("actions_at_once", s.actions_at_once);
  out += ",\"action_low\":", add_numbers(out, s.action_low);
  out += ",\"action_high\":", add_numbers(out, s.action_high);
  const auto names = [&](const char* key, const std::vector<std::string>& all) {
    out += ",\"" + std::string(key) + "\":" + json(all).dump(-1, ' ', true, json::error_handler_t::replace);
  };
  names("observation_names", s.observation_names), names("action_names", s.action_names);
  return out + "}";
}
inline std::string value_json(const Value& v, bool with_numbers) {
  std::string out = std::string("{\"op\":\"") + name_of(v.what) + "\"";
  if (!v.in.empty()) out += ",\"in\":" + json(v.in).dump();
  out += ",\"rows\":" + std::to_string(v.rows) + ",\"columns\":" + std::to_string(v.columns);
  if (v.low != 0) out += ",\"low\":" + shortest_text(v.low);
  if (v.high != 0) out += ",\"high\":" + shortest_text(v.high);
  if (v.from != 0) out += ",\"from\":" + std::to_string(v.from);
  if (with_numbers && v.what == op::constant) out += ",\"numbers\":", add_numbers(out, v.numbers);
  return out + "}";
}
inline std::string program_json(const Program& p, bool with_numbers) {
  std::string out = std::string("{\"format\":\"") + policy_format + "\",\n\"hash\":\"" + hash_text(content_hash(p)) +
                    "\",\n\"signature\":" + signature_json(p.signature) + ",\n\"values\":[";
  for (std::size_t i = 0; i < p.values.size(); ++i)
    out += (i > 0 ? ",\n" : "\n") + value_json(p.values[i], with_numbers);
  return out + "]}\n";
}

// Reads fields of objects, and says where one is not what it must be.
class Fields {
 public:
  Fields(const json& from, std::string path) : from_(from), path_(std::move(path)) {}
  Error damaged(const std::string& why) const {
    return Error(path_ + ": is damaged: " + why + "; export the policy again");
  }
  const json& at(const char* key) const {
    const auto found = from_.is_object() ? from_.find(key) : from_.end();
    if (found == from_.end()) throw damaged(std::string("it has no '") + key + "' where one belongs");
    return *found;
  }
  std::int64_t whole(const char* key) const {
    const auto& x = at(key);
    if (!x.is_number_integer() || (x.is_number_unsigned() && x.get<std::uint64_t>() > std::uint64_t(1) << 40))
      throw damaged(std::string("'") + key + "' is not a whole number that it can be");
    return x.get<std::int64_t>();
  }
  std::int64_t whole_or(const char* key, std::int64_t absent) const {
    return from_.contains(key) ? whole(key) : absent;
  }
  float number(const json& x, const char* key) const {
    const double y = x.is_number() ? x.get<double>() : std::numeric_limits<double>::quiet_NaN();
    if (!(std::abs(y) <= double(std::numeric_limits<float>::max())))
      throw damaged(std::string("'") + key + "' has an entry that is not a number of single precision");
    return float(y);
  }
  float number_or(const char* key, float absent) const { return from_.contains(key) ? number(at(key), key) : absent; }
  const json& list(const char* key) const {
    const auto& all = at(key);
    if (!all.is_array()) throw damaged(std::string("'") + key + "' is not a list");
    return all;
  }
  std::vector<float> numbers(const char* key) const {
    std::vector<float> out;
    for (const auto& x : list(key)) out.push_back(number(x, key));
    return out;
  }
  std::string text(const json& x, const char* key) const {
    if (!x.is_string()) throw damaged(std::string("'") + key + "' is not text");
    return x.get<std::string>();
  }
  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> out;
    for (const auto& x : list(key)) out.push_back(text(x, key));
    return out;
  }

 private:
  const json& from_;
  std::string path_;
};

inline Signature read_signature(const json& from, const std::string& path) {
  const Fields f(from, path);
  Signature s;
  s.algorithm = f.text(f.at("algorithm"), "algorithm");
  s.observation_size = f.whole("observation_size"), s.action_size = f.whole("action_size");
  const auto& discrete = f.at("discrete");
  if (!discrete.is_boolean()) throw f.damaged("'discrete' is neither true nor false");
  s.discrete = discrete.get<bool>();
  s.first_action = f.whole("first_action"), s.actions_at_once = f.whole("actions_at_once");
  s.action_low = f.numbers("action_low"), s.action_high = f.numbers("action_high");
  s.observation_names = f.texts("observation_names"), s.action_names = f.texts("action_names");
  return s;
}
inline Value read_value(const json& from, const std::string& path) {
  const Fields f(from, path);
  const auto name = f.text(f.at("op"), "op");
  const auto found = std::find(op_names.begin(), op_names.end(), name);
  if (found == op_names.end())
    throw f.damaged("it has an operation '" + printable_name(name) + "', which there is not");
  Value v{.what = op(found - op_names.begin())};
  if (from.contains("in"))
    for (const auto& x : f.list("in")) {
      if (!x.is_number_unsigned() || x.get<std::uint64_t>() > max_values)
        throw f.damaged("'in' has an entry that is no index");
      v.in.push_back(x.get<std::int32_t>());
    }
  v.rows = f.whole("rows"), v.columns = f.whole("columns"), v.from = f.whole_or("from", 0);
  v.low = f.number_or("low", 0), v.high = f.number_or("high", 0);
  return v;
}
inline json parsed(std::string_view text, const std::string& path) {
  const auto shallow = [&](int depth, json::parse_event_t, json&) {
    if (depth > 6) throw Error(path + ": is damaged: its JSON is nested; export the policy again");
    return true;
  };
  auto all = json::parse(text.begin(), text.end(), shallow, false);
  if (all.is_discarded()) throw Error(path + ": is not JSON, or was cut off; export the policy again");
  return all;
}
// `numbers(i, value, count)` gives those of the i-th value, which is the count-th constant.
template <class Numbers>
Program unsealed_program(const json& all, const std::string& path, Numbers numbers) {
  const Fields f(all, path);
  if (const auto format = f.text(f.at("format"), "format"); format != policy_format)
    throw Error(path + ": is not a policy of this version (format '" + printable_name(format) + "', expected '" +
                policy_format + "'); export the policy again");
  Program p;
  p.signature = read_signature(f.at("signature"), path);
  std::size_t constants = 0;
  for (const auto& each : f.list("values")) {
    p.values.push_back(read_value(each, path));
    if (auto& v = p.values.back(); v.what == op::constant) v.numbers = numbers(each, v, constants++);
  }
  if (const auto fault = fault_of(p); !fault.empty()) throw f.damaged(fault);
  return p;
}
// The same, held against the hash that it states.
template <class Numbers>
Program read_program(const json& all, const std::string& path, Numbers numbers) {
  auto p = unsealed_program(all, path, std::move(numbers));
  const Fields f(all, path);
  if (f.text(f.at("hash"), "hash") != hash_text(content_hash(p)))
    throw f.damaged("its content does not match its hash");
  return p;
}
// A constant's numbers, where they stand in the JSON itself.
inline auto numbers_beside(const std::string& path) {
  return [&path](const json& each, const Value&, std::size_t) { return Fields(each, path).numbers("numbers"); };
}
inline std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}
inline Program read_policy_safetensors(const std::string& path) {
  const auto file = safetensors::File::open(path);
  const auto found = file.metadata().find("format");
  if (found != file.metadata().end() && found->second.starts_with("tessera-checkpoint-"))
    throw Error(file.path() + ": is a run's checkpoint, not an exported policy; write one with `tessera export " +
                printable(folder_of(path)) + " --to safetensors`");
  if (found == file.metadata().end() || found->second != policy_format)
    throw Error(path + ": is not an exported policy (format " +
                (found == file.metadata().end() ? "none" : "'" + printable_name(found->second) + "'") + ", expected '" +
                policy_format + "'); make one of a run with `tessera export`");
  file.verify();
  const auto numbers = [&](const json&, const Value& v, std::size_t i) {
    const auto name = std::to_string(i);
    if (file.at(name).shape != std::vector<std::int64_t>{v.rows, v.columns})
      throw file.damaged("tensor '" + name + "' has another shape than its structure says");
    return file.read<float>(name);
  };
  return read_program(parsed(file.text("structure"), path), path, numbers);
}
}  // namespace detail

TESSERA_INLINE std::string policy_json(const Program& p) { return detail::program_json(p, true); }
TESSERA_INLINE std::string policy_structure(const Program& p) { return detail::program_json(p, false); }

TESSERA_INLINE void write_policy_json(const Program& p, const std::string& path) {
  write_atomically(path, [&](AtomicFile& file) { file.write(policy_json(p)); });
}
TESSERA_INLINE void write_policy_safetensors(const Program& p, const std::string& path) {
  std::vector<safetensors::Source> tensors;
  for (const auto& v : p.values)
    if (v.what == op::constant)
      tensors.push_back({std::to_string(tensors.size()), safetensors::Type::f32, {v.rows, v.columns}, [&v] {
                           return static_cast<const void*>(v.numbers.data());
                         }});
  safetensors::write(
      path, {{"format", policy_format}, {"hash", hash_text(content_hash(p))}, {"structure", policy_structure(p)}},
      std::move(tensors));
}

TESSERA_INLINE Program detail::unsealed_policy_json(std::string_view text, const std::string& path) {
  return unsealed_program(parsed(text, path), path, numbers_beside(path));
}
TESSERA_INLINE Program parse_policy_json(std::string_view text, const std::string& path) {
  return detail::read_program(detail::parsed(text, path), path, detail::numbers_beside(path));
}
TESSERA_INLINE Program read_policy(const std::string& path) {
  std::string text;
  std::error_code code;
  if (std::filesystem::is_directory(path, code))
    throw Error(printable(path) + ": is a folder; give an exported policy: of a run, `tessera export " +
                printable(path) + " --to safetensors` writes one");
  {
    const RegularFile file(path, "an exported policy");
    char first = 0;
    if (file.read(0, &first, 1) == 1 && (first == '{' || first == '\n' || first == ' ')) {
      constexpr std::uint64_t most = std::uint64_t(1) << 30;
      if (file.size() > most)
        throw Error(file.path() + ": has more than a gigabyte of JSON; export the policy as safetensors");
      text.resize(std::size_t(file.size()));
      text.resize(file.read(0, text.data(), text.size()));
    }
  }
  // A safetensors file may begin with the same byte, the lowest of its header's length; JSON goes on with text.
  if (text.size() > 8 && text.substr(1, 7).find('\0') == std::string::npos)
    return parse_policy_json(text, printable(path));
  return detail::read_policy_safetensors(path);
}
}  // namespace tessera::deploy
