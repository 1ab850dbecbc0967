#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <tessera/io/hdf5.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::hdf5 {
TESSERA_INLINE type_class class_of(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
    case H5T_ENUM:
      return type_class::integer;
    case H5T_FLOAT:
      return type_class::floating;
    case H5T_STRING:
      return type_class::text;
    default:
      return type_class::other;
  }
}

TESSERA_INLINE File File::open(const std::string& path, const ReadLimits& limits) {
  const Quiet quiet;
  RegularFile source(path, "an HDF5 file");
  Structure(source, read_superblock(source));
  const auto same = source.same_file();
  Handle handle(H5Fopen(same.empty() ? path.c_str() : same.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!handle)
    fail(path, "", "is not a readable HDF5 file (" + last_reason() + ")",
         "it may be truncated or of another format: copy or download it again");
  const auto bytes = source.size();
  return File(path, std::move(handle), bytes, MemoryBudget(limits, bytes));
}

TESSERA_INLINE File File::part(std::int64_t rows, std::int64_t first, std::int64_t count) const {
  const Quiet quiet;
  Handle handle(H5Freopen(file_.id()), H5Fclose);
  if (!handle) fail(path_, "", "cannot be opened again (" + last_reason() + ")", "close other programs");
  File out(path_, std::move(handle), bytes_, budget_);
  out.window_ = {rows, first, count};
  return out;
}

TESSERA_INLINE File File::create(const std::string& path) {
  const Quiet quiet;
  Handle handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  if (!handle)
    fail(path, "", "cannot be created (" + last_reason() + ")", "check that the folder exists and is writable");
  constexpr auto any = std::numeric_limits<std::uint64_t>::max();
  return File(path, std::move(handle), any, MemoryBudget({.bytes = any}, any));
}

TESSERA_INLINE void File::close() {
  if (!file_.close()) fail(path_, "", "cannot be completed", "check the free space on the disk");
}
}  // namespace tessera::hdf5
