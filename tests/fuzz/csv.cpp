// A text table: its fields, and the log that is made of it, by the names of its columns and by a mapping.  An input
// may begin with a mapping's text and a zero byte.
#include "fuzz.hpp"

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <tessera/dataset/require_sound.hpp>
#include <tessera/io/csv.hpp>

namespace {
template <class F>
void refused_or_done(F f) {
  try {
    f();
  } catch (const tessera::Error& error) {
    tessera::fuzz::require_one_line(error.what());
    if (std::string(error.what()).find('\n') != std::string::npos) std::abort();
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = tessera::fuzz::text_of(data, size);
  std::string mapping = "episode=e,step=t,observation=x*,action=a,reward=r,done=d,next=n";
  if (const auto zero = text.find('\0'); zero != std::string::npos)
    mapping = text.substr(0, zero), text.erase(0, zero + 1);
  if (text.empty()) return 0;
  const tessera::fuzz::File file(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const tessera::ReadLimits limits{.bytes = 16 << 20};
  tessera::CsvFile::sniff(text);
  refused_or_done([&] {
    const tessera::CsvFile csv(file.path(), {}, limits);
    std::vector<tessera::TableSource::Wanted> wanted;
    for (std::size_t i = 0; i < csv.columns().size(); ++i)
      wanted.push_back({i, i % 2 == 0 ? tessera::column_reading::either : tessera::column_reading::exactly});
    const auto table = csv.read(wanted);
    for (const auto& c : table.columns) {
      if (std::int64_t(c.is_text() ? c.codes.size() : c.numbers.size()) != table.rows) std::abort();
      for (const auto code : c.codes)
        if (code != tessera::TableColumn::no_text && code >= c.texts.size()) std::abort();
    }
  });
  const auto log = [&](const tessera::TableOptions& options) {
    refused_or_done([&] {
      const auto d = tessera::read_log_table(tessera::csv_source(file.path(), {}, limits), options);
      tessera::require_sound(d);
    });
  };
  log({});
  for (const char* missing : {"error", "previous,mean", "drop-episode", "0"}) log({mapping, missing});
  refused_or_done([&] { tessera::ColumnMapping::parse(text, "mapping"); });
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  using namespace std::string_literals;
  return {"e,t,x1,x2,a,r,d\n0,0,1,2,left,1,0\n0,1,3,,right,0.5,1\n1,0,5,6,left,1,False\n1,1,7,8,,,\n",
          "episode,t,obs_0,action,reward,done\n0,0,1.5,0,1,0\n0,1,2.5,3,0,1\n1,0,1e3,0,NA,0\n1,1,-1,3,0,1\n",
          "e;t;x;a;r;d;nx\n\"b\";2019-03-01 12:00;0,5;1;2;0;NA\n\"a\";2019-03-02T01:02:03.5+01:00;1,5;2;3;1;2,5\n",
          "\xEF\xBB\xBF# note, \"x\r\n\"obs_0\",\"action\",\"reward\",\"done\"\r\n1,\"a \"\"b\"\",\n\",2,0\r\n",
          "observation=0:1,action=2,reward=3,done=4\0"
          "1,2,0.5,0,0\n3,4,1,1,1\n5,6,1,0,0\n"s,
          "{\"observation\": [\"a\", \"b*\"], \"action\": \"c\"}"};
}
