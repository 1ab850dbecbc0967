#pragma once
#include <ostream>
#include <string>
#include <vector>

#include <tessera/cli/parameters_with.hpp>
#include <tessera/reflect/explain.hpp>

namespace tessera::cli {
/// The description of an algorithm.
template <class R>
struct Explained {
  static void add_to(AlgorithmEntry& a) { a.explain = &print, a.check = &check, a.keys = &keys; }

 private:
  static void print(std::ostream& out, const Settings& s) { tessera::explain<R>(out, parameters_with<R>(s)); }
  static void check(const Settings& s) { parameters_with<R>(s); }
  static std::vector<std::string> keys() {
    params_of<R> p;
    std::vector<std::string> out;
    for (const auto& each : parameters<R>(p)) out.push_back(each.key);
    return out;
  }
};
}  // namespace tessera::cli
