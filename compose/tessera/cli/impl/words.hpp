#pragma once
#include <algorithm>
#include <cstdint>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/cli/words.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/synonyms.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    std::uint32_t point = 0;
    const auto size = tessera::detail::utf8_sequence(text, point);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

namespace detail {
inline std::string listed(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

inline std::vector<const CLI::App*> subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// "model train", as typed.
inline std::string path_of(const CLI::App& app) {
  const auto* parent = app.get_parent();
  return parent == nullptr || parent->get_parent() == nullptr ? app.get_name()
                                                              : path_of(*parent) + " " + app.get_name();
}

[[noreturn]] inline void unknown_subcommand(const CLI::App& app, const std::string& given) {
  std::vector<std::string> names;
  for (const auto* each : subcommands(app)) names.push_back(each->get_name());
  const auto before = app.get_parent() == nullptr ? "" : path_of(app) + " ";
  const auto near = nearest_name(given, names);
  throw Error("unknown subcommand '" + before + given + "'" +
              (near.empty() ? "" : "; did you mean '" + before + near + "'?") + " (there are " + listed(names) + ")");
}

// The --set key that was probably meant by a flag of that name; empty if none.
inline std::string meant_setting(const std::string& flag, const AlgorithmEntry& algorithm) {
  auto key = flag.substr(std::min(flag.size(), flag.find_first_not_of('-')));
  std::replace(key.begin(), key.end(), '-', '_');
  const auto all = algorithm.keys();
  const auto meant = meant_keys(key, all);
  // By a synonym, or by the last word of a key: the nearest of all keys could be anything.
  if (meant.empty() || meant.front().starts_with("--")) return "";
  const auto leaf = meant.front().substr(meant.front().rfind('.') + 1);
  const bool said = std::any_of(tessera::detail::synonyms.begin(), tessera::detail::synonyms.end(),
                                [&](const auto& s) { return key == s.first; });
  return said || leaf == key ? meant.front() : "";
}
[[noreturn]] inline void unknown_flag(const CLI::App& app, const std::string& given,
                                      const std::vector<std::string>& words) {
  std::vector<std::string> flags;
  for (const auto* option : app.get_options())
    if (!option->get_lnames().empty()) flags.push_back("--" + option->get_lnames().front());
  const auto path = app.get_parent() == nullptr ? program_name() : program_name() + " " + path_of(app);
  const bool sets = std::find(flags.begin(), flags.end(), "--set") != flags.end();
  const auto named =
      std::find_if(words.begin(), words.end(), [](const auto& word) { return catalog().contains(word); });
  std::string near;
  const auto ask = [&](const std::vector<AlgorithmEntry>& recipes) {
    for (const auto& each : recipes)
      if (const auto key = sets && near.empty() ? meant_setting(given, each) : ""; !key.empty())
        near = "--set " + key + "=VALUE";
  };
  if (named != words.end()) ask(catalog().at(*named));
  if (near.empty()) near = meant_flag(given, flags);
  if (named == words.end())
    for (const auto& each : catalog()) ask(each.second);
  throw Error("unknown flag '" + given + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") + " (see `" +
              path + " --help`)");
}
}  // namespace detail

TESSERA_CLI_INLINE void require_words(const CLI::App& root, const std::vector<std::string>& words) {
  for (const auto& word : words)
    if (!is_utf8(word))
      throw Error("'" + printable(word) +
                  "' is not UTF-8, and config.json and the results could not name it; rename it, or give a link to it");

  const CLI::App* app = &root;
  std::size_t positionals = 0;
  for (auto word = words.begin(); word != words.end() && *word != "--"; ++word) {
    const bool is_flag =
        word->size() > 1 && word->front() == '-' && ((*word)[1] < '0' || (*word)[1] > '9') && (*word)[1] != '.';
    if (is_flag) {
      const auto equals = word->starts_with("--") ? word->find('=') : std::string::npos;
      const auto name = word->substr(0, equals);
      const auto* option = name.size() > 2 || !name.starts_with("--") ? app->get_option_no_throw(name) : nullptr;
      if (option == nullptr || option->get_positional()) detail::unknown_flag(*app, name, words);
      const bool takes_value = option->get_items_expected_min() > 0;
      if (!takes_value) {
        if (equals != std::string::npos)
          throw Error(name + " takes no value; leave out '" + word->substr(equals) + "'");
        continue;
      }
      if (equals == std::string::npos && (word + 1 == words.end() || (word + 1)->starts_with("--")))
        throw Error(name + " needs a value after it");
      const auto value = equals == std::string::npos ? *++word : word->substr(equals + 1);
      if (value.empty()) throw Error(name + ": its value is empty");
      continue;
    }
    if (const auto below = detail::subcommands(*app); !below.empty()) {
      const auto found =
          std::find_if(below.begin(), below.end(), [&](const auto* each) { return each->get_name() == *word; });
      if (found == below.end()) detail::unknown_subcommand(*app, *word);
      app = *found;
      continue;
    }
    const auto options = app->get_options([](const CLI::Option* o) { return o->get_positional(); });
    const bool many = !options.empty() && options.back()->get_items_expected_max() > 1;
    positionals = many ? std::min(positionals, options.size() - 1) : positionals;
    if (positionals++ == options.size())
      throw Error("'" + *word + "' is one word too many; see `" + program_name() + " " + detail::path_of(*app) +
                  " --help`");
    if (word->empty()) throw Error(options[positionals - 1]->get_name() + ": is empty");
  }
}
}  // namespace tessera::cli
