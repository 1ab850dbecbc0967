#!/usr/bin/env bash
# Builds everything against a newer libtorch and runs every test:  tests/compat.sh [VERSION] [ctest argument...]
# libtorch is the CPU half of PyPI's torch wheel (2.7 or later; the download is 0.5 to 0.9 GB), kept unpacked in
# ${XDG_CACHE_HOME:-~/.cache}/tessera.  The compiler is $CXX.
set -euo pipefail
version=2.15.0
if [[ ${1:-} =~ ^[0-9]+(\.[0-9]+)+$ ]]; then
  version=$1
  shift
fi
if [[ $(printf '%s\n' 2.7 "$version" | sort -V | head -n 1) != 2.7 ]]; then
  echo "compat: torch $version: the wheels before 2.7 have the old C++ ABI" >&2
  exit 2
fi
torch=${XDG_CACHE_HOME:-$HOME/.cache}/tessera/torch-$version
CMAKE_PREFIX_PATH=$torch/torch/share/cmake
# shellcheck source=examples/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../examples/setup.sh"
set_up "$build_packages catch2 unzip $(python3 -m pip --version >/dev/null 2>&1 || echo python3-pip)" "ccache gnuplot-nox"

if [[ ! -d $torch ]]; then
  mkdir -p "${torch%/*}"
  new=$(mktemp -d "$torch.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  # Nothing is imported, so any Python that some wheel is for will do.
  download() { python3 -m pip download --no-cache-dir --only-binary=:all: --python-version 3.11 --dest "$new" "$@"; }

  download --no-deps "torch==$version"
  unzip -q "$new"/torch-*.whl 'torch/include/*' 'torch/lib/lib*.so*' '*/METADATA' -x 'torch/lib/*cuda*' 'torch/lib/*nvshmem*' -d "$new"
  # Built for CUDA, libtorch_cpu itself still loads CUDA's runtime and profiler, which need no device: from their own
  # wheels, to where its run path looks for them.
  mapfile -t cuda < <(sed -nE 's/^Requires-Dist: (nvidia-cuda-(runtime|cupti)[-=][^; ]+).*/\1/p
    s/^Requires-Dist: cuda-toolkit\[[^]]*\](==[^; ]+).*/cuda-toolkit[cudart,cupti]\1/p' "$new"/torch-*/METADATA)
  if [[ ${#cuda[@]} -ne 0 ]]; then
    download "${cuda[@]}"
    for wheel in "$new"/nvidia_*.whl; do unzip -qo "$wheel" 'nvidia/*/libcu*.so*' -d "$new"; done
  fi
  rm -rf "$new"/*.whl

  mkdir -p "$new/torch/share/cmake/Torch"
  cp tests/libtorch/TorchConfig.cmake "$new/torch/share/cmake/Torch/"
  mv "$new" "$torch"
fi

build=build-compat/$version${CXX:+-${CXX##*/}}
cmake -S . -B "$build" -G Ninja -DCMAKE_PREFIX_PATH="$CMAKE_PREFIX_PATH" -DTESSERA_BUILD_TESTS=ON -DTESSERA_BUILD_EXAMPLES=ON
if ! grep -q "^Torch_DIR:PATH=$CMAKE_PREFIX_PATH" "$build/CMakeCache.txt"; then
  echo "compat: CMake found another libtorch: $(grep ^Torch_DIR "$build/CMakeCache.txt")" >&2
  exit 1
fi
cmake --build "$build" --parallel "$(nproc)"
ctest --test-dir "$build" --output-on-failure --no-tests=error -j 2 "$@"
