#include <tessera/deploy/file.hpp>

#include <catch2/catch.hpp>
#include <string>

#include <tessera/deploy/policy.hpp>
#include <tessera/io/safetensors.hpp>

#include "helpers/files.hpp"
#include "helpers/programs.hpp"

namespace {
namespace {
using namespace tessera::deploy;
}  // namespace
// What is said, in one line, where it is refused.
std::string refusal(const std::string& path) {
  try {
    read_policy(path);
  } catch (const tessera::Error& error) {
    const std::string said = error.what();
    CHECK(said.find('\n') == std::string::npos);
    CHECK(said.size() < 600);
    return said;
  }
  return "";
}
bool same(const Program& a, const Program& b) {
  if (!(a.signature == b.signature) || a.values.size() != b.values.size()) return false;
  return content_hash(a) == content_hash(b) && policy_json(a) == policy_json(b);
}
}  // namespace

TEST_CASE("a policy is read as it was written, as safetensors and as JSON") {
  const support::Folder folder;
  for (const auto& p : {support::small_policy(), support::small_discrete_policy(), support::small_best_of()}) {
    const auto a = folder / "policy.safetensors", b = folder / "policy.json";
    write_policy_safetensors(p, a), write_policy_json(p, b);
    CHECK(same(read_policy(a), p));
    CHECK(same(read_policy(b), p));
    CHECK(Policy::load(a).hash() == Policy(p).hash());
  }
}
TEST_CASE("a file that was cut or changed is refused in one line") {
  const support::Folder folder;
  const auto path = folder / "policy";
  const auto p = support::small_policy();
  for (const bool json : {false, true}) {
    json ? write_policy_json(p, path) : write_policy_safetensors(p, path);
    const auto whole = support::bytes_of(path);
    for (std::size_t length = 0; length < whole.size() - 1; length += 7) {
      support::write_bytes(path, whole.substr(0, length));
      CHECK(refusal(path) != "");
    }
    std::size_t refused = 0, changed = 0;
    for (std::size_t at = 0; at < whole.size(); at += 5) {
      auto bytes = whole;
      bytes[at] = char(bytes[at] ^ 1);
      support::write_bytes(path, bytes);
      ++changed, refused += !refusal(path).empty();
    }
    // White space may be another.
    CHECK(refused + (json ? 6 : 0) >= changed);
  }
}
TEST_CASE("JSON that is no policy says why") {
  const auto said = [](const std::string& text) {
    try {
      parse_policy_json(text, "x.json");
    } catch (const tessera::Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto whole = policy_json(support::small_policy());
  const auto with = [&](const std::string& from, const std::string& to) {
    auto text = whole;
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return said(text.replace(at, from.size(), to));
  };
  CHECK(said("{}") == "x.json: is damaged: it has no 'format' where one belongs; export the policy again");
  CHECK(said("[[[[[[[[[[") != "");
  CHECK(said(std::string(100000, '[')).find("nested") != std::string::npos);
  CHECK(with("tessera-policy-1", "tessera-policy-9\\n").find("format 'tessera-policy-9\\n'") != std::string::npos);
  CHECK(with("relu", "system").find("an operation 'system'") != std::string::npos);
  CHECK(with("\"rows\":1", "\"rows\":40000000").find("numbers") != std::string::npos);
  CHECK(with("\"rows\":1", "\"rows\":1.5").find("whole number") != std::string::npos);
  CHECK(with("\"rows\":1", "\"rows\":99999999999999999999").find("whole number") != std::string::npos);
  CHECK(with("\"in\":[0,1,2]", "\"in\":[0,1,-2]").find("no index") != std::string::npos);
  CHECK(with("\"in\":[0,1,2]", "\"in\":[0,1,77]").find("not an earlier value") != std::string::npos);
  CHECK(with("[1,-1,2,0.5]", "[1,-1,2,1e300]").find("single precision") != std::string::npos);
  CHECK(with("[1,-1,2,0.5]", "[1,-1,2,\"0\"]").find("single precision") != std::string::npos);
  CHECK(with("[1,-1,2,0.5]", "[1,-1,2,0.25]").find("does not match its hash") != std::string::npos);
  CHECK(with("[1,-1,2,0.5]", "[1,-1,2]").find("do not fit") != std::string::npos);
  CHECK(with("\"discrete\":false", "\"discrete\":0").find("neither true nor false") != std::string::npos);
}
TEST_CASE("other files are not policies") {
  const support::Folder folder;
  CHECK(refusal(folder / "absent").find("absent") != std::string::npos);
  const auto path = folder / "other.safetensors";
  const float x = 1;
  tessera::safetensors::write(
      path, {{"format", "another"}},
      {{"a", tessera::safetensors::Type::f32, {1}, [&] { return static_cast<const void*>(&x); }}});
  CHECK(refusal(path).find("is not an exported policy (format 'another'") != std::string::npos);
}
