#pragma once
#include <tessera/data/hdf5.hpp>

/// The reading half of `hdf5::File`.
namespace tessera::hdf5 {
inline bool File::exists(const std::string& key) const {
  const Quiet quiet;
  // The library fails, rather than says no, when a group on the way is missing.
  for (std::size_t end = key.find('/', 1); end != std::string::npos; end = key.find('/', end + 1))
    if (H5Lexists(file_.id(), key.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
  return H5Lexists(file_.id(), key.c_str(), H5P_DEFAULT) > 0;
}

inline std::vector<std::string> File::keys(const std::string& group) const {
  const Quiet quiet;
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    try {
      static_cast<std::vector<std::string>*>(out)->emplace_back(name);
      return 0;
    } catch (...) {  // no exception may pass through C
      return -1;
    }
  };
  const Handle where(H5Gopen2(file_.id(), group.c_str(), H5P_DEFAULT), H5Gclose);
  if (!where || H5Literate(where.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names) < 0)
    fail(path_, group, "cannot be listed (" + last_reason() + ")", "the file may be damaged");
  return names;
}

inline Handle File::open_dataset(const std::string& key) const {
  if (!exists(key)) fail(path_, key, "is missing", "check that this is the file you meant");
  Handle dataset(H5Dopen2(file_.id(), key.c_str(), H5P_DEFAULT), H5Dclose);
  if (!dataset)
    fail(path_, key, "cannot be opened as a data set (" + last_reason() + ")", "the file may be damaged");
  return dataset;
}

inline Info File::info(const std::string& key) const {
  const Quiet quiet;
  const Handle dataset = open_dataset(key);
  const Handle type(H5Dget_type(dataset.id()), H5Tclose);
  const Handle space(H5Dget_space(dataset.id()), H5Sclose);
  Info found{class_of(type.id()), {}};
  const int rank = H5Sget_simple_extent_ndims(space.id());
  if (rank < 0) fail(path_, key, "has no readable shape (" + last_reason() + ")", "the file may be damaged");
  std::vector<hsize_t> extent(static_cast<std::size_t>(rank));
  if (rank > 0) H5Sget_simple_extent_dims(space.id(), extent.data(), nullptr);
  for (const auto e : extent) {
    if (e > hsize_t{1} << 62) fail(path_, key, "claims an impossible shape", "the file is damaged");
    found.shape.push_back(static_cast<std::int64_t>(e));
  }
  return found;
}

/// The number of elements, after checking the claim in the header against the bytes that are there: a
/// damaged header must not make us ask for a terabyte.
inline std::size_t File::checked_count(const std::string& key, hid_t dataset) const {
  // Deflate, the densest filter in use, packs at most 1032 bytes into one.
  constexpr double densest = 2048;
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const Handle plan(H5Dget_create_plist(dataset), H5Pclose);
  const double element = static_cast<double>(H5Tget_size(type.id()));
  double count = 1;  // a double: a product of extents may pass every integer
  for (const auto extent : info(key).shape) count *= static_cast<double>(extent);
  const double stored = static_cast<double>(H5Dget_storage_size(dataset));
  const double densest_here = H5Pget_nfilters(plan.id()) > 0 ? densest : 1;
  const double there = std::min(stored, static_cast<double>(bytes_)) * densest_here;
  if (count * element > there)
    fail(path_, key,
         "claims " + std::to_string(count * element) + " bytes where the file holds at most " +
             std::to_string(there),
         "the file is damaged or was never completed: copy or download it again");
  return static_cast<std::size_t>(count);
}

template <Element T>
std::vector<T> File::read(const std::string& key) const {
  const Quiet quiet;
  const Handle dataset = open_dataset(key);
  const Handle type(H5Dget_type(dataset.id()), H5Tclose);
  const type_class kind = class_of(type.id());
  if (kind != type_class::integer && kind != type_class::floating)
    fail(path_, key, "does not hold numbers", "check that this is the file you meant");

  const auto exactly_from = [&]<class Wide>(const std::vector<Wide>& wide) {
    std::vector<T> values(wide.size());
    // As doubles: the limits of T and one past them are exact there, also for 64 bits.
    const double low = static_cast<double>(std::numeric_limits<T>::lowest());
    const double past = std::ldexp(1.0, std::numeric_limits<T>::digits);
    for (std::size_t i = 0; i < wide.size(); ++i) {
      const double value = static_cast<double>(wide[i]);
      if (!(value >= low && value < past && value == std::floor(value)))
        fail(path_, key,
             "element " + std::to_string(i) + " is " + std::to_string(value) + ", not a whole number " +
                 (std::same_as<T, std::uint8_t> ? "0 .. 255" : "of 64 bits"),
             "correct the file");
      values[i] = static_cast<T>(wide[i]);
    }
    return values;
  };
  if constexpr (std::integral<T>)
    if (kind == type_class::floating) return exactly_from(read<double>(key));
  if constexpr (std::same_as<T, std::uint8_t>)
    if (H5Tequal(type.id(), H5T_NATIVE_UINT8) <= 0) return exactly_from(read<std::int64_t>(key));

  const std::size_t count = checked_count(key, dataset.id());
  try {
    std::vector<T> values(count);
    if (count > 0 &&
        H5Dread(dataset.id(), memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
      fail(path_, key, "cannot be read (" + last_reason() + ")",
           "the file may be damaged: copy or download it again");
    return values;
  } catch (const std::bad_alloc&) {
    fail(path_, key, "does not fit into memory (" + std::to_string(count) + " elements)",
         "use a smaller file");
  }
}

template <Element T>
T File::read_scalar(const std::string& key) const {
  const auto values = read<T>(key);
  if (values.size() != 1)
    fail(path_, key, "holds " + std::to_string(values.size()) + " elements where one is expected",
         "check that this is the file you meant");
  return values.front();
}
}  // namespace tessera::hdf5
