#!/usr/bin/env bash
# tests/benchmarks/store.sh [BYTES [MEMORY [FOLDER]]]: learning from a store of BYTES (10e9) that may take MEMORY bytes
# (1.6e9): seconds and resident memory of every step, and updates a second, beside those from a store of 200 MB in memory
# and on the disk; then batches a second, read from the files and from a memory map.  CXX names the compiler.  The stores
# are made in FOLDER (default: a new one) and removed.
set -euo pipefail
bytes=${1-10e9} memory=${2-1.6e9} folder=${3-} cxx=${CXX-g++}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
made=
if [[ -z $folder ]]; then
  made=$(mktemp -d)
  folder=$made
fi
mkdir -p "$folder"
trap 'rm -rf "$folder"/small.store "$folder"/large.store ${made:+"$made"}' EXIT
# Debian's libtorch; another one is named by TORCH_FLAGS.
read -ra torch <<<"${TORCH_FLAGS--isystem /usr/include/torch/csrc/api/include -D_GLIBCXX_USE_CXX11_ABI=1 -ltorch -ltorch_cpu -lc10}"
hdf5=/usr/lib/x86_64-linux-gnu/hdf5/serial
"$cxx" -std=c++20 -O2 -w -DTESSERA_WITH_ONEDNN=1 -DFMT_HEADER_ONLY=1 -I"$root"/include -I"$root"/concepts -I"$root"/compose \
  -isystem /usr/include/eigen3 -isystem /usr/include/hdf5/serial "$root"/tests/benchmarks/store.cpp -o "$folder"/store \
  -L$hdf5 -Wl,-rpath,$hdf5 -Wl,--export-dynamic "${torch[@]}" -lhdf5 -lz -ldnnl -ldl -lpthread
"$folder"/store make "$folder"/small.store 2e8 27 8
"$folder"/store make "$folder"/large.store "$bytes" 27 8
echo "== 200 MB, in memory" && "$folder"/store train "$folder"/small.store 4e9 1000
echo "== 200 MB, on the disk" && "$folder"/store train "$folder"/small.store 4e7 1000
echo "== $bytes bytes, of which $memory may be in memory" && "$folder"/store train "$folder"/large.store "$memory" 1000
echo "== batches" && "$folder"/store gather "$folder"/large.store "$memory"
