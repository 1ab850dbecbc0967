// Two files of one program, one that has Tessera from headers and this one, which has it from the library.
#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/dataset/statistics.hpp>
#include <tessera/sources/load.hpp>

#include "mixed.hpp"

#ifndef TESSERA_COMPILED
#error "this file is the one with the library"
#endif

int main() {
  const auto data = tessera::load_dataset("builtin:cartpole-mixed");
  const auto other = from_headers();
  tessera::require_sound(other.data);
  const bool equal = other.hash == tessera::content_hash(data) && tessera::content_hash(other.data) == other.hash &&
                     other.reward == tessera::summarize(data).reward.mean;
  return equal ? 0 : 1;
}
