#!/usr/bin/env bash
# seeds.sh TESSERA SOURCE: the runs of several seeds in one command are those that each seed makes alone, to the bit,
# whatever stops them in between; a run that fails is named and the others go on.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begins=
# Its step size does not depend on the length of the run, so that it may be made longer.
run=(train --algorithm iql --dataset builtin:pendulum-random --env pendulum --batch 32 --eval-every 40 --eval-episodes 2
  --horizon 30 --report-every 20 --score random=-300,expert=-10 --set policy.adam.cosine_steps=0 --set policy.net.hidden=8
  --set critic.net.hidden=8 --set value.net.hidden=8)

# safetensors: 8 bytes of length, a header in JSON, the tensors.
header() { head -c $((8 + $(od -An -t u8 -N 8 "$1"))) "$1" | tail -c +9; }
tensors() { tail -c +$((9 + $(od -An -t u8 -N 8 "$1"))) "$1"; }
known() { header "$1" | sed -E 's/"[^"]*(seconds|checksum|hash)[^"]*":"[^"]*"//g; s/ +$//'; }
same() { # FOLDER ALONE
  cmp -s <(tensors "$1/checkpoint.safetensors") <(tensors "$2/checkpoint.safetensors") || fail "$1 and $2: the tensors differ"
  [[ $(known "$1/checkpoint.safetensors") == "$(known "$2/checkpoint.safetensors")" ]] || fail "$1 and $2: the metadata differ"
  diff <(cut -d, -f1,3- "$1/metrics.csv") <(cut -d, -f1,3- "$2/metrics.csv") || fail "$1 and $2: metrics.csv differs"
  cmp "$1/config.json" "$2/config.json" || fail "$1 and $2: config.json differs"
  [[ $(ls -A "$1") == "$(ls -A "$2")" ]] || fail "$1 and $2 hold other files: $(ls -A "$1")"
}
alone() { # STEPS SEED...
  local steps=$1 seed
  shift
  for seed; do
    rm -rf "alone-$steps/seed-$seed"  # of other data
    "$tessera" "${run[@]}" --steps "$steps" --seed "$seed" --threads 1 --out "alone-$steps/seed-$seed" >/dev/null 2>log || fail "$(cat log)"
  done
}
until_there() { for _ in $(seq 600); do [[ -s $1 ]] && return; sleep 0.1; done; fail "there is no $1: $(cat many.log)"; }
ends() { # CODE: the command in the background
  local rc=0
  wait "$job" || rc=$?
  [[ $rc == "$1" ]] || fail "exit code $rc, not $1: $(cat many.log)"
}
updates_of() { tail -n 1 "$1/metrics.csv" | cut -d, -f1; }

# Three runs, two at a time, and each alone.
alone 80 0 1 2
"$tessera" "${run[@]}" --steps 80 --seeds 0:3 --threads 2 --out many >many.json 2>many.log || fail "$(cat many.log)"
for seed in 0 1 2; do
  same many/seed-$seed alone-80/seed-$seed
  cmp many/seed-$seed/curve.svg alone-80/seed-$seed/curve.svg
done
[[ $(ls -A many) == $'config.json\ncurves.png\ncurves.svg\nresult.json\nseed-0\nseed-1\nseed-2\nseeds.csv' ]] || fail "$(ls -A many)"
# A line is one run's, and says which; what all of them say is said once.
grep -vE '^(seed [012]: .*|3 runs, 2 at a time, one thread each| +seed +updates +return +std +score| +[012] +80 .*|(return|score) over 3 seeds: mean .*)$' many.log && fail "another line: $(cat many.log)"
for seed in 0 1 2; do [[ $(grep -c "^seed $seed: update [48]0/80 .* return .* score " many.log) == 2 ]] || fail "progress: $(cat many.log)"; done
[[ $(grep -c 'action limits:' many.log) == 1 ]] || fail "$(cat many.log)"
# The table, the means and scores: from the runs' own files.
for seed in 0 1 2; do tail -n 1 alone-80/seed-$seed/metrics.csv | cut -d, -f1,3,4 | sed "s/^/$seed,/"; done >rows
diff rows <(tail -n +2 many/seeds.csv | cut -d, -f1-4) || fail "seeds.csv"
awk -F, '{ sum += $3; scores += 100 * ($3 + 300) / 290 } END { printf "%.6f %.6f\n", sum / NR, scores / NR }' rows >means
[[ $(printf '%.6f %.6f' "$(field many.json return_mean)" "$(field many.json score_mean)") == "$(cat means)" ]] || fail "$(cat means many.json)"
grep -q '"seeds":\[0,1,2\],"finished":\[0,1,2\],"failed":\[\]' many.json || fail "$(cat many.json)"
grep -q '"return_interquartile_mean_interval":\[' many.json || fail "$(cat many.json)"
[[ $(wc -l <many.json) == 1 ]]
for word in 'seed 0' 'seed 2' 'mean' 'normalized score' 'behavior policy'; do grep -q "$word" many/curves.svg || fail "the picture lacks '$word'"; done

