#!/usr/bin/env bash
# errors.sh TESSERA: wrong input gives one helpful line on standard error and exit code 2, and nothing is written.  This
# script has the cases that need data, runs and models; flags.txt has the rest.
set -u
tessera=$1
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failures=0

# expect PATTERN ARGS...: exit code 2, one error line matching the pattern (an extended regular expression), no new file.
expect() {
  local pattern=$1
  shift
  local before after out rc
  before=$(ls -R)
  out=$("$tessera" "$@" 2>&1 >stdout.txt) && rc=0 || rc=$?
  rm -f stdout.txt
  after=$(ls -R)
  local errors
  errors=$(grep -c '^tessera: error: ' <<<"$out")
  if [[ $rc != 2 || $errors != 1 || $before != "$after" ]] || ! grep -qE "^tessera: error: .*$pattern" <<<"$out"; then
    printf 'FAILED (exit code %s): tessera %s\n  wanted: %s\n  got:    %s\n' "$rc" "$*" "$pattern" "$out"
    failures=$((failures + 1))
  fi
}

run=(train --dataset builtin:pendulum-random --env pendulum --steps 2 --eval-episodes 1 --out run)
expect "builtin:pendulum-random: its actions are continuous, but discrete-bcq is for discrete ones; those for continuous ones: [a-z0-9, -]*(\.\.\. \(.tessera algorithms. lists all\))?$" \
  "${run[@]}" --algorithm discrete-bcq
expect "action-low has 2 numbers, but an action of .* has 1" "${run[@]}" --algorithm iql --action-low -2,-2 --action-high 2,2
expect "its actions are discrete and have no limits" train --algorithm iql --dataset builtin:cartpole-mixed --action-low 0 --action-high 1
expect "device 'cuda:99': (the libtorch of this build has no CUDA|no GPU was found|there are )" "${run[@]}" --algorithm iql --device cuda:99
expect "iql-quantile is for continuous ones; those for discrete ones: iql, [a-z0-9, -]*$" train --algorithm iql-quantile --dataset builtin:cartpole-mixed --env cartpole
expect "does not come from cartpole" train --algorithm iql --dataset builtin:pendulum-random --env cartpole
printf 'not an archive either\n' >text.npz
expect "text.npz: is not a zip archive" inspect icu-sepsis:text.npz
expect "text.npz: is not a zip archive" train --algorithm iql --dataset icu-sepsis:text.npz
: >empty.h5
expect "empty file" inspect empty.h5
mkfifo pipe.h5
expect "pipe.h5: is not a regular file" inspect pipe.h5
rm pipe.h5
printf 'not an HDF5 file\n' >text.h5

# Unusual but valid: numbers in other notations; of a flag given twice the last counts.
"$tessera" "${run[@]}" --algorithm bc --out odd --steps 9 --steps 2.0 --seed +5 --batch 1e1 --eval-every 1e5 --eval-episodes 1.0 --horizon 0.5e1 --report-every=1000.0 \
  --set policy.net.hidden=9 --set policy.net.hidden=8.0 >/dev/null 2>odd.log || { echo "FAILED: odd numbers: $(cat odd.log)"; failures=$((failures + 1)); }
for entry in '"steps": 2' '"seed": 5' '"batch": 10' '"eval_every": 100000' '"eval_episodes": 1' '"horizon": 5' '"report_every": 1000' '"policy.net.hidden": \[8\]'; do
  grep -q "$entry[,}]\?$" odd/config.json || { echo "FAILED: not in config.json: $entry"; failures=$((failures + 1)); }
done

# Without its engine the tool lists and explains, and says that it cannot train.
cp "$tessera" alone
./alone explain iql >explained.txt || { echo "FAILED: no explanation without the engine"; failures=$((failures + 1)); }
rc=0
./alone "${run[@]}" --algorithm iql --out alone-run >log 2>&1 || rc=$?
[[ $rc == 1 && $(wc -l <log) == 1 && ! -e alone-run ]] && grep -q 'tessera: error: this tool cannot train or evaluate' log ||
  { echo "FAILED: without its engine ($rc): $(cat log)"; failures=$((failures + 1)); }

