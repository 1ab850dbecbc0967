#include <tessera/train/run_policy.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <tessera/algorithms/bc.hpp>
#include <tessera/algorithms/fql.hpp>
#include <tessera/algorithms/td3_bc.hpp>
#include <tessera/compose/sizes.hpp>
#include <tessera/deploy/file.hpp>
#include <tessera/io/safetensors.hpp>

#include "helpers/files.hpp"

// This file is linked without libtorch.
namespace {
namespace recipes = tessera::recipes;

// A checkpoint as a learner saves it: tensors of zeros but for the policy's row, of actions between -1 and 3.
template <class R>
void write_checkpoint(const std::string& path, tessera::params_of<R> h, std::int64_t n, std::int64_t d,
                      const std::map<std::size_t, float>& row = {}) {
  using namespace tessera;
  constexpr bool discrete = std::is_same_v<typename R::template get<policy>::space, Discrete>;
  safetensors::Metadata m = {
      {"format", detail::checkpoint_format}, {"algorithm", kebab_case(type_name<R>())}, {"problem.seed", "3"}};
  detail::write_problem(m, {n, d, discrete});
  detail::write_parameters(m, parameters<R>(h));
  Normalizer units;
  units.observation_shift.assign(std::size_t(n), 0), units.observation_scale.assign(std::size_t(n), 1);
  if (!discrete) units.action_low.assign(std::size_t(d), -1), units.action_high.assign(std::size_t(d), 3);
  detail::write_units(m, units);
  std::map<std::string, std::vector<float>> numbers;
  std::vector<safetensors::Source> tensors;
  static const std::int64_t none = 0;
  for (const auto& b : buffers_of<R>(h, n, d)) {
    if (b.holds == Buffer::kind::count) {
      tensors.push_back({b.name, safetensors::Type::i64, {}, [] { return static_cast<const void*>(&none); }});
      continue;
    }
    auto& all = numbers[b.name];
    all.assign(std::size_t(bytes_of(b) / 4), 0);
    if (b.name == "policy/parameters")
      for (const auto& [at, x] : row) all.at(at) = x;
    tensors.push_back({b.name, safetensors::Type::f32, b.shape, [&] { return static_cast<const void*>(all.data()); }});
  }
  safetensors::write(path, m, std::move(tensors));
}
template <class R>
tessera::params_of<R> narrow() {
  tessera::params_of<R> h;
  h.policy.net.hidden = {2};
  return h;
}
std::string folder_of(const support::Folder& in, const std::string& config) {
  const auto run = in / "run";
  std::filesystem::create_directories(run);
  support::write_bytes(run + "/config.json", config);
  return run;
}
}  // namespace

