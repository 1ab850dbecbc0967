#include <catch2/catch.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

// Every model of a concept runs the concept's laws: every part that a header of the library defines is named by a test
// of laws.  A part is what says its role, or derives from what does, or wraps another part by deriving from its
// template parameter.

namespace {
namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}
std::vector<fs::path> files_under(const fs::path& folder, const std::string& ending) {
  std::vector<fs::path> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().filename().string().ends_with(ending)) all.push_back(entry.path());
  return all;
}

/// What others derive from to be a model, and is none itself.
const std::set<std::string> bases{"NetworkValue",      "WeightedDivergence", "OneStep",          "OneAction",
                                  "UnclippedGaussian", "NetworkPolicy",      "EnsembleCritic",   "SoftBackupOf",
                                  "GenerativePolicy",  "BasicDiffusion",     "OneNetworkPolicy", "OneActionOnAverage",
                                  "FixedPolicyIn"};

/// "A<B, C<D>>, E" -> "A, E".
std::string without_arguments(const std::string& bases_of) {
  std::string out;
  int depth = 0;
  for (const char c : bases_of) {
    if (c == '<') ++depth;
    if (depth == 0) out += c;
    if (c == '>') --depth;
  }
  return out;
}
/// The parts that headers define, by name, with their roles.
std::map<std::string, std::string> parts_of(const std::vector<std::string>& headers) {
  // template <...>, the name, the bases and the body of a struct of a namespace; a body ends at a line "};".
  static const std::regex structure(
      R"((?:^|\n)(template <[^\{;]*>\n)?(?:  requires [^\n]*\n)?(?:struct|class) (\w+)(?:\s+: ([^\{;]*))? \{)");
  static const std::regex role(R"(role::(\w+))"), own_role(R"(using role = role::(\w+);)"), word(R"(\w+)");
  struct found {
    std::string name, over, from, body;
  };
  std::vector<found> all;
  for (const auto& header : headers)
    for (std::sregex_iterator at(header.begin(), header.end(), structure), end; at != end; ++at) {
      const auto begins = std::size_t(at->position() + at->length()), ends = header.find("\n};", begins);
      all.push_back(
          {(*at)[2], (*at)[1], (*at)[3], header.substr(begins, ends == std::string::npos ? ends : ends - begins)});
    }
  std::map<std::string, std::string> parts;
  for (bool more = true; more;) {
    more = false;
    for (const auto& x : all) {
      if (parts.count(x.name) || !std::isupper(static_cast<unsigned char>(x.name.front())))
        continue;  // checks of concepts are no parts
      std::string plays;
      std::smatch match;
      if (std::regex_search(x.body, match, own_role) || std::regex_search(x.from, match, role)) plays = match[1];
      const auto from = without_arguments(x.from);
      if (from.find("::with") != std::string::npos) continue;  // a recipe
      for (std::sregex_iterator at(from.begin(), from.end(), word), end; plays.empty() && at != end; ++at) {
        const std::string base = at->str();
        if (const auto known = parts.find(base); known != parts.end()) plays = known->second;
        else if (x.from == base && std::isupper(static_cast<unsigned char>(x.name.front())) &&
                 std::regex_search(x.over, std::regex("class " + base + "\\b")))
          plays = "what it wraps";
      }
      if (!plays.empty()) parts[x.name] = plays, more = true;
    }
  }
  return parts;
}
/// Those of them that no statement of the laws' tests names, but for those that require of a model to break a law.
std::set<std::string> without_laws(const std::map<std::string, std::string>& parts,
                                   const std::vector<std::string>& tests) {
  std::set<std::string> named;
  static const std::regex word(R"(\w+)"), not_code(R"-("[^"\n]*"|//[^\n]*|#include[^\n]*)-");
  for (const auto& test : tests) {
    std::istringstream statements(std::regex_replace(test, not_code, ""));
    for (std::string one; std::getline(statements, one, ';');) {
      if (one.find("laws") == std::string::npos || one.find(".breaks(") != std::string::npos) continue;
      for (std::sregex_iterator at(one.begin(), one.end(), word), end; at != end; ++at) named.insert(at->str());
    }
  }
  std::set<std::string> missing;
  for (const auto& [name, role] : parts)
    if (!named.count(name) && !bases.count(name) && role != "default_values") missing.insert(name);
  return missing;
}
std::vector<std::string> texts(const std::vector<fs::path>& files) {
  std::vector<std::string> all;
  for (const auto& file : files) all.push_back(text_of(file));
  return all;
}
const fs::path root = TESSERA_SOURCE_DIR;
}  // namespace

TEST_CASE("every part of the library runs the laws of its concepts", "[laws]") {
  std::vector<std::string> headers = texts(files_under(root / "include", ".hpp"));
  for (auto& header : texts(files_under(root / "compose", ".hpp"))) headers.push_back(header);
  std::vector<std::string> tests = texts(files_under(root / "tests" / "laws", "_laws.test.cpp"));
  tests.push_back(text_of(root / "tests" / "policy" / "laws.test.cpp"));
  const auto parts = parts_of(headers);
  // So that a header's other form does not empty the list: at least these are found, one of each role and one wrapper.
  for (const auto* name :
       {"CategoricalPolicy", "SoftBackup", "Quantile", "SoftMaximizeQ", "SummedSquaredError", "CategoricalSupport",
        "GaussianEnsemble", "HaltAbove", "TopEpisodes", "SupportedGreedy", "AllAtOnce", "Conservative"})
    CHECK(parts.count(name) == 1);
  CHECK(parts.size() > 70);
  for (const auto& name : bases) {
    INFO("listed as a base, but not there: " << name);
    CHECK(parts.count(name) == 1);
  }
  for (const auto& name : without_laws(parts, tests)) {
    INFO(name << " is " << parts.at(name)
              << ", and no test of laws runs it: add it to the one of its concept in tests/laws");
    CHECK(false);
  }
}

TEST_CASE("every environment of the library runs the laws of environments", "[laws]") {
  static const std::regex named(
      R"((?:struct|class) (\w+) \{(?:(?!\n\};)[\s\S]){0,400}static constexpr const char\* name = )");
  int found = 0;
  for (const auto& file : files_under(root / "include" / "tessera" / "env", ".hpp")) {
    if (const auto header = text_of(file); !std::regex_search(header, named)) continue;
    ++found;
    INFO(file);
    CHECK(
        text_of(root / "tests" / "env" / (file.stem().string() + ".test.cpp")).find("(tessera::environment_report<") !=
        std::string::npos);
  }
  CHECK(found >= 2);
}

TEST_CASE("a new part without laws is missed", "[laws]") {
  const std::string header =
      "namespace tessera {\n/// V.\nstruct Old : Base {\n  int x;\n};\nstruct Base {\n  using role = "
      "role::value_estimate;\n};\n"
      "struct New : Old {\n};\ntemplate <class Part>\nstruct Wrapper : Part {\n};\nstruct NewParams {\n};\n"
      "struct Table : no_parameters<role::default_values> {\n};\n}\n";
  const auto parts = parts_of({header});
  CHECK(parts.size() == 5);
  CHECK(parts.at("New") == "value_estimate");
  const std::string tests =
      "  CHECK(value_laws<Host<Old>>());\n CHECK(value_laws<Base>());\n CHECK(value_laws<New>().breaks(\"x\"));\n  "
      "CHECK(Wrapper<Old>());\n";
  CHECK(without_laws(parts, {tests}) == std::set<std::string>{"New", "Wrapper"});
}
