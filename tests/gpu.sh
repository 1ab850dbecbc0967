#!/usr/bin/env bash
# Tests and measures on a GPU, on a machine that has a CUDA PyTorch in its python3, a C++20 compiler, CMake and Ninja, and nothing else:
#   tests/gpu.sh --pack             on a Debian machine: what else the build needs (headers, HDF5), into build-gpu-pack/
#   tests/gpu.sh                    on the other machine, with build-gpu-pack/ next to it: builds in build-gpu/, runs
#   the tests, measures
#   tests/gpu.sh --device cpu       the same way, without a GPU
#   tests/gpu.sh --build-only       builds, for a GPU, on a machine without one
#   tests/gpu.sh --tests REGEX      builds other test files than the usual ones (REGEX of nn/mlp.test.cpp, ...)
#   tests/gpu.sh --seconds S        length of one measurement; 0: no measurements
# With nvcc in PATH, CUDA_HOME or /usr/local/cuda it compiles the kernels as well.  The measurements are updates made one by one, recorded as a
# CUDA graph and repeated, and those of plain libtorch.
# libtorch is the Python package's own, 2.7 or later.  Fails if a test fails, or a loss on the device is not the reference's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
pack=$PWD/build-gpu-pack
build="build-gpu"
device=cuda
tests='^((device|parity|nn|math|actor|value|critic|constraint|behavior|dynamics|policy)/|train/recorded\.)'
seconds=0.3
build_only=
fail() { echo "gpu: $*" >&2; exit 2; }
while [[ $# -gt 0 ]]; do
  case $1 in
    --pack) exec tests/gpu_pack.sh "$pack" ;;
    --device | --tests | --seconds)
      [[ $# -ge 2 ]] || fail "$1: a value is missing"
      printf -v "${1#--}" %s "$2"
      shift 2 ;;
    --build-only) build_only=1; shift ;;
    *) fail "$1: there are --pack, --device, --build-only, --tests and --seconds" ;;
  esac
done
[[ -f $pack/cmake/HDF5Config.cmake ]] || fail "no $pack: run tests/gpu.sh --pack on a Debian machine, and bring it along"
for tool in python3 cmake ninja c++; do command -v $tool >/dev/null || fail "no $tool"; done

# Found and not imported: it need not run here.
torch=$(python3 -c 'import importlib.util as i; s = i.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")')
[[ -n $torch ]] || fail "$(command -v python3) has no torch"
version=$(sed -nE "s/^__version__ = '([^'+]*).*/\1/p" "$torch/version.py")
[[ $(printf '%s\n' 2.7 "$version" | sort -V | head -n 1) == 2.7 ]] || fail "torch $version: the wheels before 2.7 have the old C++ ABI"
echo "gpu: libtorch $version in $torch, $(nproc) cores, $(c++ --version | head -n 1), $(cmake --version | head -n 1)"
if [[ $device != cpu ]]; then
  [[ -e $torch/lib/libtorch_cuda.so ]] || fail "torch $version has no CUDA"
  [[ -n $build_only ]] || nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || fail "no GPU, or no driver: nvidia-smi fails"
fi

architectures=  # of the kernels: this card's alone, where there is one
if [[ $device != cpu && -z $build_only ]]; then
  architectures=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -cd 0-9)
fi
started=$SECONDS
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTESSERA_BUILD_TESTS=ON -DTESSERA_BUILD_EXAMPLES=OFF -DTESSERA_GEMM=blas \
  -DTESSERA_TESTS="$tests" -DCMAKE_FIND_PACKAGE_PREFER_CONFIG=ON -DCMAKE_PREFIX_PATH="$pack/cmake" \
  -DTorch_DIR="$PWD/tests/libtorch" -DTORCH_INSTALL_PREFIX="$torch" -DTESSERA_CUDA_ARCHITECTURES="$architectures" \
  -DTESSERA_CUDA="$([[ $device == cpu ]] && echo OFF || echo ON)"
cmake --build "$build" --parallel "$(nproc)" --target test_torch bench_updates -- -k 0
echo "gpu: built in $((SECONDS - started)) s"
[[ -z $build_only ]] || exit 0

failed=
[[ $device == cpu ]] || export TESSERA_TEST_DEVICE=$device
started=$SECONDS
jobs=$(($(nproc) > 4 ? 4 : $(nproc)))
export OMP_NUM_THREADS=$(($(nproc) / jobs))  # or the tests' pools, each of all cores, wait for one another
ctest --test-dir "$build" -L torch --no-tests=error --output-on-failure -j "$jobs" --timeout 120 || failed+=" tests"
echo "gpu: tested in $((SECONDS - started)) s"
unset TESSERA_TEST_DEVICE OMP_NUM_THREADS

if [[ $seconds != 0 ]]; then
  for where in cpu $([[ $device == cpu ]] || echo "$device"); do
    echo "gpu: on $where"
    "$build/bench_updates" --device "$where" --check || failed+=" losses-on-$where"
    rows=()
    [[ $where != cpu || $device == cpu ]] || rows=(--only iql td3-bc)  # the CPU's own measurements are not made here
    "$build/bench_updates" --device "$where" --unchecked --seconds "$seconds" --repetitions 3 "${rows[@]}" || failed+=" bench-on-$where"
  done
fi
[[ -z $failed ]] || { echo "gpu: failed:$failed" >&2; exit 1; }
echo "gpu: all is well"
