#!/usr/bin/env bash
# tests/benchmarks/deploy.sh TESSERA [RUN]: what one action takes on one core, batch 1, of a td3-bc policy of 2x256 (or of RUN, one of
# td3-bc): <tessera/deploy/policy.hpp> and the exported header, compiled for any x86-64 and for this machine; the learner's act and
# TorchScript, both in C++; onnxruntime, if TESSERA_PYTHON (python3) has it.  They take turns for ROUNDS (5) rounds of CALLS (20000) calls
# each; printed are the medians over the rounds of a round's median call, and of what 99 of 100 calls take at most.  CXX names the compiler,
# CORE (0) the core; WITHOUT_TORCH=1 leaves out what needs libtorch.
set -euo pipefail
tessera=$1 cxx=${CXX-g++} python=${TESSERA_PYTHON:-python3} rounds=${ROUNDS:-5} calls=${CALLS:-20000} core=${CORE:-0}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT
run=${2-$folder/run}
[[ -e $run ]] || "$tessera" train --algorithm td3-bc --dataset builtin:pendulum-medium --steps 200 --threads 1 --out "$run" >/dev/null 2>&1
cp "$run"/checkpoint.safetensors "$folder"
for to in safetensors:safetensors header:hpp torchscript:pt onnx:onnx; do
  "$tessera" export "$run" --to "${to%:*}" --out "$folder/policy.${to#*:}" >/dev/null
done
includes=(-I"$root"/include -I"$root"/concepts -I"$root"/compose -isystem /usr/include/eigen3)
source=$root/tests/benchmarks/deploy.cpp
"$cxx" -std=c++20 -O3 -w -DPOLICY_HEADER="\"$folder/policy.hpp\"" "${includes[@]}" "$source" -o "$folder"/plain
"$cxx" -std=c++20 -O3 -march=native -w -DPOLICY_HEADER="\"$folder/policy.hpp\"" "${includes[@]}" "$source" -o "$folder"/native
if [[ -z ${WITHOUT_TORCH-} ]]; then
  read -ra torch <<<"${TORCH_FLAGS--isystem /usr/include/torch/csrc/api/include -D_GLIBCXX_USE_CXX11_ABI=1 -ltorch -ltorch_cpu -lc10}"
  "$cxx" -std=c++20 -O2 -w -DWITH_TORCH=1 -DTESSERA_WITH_ONEDNN=1 "${includes[@]}" "$source" -o "$folder"/with_torch \
    -Wl,--export-dynamic "${torch[@]}" -ldnnl -ldl -lpthread
fi
onnx=
"$python" -c 'import onnxruntime, numpy' 2>/dev/null && onnx=1 || echo "onnxruntime: $python has none, or no numpy"
cat >"$folder"/onnx.py <<'PY'
import sys, time
import numpy, onnxruntime
calls = int(sys.argv[2])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
x = numpy.zeros((1, session.get_inputs()[0].shape[1]), "float32")
binding = session.io_binding()
action = numpy.zeros((1, session.get_outputs()[0].shape[1]), "float32")
binding.bind_cpu_input("observation", x)
binding.bind_output("action", "cpu", 0, "float32", action.shape, action.ctypes.data)
ways = {
    "run": lambda: session.run(["action"], {"observation": x}),
    "run_with_iobinding": lambda: session.run_with_iobinding(binding),
}
micros = {name: [] for name in ways}
block, warm = 200, 50
for first in range(0, calls, block):
    for name, call in ways.items():
        for i in range(-warm, min(block, calls - first)):
            x[0] = numpy.sin(0.1 * (first + i) + numpy.arange(x.shape[1]))
            before = time.perf_counter_ns()
            call()
            after = time.perf_counter_ns()
            if i >= 0:
                micros[name].append((after - before) / 1000)
for name, all in micros.items():
    all.sort()
    print(f"onnxruntime {onnxruntime.__version__}, {name} in Python\t{all[len(all) // 2]:.3f}\t{all[len(all) * 99 // 100]:.3f}")
PY
export OMP_NUM_THREADS=1
load() { cut -d' ' -f1-3 /proc/loadavg; }
echo "$rounds rounds of $calls calls; load before: $(load), of $(nproc --all) cores"
for ((round = 0; round < rounds; ++round)); do
  taskset -c "$core" "$folder"/plain "$folder" "$calls" | sed 's/\t/, -O3&/'
  taskset -c "$core" "$folder"/native "$folder" "$calls" | sed 's/\t/, -O3 -march=native&/'
  [[ ! -e $folder/with_torch ]] || taskset -c "$core" "$folder"/with_torch "$folder" "$calls"
  [[ -z $onnx ]] || taskset -c "$core" "$python" "$folder"/onnx.py "$folder"/policy.onnx "$calls"
done >"$folder"/measured
printf '%-56s %11s  %11s\n' '' median '99 of 100'
cut -f1 "$folder"/measured | awk '!seen[$0]++' | while IFS= read -r name; do
  middle() { awk -F'\t' -v name="$name" -v field="$1" '$1 == name {print $field}' "$folder"/measured | sort -g | sed -n "$((rounds / 2 + 1))p"; }
  printf '%-56s %8.2f us  %8.2f us\n' "$name" "$(middle 2)" "$(middle 3)"
done
echo "load after: $(load)"
