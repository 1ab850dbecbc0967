#!/usr/bin/env bash
# following.sh TESSERA: the estimate of a policy during its training changes nothing of what is trained, goes on to the
# bit after an interruption, and decides when a training ends and which checkpoint is kept.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begins=
besides='^algorithm: \|^action limits: \|^ope: '
run=(train --algorithm iql --dataset builtin:pendulum-random --batch 32 --report-every 20 --eval-every 60 --threads 1
  --set policy.adam.cosine_steps=0 --set policy.net.hidden=8 --set critic.net.hidden=8 --set value.net.hidden=8)
follow=(--ope-every 40 --ope-updates 5 --ope-dataset 'builtin:pendulum-mixed' --keep-every 40 --keep-best)

# safetensors: 8 bytes of length, a header in JSON, the tensors.
header() { head -c $((8 + $(od -An -t u8 -N 8 "$1"))) "$1" | tail -c +9; }
tensors() { tail -c +$((9 + $(od -An -t u8 -N 8 "$1"))) "$1"; }
known() { header "$1" | sed -E 's/"[^"]*(seconds|checksum|hash)[^"]*":"[^"]*"//g; s/ +$//'; }
same() { # CHECKPOINT OTHER
  cmp -s <(tensors "$1") <(tensors "$2") || fail "$1 and $2: the tensors differ"
  [[ $(known "$1") == "$(known "$2")" ]] || fail "$1 and $2: the metadata differ"
}
same_run() { # FOLDER OTHER
  local file
  [[ $(ls -A "$1") == "$(ls -A "$2")" ]] || fail "$1 and $2 hold other files: $(ls -A "$1")"
  for file in checkpoint best checkpoint-40 checkpoint-80 checkpoint-120; do same "$1/$file.safetensors" "$2/$file.safetensors"; done
  diff <(cut -d, -f1,3- "$1/metrics.csv") <(cut -d, -f1,3- "$2/metrics.csv") || fail "$1 and $2: metrics.csv differs"
}

# Without an environment: columns, a line for each estimate, a picture; and the same learner as without.
"$tessera" "${run[@]}" --steps 130 --out plain >/dev/null 2>plain.log || fail "$(cat plain.log)"
"$tessera" "${run[@]}" --steps 130 "${follow[@]}" --out whole >whole.json 2>whole.log || fail "$(cat whole.log)"
same whole/checkpoint.safetensors plain/checkpoint.safetensors
[[ $(head -n 1 whole/metrics.csv) == *,ope/fqe,ope/fqe_low,ope/fqe_high ]] || fail "$(head -n 1 whole/metrics.csv)"
diff <(cut -d, -f1,3-7 plain/metrics.csv) <(cut -d, -f1,3-7 whole/metrics.csv) || fail "metrics.csv differs"
awk -F, 'NR > 1 && $8 != "" { if (!($9 <= $8 && $8 <= $10)) exit 1; print $1 }' whole/metrics.csv >estimated || fail "$(cat whole/metrics.csv)"
[[ $(cat estimated) == $'40\n80\n120\n130' ]] || fail "estimates after: $(cat estimated)"
[[ $(grep -c '^update [0-9]*/130 .* fqe -[0-9.]* (-[0-9.]* to -[0-9.]*)$' whole.log) == 4 ]] || fail "$(cat whole.log)"
grep -q '^ope: fqe of the policy every 40 updates, by builtin:pendulum-mixed, discount 0.99$' whole.log || fail "$(cat whole.log)"
[[ $(field whole.json fqe) == "$(tail -n 1 whole/metrics.csv | cut -d, -f8)" ]] || fail "$(cat whole.json)"
best=$(tail -n +2 whole/metrics.csv | awk -F, '$9 != "" && (n++ == 0 || $9 > most) { most = $9; at = $1 } END { print at }')
[[ $(field whole.json best_updates) == "$best" && $(field whole.json stopped_early) == false ]] || fail "not $best: $(cat whole.json)"
grep -q "^kept: whole/best.safetensors, of update $best, the best by the lower end of fqe: -" whole.log || fail "$(cat whole.log)"
[[ ! -e whole/curve.svg ]] || grep -q 'discounted return, by the data' whole/curve.svg || fail "the picture lacks the estimate"

