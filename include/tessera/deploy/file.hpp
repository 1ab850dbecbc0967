#pragma once
#include <string>
#include <string_view>

#include <tessera/deploy/program.hpp>

/// A policy's program in a file: as a safetensors file, its weights as they are in memory; or as JSON, for whatever
/// reads that.  Nothing in a file is executed, or names another file; what it says is held against its size before
/// memory is taken.
namespace tessera::deploy {
inline constexpr const char* policy_format = "tessera-policy-1";

/// A text in JSON:
///   {"format": "tessera-policy-1", "hash": 16 digits, "signature": {...},
///    "values": [{"op": "linear", "in": [0, 1, 2], "rows": 1, "columns": 256}, ...]}
/// with what else an operation has (see `op`): low, high, from; numbers of a constant, each the shortest that reads
/// back as the same float32.
std::string policy_json(const Program& p);
/// The same without the constants' numbers.
std::string policy_structure(const Program& p);

/// Write the file under a temporary name, and rename it.
void write_policy_json(const Program& p, const std::string& path);
/// Metadata: format, hash, and `structure`, the JSON without the constants' numbers; tensors: "0", "1", ... the
/// constants, in their order.
void write_policy_safetensors(const Program& p, const std::string& path);

/// Reads either.  Throws Error where it is neither, or is damaged: another hash is one.
Program read_policy(const std::string& path);
/// Of the text of a JSON file; `path` is what messages call it.
Program parse_policy_json(std::string_view text, const std::string& path);

namespace detail {
// The same, whatever hash it states.
Program unsealed_policy_json(std::string_view text, const std::string& path);
}  // namespace detail
}  // namespace tessera::deploy

#ifndef TESSERA_COMPILED
#include <tessera/deploy/file.impl.hpp>
#endif
