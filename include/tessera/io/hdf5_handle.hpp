#pragma once
#include <hdf5.h>

#include <string>
#include <utility>

#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>

/// The basis of `hdf5.hpp`: owned identifiers, a silenced library, and one-line errors.
namespace tessera::hdf5 {

/// While one of these lives, the HDF5 library prints nothing on this thread and loads no plugin, whatever a file asks
/// for.
class Quiet {
 public:
  Quiet();
  ~Quiet();
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
  unsigned plugins_ = 0;
};

/// Owns one HDF5 identifier; false if the call that made it failed.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close closer) : id_(id), close_(closer) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept;
  ~Handle() { close(); }

  explicit operator bool() const { return id_ >= 0; }
  hid_t id() const { return id_; }
  /// Closes now and returns whether that worked: a full disk shows up here.
  bool close();

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

/// The innermost message of the library's error stack; the others only repeat who called whom.
std::string last_reason();

/// Throws `path: key 'key': what; remedy`, without the middle part when `key` is empty.
[[noreturn]] inline void fail(const std::string& path, const std::string& key, const std::string& what,
                              const std::string& remedy) {
  throw Error(printable(path) + (key.empty() ? "" : ": key '" + printable_name(key) + "'") + ": " + what + "; " +
              remedy);
}
}  // namespace tessera::hdf5

#ifndef TESSERA_COMPILED
#include <tessera/io/hdf5_handle.impl.hpp>
#endif
