#pragma once

#include <cstdint>
#include <string>

#include <tessera/support/error.hpp>

namespace tessera {
/// The most memory that this program can have, in bytes: the machine's, or less where its control group or `ulimit -v`
/// allows less.
std::uint64_t machine_memory();

/// "17.18 GB (17179869184 bytes)"
std::string exact_bytes_text(std::uint64_t bytes);

/// Throws an Error if `what` needs more bytes than this program could have; `remedy` says what to change.
void check_memory(std::uint64_t bytes, const std::string& what, const std::string& remedy);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/machine_memory.impl.hpp>
#endif
