#include <tessera/algorithms.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <tessera/compose/name.hpp>

using namespace tessera;

// One list of all algorithms: the headers define no other, README's table names them, and the tool has them.

namespace {
namespace fs = std::filesystem;
const fs::path root = TESSERA_SOURCE_DIR;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}
/// The recipes that headers of the catalog define: the structs of their namespaces recipes, but for tables of default
/// values, which derive from `no_parameters<role::default_values>`, or from another table.
std::set<std::string> recipes_in(const std::string& headers) {
  static const std::regex inside(R"(namespace recipes \{([\s\S]*?)\n\}  // namespace recipes)"),
      structure(R"((?:^|\n)struct (\w+)([^\{]*)\{)"), base(R"(^ : (\w+) $)");
  std::set<std::string> names, tables;
  for (bool more = true; std::exchange(more, false);)
    for (std::sregex_iterator space(headers.begin(), headers.end(), inside), end; space != end; ++space) {
      const std::string body = (*space)[1];
      for (std::sregex_iterator at(body.begin(), body.end(), structure); at != end; ++at) {
        const std::string name = (*at)[1], from = (*at)[2];
        std::smatch match;
        const bool table = from.find("role::default_values") != std::string::npos ||
                           (std::regex_match(from, match, base) && tables.count(match[1]));
        if (table) more = tables.insert(name).second || more, names.erase(name);
        else names.insert(name);
      }
    }
  return names;
}
/// The names in the first column of README's table of algorithms, in its order.
std::vector<std::string> algorithms_in(const std::string& readme) {
  static const std::regex row(R"(^\| `([a-z0-9-]+)` \| (continuous|discrete) \| .*)");
  std::vector<std::string> names;
  std::istringstream lines(readme);
  std::smatch match;
  for (std::string line; std::getline(lines, line);)
    if (std::regex_match(line, match, row)) names.push_back(match[1]);
  return names;
}
template <class... Recipes>
std::vector<std::string> names_of(list_of<Recipes...>) {
  return {std::string(type_name<Recipes>())...};
}
template <class... Recipes>
constexpr bool compose(list_of<Recipes...>) {
  return (Composable<Recipes> && ...);
}
/// "continuous" or "discrete", as README's second column has it.
template <class... Recipes>
std::vector<std::string> rows_of(list_of<Recipes...>) {
  return {"| `" + kebab_case(type_name<Recipes>()) + "` | " + Recipes::template get<policy>::space::name + " | " ...};
}
}  // namespace

static_assert(compose(all_recipes{}));
static_assert(!compose(list_of<recipes::Bc, recipe<>>{}));

TEST_CASE("the list of all recipes is alphabetical, and is what the headers define") {
  const auto listed = names_of(all_recipes{});
  CHECK(std::is_sorted(listed.begin(), listed.end()));
  CHECK(std::adjacent_find(listed.begin(), listed.end()) == listed.end());
  std::string all;
  int headers = 0;
  const auto umbrella = text_of(root / "compose/tessera/algorithms.hpp");
  for (const auto& entry : fs::directory_iterator(root / "compose/tessera/algorithms")) {
    INFO(entry.path());
    CHECK_FALSE(recipes_in(text_of(entry.path())).empty());
    CHECK(umbrella.find("#include <tessera/algorithms/" + entry.path().filename().string() + ">") != std::string::npos);
    all += text_of(entry.path());
    ++headers;
  }
  const auto defined = recipes_in(all);
  for (const auto& name : listed)
    CHECK(all.find("using " + name + " = learner<recipes::" + name + ">;") != std::string::npos);
  CHECK(headers > 25);
  CHECK(defined == std::set<std::string>(listed.begin(), listed.end()));
}

TEST_CASE("README's table names the algorithms of the list, and no other") {
  const auto readme = text_of(root / "README.md");
  auto named = algorithms_in(readme);
  std::vector<std::string> listed;
  for (const auto& name : names_of(all_recipes{})) listed.push_back(kebab_case(name));
  std::sort(listed.begin(), listed.end());
  CHECK(std::is_sorted(named.begin(), named.end()));
  CHECK(named == listed);
  for (const auto& row : rows_of(all_recipes{})) {
    INFO(row);
    CHECK(readme.find(row) != std::string::npos);
  }
}

TEST_CASE("the tool has the algorithms of the list, each from the header that defines it") {
  std::multiset<std::string> registered;
  std::istringstream lines(text_of(root / "examples/cli/algorithms.txt"));
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(": ");
    if (line.empty() || line[0] == '#' || colon == std::string::npos) continue;
    INFO(line);
    const auto header = text_of(root / "compose/tessera/algorithms" / (line.substr(0, colon) + ".hpp"));
    CHECK_FALSE(header.empty());
    std::istringstream names(line.substr(colon + 2));
    for (std::string name; names >> name;) registered.insert(name);
  }
  const auto listed = names_of(all_recipes{});
  CHECK(registered == std::multiset<std::string>(listed.begin(), listed.end()));
}

TEST_CASE("a recipe that is not in the list is missed") {
  const std::string header =
      "namespace tessera {\nnamespace recipes {\nstruct NewDefaults : no_parameters<role::default_values> {\n  int "
      "x;\n};\n/// New.\n"
      "struct New : recipe<policy<GaussianPolicy>,\n                     actor<BehaviorCloning>> {};\nstruct Newer : "
      "New::with<> {};\n"
      "struct MoreDefaults : NewDefaults {\n};\nstruct Same : New {};\n"
      "}  // namespace recipes\nstruct Outside {};\n}\n";
  CHECK(recipes_in(header) == std::set<std::string>{"New", "Newer", "Same"});
  CHECK(algorithms_in("| `new` | discrete | policy<X> |\n| `iql` | 10 000 | -163 |\n| `newer` | continuous | |\n") ==
        std::vector<std::string>{"new", "newer"});
}
