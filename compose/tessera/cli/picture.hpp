#pragma once
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// Draws BASE.svg and BASE.png with gnuplot, each under a temporary name first: `width` by `height` points.  `script`
/// holds all gnuplot commands except those for terminal and output, and consists of fixed words and numbers only: text
/// from outside goes into `title`, which the script sees as the variable `name`.  A picture that cannot be drawn
/// completely is removed, with one line on standard error.
bool draw(const std::string& base, int width, int height, const std::string& title, const std::string& script);

/// The same of the formats that are named, ".svg" and ".png" at most.  Returns what could not be drawn and why, or "".
std::string undrawn(const std::string& base, const std::vector<std::string>& endings, int width, int height,
                    const std::string& title, const std::string& script);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/picture.hpp>
#endif
