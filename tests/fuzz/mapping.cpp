// Which columns are what.  An input is a mapping's text, a zero byte, and the names of a table's columns, one a line,
// of which the first letter says what it holds.
#include "fuzz.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <tessera/io/column_mapping.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/list_text.hpp>

namespace {
using namespace tessera;

using fuzz::require;
// As other targets are; and what is refused is one line also before it is made fit for a terminal.
template <class F>
bool done(F f) {
  return fuzz::done([&] {
    try {
      f();
    } catch (const Error& error) {
      require(std::string(error.what()).find('\n') == std::string::npos);
      throw;
    }
  });
}
std::vector<ColumnHead> heads_of(const std::string& text) {
  std::vector<ColumnHead> heads;
  for (const auto& line : split_at(text, '\n'))
    if (heads.size() < 64 && !line.empty()) heads.push_back({line.substr(1), line[0] == '3' ? 3 : 1, line[0] == 't'});
  return heads;
}
// All of them are columns of the table.
void require_there(const ChosenColumns& chosen, std::size_t columns) {
  for (const auto* all : {&chosen.episode, &chosen.observation, &chosen.action, &chosen.next})
    for (const auto i : *all) require(i < columns);
  for (const auto& one : {chosen.step, chosen.reward, chosen.done, chosen.terminated, chosen.truncated})
    require(!one || *one < columns);
}
bool same(const ChosenColumns& a, const ChosenColumns& b) {
  return a.episode == b.episode && a.observation == b.observation && a.action == b.action && a.next == b.next &&
         a.step == b.step && a.reward == b.reward && a.done == b.done && a.terminated == b.terminated &&
         a.truncated == b.truncated;
}
// Names that a mapping's text can hold, each of one column.
bool are_plain(const std::vector<ColumnHead>& heads) {
  std::vector<std::string> names;
  for (const auto& each : heads) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    if (each.name.empty() || each.name.size() > 100 || !std::all_of(each.name.begin(), each.name.end(), letter))
      return false;
    names.push_back(each.name);
  }
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::text_of(data, size);
  const auto zero = std::min(input.find('\0'), input.size());
  const auto text = input.substr(0, zero);
  const auto heads = heads_of(input.substr(std::min(zero + 1, input.size())));
  ChosenColumns chosen;
  const bool is_mapping = done([&] {
    const auto mapping = ColumnMapping::parse(text, "mapping");
    require(!mapping.items("observation").empty() && !mapping.items("action").empty());
    done([&] {
      chosen = choose_columns(heads, mapping, "a.csv");
      require_there(chosen, heads.size());
      require(!chosen.observation.empty() && !chosen.action.empty());
    });
  });
  // The same from a file.
  if (zero < 4096 && !text.empty()) {
    const fuzz::File file(data, zero);
    std::string read;
    const bool is_file = done([&] { read = read_mapping("@" + file.path()); });
    require(is_file == is_mapping);
    ChosenColumns again;
    if (is_file) done([&] { again = choose_columns(heads, ColumnMapping::parse(read, "mapping"), "a.csv"); });
    // Spaces behind the last name are a part of it where the text was an argument, and none where it was a file.
    if (is_file && (text[0] == '{' || std::string_view(" \t\r\n\v\f").find(text.back()) == std::string_view::npos))
      require(same(chosen, again));
  }

  const auto guessed = guess_columns(heads);
  require_there(guessed, heads.size());
  if (!are_plain(heads)) return 0;
  // A mapping that is made or proposed is taken as it was meant.
  if (is_enough(guessed)) {
    ChosenColumns again;
    const auto written = mapping_text(heads, guessed);
    if (done([&] { again = choose_columns(heads, ColumnMapping::parse(written, "mapping"), "a.csv"); }))
      require(same(guessed, again));
  }
  if (const auto likely = likely_mapping(heads); !likely.empty())
    done([&] { require_there(choose_columns(heads, ColumnMapping::parse(likely, "mapping"), "a.csv"), heads.size()); });
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  const auto input = [](const std::string& mapping, const std::string& names) { return mapping + '\0' + names; };
  return {
      input("episode=id,step=t,observation=age:hr,action=dose,reward=r,done=died",
            "1id\n1t\n1age\n1hr\n1dose\n1r\n1died"),
      input("observation=obs_0..obs_10,action=a*,next=next_", "1obs_0\n1obs_10\n1a1\n1a10\n1a2\n1next_obs_0"),
      input("observation=vital_*,action=3act,next=*_next", "1vital_a\n1vital_b\n1vital_a_next\n33act\ntvital_b_next"),
      input("{\"observation\": [\"a,b\", \"c:d\"], \"action\": \"e\", \"episode\": \"f=g\"}", "1a,b\n1c:d\n1e\ntf=g"),
      input("obs=agent,act=?,terminated=term", "1agent/x\n3agent/y\n1u\n1term"),
      input("observation=x..z,action=02..09", "1x\n1y\n1z\n102\n103\n109"),
      input("",
            "1episode\n1t\n1obs_0\n1obs_1\n1obs_2\n1obs_3\n1obs_4\n1obs_5\n1obs_6\n1action\n1reward\n1done\n"
            "1next_obs_0\n1next_obs_1\n1next_obs_2"),
      input("", "1patient_id\n1step\n1sofa\n1sofa_next\n1hr\n1hr_next\n1a\n1r\n1terminal\n1truncated")};
}
