#!/usr/bin/env bash
# tests/benchmarks/deploy.sh TESSERA [RUN]: what one action takes, one core, batch 1: medians of 20 000 calls, and what 99 of 100 take at
# most, of a td3-bc policy of 2x256 (or of RUN, one of td3-bc): <tessera/deploy/policy.hpp> and the exported header, compiled for any x86-64
# and for this machine; the learner's act and TorchScript; onnxruntime, if TESSERA_PYTHON (python3) has it.  CXX names the compiler.
set -euo pipefail
tessera=$1 cxx=${CXX-g++} python=${TESSERA_PYTHON:-python3}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT
run=${2-$folder/run}
[[ -e $run ]] || "$tessera" train --algorithm td3-bc --dataset builtin:pendulum-medium --steps 200 --threads 1 --out "$run" >/dev/null 2>&1
cp "$run"/checkpoint.safetensors "$folder"
for to in safetensors:safetensors header:hpp torchscript:pt onnx:onnx; do
  "$tessera" export "$run" --to "${to%:*}" --out "$folder/policy.${to#*:}" >/dev/null
done
includes=(-I"$root"/include -I"$root"/concepts -I"$root"/compose -isystem /usr/include/eigen3)
export OMP_NUM_THREADS=1
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg), of $(nproc --all) cores"
printf '%-44s %11s  %11s\n' '' median '99 of 100'
for target in '' -march=native; do
  "$cxx" -std=c++20 -O3 $target -w -DPOLICY_HEADER="\"$folder/policy.hpp\"" "${includes[@]}" "$root"/tests/benchmarks/deploy.cpp -o "$folder"/deploy
  echo "-O3 $target"
  taskset -c 0 "$folder"/deploy "$folder"
done
read -ra torch <<<"${TORCH_FLAGS--isystem /usr/include/torch/csrc/api/include -D_GLIBCXX_USE_CXX11_ABI=1 -ltorch -ltorch_cpu -lc10}"
if [[ -z ${WITHOUT_TORCH-} ]]; then
  echo "libtorch"
  "$cxx" -std=c++20 -O2 -w -DWITH_TORCH=1 -DTESSERA_WITH_ONEDNN=1 "${includes[@]}" "$root"/tests/benchmarks/deploy.cpp -o "$folder"/deploy_torch \
    -Wl,--export-dynamic "${torch[@]}" -ldnnl -ldl -lpthread
  taskset -c 0 "$folder"/deploy_torch "$folder"
fi
"$python" -c 'import onnxruntime, numpy' 2>/dev/null || { echo "onnxruntime: $python has none"; exit 0; }
taskset -c 0 "$python" - "$folder"/policy.onnx <<'PY'
import sys, time
import numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
x = numpy.zeros((1, session.get_inputs()[0].shape[1]), "float32")
binding = session.io_binding()
action = numpy.zeros((1, session.get_outputs()[0].shape[1]), "float32")
binding.bind_cpu_input("observation", x)
binding.bind_output("action", "cpu", 0, "float32", action.shape, action.ctypes.data)
def measure(name, call):
    micros = []
    for i in range(22000):
        x[0] = numpy.sin(0.1 * i + numpy.arange(x.shape[1]))
        before = time.perf_counter_ns()
        call()
        micros.append((time.perf_counter_ns() - before) / 1000)
    micros = sorted(micros[2000:])
    print(f"{name:<44} {micros[10000]:8.2f} us  {micros[19800]:8.2f} us")
print(f"onnxruntime {onnxruntime.__version__}, called from Python")
measure("run", lambda: session.run(["action"], {"observation": x}))
measure("run_with_iobinding", lambda: session.run_with_iobinding(binding))
PY
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
