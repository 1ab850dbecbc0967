#!/usr/bin/env bash
# resume.sh TESSERA: a run that is interrupted and resumed ends as one that was not, to the last digit.
set -eu
tessera=$1
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir"
# A policy's step size decays over the run: over the same length, in parts and whole.
run=(train --algorithm iql --set policy.adam.cosine_steps=120 --dataset builtin:pendulum-random --env pendulum --seed 3 --eval-every 40 --eval-episodes 5 --report-every 20 --threads 1
  --set policy.net.hidden=32,32 --set critic.net.hidden=32,32 --set value.net.hidden=32,32)
field() { sed -n "s/.*\"$2\":\([^,}]*\).*/\1/p" "$1"; }

"$tessera" "${run[@]}" --steps 120 --out whole >whole.json 2>whole.log
"$tessera" "${run[@]}" --steps 60 --out parts >/dev/null 2>&1
"$tessera" train --resume parts --steps 120 --threads 1 >parts.json 2>parts.log
for key in updates return_mean return_std return_behaviour episodes; do
  [[ $(field whole.json $key) == "$(field parts.json $key)" ]] || { echo "$key differs: $(cat whole.json parts.json)"; exit 1; }
done
# A run that becomes longer than it was to be decays over the new length, and says so.
"$tessera" "${run[@]}" --set policy.adam.cosine_steps=-1 --steps 20 --out longer >/dev/null 2>&1
"$tessera" train --resume longer --steps 40 --threads 1 2>&1 >/dev/null | grep -q 'other-length.*policy.adam decays over the run, which was to be 20 updates long and is now 40'
# The same evaluations and losses, too (the seconds differ, and a run of 60 updates is evaluated at its end).
cut -d, -f1,3- whole/metrics.csv >a && cut -d, -f1,3- parts/metrics.csv | grep -v '^60,' >b
grep -v '^60,' a | diff - b

# Ctrl-C: the run stops at once, leaves whole files, says how to go on, and can go on.
"$tessera" "${run[@]}" --steps 100000000 --out stopped >stopped.json 2>stopped.log &
job=$!
for _ in $(seq 200); do [[ -s stopped/checkpoint.h5 ]] && break; sleep 0.1; done
kill -INT $job
wait $job || { echo "an interrupted run ended with exit code $?"; cat stopped.log; exit 1; }
grep -q "resume stopped" stopped.log
at=$(field stopped.json updates)
[[ $at -ge 40 && $at -lt 100000000 ]]
for file in config.json metrics.csv checkpoint.h5; do [[ -s stopped/$file ]]; done
[[ -z $(find stopped -name '*.tmp*') ]]
"$tessera" train --resume stopped --steps $((at + 10)) >more.json 2>/dev/null
[[ $(field more.json updates) == $((at + 10)) ]]
"$tessera" evaluate stopped --episodes 2 | grep -q "\"updates\":$((at + 10)),"

# A loss that is not finite stops the run and is named; the last good checkpoint stays.
rc=0
"$tessera" "${run[@]}" --steps 100 --out diverged --set critic.adam.learning_rate=1e30 >/dev/null 2>diverged.log || rc=$?
[[ $rc == 1 ]] && grep -qE '^tessera: error: training diverged: [a-z]+/[a-z]+ is (NaN|infinite) at update [0-9]+' diverged.log
