#pragma once
#include <tessera/io/hdf5_read.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::hdf5 {
/// The object that a key names, resolved step by step so that no step leads out of the file: hard links, and soft links
/// inside the file, are followed.  An invalid handle if a step is missing.
TESSERA_INLINE Handle File::find(const std::string& key) const {
  constexpr int max_links = 16;
  constexpr std::size_t longest = 4096;
  const auto root = [&] { return Handle(H5Gopen2(file_.id(), "/", H5P_DEFAULT), H5Oclose); };
  std::vector<std::string> steps;  // the next one is the last element
  const auto push = [&](const std::string& path) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at <= path.size();) {
      const auto end = std::min(path.find('/', at), path.size());
      if (const auto name = path.substr(at, end - at); !name.empty() && name != ".") names.push_back(name);
      at = end + 1;
    }
    steps.insert(steps.end(), names.rbegin(), names.rend());
  };
  push(key);
  int links = 0;
  auto at = root();
  while (at && !steps.empty()) {
    const auto name = steps.back();
    steps.pop_back();
    if (H5Iget_type(at.id()) != H5I_GROUP || H5Lexists(at.id(), name.c_str(), H5P_DEFAULT) <= 0) return {};
    H5L_info_t link{};
    if (H5Lget_info(at.id(), name.c_str(), &link, H5P_DEFAULT) < 0)
      fail(path_, key, "has a link that cannot be read (" + last_reason() + ")",
           "the file may be damaged: copy or download it again");
    if (link.type == H5L_TYPE_SOFT) {
      std::string target(std::min(link.u.val_size, longest), '\0');
      if (++links > max_links || H5Lget_val(at.id(), name.c_str(), target.data(), target.size(), H5P_DEFAULT) < 0)
        fail(path_, key, "is a link that leads nowhere", "store the data in its place");
      target.resize(std::min(target.find('\0'), target.size()));
      if (target.starts_with('/')) at = root();
      push(target);
      continue;
    }
    if (link.type == H5L_TYPE_EXTERNAL)
      fail(path_, key, "is a link into another file, which is not followed",
           "store the data in this file (h5repack does not; h5copy does)");
    if (link.type != H5L_TYPE_HARD)
      fail(path_, key, "is a user-defined link, which is not followed", "store the data in its place");
    Handle next(H5Oopen(at.id(), name.c_str(), H5P_DEFAULT), H5Oclose);
    if (!next)
      fail(path_, key, "cannot be opened (" + last_reason() + ")",
           "the file may be damaged: copy or download it again");
    at = std::move(next);
  }
  if (!at)
    fail(path_, "", "has no root group (" + last_reason() + ")", "the file may be damaged: copy or download it again");
  return at;
}

TESSERA_INLINE bool File::exists(const std::string& key) const {
  const Quiet quiet;
  return bool(find(key));
}

TESSERA_INLINE bool File::is_group(const std::string& key) const {
  const Quiet quiet;
  const auto found = find(key);
  return bool(found) && H5Iget_type(found.id()) == H5I_GROUP;
}

TESSERA_INLINE std::uint64_t File::count_keys(const std::string& group) const {
  const Quiet quiet;
  const auto where = find(group);
  H5G_info_t about{};
  if (!where || H5Iget_type(where.id()) != H5I_GROUP || H5Gget_info(where.id(), &about) < 0)
    fail(path_, group, "cannot be listed" + (where ? " (" + last_reason() + ")" : std::string()),
         "the file may be damaged");
  return about.nlinks;
}

TESSERA_INLINE std::vector<std::string> File::keys(const std::string& group, std::size_t max) const {
  const Quiet quiet;
  struct Names {
    std::vector<std::string> all;
    std::size_t max;
  } names{{}, max};
  // If there are many, take the first that come: sorting a million names takes memory for all of them.
  const bool few = count_keys(group) <= max;
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    try {
      auto& found = *static_cast<Names*>(out);
      if (found.all.size() >= found.max) return 1;
      found.all.emplace_back(name);
      return 0;
    } catch (...) {  // no exception may pass through C
      return -1;
    }
  };
  const auto where = find(group);
  if (H5Literate(where.id(), H5_INDEX_NAME, few ? H5_ITER_INC : H5_ITER_NATIVE, nullptr, collect, &names) < 0)
    fail(path_, group, "cannot be listed (" + last_reason() + ")", "the file may be damaged");
  return names.all;
}

/// Opens a data set whose numbers are in this file.
TESSERA_INLINE Handle File::open_dataset(const std::string& key) const {
  Handle dataset = find(key);
  if (!dataset) fail(path_, key, "is missing", "check that this is the file you meant");
  if (H5Iget_type(dataset.id()) != H5I_DATASET)
    fail(path_, key, "cannot be opened as a data set (it is a group)", "check that this is the file you meant");
  const Handle how(H5Dget_create_plist(dataset.id()), H5Pclose);
  if (!how) fail(path_, key, "does not say how it is stored (" + last_reason() + ")", "the file may be damaged");
  const auto layout = H5Pget_layout(how.id());
  if (layout == H5D_VIRTUAL)
    fail(path_, key, "is a virtual data set, which is not followed", "store the data in this file (h5repack does)");
  if (H5Pget_external_count(how.id()) != 0)
    fail(path_, key, "keeps its numbers in another file, which is not followed",
         "store the data in this file (h5repack does)");
  if (layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED)
    fail(path_, key, "is stored in an unknown way", "the file may be damaged");
  return dataset;
}

