#pragma once
#include <hdf5.h>

#include <string>
#include <utility>

#include <tessera/data/error.hpp>
#include <tessera/data/printable.hpp>

/// What `hdf5.hpp` stands on: owned identifiers, a silent library, and errors of one line.
namespace tessera::hdf5 {

/// While one lives, the HDF5 library of this thread prints nothing, and the library loads no plugin, whatever a file asks for.
class Quiet {
 public:
  Quiet() {
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLget_loading_state(&plugins_);
    H5PLset_loading_state(0);
  }
  ~Quiet() {
    H5PLset_loading_state(plugins_);
    H5Eset_auto2(H5E_DEFAULT, print_, data_);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
  unsigned plugins_ = 0;
};

/// Owns one HDF5 identifier; false when the call that made it failed.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close closer) : id_(id), close_(closer) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() { close(); }

  explicit operator bool() const { return id_ >= 0; }
  hid_t id() const { return id_; }
  /// Closes now and says whether that worked: a full disk shows here.
  bool close() {
    if (id_ < 0) return true;
    const Quiet quiet;
    return close_(std::exchange(id_, -1)) >= 0;
  }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

/// The innermost sentence of the library's error stack: the others only repeat who called whom.
inline std::string last_reason() {
  std::string reason;
  const auto keep_first = [](unsigned level, const H5E_error2_t* error, void* out) -> herr_t {
    if (level == 0 && error->desc != nullptr) *static_cast<std::string*>(out) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &reason);
  return reason.empty() ? std::string("no reason given") : printable(reason, 512);
}

/// Throws `path: key 'key': what; remedy`, without the middle part when `key` is empty.
[[noreturn]] inline void fail(const std::string& path, const std::string& key, const std::string& what,
                              const std::string& remedy) {
  throw Error(printable(path) + (key.empty() ? "" : ": key '" + printable_name(key) + "'") + ": " + what + "; " + remedy);
}
}  // namespace tessera::hdf5
