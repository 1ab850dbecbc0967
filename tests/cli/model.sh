#!/usr/bin/env bash
# model.sh TESSERA: a dynamics model is trained once, found again, inspected and used; a run that uses one can be
# resumed.
set -eu
tessera=$1
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir"
fail() { echo "FAILED: $1"; exit 1; }
field() { tail -n 1 "$1" | sed -n "s/.*\"$2\":\([^,}]*\).*/\1/p"; }
whole() { # FOLDER FILES...: each is there, and no half-written one
  local folder=$1 file
  shift
  for file in "$@"; do [[ -s $folder/$file ]] || fail "$folder/$file is missing or empty"; done
  [[ -z $(find "$folder" -name '*.tmp*') ]] || fail "half-written files: $(find "$folder" -name '*.tmp*')"
}
plots=()
command -v gnuplot >/dev/null && plots=(png svg)
data=builtin:pendulum-narrow
tiny=(--threads 1 --set dynamics.net.hidden=16,16 --set dynamics.members=3 --set dynamics.elites=2 --set dynamics.max_epochs=2)

# A model of its own.
"$tessera" model train --dataset $data --env pendulum --out m "${tiny[@]}" >train.json 2>train.log || { cat train.log; fail "model train"; }
whole m config.json training.csv model.safetensors "${plots[@]/#/training.}"
[[ $(field train.json epochs) == 2 && $(field train.json out) == '"m"' && $(field train.json dataset) == "\"$data\"" ]] || fail "$(cat train.json)"
[[ $(head -n 1 m/training.csv) == epoch,loss,member_0,member_1,member_2 && $(wc -l <m/training.csv) == 3 ]] || fail "$(cat m/training.csv)"
[[ $(grep -c '^epoch [12] ' train.log) == 2 ]] || fail "$(cat train.log)"

# Inspected: on its held-out episodes, and on other data that is declared as such.
"$tessera" model inspect m --horizon 10 --threads 1 >inspect.txt 2>inspect.log || { cat inspect.log; fail "model inspect"; }
whole m "${plots[@]/#/open_loop.}"
[[ $(field inspect.txt transitions) == "$(field train.json held_out)" && $(field inspect.txt horizon) == 10 ]] || fail "$(tail -n 1 inspect.txt)"
grep -q '^  reward ' inspect.txt && grep -q 'if nothing moved' inspect.txt || fail "$(cat inspect.txt)"
mkdir elsewhere
"$tessera" model inspect m/model.safetensors --dataset builtin:pendulum-random --new-data --horizon 2 --out elsewhere --threads 1 >new.txt 2>&1 || fail "$(cat new.txt)"
whole elsewhere "${plots[@]/#/open_loop.}"
[[ $(field new.txt transitions) == 100000 && $(field new.txt new_data) == true ]] || fail "$(tail -n 1 new.txt)"

# Used: by a run that is given it, without training another one; on other data with a warning.
nets=(--set policy.net.hidden=16 --set critic.net.hidden=16 --set data.rollout_batch=100 --set data.rollout_every=20 --set data.horizon=3)
run=(train --env pendulum --seed 3 --eval-every 30 --eval-episodes 3 --report-every 15 --threads 1 "${nets[@]}")
"$tessera" "${run[@]}" --algorithm combo --dataset $data --model m --steps 5 --out given >given.json 2>given.log || { cat given.log; fail "train --model"; }
grep -q '^model: m/model.safetensors$' given.log && grep -q '^imagined transitions: at most 1500, 0.1 MB$' given.log || fail "$(cat given.log)"
grep -q '"dynamics.members": 3' given/config.json && grep -q "\"model\": \"$PWD/m/model.safetensors\"" given/config.json || fail "$(cat given/config.json)"
[[ ! -e models ]] || fail "a model was trained beside the one that was given"
if grep -q warning given.log; then fail "$(cat given.log)"; fi
"$tessera" "${run[@]}" --algorithm mopo --dataset builtin:pendulum-mixed --model m/model.safetensors --set dynamics.elites=1 --steps 5 --out other >/dev/null 2>other.log ||
  { cat other.log; fail "train --model on other data"; }
