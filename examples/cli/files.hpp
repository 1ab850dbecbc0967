#pragma once
#include <cstdint>
#include <string>

#include <tessera/data/dataset.hpp>

namespace tessera::cli {
/// Writes a text beside `path` and renames it.
void write_text(const std::string& path, const std::string& text);

/// Draws BASE.svg and BASE.png, each written beside and renamed, by gnuplot: `width` by `height` points, `script` without terminal and
/// output.  False where gnuplot is missing or fails; then neither is there.
bool draw(const std::string& base, int width, int height, const std::string& script);
void warn_of_no_gnuplot();
/// A text as gnuplot reads it literally.
std::string quoted(const std::string& text);

/// A data set's name as part of a file's name: "pendulum-random".
std::string label_of(const std::string& dataset);
/// What a title says of the data: no folders, no options.
std::string short_name(const Dataset& data);

/// Throws Error unless the value of a flag is 1 or more.
void require_positive(const char* flag, std::int64_t value);
}  // namespace tessera::cli
