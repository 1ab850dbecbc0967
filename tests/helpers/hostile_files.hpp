#pragma once
#include <sys/stat.h>
#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/hdf5.hpp>

#include "files.hpp"
#include "npz.hpp"

/// Files that were made to do harm: one of each kind.
namespace support {
struct HostileFile {
  std::string name;  ///< with the ending of its format
  void (*make)(const std::string& path);
  std::string refusal;  ///< what the error has to say
};

namespace hostile {
using tessera::hdf5::Handle;
using Members = std::vector<std::pair<std::string, std::string>>;
constexpr hsize_t rows = 1000;

/// A small log in the layout of D4RL, but for the keys in `without`.
inline void log(const std::string& path, const std::vector<std::string>& without) {
  auto file = tessera::hdf5::File::create(path);
  const auto has = [&](const char* key) { return std::find(without.begin(), without.end(), key) == without.end(); };
  const auto n = std::int64_t(rows);
  std::vector<float> ends(rows, 0.0f);
  for (std::size_t i = 49; i < rows; i += 50) ends[i] = 1;
  if (has("observations")) file.write("observations", std::vector<float>(2 * rows, 0.5f), {n, 2});
  if (has("actions")) file.write("actions", std::vector<float>(rows, 0.5f), {n, 1});
  if (has("rewards")) file.write("rewards", std::vector<float>(rows, 1.0f));
  if (has("terminals")) file.write("terminals", std::vector<float>(rows, 0.0f));
  if (has("timeouts")) file.write("timeouts", ends);
  file.close();
}
/// The same without rewards, opened to be given others.
inline Handle without_rewards(const std::string& path) {
  log(path, {"rewards"});
  return Handle(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
}
inline Handle property(hid_t kind) { return Handle(H5Pcreate(kind), H5Pclose); }
inline Handle make_dataset(hid_t file, const char* key, const std::vector<hsize_t>& extent, const Handle& how,
                           const std::vector<hsize_t>& max = {}) {
  const Handle space(H5Screate_simple(int(extent.size()), extent.data(), max.empty() ? nullptr : max.data()), H5Sclose);
  return Handle(H5Dcreate2(file, key, H5T_IEEE_F32LE, space.id(), H5P_DEFAULT, how.id(), H5P_DEFAULT), H5Dclose);
}

/// So many zeros, after `head`, packed by zlib.
inline std::string packed_zeros(std::size_t count, const std::string& head = "") {
  z_stream stream{};
  deflateInit(&stream, 9);
  const std::vector<unsigned char> zeros(1 << 20, 0);
  std::string packed(head.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(head.data())), stream.avail_in = uInt(head.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data()), stream.avail_out = uInt(packed.size());
  if (!head.empty()) ::deflate(&stream, Z_SYNC_FLUSH);
  packed.resize(packed.size() - stream.avail_out);
  std::vector<unsigned char> out(1 << 16);
  for (int end = Z_OK; end != Z_STREAM_END;) {
    const auto piece = std::min(count, zeros.size());
    stream.next_in = const_cast<Bytef*>(zeros.data()), stream.avail_in = uInt(piece);
    count -= piece;
    do {
      stream.next_out = out.data(), stream.avail_out = uInt(out.size());
      end = ::deflate(&stream, count == 0 ? Z_FINISH : Z_NO_FLUSH);
      packed.append(reinterpret_cast<const char*>(out.data()), out.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return packed;
}

inline void external_storage(const std::string& path, const std::string& target) {
  const auto file = without_rewards(path);
  const auto how = property(H5P_DATASET_CREATE);
  H5Pset_external(how.id(), target.c_str(), 0, rows * 4);
  make_dataset(file.id(), "rewards", {rows}, how);
}
inline void fifo_storage(const std::string& path) {
  ::mkfifo((path + ".fifo").c_str(), 0600);
  external_storage(path, path + ".fifo");
}
inline void external_link(const std::string& path) {
  log(path + ".other", {});
  const auto file = without_rewards(path);
  H5Lcreate_external((path + ".other").c_str(), "/rewards", file.id(), "rewards", H5P_DEFAULT, H5P_DEFAULT);
}
inline void external_link_to_fifo(const std::string& path) {
  ::mkfifo((path + ".fifo").c_str(), 0600);
  const auto file = without_rewards(path);
  H5Lcreate_external((path + ".fifo").c_str(), "/rewards", file.id(), "rewards", H5P_DEFAULT, H5P_DEFAULT);
}
inline void soft_link_through_external(const std::string& path) {
  log(path + ".other", {});
  const auto file = without_rewards(path);
  H5Lcreate_external((path + ".other").c_str(), "/", file.id(), "far", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/far/rewards", file.id(), "rewards", H5P_DEFAULT, H5P_DEFAULT);
}
inline void soft_links_in_a_circle(const std::string& path) {
  const auto file = without_rewards(path);
  H5Lcreate_soft("/other", file.id(), "rewards", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/rewards", file.id(), "other", H5P_DEFAULT, H5P_DEFAULT);
}
inline void user_link(const std::string& path) {
  const auto follow = [](const char*, hid_t, const void*, std::size_t, hid_t, hid_t) -> hid_t { return -1; };
  H5L_class_t kind{};
  kind.version = H5L_LINK_CLASS_T_VERS, kind.id = H5L_type_t(187), kind.comment = "a kind of its own",
  kind.trav_func = follow;
  H5Lregister(&kind);
  const auto file = without_rewards(path);
  H5Lcreate_ud(file.id(), "rewards", kind.id, "x", 1, H5P_DEFAULT, H5P_DEFAULT);
  H5Lunregister(kind.id);
}
inline void virtual_data_set(const std::string& path) {
  log(path + ".other", {});
  const auto file = without_rewards(path);
  const hsize_t extent = rows;
  const Handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
  const auto how = property(H5P_DATASET_CREATE);
  H5Pset_virtual(how.id(), space.id(), (path + ".other").c_str(), "/rewards", space.id());
  make_dataset(file.id(), "rewards", {rows}, how);
}
inline void lzf(const std::string& path) {
  const auto file = without_rewards(path);
  const auto how = property(H5P_DATASET_CREATE);
  const hsize_t chunk = rows, start = 0;
  H5Pset_chunk(how.id(), 1, &chunk);
  H5Pset_filter(how.id(), 32000, H5Z_FLAG_OPTIONAL, 0, nullptr);
  const auto data = make_dataset(file.id(), "rewards", {rows}, how);
  const std::vector<float> values(rows, 1.0f);
  H5Dwrite_chunk(data.id(), H5P_DEFAULT, 1, &start, rows * 4, values.data());
}
/// Chunks of one packed content; `declared` rows of the data set, in chunks of `chunk`.
inline void write_packed(hid_t file, const char* key, hsize_t declared, hsize_t chunk, const std::string& packed) {
  const auto how = property(H5P_DATASET_CREATE);
  H5Pset_chunk(how.id(), 1, &chunk);
  H5Pset_deflate(how.id(), 9);
  const auto data = make_dataset(file, key, {declared}, how, {H5S_UNLIMITED});
  for (hsize_t at = 0; at < declared; at += chunk)
    H5Dwrite_chunk(data.id(), H5P_DEFAULT, 0, &at, packed.size(), packed.data());
}
inline void packed_chunks(const std::string& path, hsize_t declared, hsize_t chunk, const std::string& packed) {
  const auto file = without_rewards(path);
  write_packed(file.id(), "rewards", declared, chunk, packed);
}
inline void many_zeros(const std::string& path) {  // 1.4 MB that become 6.4 GB
  const auto packed = packed_zeros(std::size_t{4} << 24);
  const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  const hsize_t many = hsize_t{1} << 28;
  for (const char* key : {"rewards", "terminals", "timeouts"}) write_packed(file.id(), key, many, 1 << 24, packed);
  for (const char* key : {"observations", "actions"}) {
    const auto how = property(H5P_DATASET_CREATE);
    const hsize_t chunk[] = {1 << 24, 1};
    H5Pset_chunk(how.id(), 2, chunk);
    H5Pset_deflate(how.id(), 9);
    const auto data = make_dataset(file.id(), key, {many, 1}, how);
    for (hsize_t at[] = {0, 0}; at[0] < many; at[0] += chunk[0])
      H5Dwrite_chunk(data.id(), H5P_DEFAULT, 0, at, packed.size(), packed.data());
  }
}
inline void chunk_of_more(const std::string& path) {
  packed_chunks(path, rows, rows, packed_zeros(std::size_t{1} << 30));
}
inline void chunk_beyond_extents(const std::string& path) {
  packed_chunks(path, rows, hsize_t{1} << 29, packed_zeros(1 << 20));
}
inline void claims_more(const std::string& path) { packed_chunks(path, hsize_t{1} << 50, hsize_t{1} << 49, ""); }
inline void many_keys(const std::string& path) {
  const Handle access = property(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access.id(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose);
  for (int i = 0; i < 100'000; ++i)
    H5Lcreate_soft("/x", file.id(), ("key" + std::to_string(i)).c_str(), H5P_DEFAULT, H5P_DEFAULT);
}
inline void deep(const std::string& path) {
  Handle at(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
  for (int i = 0; i < 5'000; ++i)
    at = Handle(H5Gcreate2(at.id(), "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Oclose);
}
inline void control_characters(const std::string& path) {
  auto file = tessera::hdf5::File::create(path);
  file.write("\x1b]0;owned\x07\ntessera: all is well", std::vector<float>{1});
  file.close();
}
inline void cut(const std::string& path) {
  log(path, {});
  const auto bytes = bytes_of(path);
  write_bytes(path, bytes.substr(0, bytes.size() / 2));
}
inline void fifo(const std::string& path) { ::mkfifo(path.c_str(), 0600); }

/// An archive with one array of transitions, of which `plain` is what the directory says it has.
inline std::string archive(const std::string& name, const std::string& packed, std::uint64_t plain,
                           std::uint64_t at = 0) {
  const auto common = bytes_of_number(20, 2) + bytes_of_number(0, 2) + bytes_of_number(8, 2) + bytes_of_number(0, 4) +
                      bytes_of_number(0, 4) + bytes_of_number(packed.size(), 4) + bytes_of_number(plain, 4) +
                      bytes_of_number(name.size(), 2) + bytes_of_number(0, 2);
  const auto member = "PK\x03\x04" + common + name + packed;
  const auto directory =
      "PK\x01\x02" + bytes_of_number(20, 2) + common + bytes_of_number(0, 10) + bytes_of_number(at, 4) + name;
  return member + directory + "PK\x05\x06" + bytes_of_number(0, 4) + bytes_of_number(1, 2) + bytes_of_number(1, 2) +
         bytes_of_number(directory.size(), 4) + bytes_of_number(member.size(), 4) + bytes_of_number(0, 2);
}
inline std::string raw_zeros(std::size_t count, const std::string& head = "") {  // without zlib's header and checksum
  const auto packed = packed_zeros(count, head);
  return packed.substr(2, packed.size() - 6);
}
inline void large_member(const std::string& path) {
  const auto head = npy<double>("<f8", "(1, 134217728, 1)", {});
  const auto zeros = std::size_t{1} << 30;
  write_bytes(path, archive("tx_mat.npy", raw_zeros(zeros, head), head.size() + zeros));
}
inline void member_of_more(const std::string& path) {
  write_bytes(path, archive("tx_mat.npy", raw_zeros(std::size_t{1} << 30), 4096));
}
inline void member_of_less(const std::string& path) {
  write_bytes(path, archive("tx_mat.npy", raw_zeros(1 << 20), std::uint64_t{1} << 28));
}
inline void shared_bytes(const std::string& path) {
  auto file = zip({{"tx_mat.npy", std::string(100'000, 'x')}, {"r_mat.npy", std::string(100'000, 'x')}});
  // The directory's second entry points at the first member.
  const auto second = file.rfind("PK\x01\x02");
  file.replace(second + 42, 4, bytes_of_number(0, 4));
  write_bytes(path, file);
}
inline void same_name(const std::string& path) { write_bytes(path, zip({{"tx_mat.npy", "a"}, {"tx_mat.npy", "b"}})); }
inline void large_shape(const std::string& path) {
  write_bytes(path, zip({{"tx_mat.npy", npy<double>("<f8", "(65536, 65536, 65536)", {})}}));
}
inline void bytes_that_become_numbers(const std::string& path) {  // each byte eight
  write_bytes(path, zip({{"tx_mat.npy", npy<char>("|b1", "(1, 400000000, 1)", std::vector<char>(400'000'000, 0))}}));
}
inline void many_members(const std::string& path) {
  Members members;
  for (int i = 0; i < 60'000; ++i) members.emplace_back("m" + std::to_string(i) + ".npy", "");
  write_bytes(path, zip(members, false));
}
inline void control_members(const std::string& path) {
  write_bytes(path, zip({{"\x1b[2J\ntessera: all is well.npy", "x"}}));
}
}  // namespace hostile

/// HDF5 files are read as data sets, archives as icu-sepsis:PATH.
inline const std::vector<HostileFile>& hostile_files() {
  using namespace hostile;
  static const std::vector<HostileFile> all = {
      {"external-storage.h5", [](const std::string& path) { external_storage(path, "/etc/passwd"); },
       "keeps its numbers in another file"},
      {"external-storage-fifo.h5", fifo_storage, "keeps its numbers in another file"},
      {"external-link.h5", external_link, "is a link into another file"},
      {"external-link-fifo.h5", external_link_to_fifo, "is a link into another file"},
      {"soft-through-external.h5", soft_link_through_external, "is a link into another file"},
      {"soft-circle.h5", soft_links_in_a_circle, "is a link that leads nowhere"},
      {"user-link.h5", user_link, "is a user-defined link"},
      {"virtual.h5", virtual_data_set, "is a virtual data set"},
      {"lzf.h5", lzf, "is packed with lzf, which is not read; write it with gzip"},
      {"many-zeros.h5", many_zeros, "takes 1.07 GB of memory, which is more than the 0.54 GB"},
      {"chunk-of-more.h5", chunk_of_more, "does not decompress to the size of its shape"},
      {"chunk-beyond-extents.h5", chunk_beyond_extents, "a chunk of it: takes 2.15 GB of memory"},
      {"claims-more.h5", claims_more, "claims"},
      {"many-keys.h5", many_keys, "unknown layout.*100000 in all"},
      {"deep.h5", deep, "unknown layout"},
      {"control-characters.h5", control_characters, R"(\\x1b\]0;owned\\x07\\ntessera)"},
      {"cut.h5", cut, "is not a readable HDF5 file"},
      {"fifo.h5", fifo, "is not a regular file"},
      {"large-member.npz", large_member, "takes 1.07 GB of memory, which is more than the 0.54 GB"},
      {"member-of-more.npz", member_of_more, "cannot be decompressed"},
      {"member-of-less.npz", member_of_less, "claims more bytes than the file can hold"},
      {"shared-bytes.npz", shared_bytes, "two members of it share bytes"},
      {"same-name.npz", same_name, "has two members tx_mat.npy"},
      {"large-shape.npz", large_shape, "has no readable header"},
      {"bytes-that-become-numbers.npz", bytes_that_become_numbers, "takes 3.20 GB of memory"},
      {"many-members.npz", many_members, "tx_mat: is missing.*60000 in all"},
      {"control-members.npz", control_members, R"(\\x1b\[2J\\ntessera)"},
      {"fifo.npz", fifo, "is not a regular file"},
  };
  return all;
}
}  // namespace support
