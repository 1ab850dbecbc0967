#pragma once
#include <string>
#include <utility>

#include <tessera/io/hdf5_handle.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::hdf5 {
TESSERA_INLINE Quiet::Quiet() {
  H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLget_loading_state(&plugins_);
  H5PLset_loading_state(0);
}

TESSERA_INLINE Quiet::~Quiet() {
  H5PLset_loading_state(plugins_);
  H5Eset_auto2(H5E_DEFAULT, print_, data_);
}

TESSERA_INLINE Handle& Handle::operator=(Handle&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(close_, other.close_);
  return *this;
}

TESSERA_INLINE bool Handle::close() {
  if (id_ < 0) return true;
  const Quiet quiet;
  return close_(std::exchange(id_, -1)) >= 0;
}

TESSERA_INLINE std::string last_reason() {
  std::string reason;
  const auto keep_first = [](unsigned level, const H5E_error2_t* error, void* out) -> herr_t {
    if (level == 0 && error->desc != nullptr) *static_cast<std::string*>(out) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &reason);
  return reason.empty() ? std::string("no reason given") : printable(reason, 512);
}
}  // namespace tessera::hdf5
