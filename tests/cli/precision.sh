#!/usr/bin/env bash
# precision.sh TESSERA: a run with --precision bf16 is the same each time and when it is resumed, and says where it
# cannot be had.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begins= besides='^warning \['
run=(train --algorithm iql --dataset builtin:pendulum-random --env pendulum --seed 3 --eval-every 40 --eval-episodes 32 --report-every 20 --threads 1
  --set policy.net.hidden=64,64 --set critic.net.hidden=64,64 --set value.net.hidden=64,64 --set policy.adam.cosine_steps=80)
metrics() { cut -d, -f1,3- "$1/metrics.csv"; } # without the seconds

"$tessera" "${run[@]}" --steps 80 --out float >float.json 2>float.log
"$tessera" "${run[@]}" --steps 80 --out said --precision float >/dev/null 2>&1
"$tessera" "${run[@]}" --steps 80 --out whole --precision bf16 >whole.json 2>whole.log
"$tessera" "${run[@]}" --steps 40 --out parts --precision bf16 >/dev/null 2>&1
"$tessera" train --resume parts --steps 80 >parts.json 2>parts.log
[[ $(metrics float) == "$(metrics said)" ]] || fail "--precision float is not the default"
[[ $(metrics whole) == "$(metrics parts)" ]] || fail "resumed in bf16: $(diff <(metrics whole) <(metrics parts))"
for key in updates return_mean return_std; do
  [[ $(field whole.json $key) == "$(field parts.json $key)" ]] || fail "$key differs: $(cat whole.json parts.json)"
done
grep -q '"precision": "bf16"' whole/config.json && grep -q '"precision": "bf16"' parts/config.json || fail "config.json has no precision"
grep -q precision float/config.json said/config.json && fail "config.json has a precision that is the default"
! grep -q other-product parts.log || fail "the resumed run has other products: $(cat parts.log)"
# It is evaluated in float, by the command as by the run.
"$tessera" evaluate whole --episodes 32 --seed 3 --threads 1 >evaluated.json 2>/dev/null
[[ $(field evaluated.json return_mean) == "$(field whole.json return_mean)" ]] || fail "evaluate: $(cat evaluated.json whole.json)"
refused '--precision cannot be given beside --resume, for the run in whole has its own' train --resume whole --precision float
refused "--precision bf16: is of the CPU's matrix products, and --device is cuda" train --resume whole --device cuda

if grep -q 'warning \[no-bf16\]' whole.log; then
  echo "this machine has no bf16 products: $(grep no-bf16 whole.log)"
  [[ $(metrics whole) == "$(metrics float)" ]] || fail "without bf16 the run is not float's"
else
  [[ $(metrics whole) != "$(metrics float)" ]] || fail "bf16 is float"
  grep -q '"product": "oneDNN .*, bf16"' whole/config.json || fail "config.json does not say that the products were bf16's"
fi

# A processor without the instructions, as oneDNN is told here.
ONEDNN_MAX_CPU_ISA=AVX2 "$tessera" "${run[@]}" --steps 40 --out avx2 --precision bf16 >/dev/null 2>avx2.log
ONEDNN_MAX_CPU_ISA=AVX2 "$tessera" "${run[@]}" --steps 40 --out avx2-float >/dev/null 2>&1
[[ $(grep -c 'warning \[no-bf16\]: --precision bf16: this .*: the run.s products are in float' avx2.log) == 1 ]] || fail "AVX2: $(cat avx2.log)"
[[ $(metrics avx2) == "$(metrics avx2-float)" ]] || fail "AVX2: the run is not float's"
! grep -q ', bf16"' avx2/config.json || fail "AVX2: config.json says that the products were bf16's"

# A run that goes on online keeps it.
"$tessera" finetune whole --online-steps 40 --eval-episodes 2 --out online >/dev/null 2>&1
grep -q '"precision": "bf16"' online/config.json || fail "finetune: config.json has no precision"
"$tessera" finetune whole --online-steps 40 --eval-episodes 2 --out online-float --precision float >/dev/null 2>&1
! grep -q precision online-float/config.json || fail "finetune --precision float: config.json has another"
# In a config.json that is damaged.
cp -r whole damaged && sed -i 's/"precision": "bf16"/"precision": "bf17"/' damaged/config.json
refused 'damaged/config.json: precision ' train --resume damaged --steps 90
((failures == 0)) && echo "ok: precision"
