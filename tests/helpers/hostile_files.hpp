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
  std::string refusal;      ///< what the error has to say
  std::string before = {};  ///< what stands before the path in the data set's name

  std::string source(const std::string& path) const { return before + path; }
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

// Files of robomimic and of d3rlpy 2.1 with one thing in them that is not as it should be.

/// How a link is made with the groups above it.
inline Handle with_groups() {
  auto links = property(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links.id(), 1);
  return links;
}
inline Handle make_deep_dataset(hid_t file, const std::string& key, const std::vector<hsize_t>& extent, hid_t type,
                                const Handle& how) {
  const auto links = with_groups();
  const Handle space(H5Screate_simple(int(extent.size()), extent.data(), nullptr), H5Sclose);
  return Handle(H5Dcreate2(file, key.c_str(), type, space.id(), links.id(), how.id(), H5P_DEFAULT), H5Dclose);
}
/// One in chunks, of which none is written, or all as `packed` zeros.
inline void chunks_of_zeros(hid_t file, const std::string& key, const std::vector<hsize_t>& extent,
                            const std::vector<hsize_t>& chunk, bool written) {
  const auto how = property(H5P_DATASET_CREATE);
  H5Pset_chunk(how.id(), int(chunk.size()), chunk.data());
  H5Pset_deflate(how.id(), 9);
  const auto data = make_deep_dataset(file, key, extent, H5T_IEEE_F32LE, how);
  std::size_t bytes = 4;
  for (const auto c : chunk) bytes *= std::size_t(c);
  const auto packed = written ? packed_zeros(bytes) : "";
  std::vector<hsize_t> at(extent.size(), 0);
  for (; written && at[0] < extent[0]; at[0] += chunk[0])
    H5Dwrite_chunk(data.id(), H5P_DEFAULT, 0, at.data(), packed.size(), packed.data());
}
inline Handle reopened(const std::string& path) {
  return Handle(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
}
/// Two demonstrations of two steps, but for one key: "data/demo_0/actions".
inline void demos(const std::string& path, const std::string& without) {
  auto file = tessera::hdf5::File::create(path);
  for (const std::string demo : {"data/demo_0/", "data/demo_1/"}) {
    const auto put = [&](const char* key, const std::vector<float>& values, const std::vector<std::int64_t>& shape) {
      if (demo + key != without) file.write(demo + key, values, shape);
    };
    put("obs/x", {0, 1, 2, 3}, {2, 2}), put("actions", {0, 1}, {2, 1}), put("rewards", {1, 2}, {2});
    put("dones", {0, 1}, {2});
  }
  file.close();
}
/// Two episodes of two steps, but for one key: "actions_0".
inline void dumped(const std::string& path, const std::string& without) {
  auto file = tessera::hdf5::File::create(path);
  file.write("num_episodes", std::vector<std::int64_t>{2}, {});
  for (const char* id : {"_0", "_1"}) {
    const auto put = [&](const char* key, const std::vector<float>& values, const std::vector<std::int64_t>& shape) {
      if (key + std::string(id) != without) file.write(key + std::string(id), values, shape);
    };
    put("observations", {0, 1, 2, 3}, {2, 2}), put("actions", {0, 1}, {2, 1}), put("rewards", {1, 2}, {2, 1});
    put("terminated", {1}, {});
  }
  file.close();
}
/// One of the two, open, by the key that is to be made in another way.
inline Handle without_key(const std::string& path, const std::string& key) {
  (key.starts_with("data/") ? demos : dumped)(path, key);
  return reopened(path);
}
inline void declared(const std::string& path, const char* key, const std::vector<hsize_t>& extent,
                     const std::vector<hsize_t>& chunk) {
  const auto file = without_key(path, key);
  chunks_of_zeros(file.id(), key, extent, chunk, false);
}
inline void inflated(const std::string& path, const char* key, const std::vector<hsize_t>& extent,
                     const std::vector<hsize_t>& chunk) {
  const auto file = without_key(path, key);
  chunks_of_zeros(file.id(), key, extent, chunk, true);
}
/// Elements that are no numbers.
inline void of_type(const std::string& path, const char* key, hid_t type, std::size_t bytes) {
  const auto file = without_key(path, key);
  const auto data = make_deep_dataset(file.id(), key, {2, 1}, type, property(H5P_DATASET_CREATE));
  const std::vector<char> values(2 * bytes, 0);
  H5Dwrite(data.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
}
inline void of_objects(const std::string& path, const char* key) {  // as h5py stores objects: lists of bytes
  const Handle type(H5Tvlen_create(H5T_NATIVE_UINT8), H5Tclose);
  of_type(path, key, type.id(), sizeof(hvl_t));
}
inline void of_records(const std::string& path, const char* key) {
  const Handle type(H5Tcreate(H5T_COMPOUND, 8), H5Tclose);
  H5Tinsert(type.id(), "x", 0, H5T_IEEE_F32LE), H5Tinsert(type.id(), "y", 4, H5T_IEEE_F32LE);
  of_type(path, key, type.id(), 8);
}
inline void of_references(const std::string& path, const char* key) {
  of_type(path, key, H5T_STD_REF_OBJ, sizeof(hobj_ref_t));
}
inline void of_texts(const std::string& path, const char* key) {
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), 8);
  of_type(path, key, type.id(), 8);
}
/// A group in the place of a data set.
inline void of_a_group(const std::string& path, const char* key) {
  const auto file = without_key(path, key);
  const Handle group(H5Gcreate2(file.id(), key, with_groups().id(), H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
}
/// A link to `target` in its place.
inline void linked(const std::string& path, const char* key, const std::string& target) {
  const auto file = without_key(path, key);
  H5Lcreate_soft(target.c_str(), file.id(), key, with_groups().id(), H5P_DEFAULT);
}
inline void linked_out(const std::string& path, const char* key, const std::string& target) {
  const auto file = without_key(path, key);
  H5Lcreate_external(target.c_str(), "/data", file.id(), key, with_groups().id(), H5P_DEFAULT);
}
/// Groups that hold each other: data/demo_0/obs is data.
inline void groups_in_a_circle(const std::string& path) {
  const auto file = without_key(path, "data/demo_0/obs/x");
  H5Lcreate_hard(file.id(), "data", file.id(), "data/demo_0/obs", H5P_DEFAULT, H5P_DEFAULT);
}
/// Forty ways back to the root from every group.
inline void groups_in_circles(const std::string& path) {
  const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  for (int i = 0; i < 40; ++i)
    H5Lcreate_hard(file.id(), "/", file.id(), ("a" + std::to_string(i)).c_str(), H5P_DEFAULT, H5P_DEFAULT);
}
/// All episodes are one: 6 MB of zeros in a few bytes, two hundred times.
inline void one_episode_many_times(const std::string& path) {
  constexpr int many = 200;
  const auto file = without_key(path, "observations_0");
  chunks_of_zeros(file.id(), "observations_0", {2, 750'000}, {2, 750'000}, true);
  H5Ldelete(file.id(), "observations_1", H5P_DEFAULT), H5Ldelete(file.id(), "num_episodes", H5P_DEFAULT);
  for (int i = 1; i < many; ++i) {
    const auto id = std::to_string(i);
    for (const std::string key : {"observations_", "actions_", "rewards_", "terminated_"})
      if (key == "observations_" || i > 1)
        H5Lcreate_hard(file.id(), (key + "0").c_str(), file.id(), (key + id).c_str(), H5P_DEFAULT, H5P_DEFAULT);
  }
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle count(
      H5Dcreate2(file.id(), "num_episodes", H5T_STD_I64LE, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
      H5Dclose);
  const std::int64_t episodes = many;
  H5Dwrite(count.id(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, &episodes);
}
/// 100'000 numbers in a row, of a name of 30'000 letters.
inline void long_name(const std::string& path) {
  const auto file = without_key(path, "data/demo_0/obs/x");
  H5Ldelete(file.id(), "data/demo_1", H5P_DEFAULT);
  const auto key = "data/demo_0/obs/" + std::string(30'000, 'k');
  chunks_of_zeros(file.id(), key, {2, 100'000}, {2, 100'000}, true);
  H5Ldelete(file.id(), "data/demo_0/actions", H5P_DEFAULT);
  const auto how = property(H5P_DATASET_CREATE);
  make_deep_dataset(file.id(), "data/demo_0/actions", {2, 0}, H5T_IEEE_F32LE, how);
}
/// A list of 20'000 texts, all of which are the same 60'000 letters of the file.
inline void one_text_many_times(const std::string& path) {
  constexpr std::size_t many = 20'000, reference = 16;
  demos(path, "");
  {
    tessera::hdf5::File file = tessera::hdf5::File::create(path + ".mask");
    std::vector<std::string> texts(many, "");
    texts[0] = std::string(60'000, 'x');
    file.write_strings("texts", texts);
    file.close();
  }
  haddr_t at = 0;
  {
    const auto from = reopened(path + ".mask"), to = reopened(path);
    const Handle group(H5Gcreate2(to.id(), "mask", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
    H5Ocopy(from.id(), "texts", group.id(), "all", H5P_DEFAULT, H5P_DEFAULT);
    const Handle data(H5Dopen2(group.id(), "all", H5P_DEFAULT), H5Dclose);
    at = H5Dget_offset(data.id());
  }
  auto bytes = bytes_of(path);
  for (std::size_t i = 1; i < many; ++i) bytes.replace(at + i * reference, reference, bytes, at, reference);
  write_bytes(path, bytes);
}
inline void bit_flipped(const std::string& path) {  // the class of the actions' type
  demos(path, "");
  auto bytes = bytes_of(path);
  for (std::size_t at = 0; (at = bytes.find(std::string("\x11\x20\x1f\x00\x04\x00\x00\x00", 8), at)) != bytes.npos;
       ++at)
    bytes[at] = '\x1d';
  write_bytes(path, bytes);
}
inline void cut_demos(const std::string& path) {
  demos(path, "");
  const auto bytes = bytes_of(path);
  write_bytes(path, bytes.substr(0, bytes.size() - 1));
}

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
/// Two episodes as Stable Baselines 2 saves them, or the library imitation, with `bytes` as one of the arrays.
inline void trajectories(const std::string& path, const std::string& wrong, const std::string& bytes,
                         const Members& more = {}) {
  Members members = {{"obs.npy", npy("(4, 1)", {0, 1, 2, 3})},
                     {"actions.npy", npy("(4, 1)", {0, 1, 0, 1})},
                     {"rewards.npy", npy("(4, 1)", {1, 2, 3, 4})},
                     {"episode_starts.npy", npy("(4,)", {1, 0, 1, 0})}};
  if (wrong == "acts" || wrong == "indices")
    members = {{"obs.npy", npy("(4, 1)", {0, 1, 2, 3})},
               {"acts.npy", npy("(2, 1)", {0, 1})},
               {"indices.npy", npy<std::int64_t>("<i8", "(1,)", {1})},
               {"terminal.npy", npy<char>("|b1", "(2,)", {0, 1})}};
  for (auto& [name, array] : members)
    if (name == wrong + ".npy") array = bytes;
  members.insert(members.end(), more.begin(), more.end());
  write_bytes(path, zip(members));
}
}  // namespace hostile

namespace hostile {
/// Those whose layouts hold whole episodes.
inline const std::vector<HostileFile>& of_episodes() {
  static const std::vector<HostileFile> all = {
      {"demos-cut.h5", cut_demos, "it has .* bytes, and should have"},
      {"demos-bit.h5", bit_flipped, "unknown datatype class found"},
      {"demos-declared.h5",
       [](const std::string& path) {
         declared(path, "data/demo_0/actions", {hsize_t{1} << 40, 1}, {1024, 1});
       },
       "obs': takes 8796.09 GB of memory, which is more than the 0.54 GB"},
      {"demos-declared-more.h5",
       [](const std::string& path) {
         declared(path, "data/demo_0/obs/x", {hsize_t{1} << 60, 7}, {1024, 7});
       },
       "obs/x': has shape \\(1152921504606846976, 7\\), where \\(2, 7\\) is expected"},
      {"demos-inflated.h5",
       [](const std::string& path) {
         inflated(path, "data/demo_0/actions", {1 << 27, 2}, {1 << 23, 2});
       },
       "obs': takes 1.07 GB of memory, which is more than the 0.54 GB"},
      {"demos-objects.h5", [](const std::string& path) { of_objects(path, "data/demo_0/actions"); },
       "actions': does not hold numbers"},
      {"demos-records.h5", [](const std::string& path) { of_records(path, "data/demo_0/rewards"); },
       "rewards': does not hold numbers"},
      {"demos-references.h5", [](const std::string& path) { of_references(path, "data/demo_0/dones"); },
       "dones': does not hold numbers"},
      {"demos-texts.h5", [](const std::string& path) { of_texts(path, "data/demo_0/obs/x"); },
       "obs': holds no vectors"},
      {"demos-group.h5", [](const std::string& path) { of_a_group(path, "data/demo_0/actions"); },
       "actions': cannot be opened as a data set .it is a group."},
      {"demos-circle.h5", groups_in_a_circle, "obs/demo_0': cannot be opened as a data set .it is a group."},
      {"circles.h5", groups_in_circles, "unknown layout, with the keys .a0, a1, a10,"},
      {"demos-soft-circle.h5", [](const std::string& path) { linked(path, "data/demo_0/obs/x", "/data/demo_0/obs/x"); },
       "obs/x': is a link that leads nowhere"},
      {"demos-link-above.h5",
       [](const std::string& path) { linked(path, "data/demo_0/actions", "../../../../etc/passwd"); },
       "actions': is missing"},
      {"demos-link-out.h5",
       [](const std::string& path) { linked_out(path, "data/demo_0/obs/x", "../../../../etc/passwd"); },
       "obs/x': is a link into another file, which is not followed"},
      {"demos-long-name.h5", long_name, "actions': has shape .2, 0., where"},
      {"dumped-declared.h5",
       [](const std::string& path) {
         declared(path, "rewards_0", {hsize_t{1} << 40, 1}, {1024, 1});
       },
       "rewards_0': claims 4398.05 GB where the file holds at most 0 bytes"},
      {"dumped-wide.h5",
       [](const std::string& path) {
         declared(path, "observations_0", {2, 2, hsize_t{1} << 61}, {1, 1, 1024});
       },
       "observations_0': has shape .2, 2, 2305843009213693952.: pictures"},
      {"dumped-rows-and-width.h5",
       [](const std::string& path) {
         inflated(path, "rewards_0", {1'000'000, 1}, {1'000'000, 1});
         const auto file = reopened(path);
         H5Ldelete(file.id(), "observations_0", H5P_DEFAULT);
         chunks_of_zeros(file.id(), "observations_0", {2, 900'000}, {2, 900'000}, true);
       },
       "observations_0': takes 3600.00 GB of memory"},
      {"dumped-objects.h5", [](const std::string& path) { of_objects(path, "observations_0"); },
       "observations_0': does not hold numbers"},
      {"dumped-texts.h5", [](const std::string& path) { of_texts(path, "terminated_0"); },
       "terminated_0': does not hold numbers"},
      {"dumped-link-out.h5", [](const std::string& path) { linked_out(path, "actions_1", "/etc/passwd"); },
       "actions_1': is a link into another file, which is not followed"},
      {"dumped-group.h5", [](const std::string& path) { of_a_group(path, "observations_0"); },
       "observations_0': cannot be opened as a data set .it is a group."},
      {"sb2-pickled.npz", [](const std::string& path) { trajectories(path, "obs", npy<char>("|O", "(4,)", {'x'})); },
       "array obs: holds pickled Python objects, which are never unpickled"},
      {"sb2-huge.npz",
       [](const std::string& path) { trajectories(path, "actions", npy<double>("<f8", "(1099511627776, 1)", {})); },
       "array actions: has 1099511627776 rows, but 'obs' asks for 4"},
      {"sb2-records.npz",
       [](const std::string& path) {
         trajectories(path, "rewards", npy<double>("|V8", "(4, 1)", {0, 0, 0, 0}));
       },
       "array rewards: has elements of type .V8"},
      {"sb2-header.npz",
       [](const std::string& path) {
         trajectories(path, "obs", std::string("\x93NUMPY\x02\x00\xff\xff\xff\x7f", 12) + "{'descr': '<f8', ");
       },
       "array obs: has no readable header"},
      {"sb2-outside.npz",
       [](const std::string& path) {
         write_bytes(path, zip({{"../../obs.npy", npy("(1,)", {0})}, {"/etc/actions.npy", npy("(1,)", {0})}}));
       },
       "unknown layout, with the arrays .[.][.]/[.][.]/obs, /etc/actions"},
      {"imitation-pickled.npz",
       [](const std::string& path) { trajectories(path, "acts", npy<char>("|O", "(2,)", {'x'})); },
       "array acts: holds pickled Python objects, which are never unpickled"},
      {"imitation-bounds.npz",
       [](const std::string& path) {
         trajectories(path, "indices", npy<std::int64_t>("<i8", "(1,)", {std::int64_t{1} << 62}));
       },
       "array indices: episode 0 would be of the steps 0 to 4611686018427387904 of 2"},
      {"imitation-cut.npz", [](const std::string& path) { trajectories(path, "acts", npy("(2, 1)", {0})); },
       "array acts: has 8 bytes of data, where .2, 1. takes 16"},
  };
  return all;
}
}  // namespace hostile

/// Those of D4RL's layout and archives that are read as icu-sepsis:PATH, then the others.
inline const std::vector<HostileFile>& hostile_files() {
  using namespace hostile;
  static std::vector<HostileFile> all = {
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
  static const bool done = [] {
    for (auto& file : all)
      if (file.name.ends_with(".npz")) file.before = "icu-sepsis:";
    all.insert(all.end(), of_episodes().begin(), of_episodes().end());
    return true;
  }();
  static_cast<void>(done);
  return all;
}
}  // namespace support
