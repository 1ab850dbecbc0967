#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/io/hdf5.hpp>
#include <tessera/support/inline.hpp>

/// The writing half of `hdf5::File`.
namespace tessera::hdf5 {
TESSERA_INLINE void File::write_raw(const std::string& key, hid_t stored, hid_t memory, const void* data,
                                    const std::vector<std::int64_t>& shape) {
  const Quiet quiet;
  std::vector<hsize_t> extent;
  bool empty = false;
  for (const auto e : shape) {
    extent.push_back(static_cast<hsize_t>(e));
    empty = empty || e == 0;
  }
  const Handle space(
      shape.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
      H5Sclose);
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links.id(), 1);
  const Handle how(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(how.id(), false);  // equal contents give equal files
  const Handle dataset(H5Dcreate2(file_.id(), key.c_str(), stored, space.id(), links.id(), how.id(), H5P_DEFAULT),
                       H5Dclose);
  if (!dataset || (!empty && H5Dwrite(dataset.id(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0))
    fail(path_, key, "cannot be written (" + last_reason() + ")",
         "check that the key is new and that the disk has space");
}

TESSERA_INLINE void File::write_flags(const std::string& key, const std::vector<std::uint8_t>& flags,
                                      const std::vector<std::int64_t>& shape) {
  const Handle type(H5Tenum_create(H5T_NATIVE_INT8), H5Tclose);
  for (const std::int8_t value : {std::int8_t{0}, std::int8_t{1}})
    H5Tenum_insert(type.id(), value == 0 ? "FALSE" : "TRUE", &value);
  write_raw(key, type.id(), type.id(), flags.data(), shape);
}

TESSERA_INLINE void File::write_raw_attribute(const std::string& key, const std::string& name, hid_t type,
                                              const void* data) {
  const Quiet quiet;
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute(
      H5Acreate_by_name(file_.id(), key.c_str(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose);
  if (!attribute || H5Awrite(attribute.id(), type, data) < 0)
    fail(path_, key, "attribute '" + name + "' cannot be written (" + last_reason() + ")",
         "check that the key exists and that the attribute is new");
}

TESSERA_INLINE void File::write_attribute(const std::string& key, const std::string& name, std::int64_t number) {
  write_raw_attribute(key, name, H5T_NATIVE_INT64, &number);
}
}  // namespace tessera::hdf5