# An existing run is not overwritten, and a damaged checkpoint is not evaluated.
"$tessera" "${run[@]}" --algorithm bc >/dev/null 2>&1 || { echo "FAILED: a run of two steps"; failures=$((failures + 1)); }
expect "already holds a run" "${run[@]}" --algorithm bc
expect "cartpole has discrete actions" evaluate run --env cartpole
expect "more than --steps 1" train --resume run --steps 1
expect "checkpoint.safetensors: is the checkpoint of a run, not a dynamics model" model inspect run/checkpoint.safetensors
head -c 2000 run/checkpoint.safetensors >part && mv part run/checkpoint.safetensors
expect "checkpoint.safetensors: is not a readable safetensors file" evaluate run
mv run/checkpoint.safetensors part
expect "checkpoint.safetensors: is missing" evaluate run
mv part run/checkpoint.safetensors

# Dynamics models.
tiny=(--set dynamics.net.hidden=8 --set dynamics.members=2 --set dynamics.max_epochs=1 --set dynamics.batch=1024)
for name in pendulum-narrow cartpole-mixed; do
  "$tessera" model train --dataset builtin:$name --out $name "${tiny[@]}" >/dev/null 2>&1 || { echo "FAILED: a model of one epoch"; failures=$((failures + 1)); }
done
model=(model train --dataset builtin:pendulum-narrow --out new "${tiny[@]}")
mopo=(train --algorithm mopo --dataset builtin:pendulum-narrow --env pendulum --steps 2 --eval-episodes 1 --out mopo)
expect "does not come from cartpole" "${model[@]}" --env cartpole
expect "text.h5/new: the folder cannot be made" "${model[@]}" --out text.h5/new
expect "already holds a model; use it with --model pendulum-narrow, replace it with --overwrite" "${model[@]}" --out pendulum-narrow

expect "run: is the folder of a run" model inspect run
mkdir empty
expect "empty/model.safetensors: is missing" model inspect empty
expect "text.h5: is not a readable safetensors file" model inspect text.h5
expect "horizon 1000: the longest held-out episode has [0-9]+ transitions; ask for at most that" model inspect pendulum-narrow --horizon 1000
expect "builtin:pendulum-mixed: is not the data that pendulum-narrow/model.safetensors was trained on" model inspect pendulum-narrow --dataset builtin:pendulum-mixed
expect "leave out --new-data" model inspect pendulum-narrow --dataset builtin:pendulum-narrow --new-data
expect "is a model of observations of 3 and actions of 1, but builtin:cartpole-mixed has observations of 4 and 2 discrete actions" \
  model inspect pendulum-narrow --dataset builtin:cartpole-mixed --new-data

expect "empty/model.safetensors: is missing" "${mopo[@]}" --model empty
expect "run: is the folder of a run" "${mopo[@]}" --model run
expect "cartpole-mixed/model.safetensors: is a model of observations of 4 and 2 discrete actions, but builtin:pendulum-narrow has" "${mopo[@]}" --model cartpole-mixed
expect "members=3: pendulum-narrow/model.safetensors was trained with 2; leave the setting out" "${mopo[@]}" --model pendulum-narrow --set dynamics.members=3
expect "was trained with 8; leave" "${mopo[@]}" --model pendulum-narrow --set dynamics.net.hidden=8,8
expect "'x' is not a whole number" "${mopo[@]}" --model pendulum-narrow --set dynamics.members=x
expect "unknown parameter 'data.horzon'; did you mean 'data.horizon'" "${mopo[@]}" --set data.horzon=3
expect "model: iql uses no dynamics model; leave it out, or take one of those that do: .*mopo" "${run[@]}" --out iql --algorithm iql --model pendulum-narrow
expect "unknown parameter 'dynamics.members'" "${run[@]}" --out iql --algorithm iql --set dynamics.members=3
expect "already holds a run" "${mopo[@]}" --out run
expect "text.h5: is a file, not a folder" "${mopo[@]}" --out text.h5
expect "take [0-9.]+ GB, and this machine has [0-9.]+; lower" "${mopo[@]}" --set data.rollout_batch=100000000 --set data.horizon=1000
for part in 0 700 3000; do
  head -c $part pendulum-narrow/model.safetensors >cut.h5
  expect "cut.h5: is not a readable safetensors file" "${mopo[@]}" --model cut.h5
  expect "cut.h5: is not a readable safetensors file" model inspect cut.h5
done
[[ $failures == 0 ]] || exit 1