TESSERA_INLINE Info File::info(const std::string& key) const {
  const Quiet quiet;
  const Handle dataset = open_dataset(key);
  const Handle type(H5Dget_type(dataset.id()), H5Tclose);
  auto found = about(path_, key, dataset, type.id());
  if (!found.shape.empty() && found.shape[0] == window_.rows) found.shape[0] = window_.count;
  return found;
}

TESSERA_INLINE Info File::about(const std::string& path, const std::string& key, const Handle& dataset, hid_t type) {
  const Handle space(H5Dget_space(dataset.id()), H5Sclose);
  Info found{class_of(type), {}};
  const int rank = H5Sget_simple_extent_ndims(space.id());
  if (rank < 0 || rank > H5S_MAX_RANK)
    fail(path, key, "has no readable shape (" + last_reason() + ")", "the file may be damaged");
  std::vector<hsize_t> extent(static_cast<std::size_t>(rank));
  if (rank > 0) H5Sget_simple_extent_dims(space.id(), extent.data(), nullptr);
  for (const auto e : extent) {
    if (e > hsize_t{1} << 62) fail(path, key, "claims an impossible shape", "the file is damaged");
    found.shape.push_back(static_cast<std::int64_t>(e));
  }
  return found;
}

/// Decides how to read a data set, after checking the header's claims against the bytes that are there and against the
/// limits: no header may make the program allocate a terabyte.
TESSERA_INLINE File::Plan File::plan(const std::string& key) const {
  Plan p;
  p.dataset = open_dataset(key);
  p.type = Handle(H5Dget_type(p.dataset.id()), H5Tclose);
  p.kind = class_of(p.type.id());
  double count = 1;  // a double, because a product of extents may exceed every integer type
  for (const auto e : about(path_, key, p.dataset, p.type.id()).shape)
    p.extent.push_back(static_cast<hsize_t>(e)), count *= static_cast<double>(e);
  const auto element = H5Tget_size(p.type.id());
  constexpr std::size_t largest_number = 16;
  if (element == 0 || ((p.kind == type_class::integer || p.kind == type_class::floating) && element > largest_number))
    fail(path_, key, "has elements of " + std::to_string(element) + " bytes, which are not numbers",
         "the file is damaged");

  const Handle how(H5Dget_create_plist(p.dataset.id()), H5Pclose);
  const bool chunked = H5Pget_layout(how.id()) == H5D_CHUNKED;
  double densest_here = 1;
  p.unpack_here = chunked;
  for (int i = 0, n = chunked ? H5Pget_nfilters(how.id()) : 0; i < n; ++i) {
    unsigned flags = 0, values[8] = {};
    std::size_t count_values = std::size(values);
    const auto id = H5Pget_filter2(how.id(), unsigned(i), &flags, &count_values, values, 0, nullptr, nullptr);
    const bool read_by_library =
        id == H5Z_FILTER_NBIT || id == H5Z_FILTER_SCALEOFFSET || (id == H5Z_FILTER_SZIP && H5Zfilter_avail(id) > 0);
    if (densest(id) == 0 && !read_by_library)
      fail(path_, key, "is packed with " + filter_name(id) + ", which is not read",
           "write it with gzip (h5py: compression=\"gzip\")");
    p.unpack_here = p.unpack_here && !read_by_library;
    densest_here *= read_by_library ? 2048 : densest(id);
    p.filters.push_back({id, count_values > 0 ? values[0] : element});
  }

  double stored_at_most =
      static_cast<double>(std::min<std::uint64_t>(H5Dget_storage_size(p.dataset.id()), bytes_)) * densest_here;
  if (count * static_cast<double>(element) > stored_at_most)
    fail(path_, key,
         "claims " + bytes_text(count * static_cast<double>(element)) + " where the file holds at most " +
             bytes_text(stored_at_most),
         "the file is damaged or was never completed: copy or download it again");
  // What is read in pieces is counted where it is kept.
  if (!limits().hand_over)
    budget_.require(printable(path_) + ": key '" + printable_name(key) + "'", count * static_cast<double>(element));

  p.count = static_cast<std::size_t>(count);
  p.rows = p.stored = p.extent.empty() ? 1 : static_cast<std::size_t>(p.extent[0]);
  p.row = p.rows == 0 ? 0 : p.count / p.rows;
  if (chunked && p.count > 0) {
    p.chunk.resize(p.extent.size());
    if (H5Pget_chunk(how.id(), int(p.chunk.size()), p.chunk.data()) != int(p.extent.size()))
      fail(path_, key, "does not say how it is stored (" + last_reason() + ")", "the file may be damaged");
    double chunk = static_cast<double>(element);
    for (const auto c : p.chunk) chunk *= static_cast<double>(c);
    if (!(chunk > 0)) fail(path_, key, "is stored in chunks of size 0", "the file is damaged");
    budget_.require(printable(path_) + ": key '" + printable_name(key) + "', a chunk of it", chunk);
    p.step = static_cast<std::size_t>(std::min<hsize_t>(p.chunk[0], p.stored));
  } else {
    constexpr std::size_t piece = 1 << 18;  // elements
    p.step = std::max<std::size_t>(1, piece / std::max<std::size_t>(1, p.row));
  }
  if (!p.extent.empty() && std::int64_t(p.stored) == window_.rows) {
    p.begin = std::size_t(window_.first), p.rows = std::size_t(window_.count);
    p.count = p.rows * p.row;
  }
  return p;
}
}  // namespace tessera::hdf5