TEST_CASE("a run's policy acts out of its checkpoint, without libtorch") {
  const support::Folder folder;
  const auto run = folder_of(folder, R"({"data": {"spaces": {"observation_names": ["angle"]}}})");
  // A row has each tensor from a multiple of 16 numbers on: W1 (1, 2), b1 (2), W2 (2, 1), b2 (1).
  const std::map<std::size_t, float> row = {{0, 1},      {1, -2},    {16, 0.5f},   {17, 1},
                                            {32, 0.25f}, {33, 0.5f}, {48, -0.125f}};
  write_checkpoint<recipes::Td3Bc>(run + "/checkpoint.safetensors", narrow<recipes::Td3Bc>(), 1, 1, row);
  auto policy = tessera::run_policy<recipes::Td3Bc>(run);
  // x = 1: h = relu(1.5, -1) = (1.5, 0), a = tanh(0.375 - 0.125), and 1 + 2 a between -1 and 3
  CHECK(policy.act(std::vector<float>{1})[0] == Approx(1 + 2 * std::tanh(0.25)).epsilon(1e-6));
  // x = -1: h = relu(-0.5, 3) = (0, 3), a = tanh(1.5 - 0.125)
  CHECK(policy.act(std::vector<float>{-1})[0] == Approx(1 + 2 * std::tanh(1.375)).epsilon(1e-6));
  CHECK(policy.signature().observation_names == std::vector<std::string>{"angle"});
  CHECK(policy.signature().algorithm == "td3-bc");
  // Among several recipes, and the same as the file that is exported.
  CHECK(tessera::run_policy(run + "/", tessera::list_of<recipes::Bc, recipes::Td3Bc>{}).hash() == policy.hash());
  tessera::deploy::write_policy_safetensors(policy.program(), folder / "policy.safetensors");
  CHECK(tessera::deploy::Policy::load(folder / "policy.safetensors").hash() == policy.hash());
  // The checkpoint alone has no names.
  auto alone = tessera::run_policy<recipes::Td3Bc>(run + "/checkpoint.safetensors");
  CHECK(alone.signature().observation_names.empty());
  CHECK(alone.act(std::vector<float>{1}) == policy.act(std::vector<float>{1}));
}
TEST_CASE("a run's discrete actions have the codes of its data") {
  const support::Folder folder;
  const auto run = folder_of(folder, R"({"data": {"spaces": {"first_action": -2, "action_names": ["a", "b"]}}})");
  // W1 (1, 2) = (1, 0), W2 (2, 2): the second output is h1, of the first nothing is left.
  write_checkpoint<recipes::DiscreteBc>(run + "/checkpoint.safetensors", narrow<recipes::DiscreteBc>(), 1, 2,
                                        {{0, 1}, {33, 1}});
  CHECK(tessera::run_policy<recipes::DiscreteBc>(run).code(std::vector<float>{2}) == -1);
  CHECK(tessera::run_policy<recipes::DiscreteBc>(run).code(std::vector<float>{-2}) == -2);
  CHECK(tessera::run_policy<recipes::DiscreteBc>(run + "/checkpoint.safetensors").code(std::vector<float>{2}) == 1);
}
TEST_CASE("a run's policy that draws takes its noise") {
  const support::Folder folder;
  auto h = narrow<recipes::Fql>();
  write_checkpoint<recipes::Fql>(folder / "c.safetensors", h, 3, 1);
  auto policy = tessera::run_policy<recipes::Fql>(folder / "c.safetensors");
  CHECK(policy.noise_size() == 1);
  CHECK(support::error_of([&] { policy.act(std::vector<float>{1, 2, 3}); }).find("noise") != std::string::npos);
  auto fixed = policy.program();
  tessera::deploy::fix_noise(fixed, {0.5f});
  CHECK(tessera::deploy::Policy(fixed).act(std::vector<float>{1, 2, 3})[0] == 1);  // a network of zeros
}
TEST_CASE("a folder or a file that is no run is refused in one line") {
  const support::Folder folder;
  const auto run = folder_of(folder, "{}");
  const auto said = [&] { return support::error_of([&] { tessera::run_policy<recipes::Bc>(run); }); };
  CHECK(said().find(run + "/checkpoint.safetensors: cannot be opened") == 0);
  write_checkpoint<recipes::Bc>(run + "/checkpoint.safetensors", narrow<recipes::Bc>(), 1, 1);
  CHECK(said() == run + "/config.json: has no 'data'; give the folder of a run, or its checkpoint alone");
  const auto with = [&](const std::string& spaces) {
    support::write_bytes(run + "/config.json", R"({"data": {"spaces": )" + spaces + "}}");
    return said();
  };
  CHECK(with("{}") == "(no error)");
  CHECK(with(R"({"observation_names": 7})") ==
        run + "/config.json: data.spaces.observation_names is not a list of texts; restore the file");
  CHECK(with(R"({"action_names": [7]})").find("action_names is not a list of texts") != std::string::npos);
  CHECK(with(R"({"action_names": ["a", "b"]})").find("config.json: does not fit the checkpoint") != std::string::npos);
  CHECK(with(R"({"first_action": 0.5})").find("first_action is not a whole number") != std::string::npos);
  CHECK(with("{").find("config.json") != std::string::npos);
  const auto other = support::error_of(
      [&] { tessera::run_policy(run + "/checkpoint.safetensors", tessera::list_of<recipes::Td3Bc, recipes::Fql>{}); });
  CHECK(other == run + "/checkpoint.safetensors: was saved by bc, not by td3-bc, fql; give its recipe");
  // Of a checkpoint, and of a folder, the loader of exported files says what to do.
  const auto load = [](const std::string& path) {
    return support::error_of([&] { tessera::deploy::Policy::load(path); });
  };
  CHECK(load(run + "/checkpoint.safetensors") ==
        run +
            "/checkpoint.safetensors: is a run's checkpoint, not an exported policy; write one with `tessera export " +
            run + " --to safetensors`");
  CHECK(load(run) == run + ": is a folder; give an exported policy: of a run, `tessera export " + run +
                         " --to safetensors` writes one");
}
