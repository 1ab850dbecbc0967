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
}  // namespace tessera::hdf5
