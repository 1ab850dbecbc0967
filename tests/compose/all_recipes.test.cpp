#include <tessera/algorithms.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
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
/// The names in the first column of README's table of algorithms, in its order, and the second: what they are for.
std::vector<std::pair<std::string, std::string>> algorithms_in(const std::string& readme) {
  static const std::regex row(R"(^\| `([a-z0-9-]+)` \| (continuous|discrete|continuous, discrete) \| .*)");
  std::vector<std::pair<std::string, std::string>> out;
  std::istringstream lines(readme);
  std::smatch match;
  for (std::string line; std::getline(lines, line);)
    if (std::regex_match(line, match, row)) out.emplace_back(match[1], match[2]);
  return out;
}
/// One recipe that the tool registers: the header that it is taken from, and the name that it has there.
struct Registered {
  std::string header, recipe, name;
};
std::vector<Registered> registered_in(const std::string& list) {
  std::vector<Registered> out;
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(": ");
    if (line.empty() || line[0] == '#' || colon == std::string::npos) continue;
    std::istringstream words(line.substr(colon + 2));
    for (std::string word; words >> word;) {
      const auto equals = word.find('=');
      const auto recipe = word.substr(0, equals);
      out.push_back(
          {line.substr(0, colon), recipe, equals == std::string::npos ? kebab_case(recipe) : word.substr(equals + 1)});
    }
  }
  return out;
}
template <class... Recipes>
std::vector<std::string> names_of(list_of<Recipes...>) {
  return {std::string(type_name<Recipes>())...};
}
template <class... Recipes>
constexpr bool compose(list_of<Recipes...>) {
  return (Composable<Recipes> && ...);
}
/// "continuous" or "discrete", of each recipe by its name.
template <class... Recipes>
std::map<std::string, std::string> spaces_of(list_of<Recipes...>) {
  return {{std::string(type_name<Recipes>()), Recipes::template get<policy>::space::name}...};
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

TEST_CASE("the tool has the recipes of the list, each from the header that defines it") {
  std::multiset<std::string> registered;
  for (const auto& each : registered_in(text_of(root / "examples/cli/algorithms.txt"))) {
    INFO(each.header << ": " << each.recipe);
    const auto header = text_of(root / "compose/tessera/algorithms" / (each.header + ".hpp"));
    CHECK_FALSE(header.empty());
    registered.insert(each.recipe);
  }
  const auto listed = names_of(all_recipes{});
  CHECK(registered == std::multiset<std::string>(listed.begin(), listed.end()));
}

TEST_CASE("a name of the tool serves each kind of actions with one recipe, and README's table says which") {
  const auto spaces = spaces_of(all_recipes{});
  std::map<std::string, std::set<std::string>> served;  // ordered: continuous before discrete
  for (const auto& each : registered_in(text_of(root / "examples/cli/algorithms.txt"))) {
    INFO(each.recipe);
    CHECK(served[each.name].insert(spaces.at(each.recipe)).second);
    // Nobody has to know that discrete actions have another recipe.
    if (each.name != kebab_case(each.recipe)) CHECK("discrete-" + each.name == kebab_case(each.recipe));
  }
  for (const auto& [name, both] : served) {
    INFO(name);
    CHECK((!name.starts_with("discrete-") || !served.count(name.substr(9))));
  }
  std::vector<std::pair<std::string, std::string>> expected;
  for (const auto& [name, both] : served)
    expected.emplace_back(name, both.size() == 2 ? "continuous, discrete" : *both.begin());
  CHECK(algorithms_in(text_of(root / "README.md")) == expected);
  CHECK(served.at("iql").size() == 2);
  CHECK(served.at("discrete-bcq") == std::set<std::string>{"discrete"});
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
  CHECK(algorithms_in(
            "| `new` | discrete | policy<X> |\n| `iql` | 10 000 | -163 |\n| `newer` | continuous, discrete | |\n") ==
        std::vector<std::pair<std::string, std::string>>{{"new", "discrete"}, {"newer", "continuous, discrete"}});
  const auto registered = registered_in("# what: X\niql: Iql DiscreteIql=iql\n");
  REQUIRE(registered.size() == 2);
  CHECK(registered[0].name == "iql");
  CHECK((registered[1].header == "iql" && registered[1].recipe == "DiscreteIql" && registered[1].name == "iql"));
}
