#pragma once
#include <stdexcept>

namespace tessera {
/// Bad input from outside: a file, a flag, a shape.  `what()` is one line that says what is wrong,
/// where, and what to do; a program prints it and exits with code 2.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Training met a number that is not finite, or a dynamics model that diverged; `what()` says which term, and when.
struct Diverged : Error {
  using Error::Error;
};
}  // namespace tessera
