#!/usr/bin/env bash
# tests/gpu_pack.sh FOLDER: third-party headers, HDF5 and zlib of this Debian machine, as CMake packages that need nothing else: for tests/gpu.sh.
set -euo pipefail
pack=$1
# shellcheck source=examples/setup.sh
CMAKE_PREFIX_PATH=- source "$(dirname "${BASH_SOURCE[0]}")/../examples/setup.sh"
set_up "catch2 libboost-dev libeigen3-dev librange-v3-dev libhdf5-dev zlib1g-dev nlohmann-json3-dev libcli11-dev libfmt-dev" ""

rm -rf "$pack"
mkdir -p "$pack/include/boost" "$pack/lib" "$pack/cmake"
cd /usr/include
cp -rL catch2 nlohmann fmt CLI range meta concepts std zlib.h zconf.h "$pack/include/"
cp -rL eigen3/Eigen "$pack/include/"
cp -rL hdf5/serial/. "$pack/include/"
cp -rL boost/hana boost/hana.hpp boost/config boost/config.hpp boost/version.hpp "$pack/include/boost/"
# HDF5 and all that it loads but the C library, which may not be older than here.
library=$(ldconfig -p | sed -nE 's/.*libhdf5_serial\.so\.[0-9]+ .*=> (.*)/\1/p' | head -n 1)
cp -L "$library" "$pack/lib/"
ldd "$library" | sed -nE 's/.* => (\/[^ ]+) .*/\1/p' | grep -vE '/(libc|libm|libdl|libpthread|librt|libresolv|libgcc_s|libstdc\+\+)\.so' |
  while read -r needed; do cp -L "$needed" "$pack/lib/"; done

# package NAME TARGET VERSION [PROPERTY VALUE]...: a package of the headers above
package() {
  local name=$1 target=$2 version=$3
  shift 3
  cat >"$pack/cmake/${name}Config.cmake" <<CMAKE
if(NOT TARGET $target)
  add_library($target INTERFACE IMPORTED)
  set_target_properties($target PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "\${CMAKE_CURRENT_LIST_DIR}/../include" $*)
endif()
CMAKE
  cat >"$pack/cmake/${name}ConfigVersion.cmake" <<CMAKE
set(PACKAGE_VERSION $version)
if(NOT PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
CMAKE
}
version() { dpkg-query -W -f '${Version}' "$1" | sed -E 's/^[0-9]+://; s/[-+~].*//'; }
# shellcheck disable=SC2016  # CMake's, not ours
here='${CMAKE_CURRENT_LIST_DIR}/../lib'
package Catch2 Catch2::Catch2 "$(version catch2)"
package Boost Boost::headers "$(version libboost-dev)"
package Eigen3 Eigen3::Eigen "$(version libeigen3-dev)"
package range-v3 range-v3::range-v3 "$(version librange-v3-dev)"
package nlohmann_json nlohmann_json::nlohmann_json "$(version nlohmann-json3-dev)"
package fmt fmt::fmt-header-only "$(version libfmt-dev)" INTERFACE_COMPILE_DEFINITIONS FMT_HEADER_ONLY=1
package CLI11 CLI11::CLI11 "$(version libcli11-dev)"
package ZLIB ZLIB::ZLIB "$(version zlib1g-dev)" INTERFACE_LINK_LIBRARIES "$here/libz.so.1"
package HDF5 HDF5::HDF5 "$(version libhdf5-dev)" INTERFACE_LINK_LIBRARIES "$here/${library##*/}" \
  INTERFACE_LINK_OPTIONS "LINKER:--disable-new-dtags,-rpath,$here"  # what a library loads in turn is found by the old kind of path alone
size=$(du -sm "$pack" | cut -f 1)
echo "gpu: $pack, $size MiB"
if [[ $size -ge 60 ]]; then
  echo "gpu: more than 60 MiB" >&2
  exit 1
fi
