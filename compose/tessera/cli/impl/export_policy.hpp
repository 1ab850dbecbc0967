#pragma once
#include <iostream>
#include <string>
#include <utility>

#include <tessera/cli/algorithm_of.hpp>
#include <tessera/cli/export_policy.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/run_folder.hpp>
#include <tessera/deploy/file.hpp>
#include <tessera/deploy/header.hpp>
#include <tessera/deploy/onnx.hpp>
#include <tessera/nn/torchscript.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/train/exported.hpp>
#include <tessera/train/exported_noise.hpp>
#include <tessera/version.hpp>

namespace tessera::cli {
namespace detail {
// The policy of a run, with the names and codes that its data have.
inline deploy::Program policy_of(const ExportCommand& c) {
  const auto config = RunFolder::config_of(c.run);
  auto made = algorithm_of(c.run, config).exported(RunFolder::checkpoint_of(c.run));
  if (c.noise == "fixed") fix_noise_as_act(made);
  const auto& spaces = config.data.spaces;
  name_numbers(made.program, spaces.observation_names, spaces.action_names, spaces.first_action,
               c.run + "/config.json");
  return std::move(made.program);
}
inline void write_header(const deploy::Program& p, const ExportCommand& c, const std::string& file) {
  const auto text = deploy::header_text(
      p, {.name = c.name, .weights_file = c.weights_file, .made_by = std::string("tessera ") + library_version});
  if (c.weights_file) write_text(file + ".weights", deploy::weights_bytes(p));
  write_text(file, text);
}
}  // namespace detail

TESSERA_CLI_INLINE void export_policy(const ExportCommand& c) {
  end_on_signals();
  const auto p = detail::policy_of(c);
  const auto file = export_file(c);
  if (c.to == "json") deploy::write_policy_json(p, file);
  else if (c.to == "safetensors") deploy::write_policy_safetensors(p, file);
  else if (c.to == "header") detail::write_header(p, c, file);
  else if (c.to == "onnx") deploy::write_onnx(p, file);
  else nn::write_torchscript(p, file);
  const auto* noise = p.noise();
  json out = {{"run", c.run},
              {"to", c.to},
              {"out", file},
              {"algorithm", p.signature.algorithm},
              {"hash", hash_text(deploy::content_hash(p))},
              {"observation_size", p.signature.observation_size},
              {"action_size", p.signature.outputs()},
              {"noise_size", noise ? std::int64_t(noise->size()) : 0}};
  if (c.weights_file) out["weights"] = file + ".weights";
  std::cout << line_of(out) << std::endl;
}
}  // namespace tessera::cli
