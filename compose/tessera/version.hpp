#pragma once
namespace tessera {
/// The library's version; CMakeLists.txt states the same one.
inline constexpr const char* library_version = "0.1.0";
}  // namespace tessera
