#include <tessera/io/unpacked_text.hpp>

#include <zlib.h>

#include "helpers/data_sets.hpp"
#include "helpers/files.hpp"

#include <tessera/dataset/content_hash.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/write.hpp>

using Catch::Contains;
using support::error_of;

namespace {
std::string gzip(const std::string& text, int level = 6) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, uLong(text.size())) + 64, 0), in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data()), stream.avail_in = uInt(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data()), stream.avail_out = uInt(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string read_all(const std::string& path, std::size_t at_once) {
  const tessera::RegularFile file(path, "a text");
  tessera::UnpackedText text(file);
  std::string out, piece(at_once, 0);
  while (const auto got = text.read(piece.data(), at_once)) out += piece.substr(0, got);
  return out;
}
}  // namespace

TEST_CASE("text is unpacked as it is read", "[data][csv]") {
  const support::Folder folder;
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i * 7919 % 10007) + (i % 9 == 8 ? "\n" : ",");
  const auto path = folder / "a.gz";
  support::write_bytes(path, text);
  CHECK(read_all(path, 1000) == text);  // not compressed
  const auto packed = gzip(text);
  support::write_bytes(path, packed);
  for (const std::size_t at_once : {7u, 65'536u, 1'000'000u}) CHECK(read_all(path, at_once) == text);
  support::write_bytes(path, gzip(text) + gzip("") + gzip("end"));  // several members, as cat makes them
  CHECK(read_all(path, 4096) == text + "end");
  CHECK(tessera::unpacked_head(packed.substr(0, 4096)) == text.substr(0, 4096));
  CHECK(tessera::unpacked_head("\x1f\x8bnonsense").empty());
}

TEST_CASE("what cannot be unpacked, or unpacks to too much, is refused", "[data][csv]") {
  const support::Folder folder;
  const std::string text = "a,b\n" + std::string(100'000, '1');
  const auto packed = gzip(text), path = folder / "a.csv.gz";
  auto flipped = packed;
  flipped[packed.size() / 2] ^= 0x10;
  auto wrong_sum = packed;
  wrong_sum[packed.size() - 6] ^= 1;
  for (const auto& bytes : {packed.substr(0, packed.size() - 9), flipped, wrong_sum, packed + "rest"}) {
    support::write_bytes(path, bytes);
    CHECK_THAT(error_of([&] { read_all(path, 4096); }),
               Contains("cannot be unpacked") && Contains("cut or is damaged"));
  }
  // 600 MB of zeros in 0.6 MB.
  support::write_bytes(path, gzip(std::string(600'000'000, '0'), 1));
  CHECK_THAT(error_of([&] { read_all(path, 1 << 20); }),
             Contains("unpacks to more than a hundred times its size") && Contains("gunzip"));
  support::write_bytes(path, gzip(std::string("no table\0at all", 15)));
  CHECK_THAT(error_of([&] { tessera::load_dataset(path); }), Contains("compressed with gzip") && Contains("gunzip"));
}

TEST_CASE("a compressed table is the table, also in pieces", "[data][csv]") {
  const support::Folder folder;
  const auto data =
      support::made_data(tessera::action_kind::discrete, std::vector<support::ends>(3000, support::ends::terminated));
  tessera::write_dataset(folder / "a.csv", data);
  support::write_bytes(folder / "a.csv.gz", gzip(support::bytes_of(folder / "a.csv")));
  CHECK(support::difference(tessera::load_dataset(folder / "a.csv.gz"), data) == "");
  int pieces = 0;
  tessera::load_dataset(folder / "a.csv.gz", {.bytes = 2'000'000, .hand_over = [&](const auto&) { ++pieces; }});
  CHECK(pieces > 2);
  tessera::stream_to_store(folder / "a.store", folder / "a.csv.gz", {.bytes = 2'000'000});
  CHECK(support::difference(tessera::load_dataset(folder / "a.store"), data) == "");
}
