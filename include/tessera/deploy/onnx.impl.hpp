#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/deploy/file.hpp>
#include <tessera/deploy/onnx.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::deploy {
namespace detail {
/// A message of protobuf's encoding: https://protobuf.dev/programming-guides/encoding
class Message {
 public:
  Message& number(unsigned field, std::int64_t x) {
    key(field, 0), varint(std::uint64_t(x));
    return *this;
  }
  Message& real(unsigned field, float x) {
    key(field, 5);
    raw(&x, sizeof x);
    return *this;
  }
  Message& bytes(unsigned field, std::string_view x) {
    key(field, 2), varint(x.size());
    text_.append(x);
    return *this;
  }
  Message& message(unsigned field, const Message& m) { return bytes(field, m.text_); }
  const std::string& text() const { return text_; }

 private:
  static_assert(std::endian::native == std::endian::little, "numbers are written in the machine's byte order");
  void key(unsigned field, unsigned wire) { varint(field << 3 | wire); }
  void varint(std::uint64_t x) {
    for (; x >= 128; x >>= 7) text_ += char((x & 127) | 128);
    text_ += char(x);
  }
  void raw(const void* data, std::size_t size) { text_.append(static_cast<const char*>(data), size); }
  std::string text_;
};

// A graph as it grows; messages and fields are those of onnx.proto.
class OnnxGraph {
 public:
  static constexpr int is_float = 1, is_int64 = 7, is_bool = 9;
  using Names = std::vector<std::string>;

  struct Attribute {
    const char* name;
    std::int64_t whole = 0;
    float real = 0;
    enum class kind { whole, real, list } as = kind::whole;
  };
  std::string node(const char* type, const Names& in, const std::vector<Attribute>& attributes = {},
                   std::string out = "") {
    if (out.empty()) out = "t" + std::to_string(count_++);
    Message m;
    for (const auto& each : in) m.bytes(1, each);
    m.bytes(2, out).bytes(4, type);
    for (const auto& a : attributes) {
      Message made;
      made.bytes(1, a.name);
      switch (a.as) {
        case Attribute::kind::real:
          made.real(2, a.real).number(20, 1);
          break;
        case Attribute::kind::whole:
          made.number(3, a.whole).number(20, 2);
          break;
        case Attribute::kind::list:
          made.number(8, a.whole).number(20, 7);
      }
      m.message(5, made);
    }
    graph_.message(1, m);
    return out;
  }
  std::string tensor(const std::string& name, const std::vector<std::int64_t>& shape, int type, const void* data,
                     std::size_t size) {
    Message m;
    for (const auto x : shape) m.number(1, x);
    m.number(2, type).bytes(8, name).bytes(9, {static_cast<const char*>(data), size});
    graph_.message(5, m);
    return name;
  }
  std::string number(float x) { return tensor("n" + std::to_string(count_++), {}, is_float, &x, sizeof x); }
  std::string whole(std::int64_t x, bool list) {
    return tensor("n" + std::to_string(count_++), list ? std::vector<std::int64_t>{1} : std::vector<std::int64_t>{},
                  is_int64, &x, sizeof x);
  }
  // An input (11) or output (12); an extent of 0 is the free B.
  void value(unsigned field, const char* name, int type, const std::vector<std::int64_t>& shape) {
    Message dims;
    for (const auto x : shape) dims.message(1, x > 0 ? Message().number(1, x) : Message().bytes(2, "B"));
    const auto tensor_type = Message().number(1, type).message(2, dims);
    graph_.message(field, Message().bytes(1, name).message(2, Message().message(1, tensor_type)));
  }
  Message finished(const char* name) { return graph_.bytes(2, name); }

 private:
  Message graph_;
  int count_ = 0;
};

class OnnxWriter {
 public:
  explicit OnnxWriter(const Program& p) : p_(p) {}
  Message graph() {
    const auto& s = p_.signature;
    const std::int64_t batch = by_row(p_) ? 0 : 1;
    for (std::size_t i = 0; i < p_.values.size(); ++i) names_.push_back(named(i));
    g_.value(11, "observation", OnnxGraph::is_float, {batch, s.observation_size});
    if (const auto* z = p_.noise()) g_.value(11, "noise", OnnxGraph::is_float, {z->rows, z->columns});
    g_.node("Identity", {names_.back()}, {}, "action");
    // x - x is 0 where x is finite, and else NaN.
    const auto off = g_.node("IsNaN", {g_.node("Sub", {"observation", "observation"})});
    const auto any = g_.node("ReduceMax", {g_.node("Cast", {off}, {{"to", OnnxGraph::is_float}})},
                             {{"axes", 1, 0, list}, {"keepdims", 0}});
    g_.node("Not", {g_.node("Cast", {any}, {{"to", OnnxGraph::is_bool}})}, {}, "observation_finite");
    if (s.discrete) g_.value(12, "action", OnnxGraph::is_int64, {batch});
    else g_.value(12, "action", OnnxGraph::is_float, {batch, s.outputs()});
    g_.value(12, "observation_finite", OnnxGraph::is_bool, {batch});
    return g_.finished("policy");
  }

