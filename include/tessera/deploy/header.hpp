#pragma once
#include <string>

#include <tessera/deploy/program.hpp>

/// A policy as one C++17 header that needs nothing but the standard library's <cmath>.
namespace tessera::deploy {
struct HeaderOptions {
  std::string name = "policy";  ///< of its namespace
  /// The weights come from a file, `weights_bytes`, which the header holds against a hash; else they are constants.
  bool weights_file = false;
  std::string made_by{};  ///< "tessera 0.1.0", for its first line
};

/// Throws Error where a namespace cannot be called that.
void require_namespace(const std::string& name);

/// The header's text.  What it does allocates nothing, throws nothing and has no state outside its class:
///   NAME::Policy policy;                                    // memory for its intermediate results
///   if (!policy.act(observation, action)) { ... }           // false, and `action` unchanged, where one is not finite
/// Throws Error where the name is no namespace's, or there are so many constants that compilers give up.
std::string header_text(const Program& p, const HeaderOptions& options = {});

/// The weights' file: 16 bytes of its kind, 8 of a count, and the constants' numbers, all little-endian.
std::string weights_bytes(const Program& p);
}  // namespace tessera::deploy

#ifndef TESSERA_COMPILED
#include <tessera/deploy/header.impl.hpp>
#endif
