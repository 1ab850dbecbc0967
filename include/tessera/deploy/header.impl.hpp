#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/deploy/header.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/shortest_text.hpp>

namespace tessera::deploy {
namespace detail {
static_assert(std::endian::native == std::endian::little, "weights are written in the machine's byte order");
inline constexpr std::string_view weights_kind = "tessera-weights1";

// What every header has: the operations, each a loop over sizes that are known when it is compiled.
inline constexpr const char* header_operations = R"(
using size = std::size_t;
inline bool finite(const float* x, size count) noexcept {
  bool all = true;
  for (size i = 0; i < count; ++i) {  // by its bits, which -ffast-math does not take away
    std::uint32_t bits = 0;
    std::memcpy(&bits, x + i, sizeof bits);
    all = all && (bits & 0x7f800000u) != 0x7f800000u;
  }
  return all;
}
inline bool is_nan(float x) noexcept {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &x, sizeof bits);
  return (bits & 0x7fffffffu) > 0x7f800000u;
}
// y = x w + b; rows of w whose factor is 0 are not read.
template <size Rows, size In, size Out>
void linear(const float* x, const float* w, const float* b, float* out, std::uint32_t* active) noexcept {
  for (size r = 0; r < Rows; ++r, x += In, out += Out) {
    float* __restrict y = out;
    for (size j = 0; j < Out; ++j) y[j] = b != nullptr ? b[j] : 0.0f;
    size count = 0;
    for (size k = 0; k < In; ++k) {
      active[count] = static_cast<std::uint32_t>(k);
      count += x[k] != 0.0f ? 1u : 0u;
    }
    size k = 0;
    for (; k + 4 <= count; k += 4) {
      const float x0 = x[active[k]], x1 = x[active[k + 1]], x2 = x[active[k + 2]], x3 = x[active[k + 3]];
      const float* __restrict w0 = w + active[k] * Out;
      const float* __restrict w1 = w + active[k + 1] * Out;
      const float* __restrict w2 = w + active[k + 2] * Out;
      const float* __restrict w3 = w + active[k + 3] * Out;
      for (size j = 0; j < Out; ++j) y[j] += x0 * w0[j] + x1 * w1[j] + x2 * w2[j] + x3 * w3[j];
    }
    for (; k < count; ++k) {
      const float x0 = x[active[k]];
      const float* __restrict w0 = w + active[k] * Out;
      for (size j = 0; j < Out; ++j) y[j] += x0 * w0[j];
    }
  }
}
struct sum {
  float operator()(float a, float b) const noexcept { return a + b; }
};
struct product {
  float operator()(float a, float b) const noexcept { return a * b; }
};
struct lesser {
  float operator()(float a, float b) const noexcept { return b < a || is_nan(b) ? b : a; }
};
// f(x, y) number by number; y has all rows and columns, or one.
template <class F, size Rows, size Columns, size YRows, size YColumns>
void paired(const float* x, const float* y, float* out) noexcept {
  const F f{};
  for (size r = 0; r < Rows; ++r)
    for (size j = 0; j < Columns; ++j)
      out[r * Columns + j] = f(x[r * Columns + j], y[(YRows == 1 ? 0 : r) * YColumns + (YColumns == 1 ? 0 : j)]);
}
struct relu {
  float operator()(float x) const noexcept { return x < 0.0f ? 0.0f : x; }
};
struct gelu {
  float operator()(float x) const noexcept {
    return 0.5f * x * (1.0f + std::tanh(0.7978845608028654f * (x + 0.044715f * x * x * x)));
  }
};
struct hyperbolic_tangent {
  float operator()(float x) const noexcept { return std::tanh(x); }
};
struct silu {
  float operator()(float x) const noexcept { return x / (1.0f + std::exp(-x)); }
};
struct mish {
  float operator()(float x) const noexcept { return x * std::tanh(x > 20.0f ? x : std::log1p(std::exp(x))); }
};
struct exponential {
  float operator()(float x) const noexcept { return std::exp(x); }
};
template <class F, size Count>
void each(const float* x, float* out) noexcept {
  const F f{};
  for (size i = 0; i < Count; ++i) out[i] = f(x[i]);
}
template <size Count>
void clamp(const float* x, float* out, float low, float high) noexcept {
  for (size i = 0; i < Count; ++i) out[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}
template <size Rows, size Columns>
void layer_norm(const float* x, const float* gain, const float* shift, float* out, float epsilon) noexcept {
  for (size r = 0; r < Rows; ++r, x += Columns, out += Columns) {
    double mean = 0.0, square = 0.0;
    for (size j = 0; j < Columns; ++j) mean += static_cast<double>(x[j]);
    mean /= static_cast<double>(Columns);
    for (size j = 0; j < Columns; ++j) {
      const double off = static_cast<double>(x[j]) - mean;
      square += off * off;
    }
    const double factor = 1.0 / std::sqrt(square / static_cast<double>(Columns) + static_cast<double>(epsilon));
    for (size j = 0; j < Columns; ++j)
      out[j] = static_cast<float>((static_cast<double>(x[j]) - mean) * factor) * gain[j] + shift[j];
  }
}
template <size Count>
void copy(const float* x, float* out) noexcept {
  for (size i = 0; i < Count; ++i) out[i] = x[i];
}
template <size Count>
size largest(const float* x) noexcept {
  size best = 0;
  for (size i = 1; i < Count && !is_nan(x[best]); ++i)
    if (x[i] > x[best] || is_nan(x[i])) best = i;
  return best;
}
template <size Count>
void likely(const float* x, const float* logits, float* out, float least) noexcept {
  float most = logits[0];
  for (size i = 1; i < Count; ++i) most = logits[i] > most ? logits[i] : most;
  for (size i = 0; i < Count; ++i) out[i] = logits[i] - most > least ? x[i] : -1e30f;
}
template <size Count>
void code(const float* x, float* out, float first) noexcept {
  const size best = largest<Count>(x);
  out[0] = finite(x + best, 1) ? first + static_cast<float>(best) : x[best];
}
)";

// A member of the class, where its weights come from a file.
inline constexpr const char* header_load = R"(
  /// Reads the weights; false, and no action until it succeeds, where the file is another than this header's.
  bool load(const char* path) noexcept {
    loaded_ = false;
    std::FILE* file = std::fopen(path, "rb");
    if (file == nullptr) return false;
    std::uint64_t hash = 0xcbf29ce484222325u, place = 0;
    unsigned char bytes[1024];
    bool fits = true;
    for (std::size_t got = 0; fits && (got = std::fread(bytes, 1, sizeof bytes, file)) > 0;)
      for (std::size_t i = 0; i < got && fits; ++i, ++place) {
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
        fits = place < weights_bytes;
        if (fits) put(place, bytes[i]);
      }
    fits = fits && std::ferror(file) == 0 && place == weights_bytes && hash == weights_hash;
    std::fclose(file);
    loaded_ = fits;
    return fits;
  }
)";
inline constexpr const char* header_put = R"(
  // The file's bytes are little-endian, whatever this machine's are.
  void put(std::uint64_t place, unsigned char byte) noexcept {
    if (place < 24) return;
    const std::size_t at = static_cast<std::size_t>((place - 24) / 4);
    std::uint32_t bits = 0;
    std::memcpy(&bits, weights_ + at, sizeof bits);
    if ((place - 24) % 4 == 0) bits = 0;
    bits |= static_cast<std::uint32_t>(byte) << (8 * ((place - 24) % 4));
    std::memcpy(weights_ + at, &bits, sizeof bits);
  }
)";

