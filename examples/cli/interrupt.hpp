#pragma once
#include <stdexcept>

namespace tessera::cli {
/// From now on Ctrl-C is remembered, and stops nothing by itself.
void handle_interrupts();
/// Whether it was pressed.
bool interrupted();

/// Ctrl-C stopped what cannot be gone on with; `what()` says what there is now.
struct Interrupted : std::runtime_error {
  using std::runtime_error::runtime_error;
};
}  // namespace tessera::cli
