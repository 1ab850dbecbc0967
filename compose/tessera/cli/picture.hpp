#pragma once
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// Draws BASE.svg and BASE.png, each written beside and renamed, by gnuplot: `width` by `height` points.  `script` is
/// all of gnuplot's commands but those for terminal and output, and consists of our own words and numbers alone: text
/// from outside is `title`, which it has as the variable `name`.  What could not be drawn whole is said in one line on
/// standard error, and then is not there.
bool draw(const std::string& base, int width, int height, const std::string& title, const std::string& script);

/// The same of the formats that are named, ".svg" and ".png" at most.  Returns what could not be drawn and why, or "".
std::string undrawn(const std::string& base, const std::vector<std::string>& endings, int width, int height,
                    const std::string& title, const std::string& script);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/picture.hpp>
#endif