inline std::string literal(float x) { return real_text(x) + "f"; }
inline std::string literals(const std::vector<float>& all) {
  std::string out = "{";
  for (std::size_t i = 0; i < all.size(); ++i) out += (i == 0 ? "" : i % 10 == 0 ? ",\n    " : ", ") + literal(all[i]);
  return out + "}";
}
// The hash of Fowler, Noll and Vo, 1a, of 64 bits: four lines in the header.
inline std::uint64_t fnv(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}
// Writes the header of one program.
class HeaderWriter {
 public:
  HeaderWriter(const Program& p, const HeaderOptions& o) : p_(p), o_(o), layout_(layout_of(p)) {
    std::int64_t place = 0;
    for (const auto& v : p.values) {
      weights_.push_back(place);
      place += std::int64_t(v.numbers.size());
      if (v.what == op::linear) widest_ = std::max(widest_, p.values[std::size_t(v.in[0])].columns);
    }
    count_ = place;
  }
  std::string text() const {
    const auto guard = "TESSERA_POLICY_" + upper(o_.name) + "_" + upper(hash());
    return about() + "#ifndef " + guard + "\n#define " + guard +
           "\n#include <cmath>\n#include <cstddef>\n#include <cstdint>\n" +
           (o_.weights_file ? "#include <cstdio>\n" : "") + "#include <cstring>\n\nnamespace " + o_.name + " {\n" +
           sizes() + "\nnamespace detail {" + header_operations + constants() + "}  // namespace detail\n\n" +
           policy() + "}  // namespace " + o_.name + "\n#endif\n";
  }

