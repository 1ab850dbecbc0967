#pragma once
#include <utility>

#include <tessera/cli/dynamics_models.hpp>
#if !TESSERA_CLI_FRONT
#include <tessera/cli/learned_model.hpp>
#endif

namespace tessera::cli {
/// Puts a dynamics model that is learned into the table, under its name in kebab case: `const DynamicsModel<MyModel>
/// mine;`  in a source file.  `model train --kind my-model` trains it, `model inspect` measures it, and an algorithm
/// whose dynamics part it is takes it with --model, or trains it first.
template <LearnedDynamics D>
struct DynamicsModel {
  DynamicsModel() {
    auto entry = described_dynamics_model<D>();
#if !TESSERA_CLI_FRONT
    add_training_to<D>(entry);
#endif
    add_dynamics_model(std::move(entry));
  }
};
}  // namespace tessera::cli
