#!/usr/bin/env bash
# tests/benchmarks/reading.sh [ROWS [FOLDER]]: seconds and peak memory of reading ROWS rows (1 000 000) of D4RL's layout,
# 17 + 6 numbers, gzip, beside h5py + numpy reading the same keys; and a d3rlpy 2.1 file of 2 000 episodes likewise.
# Each is read three times, in turn; the fastest counts.  PYTHON and CXX name the programs.  Files are made once, in
# FOLDER (default: a new one, deleted afterwards).
set -euo pipefail
rows=${1-1000000} folder=${2-} python=${PYTHON-python3} cxx=${CXX-g++}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if ! "$python" -c 'import h5py, numpy' 2>/dev/null; then
  echo "skipped: $python has no h5py"
  exit 0
fi
if [[ -z $folder ]]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"
cat >"$folder/make.py" <<'PYTHON'
import sys, h5py, numpy as np
folder, rows = sys.argv[1], int(sys.argv[2])
r = np.random.default_rng(0)
x = np.tanh(np.cumsum(r.normal(size=(rows, 17)).astype("f4") * 0.01, axis=0, dtype="f4"))
ends = np.zeros(rows, bool)
ends[999::1000] = True
after = np.concatenate([x[1:], x[-1:]])
after[ends] += 0.01
with h5py.File(folder + "/flat.hdf5", "w") as f:
    for key, values in dict(observations=x, next_observations=after, rewards=r.normal(size=rows).astype("f4"),
                            actions=np.tanh(r.normal(size=(rows, 6))).astype("f4"), timeouts=ends,
                            terminals=np.zeros(rows, bool)).items():
        f.create_dataset(key, data=values, compression="gzip")
with h5py.File(folder + "/episodes.h5", "w") as f:
    f["version"], f["num_episodes"] = "2.1", 2000
    for i in range(2000):
        f[f"observations_{i}"] = x[:100] + np.float32(i)
        f[f"actions_{i}"] = x[:100, :6]
        f[f"rewards_{i}"] = x[:100, :1]
        f[f"terminated_{i}"] = i % 2 == 0
PYTHON
cat >"$folder/read.py" <<'PYTHON'
import resource, sys, time
import h5py, numpy
start = time.time()
with h5py.File(sys.argv[1]) as f:
    data = {key: f[key][()] for key in f.keys()}
print(f"{time.time() - start:.3f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}")
PYTHON
[[ -e $folder/flat.hdf5 && -e $folder/episodes.h5 ]] || "$python" "$folder/make.py" "$folder" "$rows"
read -ra hdf5 <<<"$(pkg-config --cflags --libs hdf5-serial 2>/dev/null || pkg-config --cflags --libs hdf5)"
read -ra eigen <<<"$(pkg-config --cflags eigen3 2>/dev/null || echo -I/usr/include/eigen3)"
"$cxx" -std=c++20 -O2 -I"$root/include" -I"$root/concepts" -I"$root/compose" "${eigen[@]}" "$root/tests/benchmarks/reading.cpp" \
  -o "$folder/reading" "${hdf5[@]}" -lz -pthread
for file in flat.hdf5 episodes.h5; do
  for turn in 1 2 3; do
    echo "ours $("$folder/reading" "$folder/$file")"
    echo "h5py $("$python" "$folder/read.py" "$folder/$file")"
  done | awk -v file="$file" '
    !($1 in seconds) || $2 < seconds[$1] { seconds[$1] = $2 }
    $3 > peak[$1] { peak[$1] = $3 }
    END {
      for (who in seconds) printf "%-12s %s  %6.2f s  %6.0f MB\n", file, who, seconds[who], peak[who] / 1e6
      printf "%-12s ratio %.2f of the time, %.2f of the memory\n", file, seconds["ours"] / seconds["h5py"], peak["ours"] / peak["h5py"]
    }'
done