 private:
  std::string hash() const { return hash_text(content_hash(p_)); }
  static std::string upper(std::string text) {
    for (auto& c : text) c = char(std::toupper(static_cast<unsigned char>(c)));
    return text;
  }
  static std::string quoted(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : ", ") + ("'" + printable_name(name) + "'");
    return out.empty() ? "no names" : out;
  }
  std::string about() const {
    const auto& s = p_.signature;
    return "// A trained policy as one function" + (o_.made_by.empty() ? "" : ", written by " + o_.made_by) +
           "; changes are lost.\n//   algorithm: '" + printable_name(s.algorithm) +
           "'\n//   observation: " + std::to_string(s.observation_size) + " numbers in the task's units; " +
           quoted(s.observation_names) + "\n//   action: " +
           (s.discrete ? "a code, from " + std::to_string(s.first_action) + " to " +
                             std::to_string(s.first_action + s.action_size - 1)
                       : std::to_string(s.actions_at_once) + " x " + std::to_string(s.action_size) + " numbers") +
           "; " + quoted(s.action_names) + "\n//   content hash: " + hash() +
           "\n// C++17 and the standard library: no allocation, no exception, no state outside the class.\n"
           "// Each thread needs an object of its own.\n";
  }
  std::string sizes() const {
    const auto& s = p_.signature;
    const auto size = [](const char* name, std::int64_t x) {
      return "inline constexpr std::size_t " + std::string(name) + " = " + std::to_string(x) + ";\n";
    };
    const auto* noise = p_.noise();
    std::string out = size("observation_size", s.observation_size) +
                      size("noise_size", noise ? std::int64_t(noise->size()) : 0) + size("action_size", s.outputs()) +
                      size("actions_at_once", s.actions_at_once);
    out += std::string("inline constexpr bool discrete = ") + (s.discrete ? "true" : "false") + ";\n";
    if (s.discrete)
      out += "inline constexpr std::int64_t first_action = " + std::to_string(s.first_action) +
             ", actions = " + std::to_string(s.action_size) + ";\n";
    else
      out += "inline constexpr float action_low[] = " + literals(s.action_low) +
             ";\ninline constexpr float action_high[] = " + literals(s.action_high) + ";\n";
    return out + "inline constexpr char content_hash[] = \"" + hash() + "\";\n";
  }
  std::string constants() const {
    std::string out;
    if (o_.weights_file)
      return "inline constexpr std::uint64_t weights_bytes = " + std::to_string(24 + 4 * count_) +
             "u, weights_hash = 0x" + hash_text(fnv(weights_bytes(p_))) + "u;\n";
    for (std::size_t i = 0; i < p_.values.size(); ++i)
      if (const auto& v = p_.values[i]; v.what == op::constant)
        out += "alignas(64) inline constexpr float c" + std::to_string(i) + "[] = " + literals(v.numbers) + ";\n";
    return out;
  }
  std::string at(std::int32_t i) const {
    const auto k = std::size_t(i);
    switch (p_.values[k].what) {
      case op::observation:
        return "observation";
      case op::noise:
        return "noise";
      case op::constant:
        return o_.weights_file ? "weights_ + " + std::to_string(weights_[k]) : "detail::c" + std::to_string(i);
      default:
        return "memory_ + " + std::to_string(layout_.offsets[k]);
    }
  }
  static std::string list(std::initializer_list<std::int64_t> all) {
    std::string out;
    for (const auto x : all) out += (out.empty() ? "" : ", ") + std::to_string(x);
    return out;
  }
  std::string call(std::size_t i) const {
    const auto& v = p_.values[i];
    const auto in = [&](std::size_t k) -> const Value& { return p_.values[std::size_t(v.in[k])]; };
    const auto out = "memory_ + " + std::to_string(layout_.offsets[i]), x = at(v.in[0]);
    const auto y = v.in.size() > 1 ? at(v.in[1]) : std::string(), b = v.in.size() > 2 ? at(v.in[2]) : "nullptr";
    const auto count = std::int64_t(v.size());
    const auto paired = [&](const char* f) {
      return "paired<detail::" + std::string(f) + ", " + list({v.rows, v.columns, in(1).rows, in(1).columns}) + ">(" +
             x + ", " + y + ", " + out + ")";
    };
    const auto each = [&](const char* f) {
      return "each<detail::" + std::string(f) + ", " + list({count}) + ">(" + x + ", " + out + ")";
    };
    switch (v.what) {
      case op::linear:
        return "linear<" + list({v.rows, in(0).columns, v.columns}) + ">(" + x + ", " + y + ", " + b + ", " + out +
               ", active_)";
      case op::add:
        return paired("sum");
      case op::multiply:
        return paired("product");
      case op::minimum:
        return paired("lesser");
      case op::relu:
        return each("relu");
      case op::gelu:
        return each("gelu");
      case op::tanh:
        return each("hyperbolic_tangent");
      case op::silu:
        return each("silu");
      case op::mish:
        return each("mish");
      case op::exp:
        return each("exponential");
      case op::clamp:
        return "clamp<" + list({count}) + ">(" + x + ", " + out + ", " + literal(v.low) + ", " + literal(v.high) + ")";
      case op::layer_norm:
        return "layer_norm<" + list({v.rows, v.columns}) + ">(" + x + ", " + y + ", " + b + ", " + out + ", " +
               literal(v.low) + ")";
      case op::rows:
        return "copy<" + list({count}) + ">(" + x + " + " + std::to_string(v.from * v.columns) + ", " + out + ")";
      case op::pick:
        return "copy<" + list({count}) + ">(" + x + " + " + list({v.columns}) + " * detail::largest<" +
               list({in(1).rows}) + ">(" + y + "), " + out + ")";
      case op::likely:
        return "likely<" + list({count}) + ">(" + x + ", " + y + ", " + out + ", " + literal(v.low) + ")";
      case op::argmax:
        return "code<" + list({in(0).columns}) + ">(" + x + ", " + out + ", " + literal(float(v.from)) + ")";
      default:
        throw Error(std::string("a header cannot express the operation ") + name_of(v.what));
    }
  }
  std::string policy() const {
    const bool noisy = p_.noise() != nullptr;
    std::string out = "class Policy {\n public:\n";
    if (o_.weights_file) out += std::string(header_load).substr(1) + "\n";
    out += "  /// The action at an observation" + std::string(noisy ? ", of noise from N(0, 1)" : "") +
           "; false, and `action` as it was, where a number is not finite.\n  bool act(const float* observation, " +
           (noisy ? "const float* noise, " : "") + "float* action) noexcept {\n    if (" +
           (o_.weights_file ? "!loaded_ || " : "") + "!detail::finite(observation, observation_size)" +
           (noisy ? " || !detail::finite(noise, noise_size)" : "") + ") return false;\n";
    for (std::size_t i = 0; i < p_.values.size(); ++i)
      if (layout_.offsets[i] >= 0) out += "    detail::" + call(i) + ";\n";
    const auto last = at(std::int32_t(p_.values.size() - 1));
    out += "    if (!detail::finite(" + last + ", action_size)) return false;\n    detail::copy<action_size>(" + last +
           ", action);\n    return true;\n  }\n";
    if (p_.signature.discrete)
      out +=
          "  /// The same as a whole number.\n  bool act_code(const float* observation, std::int64_t* code) noexcept "
          "{\n"
          "    float action = 0.0f;\n    if (!act(observation, &action)) return false;\n"
          "    *code = static_cast<std::int64_t>(action);\n    return true;\n  }\n";
    out += "\n private:\n";
    if (o_.weights_file)
      out += std::string(header_put).substr(1) +
             "  static constexpr std::uint64_t weights_bytes = detail::weights_bytes, " +
             "weights_hash = detail::weights_hash;\n  alignas(64) float weights_[" + std::to_string(count_) +
             "] = {};\n  bool loaded_ = false;\n";
    out += "  alignas(64) float memory_[" + std::to_string(layout_.size) + "] = {};\n";
    if (widest_ > 0) out += "  std::uint32_t active_[" + std::to_string(widest_) + "] = {};\n";
    return out + "};\n";
  }

  const Program& p_;
  const HeaderOptions& o_;
  Layout layout_;
  std::vector<std::int64_t> weights_;    // where each constant begins in the file of weights
  std::int64_t count_ = 0, widest_ = 0;  // numbers of all constants; inputs of the widest layer
};
}  // namespace detail

