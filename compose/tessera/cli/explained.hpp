#pragma once
#include <ostream>
#include <vector>

#include <tessera/cli/parameters_with.hpp>
#include <tessera/reflect/explain.hpp>

namespace tessera::cli {
/// What the settings are, for people.
inline std::vector<SettingText> setting_texts(const std::vector<Parameter>& all) {
  std::vector<SettingText> out;
  for (const auto& each : all) out.push_back({each.key, each.text(), each.about->text});
  return out;
}

/// The description of an algorithm.
template <class R>
struct Explained {
  static void add_to(AlgorithmEntry& a) { a.explain = &print, a.settings = &settings; }

 private:
  static std::vector<SettingText> settings() {
    params_of<R> p;
    return setting_texts(tessera::parameters<R>(p));
  }
  static void print(std::ostream& out, const Settings& s) { tessera::explain<R>(out, parameters_with<R>(s)); }
};
}  // namespace tessera::cli
