// Writes a header of each case into a folder, beside what Policy answers: header_acts.cpp compiles them as a controller
// would.  Counts what Policy allocates on the way: nothing.
//   write_cases FOLDER
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>
#include <vector>

#include <tessera/deploy/file.hpp>
#include <tessera/deploy/header.hpp>
#include <tessera/deploy/onnx.hpp>
#include <tessera/deploy/policy.hpp>

#include "cases.hpp"

// Of glibc: what malloc itself is.
extern "C" void* __libc_malloc(std::size_t);  // NOLINT: the library's own name
namespace {
bool counting = false;
long taken = 0;
}  // namespace
extern "C" void* malloc(std::size_t size) noexcept {
  taken += counting;
  return __libc_malloc(size);
}

namespace deploy = tessera::deploy;

namespace {
std::string joined(const std::vector<float>& all, const char* form) {
  std::string out;
  char text[64];
  for (const float x : all)
    std::snprintf(text, sizeof text, form, double(x)), out += (out.empty() ? "" : ", "), out += text;
  return out;
}
std::string list(const std::vector<float>& all) { return "{" + joined(all, "%af") + "}"; }
std::string json_list(const std::vector<float>& all) { return "[" + joined(all, "%.9g") + "]"; }
// What Policy answers, for tests in other languages.
std::string answers(const support::Case& c) {
  deploy::Policy policy(c.program);
  const auto noise = support::noise_for(c.program);
  std::string out;
  for (const auto& x : support::observations_for(policy.observation_size())) {
    std::vector<float> action(std::size_t(policy.action_size()));
    policy.act(x, noise, action);
    out += std::string(out.empty() ? "" : ",\n  ") + "{\"name\": \"" + c.name + "\", \"observation\": " + json_list(x) +
           ", \"noise\": " + json_list(noise) + ", \"action\": " + json_list(action) +
           ", \"discrete\": " + (policy.signature().discrete ? "true" : "false") + "}";
  }
  return out;
}
// C++ that asks a case's header, and compares.
std::string asked(const support::Case& c, const std::string& name, bool from_file) {
  deploy::Policy policy(c.program);
  const auto noise = support::noise_for(c.program);
  std::string out;
  for (const auto& x : support::observations_for(policy.observation_size())) {
    std::vector<float> action(std::size_t(policy.action_size()), -77);
    counting = true;
    const bool acts = policy.try_act(x.data(), noise.data(), action.data()) == deploy::outcome::acted;
    counting = false;
    out += "  {const float x[] = " + list(x) + ", y[] = " + list(action) + ";\n" +
           (noise.empty() ? "" : "   const float z[] = " + list(noise) + ";\n") + "   float a[" + name +
           "::action_size]; for (auto& each : a) each = -77.0f;\n" + "   static " + name + "::Policy policy;\n" +
           (from_file ? "   loads(policy.load(\"" + name + ".weights\"), \"" + name + "\");\n" : "") +
           "   compare(policy.act(x, " + (noise.empty() ? "" : "z, ") + "a), " + (acts ? "true" : "false") +
           ", a, y, " + name + "::action_size, \"" + name + "\");}\n";
  }
  return out;
}
void write(const std::string& path, const std::string& text) {
  if (!(std::ofstream(path, std::ios::binary) << text)) std::abort();
}
}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = argv[1];
  std::string includes, asks, all;
  for (const auto& c : support::cases())
    for (const bool from_file : {false, true}) {
      const auto name = "case_" + c.name + (from_file ? "_from_file" : "");
      write(folder + "/" + name + ".hpp",
            deploy::header_text(c.program, {.name = name, .weights_file = from_file, .made_by = "a test"}));
      if (from_file) write(folder + "/" + name + ".weights", deploy::weights_bytes(c.program));
      if (from_file && c.name == "small") {
        auto bytes = deploy::weights_bytes(c.program);
        write(folder + "/truncated.weights", bytes.substr(0, bytes.size() - 1));
        bytes[30] = char(bytes[30] ^ 4);
        write(folder + "/changed.weights", bytes);
      }
      includes += "#include \"" + name + ".hpp\"\n";
      asks += asked(c, name, from_file);
      if (!from_file) {
        const auto file = folder + "/" + c.name;
        deploy::write_policy_json(c.program, file + ".json");
        deploy::write_policy_safetensors(c.program, file + ".safetensors");
        deploy::write_onnx(c.program, file + ".onnx");
        all += (all.empty() ? "" : ",\n  ") + answers(c);
      }
    }
  write(folder + "/cases.inc", includes);
  write(folder + "/asks.inc", asks);
  write(folder + "/answers.json", "[" + all + "]\n");
  if (taken > 0) std::fprintf(stderr, "Policy::try_act allocated %ld times\n", taken);
  return taken > 0 ? 1 : 0;
}
