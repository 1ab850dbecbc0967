#pragma once
#include <cstdint>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/hash.hpp>

namespace tessera {
/// What a data set holds, whatever file it came from and however that laid it out: every (s, a, r, s', end) in order,
/// which s' are not known, and how they are parted into episodes.  Not its name, and not the declared limits of
/// actions.  The number of discrete actions is left out too: an environment may know of more than were logged.
std::uint64_t content_hash(const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/content_hash.impl.hpp>
#endif
