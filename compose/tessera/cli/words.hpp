#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
bool is_utf8(std::string_view text);

/// Throws Error for words of a command line that are none of the program's: a flag or a subcommand that there is not,
/// with the one that may have been meant; a flag without its value, an empty one, one too many; a word that is not
/// UTF-8.
void require_words(const CLI::App& app, const std::vector<std::string>& words);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/words.hpp>
#endif