 private:
  static constexpr auto list = OnnxGraph::Attribute::kind::list;
  static constexpr auto real = OnnxGraph::Attribute::kind::real;

  // The name of a value, made of those before it.
  std::string named(std::size_t i) {
    const auto& v = p_.values[i];
    switch (v.what) {
      case op::observation:
        return "observation";
      case op::noise:
        return "noise";
      case op::constant:
        return g_.tensor("c" + std::to_string(i), {v.rows, v.columns}, OnnxGraph::is_float, v.numbers.data(),
                         v.numbers.size() * sizeof(float));
      default:
        return made(v);
    }
  }
  std::string made(const Value& v) {
    OnnxGraph::Names in;
    for (const auto k : v.in) in.push_back(names_[std::size_t(k)]);
    const auto& x = in[0];
    switch (v.what) {
      case op::linear:
        return g_.node(in.size() > 2 ? "Gemm" : "MatMul", in);
      case op::add:
        return g_.node("Add", in);
      case op::multiply:
        return g_.node("Mul", in);
      case op::minimum:
        return g_.node("Min", in);
      case op::clamp:
        return g_.node("Clip", {x, g_.number(v.low), g_.number(v.high)});
      case op::relu:
        return g_.node("Relu", in);
      case op::gelu:
        return gelu(x);
      case op::tanh:
        return g_.node("Tanh", in);
      case op::silu:
        return g_.node("Mul", {x, g_.node("Sigmoid", in)});
      case op::mish:
        return g_.node("Mul", {x, g_.node("Tanh", {g_.node("Softplus", in)})});
      case op::exp:
        return g_.node("Exp", in);
      case op::layer_norm:
        return g_.node("LayerNormalization", in, {{"axis", -1}, {"epsilon", 0, v.low, real}});
      case op::rows:
        return g_.node("Slice", {x, g_.whole(v.from, true), g_.whole(v.from + v.rows, true), g_.whole(0, true)});
      case op::pick:
        return g_.node("Gather", {x, g_.node("ArgMax", {in[1]}, {{"axis", 0}, {"keepdims", 0}})}, {{"axis", 0}});
      case op::likely: {
        const auto most = g_.node("ReduceMax", {in[1]}, {{"axes", 1, 0, list}, {"keepdims", 1}});
        const auto is = g_.node("Greater", {g_.node("Sub", {in[1], most}), g_.number(v.low)});
        return g_.node("Where", {is, x, g_.number(-1e30f)});
      }
      case op::argmax: {
        const auto best = g_.node("ArgMax", {x}, {{"axis", 1}, {"keepdims", 0}});
        return g_.node("Add", {best, g_.whole(v.from, false)});
      }
      default:
        throw Error(std::string("ONNX cannot express the operation ") + name_of(v.what));
    }
  }
  // x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
  std::string gelu(const std::string& x) {
    const auto cube = g_.node("Mul", {g_.node("Mul", {x, x}), x});
    const auto inner = g_.node("Add", {x, g_.node("Mul", {cube, g_.number(0.044715f)})});
    const auto bent = g_.node("Tanh", {g_.node("Mul", {inner, g_.number(0.7978845608028654f)})});
    return g_.node("Mul", {g_.node("Mul", {x, g_.number(0.5f)}), g_.node("Add", {bent, g_.number(1)})});
  }

  const Program& p_;
  OnnxGraph g_;
  OnnxGraph::Names names_;
};
}  // namespace detail

TESSERA_INLINE std::string onnx_bytes(const Program& p) {
  if (const auto fault = fault_of(p); !fault.empty()) throw Error("a policy's program: " + fault);
  detail::Message model;
  model.number(1, 8).bytes(2, "tessera").message(7, detail::OnnxWriter(p).graph());
  model.message(8, detail::Message().bytes(1, "").number(2, 17));
  const std::vector<std::pair<std::string, std::string>> metadata = {
      {"algorithm", p.signature.algorithm}, {"hash", hash_text(content_hash(p))}, {"structure", policy_structure(p)}};
  for (const auto& [key, text] : metadata) model.message(14, detail::Message().bytes(1, key).bytes(2, text));
  constexpr std::size_t most = (std::size_t(1) << 31) - 1;
  if (model.text().size() > most) throw Error("a policy of more than 2 GB is more than ONNX takes in one file");
  return model.text();
}
TESSERA_INLINE void write_onnx(const Program& p, const std::string& path) {
  const auto bytes = onnx_bytes(p);
  write_atomically(path, [&](AtomicFile& file) { file.write(bytes); });
}
}  // namespace tessera::deploy