TESSERA_INLINE void require_namespace(const std::string& name) {
  const bool is = !name.empty() && name.size() <= 64 && name.find("__") == std::string::npos &&
                  std::islower(static_cast<unsigned char>(name[0])) &&
                  std::all_of(name.begin(), name.end(), [](unsigned char c) {
                    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                  });
  static constexpr std::array<std::string_view, 14> taken = {
      "std", "int", "float", "double", "class", "for", "new", "while", "do", "if", "void", "private", "else", "const"};
  if (!is || std::find(taken.begin(), taken.end(), name) != taken.end())
    throw Error("a header's namespace cannot be called '" + printable_name(name) +
                "'; use small letters, digits and underscores, such as policy");
}

TESSERA_INLINE std::string weights_bytes(const Program& p) {
  std::string out(detail::weights_kind);
  std::uint64_t count = 0;
  for (const auto& v : p.values) count += v.numbers.size();
  out.append(reinterpret_cast<const char*>(&count), sizeof count);
  for (const auto& v : p.values)
    out.append(reinterpret_cast<const char*>(v.numbers.data()), v.numbers.size() * sizeof(float));
  return out;
}
TESSERA_INLINE std::string header_text(const Program& p, const HeaderOptions& options) {
  require_namespace(options.name);
  if (const auto fault = fault_of(p); !fault.empty()) throw Error("a policy's program: " + fault);
  constexpr std::size_t most = 4'000'000;
  std::size_t count = 0;
  for (const auto& v : p.values) count += v.numbers.size();
  if (!options.weights_file && count > most)
    throw Error("a header of " + std::to_string(count) + " constants is more than compilers take, " +
                std::to_string(most) + "; keep them in a file of their own (--weights-file)");
  return detail::HeaderWriter(p, options).text();
}
}  // namespace tessera::deploy
