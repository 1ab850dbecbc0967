#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
bool is_utf8(std::string_view text);

/// Throws an Error for unknown words of a command line: an unknown flag or subcommand, with the one that was probably
/// meant; a flag with a missing, empty or surplus value; a word that is not UTF-8.
void require_words(const CLI::App& app, const std::vector<std::string>& words);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/words.hpp>
#endif