# Stopped by a signal, or killed, wherever it is: the same in the end.
"$tessera" "${run[@]}" --steps 100000000 "${follow[@]}" --out stopped >/dev/null 2>stopped.log &
job=$!
for _ in $(seq 600); do [[ -s stopped/checkpoint-40.safetensors ]] && break; sleep 0.05; done
kill -INT $job
rc=0 && wait $job || rc=$?
[[ $rc == 130 ]] || fail "exit code $rc: $(cat stopped.log)"
at=$(tail -n 1 stopped/metrics.csv | cut -d, -f1)
"$tessera" train --resume stopped --steps $((at + 55)) >/dev/null 2>log || fail "$(cat log)"
"$tessera" "${run[@]}" --steps $((at + 55)) "${follow[@]}" --out alone >/dev/null 2>log || fail "$(cat log)"
cmp -s <(tensors stopped/checkpoint.safetensors) <(tensors alone/checkpoint.safetensors) || fail "stopped at $at: the tensors differ"
# The last estimate before it was stopped is not one at a multiple of 40 in the other run, which begins there anew.
diff <(awk -F, '$1 % 40 == 0' stopped/metrics.csv | cut -d, -f1,3-) <(awk -F, '$1 % 40 == 0' alone/metrics.csv | cut -d, -f1,3-) || fail "metrics.csv differs"
kill_at=$4
rc=0 && "$kill_at" 0 trace true >/dev/null || rc=$?
if [[ $rc != 77 ]]; then  # else this machine lets nobody trace
  again=("${run[@]}" --steps 130 "${follow[@]}" --out killed)
  writes=$("$kill_at" 0 killed "$tessera" "${again[@]}" 2>log | tail -n 1) || fail "$(cat log)"
  same_run killed whole
  for ((i = 1; i <= 12; i++)); do
    rm -rf killed
    rc=0 && "$kill_at" $((1 + i * (writes - 1) / 13)) killed "$tessera" "${again[@]}" >/dev/null 2>log || rc=$?
    [[ $rc == 137 ]] || fail "not killed: $rc: $(cat log)"
    if [[ -e killed/checkpoint.safetensors || -d killed/.tessera-placing ]]; then
      "$tessera" train --resume killed >/dev/null 2>log || fail "killed at write $((1 + i * (writes - 1) / 13)) of $writes: $(cat log)"
    else
      "$tessera" "${again[@]}" >/dev/null 2>log || fail "killed at write $((1 + i * (writes - 1) / 13)) of $writes: $(cat log)"
    fi
    same_run killed whole
  done
fi

# A checkpoint that stays is named like a run.
"$tessera" ope whole/best.safetensors whole/checkpoint-80.safetensors --dataset builtin:pendulum-mixed --updates 20 --resamples 100 --threads 1 --estimators fqe >ope.txt 2>/dev/null
grep -q "^whole/best.safetensors: iql after $best updates" ope.txt && grep -q '^whole/checkpoint-80.safetensors: iql after 80 updates' ope.txt || fail "$(cat ope.txt)"
"$tessera" evaluate whole/checkpoint-80.safetensors --env pendulum --episodes 2 >evaluated.json 2>/dev/null
[[ $(field evaluated.json updates) == 80 ]] || fail "$(cat evaluated.json)"
refused 'whole/best.safetensors: is one checkpoint of a run, and a run goes on from its last' train --resume whole/best.safetensors
refused 'builtin:pendulum-medium: is not the data that the run in whole is judged by' train --resume whole --steps 200 --ope-dataset builtin:pendulum-medium
cp -r whole damaged && rm damaged/ope.safetensors
refused '.*ope.safetensors' train --resume damaged --steps 200
# One that is replaced leaves nothing of it behind.
"$tessera" "${run[@]}" --steps 130 --out damaged --overwrite >/dev/null 2>log || fail "$(cat log)"
[[ $(ls -A damaged) == $'checkpoint.safetensors\nconfig.json\nmetrics.csv' ]] || fail "left: $(ls -A damaged)"

# Patience, by the return: three evaluations of a policy that hardly changes; it is resumed with more patience alone.
"$tessera" "${run[@]}" --steps 400 --eval-every 20 --eval-episodes 1 --horizon 5 --env pendulum --set policy.adam.learning_rate=0 --patience 3 --out patient >patient.json 2>patient.log || fail "$(cat patient.log)"
grep -q '^stopped at update 80 of 400: 3 evaluations after that at update 20 had no better return (--patience 3)$' patient.log || fail "$(cat patient.log)"
grep -q '^kept: patient/best.safetensors, of update 20, the best by the return: ' patient.log || fail "$(cat patient.log)"
[[ $(field patient.json best_updates) == 20 && $(field patient.json stopped_early) == true && $(field patient.json updates) == 80 ]] || fail "$(cat patient.json)"
before=$(cksum patient/checkpoint.safetensors patient/metrics.csv | cut -d' ' -f1)
"$tessera" train --resume patient >/dev/null 2>log || fail "$(cat log)"
grep -q '^stopped at update 80 of 400' log || fail "$(cat log)"
[[ $(tail -n 1 patient/metrics.csv | cut -d, -f1) == 80 ]] || fail "it went on: $(tail -n 1 patient/metrics.csv)"
"$tessera" train --resume patient --patience 5 >/dev/null 2>log || fail "$(cat log)"
grep -q '^stopped at update 120 of 400: 5 evaluations' log || fail "$(cat log)"
refused '--patience: the run in plain knows nothing that is better' train --resume plain --patience 5
# Of the estimate: the policy that was evaluated first is no worse than what comes, for it does not change.
"$tessera" "${run[@]}" --steps 400 --ope-every 20 --ope-updates 5 --set policy.adam.learning_rate=0 --patience 2 --out judged >judged.json 2>judged.log || fail "$(cat judged.log)"
[[ $(field judged.json stopped_early) == true ]] && grep -q '(--patience 2)$' judged.log || fail "$(cat judged.log)"
grep -q '^ope: fqe of the policy every 20 updates, by the data that it learns from' judged.log || fail "$(cat judged.log)"
[[ $failures == 0 ]]