grep -q '^warning \[model-data\]: m/model.safetensors was trained on other data: builtin:pendulum-narrow' other.log || fail "$(cat other.log)"
grep -q '"dynamics.elites": 1' other/config.json || fail "elites are the run's to choose"

# Used: by runs that are given none.  The first trains it, others find it, whatever their algorithm; two at the same
# time train it once.
mopo=("${run[@]}" --algorithm mopo --dataset $data "${tiny[@]}")
"$tessera" "${mopo[@]}" --steps 120 --out whole >whole.json 2>whole.log &
first=$!
"$tessera" "${mopo[@]}" --steps 60 --out parts >parts.json 2>parts.log || { cat parts.log; fail "mopo without a model"; }
wait $first || { cat whole.log; fail "mopo without a model, the other"; }
[[ $(ls models | wc -l) == 1 && $(grep -l 'model: models/pendulum-narrow-[0-9a-f]*$' whole.log parts.log | wc -l) == 1 ]] || fail "$(ls models; cat whole.log parts.log)"
grep -q '^model: models/pendulum-narrow-[0-9a-f]* (cached)$' whole.log parts.log || fail "$(cat whole.log parts.log)"
model=models/$(ls models)
whole "$model" config.json training.csv model.safetensors "${plots[@]/#/training.}"
cmp -s "$model/model.safetensors" m/model.safetensors || fail "the same data and settings give another model"
before=$(stat -c '%i %Y' "$model"/*)
"$tessera" "${run[@]}" --algorithm combo --dataset $data "${tiny[@]}" --set dynamics.elites=3 --steps 5 --out third >/dev/null 2>third.log ||
  { cat third.log; fail "combo with mopo's model"; }
grep -q '(cached)$' third.log || fail "$(cat third.log)"
[[ $(stat -c '%i %Y' "$model"/*) == "$before" ]] || fail "a cached model was written again"
if "$tessera" model train --dataset $data "${tiny[@]}" >again.json 2>again.log; then fail "model train over a cached model"; fi
grep -q "$model: already holds a model" again.log || fail "$(cat again.log)"
"$tessera" model train --dataset $data "${tiny[@]}" --overwrite >again.json 2>again.log || { cat again.log; fail "model train --overwrite"; }
[[ $(field again.json out) == "\"$model\"" ]] || fail "$(cat again.json)"

# Resumed: from the checkpoint alone, as if it had not been interrupted.
mv models elsewhere/
"$tessera" train --resume parts --steps 120 --threads 1 >parts.json 2>parts.log || { cat parts.log; fail "resume"; }
for key in updates return_mean return_std; do [[ $(field whole.json $key) == "$(field parts.json $key)" ]] || fail "$key differs: $(cat whole.json parts.json)"; done
for run in whole parts; do cut -d, -f1,3- $run/metrics.csv >$run.csv; done
diff whole.csv parts.csv
grep -q "\"model\": \"$PWD/models/pendulum-narrow" parts/config.json || fail "a resumed run forgets its model"
[[ ! -e models ]] || fail "a resumed run trained a model"

# Ctrl-C, and training that diverges: nothing is left.
"$tessera" model train --dataset builtin:pendulum-mixed --out new/stopped --threads 1 >/dev/null 2>stopped.log &
job=$!
for _ in $(seq 200); do [[ -d new/stopped ]] && break; sleep 0.1; done
sleep 0.5
kill -INT $job
rc=0
wait $job || rc=$?
[[ $rc == 130 && ! -e new ]] && grep -q '^tessera: error: interrupted .*nothing was written$' stopped.log || fail "Ctrl-C: $rc $(cat stopped.log)"
rc=0
"$tessera" model train --dataset $data "${tiny[@]}" --set dynamics.adam.learning_rate=1e30 >/dev/null 2>diverged.log || rc=$?
[[ $rc == 1 && ! -e models ]] && grep -q "^tessera: error: $data: the dynamics model's training diverged in epoch 1; lower" diverged.log || fail "diverged: $rc $(cat diverged.log)"
