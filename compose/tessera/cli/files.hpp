#pragma once
#include <cstdint>
#include <string>

#include <tessera/cli/program.hpp>
#include <tessera/dataset/dataset.hpp>

namespace tessera::cli {
/// Writes a text to a temporary file next to `path` and renames it.
void write_text(const std::string& path, const std::string& text);

/// A data set's name as part of a file's name: "pendulum-random".
std::string label_of(const std::string& dataset);
/// A text as part of a file's name: without what a path or a shell would take for something else.
std::string path_label(std::string text);
/// A data set's name for a title: no folders, no options.
std::string short_name(const Dataset& data);

/// Throws an Error where no file can be written under the name that a flag gives, before anything is computed: it is a
/// folder, or in none.
void require_place(const char* flag, const std::string& path);
/// The same, and where something is there that `overwrite` does not say to replace.
void require_free_place(const char* flag, const std::string& path, bool overwrite);

/// Throws an Error unless the value of a flag is 1 or more.
void require_positive(const char* flag, std::int64_t value);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/files.hpp>
#endif
