#pragma once
#include <ostream>

#include <tessera/cli/parameters_with.hpp>
#include <tessera/reflect/explain.hpp>

namespace tessera::cli {
/// The description of an algorithm.
template <class R>
struct Explained {
  static void add_to(AlgorithmEntry& a) { a.explain = &print; }

 private:
  static void print(std::ostream& out, const Settings& s) { tessera::explain<R>(out, parameters_with<R>(s)); }
};
}  // namespace tessera::cli