# What has ended is not run again, and is what it was; one that is made longer goes on.
before=$(cat many/seed-*/* | cksum) && touch -d '2 days ago' many/seed-*/checkpoint.safetensors
"$tessera" train --resume many >again.json 2>again.log || fail "$(cat again.log)"
[[ $before == "$(cat many/seed-*/* | cksum)" && -z $(find many/seed-* -name checkpoint.safetensors -mtime -1) ]] || fail "run again: $(cat again.log)"
grep -q '^3 of 3 runs have ended already$' again.log || fail "$(cat again.log)"
cmp <(sed 's/"seconds":[^,]*//' many.json) <(sed 's/"seconds":[^,]*//' again.json) || fail "another result"
alone 120 0 1 2
"$tessera" train --resume many --steps 120 --threads 1 >again.json 2>again.log || fail "$(cat again.log)"
for seed in 0 1 2; do same many/seed-$seed alone-120/seed-$seed; done

# A signal stops all of them with their checkpoints; those that were waiting begin where the whole goes on, from any folder.
"$tessera" convert builtin:pendulum-random log.csv >/dev/null
run[4]=log.csv
"$tessera" "${run[@]}" --steps 100000000 --seeds 3,5,9 --threads 2 --out stopped >many.json 2>many.log &
job=$!
until_there stopped/seed-3/checkpoint.safetensors && until_there stopped/seed-5/checkpoint.safetensors
began=$(date +%s%N)
kill -INT $job
ends 130
[[ $((($(date +%s%N) - began) / 1000000)) -lt 8000 ]] || fail "it took too long to stop"
grep -q '^tessera: error: interrupted; go on with: tessera train --resume stopped$' many.log || fail "$(cat many.log)"
[[ ! -e stopped/seed-9 ]] || fail "$(ls -A stopped)"
steps=$(($(updates_of stopped/seed-3) > $(updates_of stopped/seed-5) ? $(updates_of stopped/seed-3) : $(updates_of stopped/seed-5)))
steps=$((steps / 40 * 40 + 80))
alone $steps 3 5 9
mkdir elsewhere
# The one that has not begun finds the data, by their name from the root on.
(cd elsewhere && "$tessera" train --resume ../stopped --steps $steps >../many.json 2>../many.log) || fail "$(cat many.log)"
for seed in 3 5 9; do same stopped/seed-$seed alone-$steps/seed-$seed; done
# Right after the start: nothing stays, or what goes on.
rm many.log
"$tessera" "${run[@]}" --steps 100000000 --seeds 0:2 --threads 2 --eval-every 1000000000 --out none >many.json 2>many.log &
job=$!
until_there many.log
kill -TERM $job
ends 143
if grep -q 'error: interrupted before the first checkpoint; nothing was written$' many.log; then
  [[ ! -e none ]] || fail "left: $(ls -AR none)"
else
  grep -q 'error: interrupted; go on with: tessera train --resume none$' many.log && [[ -s none/config.json ]] || fail "$(cat many.log)"
fi
# A run that is killed is one that failed, of which the others know nothing.
"$tessera" "${run[@]}" --steps 100000000 --seeds 0:2 --threads 2 --out killed >many.json 2>many.log &
job=$!
until_there killed/seed-0/checkpoint.safetensors && until_there killed/seed-1/checkpoint.safetensors
victim=$(for each in /proc/[0-9]*; do grep -qs "^PPid:[[:space:]]*$job$" "$each/status" && grep -qsx seed-1 "$each/comm" && basename "$each"; done | head -1) || true
kill -KILL "$victim"
for _ in $(seq 100); do grep -q 'seed 1' many.log && grep -q 'error: seed 1: was killed by signal 9' many.log && break; sleep 0.1; done
grep -q '^tessera: error: seed 1: was killed by signal 9 (Killed)$' many.log || fail "$(cat many.log)"
# And killed itself, it takes them along: they save and end.
kill -KILL $job
wait $job 2>/dev/null || true
for _ in $(seq 100); do "$tessera" train --resume killed/seed-0 --steps 1 2>&1 | grep -q 'is at work' || break; sleep 0.1; done
steps=$(($(updates_of killed/seed-0) > $(updates_of killed/seed-1) ? $(updates_of killed/seed-0) : $(updates_of killed/seed-1)))
steps=$((steps / 40 * 40 + 80))
alone $steps 0 1
"$tessera" train --resume killed --steps $steps >many.json 2>many.log || fail "$(cat many.log)"
for seed in 0 1; do same killed/seed-$seed alone-$steps/seed-$seed; done

# One that fails is named, the others go on, and the exit code tells; it is begun again where the whole goes on.
mkdir -p part/seed-1
flock part/seed-1 sleep 1000 &
holder=$!
sleep 0.5
rc=0
"$tessera" "${run[@]}" --steps 40 --seeds 0:3 --threads 1 --out part >many.json 2>many.log || rc=$?
kill $(cat /proc/$holder/task/$holder/children 2>/dev/null || true) $holder 2>/dev/null || true
wait $holder 2>/dev/null || true
[[ $rc == 2 && $(grep -c '^tessera: error: seed 1: part/seed-1: .* is at work in this folder' many.log) == 1 ]] || fail "exit code $rc: $(cat many.log)"
grep -q '^tessera: error: 1 of 3 runs failed (seeds 1); go on with: tessera train --resume part$' many.log || fail "$(cat many.log)"
grep -q '"finished":\[0,2\],"failed":\[1\]' many.json || fail "$(cat many.json)"
[[ ! -e part/seed-1/config.json && -s part/seed-2/checkpoint.safetensors ]] || fail "$(ls -AR part)"
"$tessera" train --resume part >many.json 2>many.log || fail "$(cat many.log)"
grep -q '"finished":\[0,1,2\],"failed":\[\]' many.json && alone 40 1 && same part/seed-1 alone-40/seed-1 || fail "$(cat many.json)"
# Where all fail, nothing stays, except what a diverged run tells of itself.
printf 'x,y\n1,2\n' >wrong.csv
rc=0
"$tessera" train --algorithm iql --dataset wrong.csv --steps 40 --seeds 0:2 --out deep/wrong >many.json 2>many.log || rc=$?
[[ $rc == 2 && $(grep -c '^tessera: error: seed [01]: wrong.csv: ' many.log) == 2 && ! -e deep && ! -s many.json ]] || fail "exit code $rc: $(cat many.log)"
grep -q '^tessera: error: 2 of 2 runs failed (seeds 0, 1); nothing was saved$' many.log || fail "$(cat many.log)"
rc=0
"$tessera" "${run[@]}" --steps 40 --set critic.adam.learning_rate=1e30 --eval-every 100 --seeds 0:2 --threads 1 --out diverged >many.json 2>many.log || rc=$?
[[ $rc == 1 && $(grep -c '^tessera: error: seed [01]: training diverged: ' many.log) == 2 && ! -e diverged/config.json ]] || fail "exit code $rc: $(cat many.log)"
"$tessera" "${run[@]}" --steps 40 --seeds 0:2 --out diverged >many.json 2>many.log || fail "$(cat many.log)"

# Data that lie elsewhere when the rest begins are read as before.
sed '1s/observation_0/x/g' log.csv >odd.csv
odd=("${run[@]}") && odd[4]=odd.csv
mapping=(--columns "episode=episode,observation=x:observation_1:observation_2,next=next_,action=action,reward=reward,terminated=terminated,truncated=truncated")
mkdir -p odd/seed-1
flock odd/seed-1 sleep 1000 &
holder=$!
sleep 0.5
"$tessera" "${odd[@]}" "${mapping[@]}" --steps 40 --seeds 0:2 --threads 1 --out odd >many.json 2>many.log && fail "seed 1 is held"
kill $(cat /proc/$holder/task/$holder/children 2>/dev/null || true) $holder 2>/dev/null || true
wait $holder 2>/dev/null || true
mv odd.csv moved.csv
"$tessera" train --resume odd --dataset moved.csv >many.json 2>many.log || fail "$(cat many.log)"
grep -q '"finished":\[0,1\]' many.json || fail "$(cat many.json)"

# Folders: what is there is not replaced unless that is wanted, and then only run by run.
refused 'many: already holds the runs of several seeds; go on with --resume many' "${run[@]}" --steps 40 --seeds 0:3 --out many
refused 'alone-40/seed-1: holds config.json, which is of no runs of several seeds' "${run[@]}" --steps 40 --seeds 0:3 --out alone-40/seed-1
refused 'many: holds seed-2, which is not among these seeds' "${run[@]}" --steps 40 --seeds 0:2 --out many --overwrite
refused 'many: holds config.json, which is of no run and would be replaced' "${run[@]}" --steps 40 --out many --overwrite
refused 'alone-40: holds seed-1, which is not among these seeds' "${run[@]}" --steps 40 --seeds 0,2 --out alone-40
refused 'alone-40/seed-1: already holds a run' "${run[@]}" --steps 40 --seeds 0:2 --out alone-40
refused 'log.csv: is a file, not a folder' "${run[@]}" --steps 40 --seeds 0:2 --out log.csv
refused 'many: holds the runs of several seeds; name one of them, such as many/seed-0' evaluate many
refused '--seed and --seeds are two ways' "${run[@]}" --seed 1 --seeds 0:2
refused '--seeds cannot be given beside --resume' train --resume many --seeds 0:2
refused '--batch cannot be given beside --resume' train --resume many --batch 3
run[4]=builtin:pendulum-random
alone 60 0 1 2
"$tessera" "${run[@]}" --steps 60 --seeds 0:3 --threads 2 --out many --overwrite >many.json 2>many.log || fail "$(cat many.log)"
for seed in 0 1 2; do same many/seed-$seed alone-60/seed-$seed; done
cp -r many old
"$tessera" "${run[@]}" --steps 100000000 --seeds 0:3 --threads 1 --out many --overwrite >many.json 2>many.log &
job=$!
for _ in $(seq 600); do cmp -s many/seed-0/checkpoint.safetensors old/seed-0/checkpoint.safetensors || break; sleep 0.1; done
kill -HUP $job
ends 129
cmp many/seed-2/checkpoint.safetensors old/seed-2/checkpoint.safetensors || fail "an old run was replaced before its turn"
steps=$(($(updates_of many/seed-0) / 40 * 40 + 80))
alone $steps 0 1 2
"$tessera" train --resume many --steps $steps >many.json 2>many.log || fail "$(cat many.log)"
for seed in 0 1 2; do same many/seed-$seed alone-$steps/seed-$seed; done  # not the old ones, made longer

# config.json may come from anybody.
cp many/config.json good.json
bad() { # PATTERN SED
  sed -E "$2" good.json >many/config.json
  ! cmp -s good.json many/config.json || fail "no change: $2"
  refused "$1" train --resume many
}
bad "many/config.json: seeds is '0:x', and must be a list of seeds" 's/"seeds": "0:3"/"seeds": "0:x"/'
bad 'many/config.json: command.flags is "--out=/tmp/x", and must be a list of flags' 's/"--algorithm=iql"/"--out=\/tmp\/x"/'
bad 'many/config.json: command.flags is "--overwrite", and must be' 's/"--algorithm=iql"/"--overwrite"/'
bad 'many/config.json: command.flags is "x", and must be' 's/"--algorithm=iql"/"x"/'
bad 'many/config.json: command.flags is 3, and must be' 's/"--algorithm=iql"/3/'
bad 'many/config.json: command.flags is "--a.u0000b", and must be' 's/"--algorithm=iql"/"--a\\u0000b"/'
bad "many/config.json: unknown key 'stepz'" 's/"seeds"/"stepz": 3, "seeds"/'
bad 'many/config.json: command.name is "evaluate", and must be one of train, finetune' 's/"name": "train"/"name": "evaluate"/'
bad 'many/config.json: command.run is of `finetune` alone' 's/"name": "train"/"name": "finetune"/'
cp good.json many/config.json

# Online: from one run with several seeds, and each run of several.
"$tessera" "${run[@]}" --steps 40 --seed 4 --threads 1 --out one >/dev/null 2>log || fail "$(cat log)"
online=(--online-steps 30 --eval-every 10)
"$tessera" finetune one "${online[@]}" --seeds 0:2 --out tuned >many.json 2>many.log || fail "$(cat many.log)"
for seed in 0 1; do
  "$tessera" finetune one "${online[@]}" --seed $seed --threads 1 --out "tuned-alone/seed-$seed" >/dev/null 2>log || fail "$(cat log)"
  same tuned/seed-$seed "tuned-alone/seed-$seed"
  cmp tuned/seed-$seed/online.bin "tuned-alone/seed-$seed/online.bin"
done
grep -q 'online from here' tuned/curves.svg || fail "the switch is not marked"
"$tessera" finetune part "${online[@]}" >many.json 2>many.log || fail "$(cat many.log)"
"$tessera" finetune part/seed-2 "${online[@]}" --seed 2 --threads 1 --out part-alone >/dev/null 2>log || fail "$(cat log)"
same part-online/seed-2 part-alone
"$tessera" train --resume part-online --online-steps 40 >many.json 2>many.log || fail "$(cat many.log)"
"$tessera" train --resume part-alone --online-steps 40 --threads 1 >/dev/null 2>log || fail "$(cat log)"
same part-online/seed-2 part-alone
