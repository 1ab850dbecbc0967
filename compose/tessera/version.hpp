#pragma once
namespace tessera {
/// Of the library; CMakeLists.txt says the same.
inline constexpr const char* library_version = "0.1.0";
}  // namespace tessera
