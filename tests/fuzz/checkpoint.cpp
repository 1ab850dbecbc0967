// links: tessera::data tessera::reflect
// Checkpoints and dynamics models, up to where a learner would be made of them: safetensors, checksum, metadata, sizes,
// and every number.  An input is a file; or, where it begins with '{', a header, a zero byte and tensors, of which a
// file with a length and a checksum that fit is made.
#include "fuzz.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "../helpers/safetensors.hpp"

#include <tessera/algorithms/iql.hpp>
#include <tessera/algorithms/mopo.hpp>
#include <tessera/algorithms/sac.hpp>
#include <tessera/train/checkpoint_header.hpp>
#include <tessera/train/dynamics_file_header.hpp>

namespace {
namespace st = tessera::safetensors;
namespace detail = tessera::detail;
using tessera::recipes::DiscreteIql, tessera::recipes::Iql, tessera::recipes::Mopo, tessera::recipes::Sac;

using tessera::fuzz::require;

// What a learner would read, and that nothing of it is more than the file has.
void read_all(const st::File& file) {
  std::uint64_t sum = 0;
  for (const auto& [name, t] : file.tensors()) {
    sum += t.end - t.begin;
    std::string fault;
    if (t.type == st::Type::f32) {
      const auto x = file.read<float>(name);
      require(x.size() * 4 == t.end - t.begin);
      fault = detail::fault_of(name, x.data(), x.size());
      if (fault.empty() && !name.starts_with("imagined/"))
        for (const float each : x) require(std::isfinite(each));
    } else if (t.type == st::Type::i64 && t.shape.empty()) {
      require(detail::read_count(file, name) >= 0);
    }
    if (!fault.empty()) throw file.damaged(fault);
  }
  require(sum == file.data_bytes());
}
template <class R>
void read_header(const st::File& file) {
  auto h = detail::read_checkpoint_header<R>(file);
  require(detail::fault_of(h.units).empty() && std::int64_t(h.units.observation_scale.size()) == h.on.observation_size);
  require(tessera::bytes_of(tessera::buffers_of<R>(h.params, h.on.observation_size, h.on.action_size)) <
          2 * file.data_bytes());
  for (const auto& each : tessera::parameters<R>(h.params)) require(!each.text().empty());
  read_all(file);
}
template <class F>
bool done(F f) {
  try {
    f();
    return true;
  } catch (const tessera::Error& error) {
    const std::string said = error.what();
    require(said.find('\n') == std::string::npos && said.size() < 2000);
    return false;
  }
}

// Whether it was taken.
bool open_as_all(const std::string& bytes) {
  static const int memory = memfd_create("input", MFD_CLOEXEC);
  static const auto path = "/proc/self/fd/" + std::to_string(memory);
  require(memory >= 0 && ftruncate(memory, 0) == 0 &&
          pwrite(memory, bytes.data(), bytes.size(), 0) == ssize_t(bytes.size()));
  done([&] { read_all(st::File::open(path)); });
  const bool whole = done([&] {
    const auto file = detail::open_checkpoint(path);
    const auto& name = detail::algorithm_of(file);
    if (name == "iql") read_header<Iql>(file);
    else if (name == "discrete-iql") read_header<DiscreteIql>(file);
    else if (name == "mopo") read_header<Mopo>(file);
    else read_header<Sac>(file);
    require(tessera::checkpoint_algorithm(path) == name &&
            tessera::checkpoint_metadata(path).size() < file.metadata().size());
  });
  const bool model = done([&] {
    const auto file = detail::open_dynamics(path);
    auto h = detail::read_dynamics_header(file);
    require(h.data.observation_size > 0 && h.data.action_size > 0 && h.params.members > 0);
    read_all(file);
  });
  require(!(whole && model));
  return whole || model;
}

// As save_checkpoint writes it, of zeros; scales and their like are ones.
std::string written(st::Metadata metadata, const std::vector<tessera::Buffer>& buffers) {
  const auto path = std::filesystem::temp_directory_path() / ("tessera-fuzz-seed-" + std::to_string(getpid()));
  std::map<std::string, std::vector<float>> numbers;
  static const std::int64_t none = 0;
  std::vector<st::Source> tensors;
  for (const auto& b : buffers) {
    if (b.holds == tessera::Buffer::kind::count) {
      tensors.push_back({b.name, st::Type::i64, {}, [] { return static_cast<const void*>(&none); }});
    } else {
      auto& x = numbers[b.name];
      x.assign(std::size_t(tessera::bytes_of(b) / 4), b.name.ends_with("_scale") ? 1.0f : 0.0f);
      tensors.push_back({b.name, st::Type::f32, b.shape, [&x] { return static_cast<const void*>(x.data()); }});
    }
  }
  st::write(path.string(), std::move(metadata), std::move(tensors));
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::filesystem::remove(path);
  return bytes;
}
template <class R>
std::string checkpoint_of(tessera::params_of<R> p, std::int64_t observations, std::int64_t actions) {
  constexpr bool discrete = std::is_same_v<typename R::template get<tessera::policy>::space, tessera::Discrete>;
  st::Metadata metadata = {{"format", detail::checkpoint_format},
                           {"algorithm", tessera::kebab_case(tessera::type_name<R>())},
                           {"problem.seed", "7"},
                           {"extra.note", "a\nb"}};
  detail::write_problem(metadata, {observations, actions, discrete});
  detail::write_parameters(metadata, tessera::parameters<R>(p));
  tessera::Normalizer units;
  units.observation_shift.assign(std::size_t(observations), 0),
      units.observation_scale.assign(std::size_t(observations), 1);
  if (!discrete) units.action_low.assign(std::size_t(actions), -1), units.action_high.assign(std::size_t(actions), 1);
  detail::write_units(metadata, units);
  return written(std::move(metadata), tessera::buffers_of<R>(p, observations, actions));
}
template <class P>
P small(P p = {}) {
  p.policy.net.hidden = {2};
  p.critic.net.hidden = {2};
  if constexpr (requires { p.value.net; }) p.value.net.hidden = {};
  if constexpr (requires { p.dynamics.net; }) {
    p.dynamics.net.hidden = {2}, p.dynamics.members = 1;
    p.data.retain = 1, p.data.rollout_batch = 2, p.data.horizon = 1;
  }
  return p;
}
std::string file_of(const std::string& text) {
  if (!text.starts_with('{')) return text;
  const auto end = std::min(text.find('\0'), text.size());
  std::string bytes(8, '\0');
  const std::uint64_t length = end;
  std::memcpy(bytes.data(), &length, 8);
  bytes += text.substr(0, end);
  if (end < text.size()) bytes += text.substr(end + 1);
  return support::sealed(bytes);
}
std::vector<std::string> all_seeds() {
  std::vector<std::string> out;
  out.push_back(checkpoint_of<Iql>(small<tessera::params_of<Iql>>(), 2, 1));
  out.push_back(checkpoint_of<DiscreteIql>(small<tessera::params_of<DiscreteIql>>(), 1, 2));
  out.push_back(checkpoint_of<Sac>(small<tessera::params_of<Sac>>(), 1, 1));
  out.push_back(checkpoint_of<Mopo>(small<tessera::params_of<Mopo>>(), 1, 1));
  tessera::GaussianEnsembleParams h;
  h.net.hidden = {2}, h.members = 2;
  st::Metadata metadata = {{"format", detail::dynamics_format}, {"data.name", "x"}, {"data.hash", "0123456789abcdef"}};
  detail::write_problem(metadata, {2, 1, false});
  detail::write_parameters(metadata, tessera::dynamics_parameters(h));
  out.push_back(written(std::move(metadata), detail::dynamics_buffers(h, {2, 1, false})));
  for (std::size_t i = 0, count = out.size(); i < count; ++i) {
    support::Parts parts(out[i]);
    parts.metadata()["checksum"] = "0000000000000000";
    out.push_back(parts.header.dump() + '\0' + parts.data);
  }
  for (const auto& each : out) require(open_as_all(file_of(each)));
  return out;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  open_as_all(file_of(tessera::fuzz::text_of(data, size)));
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() { return all_seeds(); }
