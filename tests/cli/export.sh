#!/usr/bin/env bash
# export.sh TESSERA: a trained policy is written in every format, acts as a header that is compiled here, and is refused in one line where it cannot be written.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
tiny=(--threads 1 --batch 32 --set policy.net.hidden=16)
"$tessera" train --algorithm bc --dataset builtin:pendulum-medium --steps 40 --out pend "${tiny[@]}" >/dev/null 2>&1
"$tessera" train --algorithm bc --dataset builtin:cartpole-mixed --steps 40 --out cart "${tiny[@]}" >/dev/null 2>&1

for to in safetensors json header torchscript onnx; do
  "$tessera" export pend --to $to >$to.json 2>$to.log || fail "$to: $(cat $to.log)"
  [[ -s $(field $to.json out | tr -d '"') && $(field $to.json algorithm) == '"bc"' && $(field $to.json action_size) == 1 ]] || fail "$(cat $to.json)"
  [[ $(field $to.json hash) == "$(field safetensors.json hash)" && $(field $to.json noise_size) == 0 ]] || fail "$(cat $to.json)"
done
[[ $(ls pend | grep -c '^policy\.') == 5 && $(find . -name '*.tmp-*' | wc -l) == 0 ]] || fail "$(ls -A pend)"
# The same again is refused, and with --overwrite the same file.
cp pend/policy.hpp before.hpp
refused 'pend/policy.hpp: is there already; give another --out, or --overwrite' export pend --to header
"$tessera" export pend --to header --overwrite >/dev/null && cmp -s before.hpp pend/policy.hpp || fail "another header"

# As a controller compiles it: with constants, and with weights in a file.
cat >main.cpp <<'END'
#include <cstdio>
#include HEADER
int main(int argc, char**) {
  static NAME::Policy policy;
#ifdef WEIGHTS
  if (!policy.load(WEIGHTS)) return 3;
#endif
  float x[NAME::observation_size] = {0.5f, -0.25f}, a[NAME::action_size];
  if (argc > 1) x[0] /= 0.0f;
  if (!policy.act(x, a)) return 4;
  std::printf("%.6f\n", static_cast<double>(a[0]));
  return 0;
}
END
flags=(-std=c++17 -O1 -fno-exceptions -fno-rtti -Wall -Wextra -Wpedantic -Werror)
if command -v "${CXX:=c++}" >/dev/null; then
  "$tessera" export pend --to header --name swing_up --weights-file --out small.hpp >/dev/null
  "$tessera" export cart --to header >/dev/null
  "$CXX" "${flags[@]}" '-DHEADER="pend/policy.hpp"' -DNAME=policy main.cpp -o one || fail "does not compile"
  "$CXX" "${flags[@]}" '-DHEADER="small.hpp"' -DNAME=swing_up '-DWEIGHTS="small.hpp.weights"' main.cpp -o two || fail "does not compile"
  "$CXX" "${flags[@]}" '-DHEADER="cart/policy.hpp"' -DNAME=policy main.cpp -o three || fail "does not compile"
  a=$(./one) b=$(./two) c=$(./three) rc=0
  [[ $a == "$b" && $a == -*.* || $a == *.* ]] || fail "$a $b"
  [[ $c == 0.000000 || $c == 1.000000 ]] || fail "$c"
  ./one nan >/dev/null || rc=$?
  [[ $rc == 4 ]] || fail "takes a number that is not finite: $rc"
  truncate -s -1 small.hpp.weights && rc=0 && ./two >/dev/null || rc=$?
  [[ $rc == 3 ]] || fail "takes weights that were cut: $rc"
fi

# What cannot be written, or is not there.
refused "--to: 'onx' is not one of .*; did you mean 'onnx'" export pend --to onx
refused '--name is for --to header' export pend --to onnx --name x --overwrite
refused '--weights-file is for --to header' export pend --to json --weights-file --overwrite
refused "namespace cannot be called 'class'" export pend --to header --name class --overwrite
refused "--noise: 'none' is not one of fixed, given" export pend --to onnx --noise none --overwrite
refused 'absent: there is no such folder' export absent --to onnx
refused "cart: is a folder; give a file's name with --out" export pend --to onnx --out cart
refused 'none: there is no such folder' export pend --to onnx --out none/policy.onnx
head -c 1000 pend/checkpoint.safetensors >cut && cp -r pend damaged && cp cut damaged/checkpoint.safetensors
refused 'damaged/checkpoint.safetensors: ' export damaged --to json --out x.json
[[ ! -e x.json ]] || fail "half a file"
sed -i 's/"algorithm":[ ]*"bc"/"algorithm": "iql"/' damaged/config.json && cp pend/checkpoint.safetensors damaged/
refused 'was saved by bc' export damaged --to json --out x.json
echo "exported"
