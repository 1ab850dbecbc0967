#!/usr/bin/env bash
# resume.sh TESSERA SOURCE MAKE_LOG: a run that is interrupted and resumed ends like one that was not, to the last
# digit; nothing saved is lost.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begins= besides='^warning \['
make_log=$3
# The policy's step size decays over the run: over the same length, in parts and in one go.
run=(train --algorithm iql --set policy.adam.cosine_steps=120 --dataset builtin:pendulum-random --env pendulum --seed 3 --eval-every 40 --eval-episodes 5 --report-every 20 --threads 1
  --set policy.net.hidden=32,32 --set critic.net.hidden=32,32 --set value.net.hidden=32,32)

"$tessera" "${run[@]}" --steps 120 --out whole >whole.json 2>whole.log
"$tessera" "${run[@]}" --steps 60 --out parts >/dev/null 2>&1
"$tessera" train --resume parts --steps 120 --threads 1 >parts.json 2>parts.log
for key in updates return_mean return_std return_behavior episodes; do
  [[ $(field whole.json $key) == "$(field parts.json $key)" ]] || { echo "$key differs: $(cat whole.json parts.json)"; exit 1; }
done
# A run that is extended beyond its planned length decays over the new length, and says so.
"$tessera" "${run[@]}" --set policy.adam.cosine_steps=-1 --steps 20 --out longer >/dev/null 2>&1
"$tessera" train --resume longer --steps 40 --threads 1 2>&1 >/dev/null | grep -q 'other-length.*policy.adam decays over the run, which was to be 20 updates long and is now 40'
# The same evaluations and losses, too (the seconds differ, and a run of 60 updates is evaluated at its end).
cut -d, -f1,3- whole/metrics.csv >a && cut -d, -f1,3- parts/metrics.csv | grep -v '^60,' >b
grep -v '^60,' a | diff - b

# What a signal leaves is complete, and can be resumed; the run exits with the signal's code, at once, even in an
# evaluation of any length.
hold() { # NAME ARGS...: a run without end, in the background, as $job
  local name=$1
  shift
  "$tessera" "${run[@]}" --steps 100000000 --out "$name" "$@" >"$name.json" 2>"$name.log" &
  job=$!
}
until_saved() { for _ in $(seq 300); do [[ -s $1/checkpoint.safetensors ]] && return; sleep 0.1; done; echo "$1 saves nothing"; cat "$1.log"; exit 1; }
ends() { # SIGNAL CODE NAME
  local rc=0 before
  before=$(date +%s%N)
  kill "-$1" $job
  wait $job || rc=$?
  local took=$((($(date +%s%N) - before) / 1000000))
  [[ $rc == "$2" && $took -lt 5000 ]] || { echo "SIG$1: exit code $rc after $took ms"; cat "$3.log"; exit 1; }
}
for signal in INT:130 TERM:143 HUP:129; do
  hold stopped && until_saved stopped
  ends ${signal%:*} ${signal#*:} stopped
  grep -q "^tessera: error: interrupted at update [0-9]*; go on with: tessera train --resume stopped$" stopped.log
  at=$(field stopped.json updates)
  [[ $at -ge 40 && $at -lt 100000000 ]]
  for file in config.json metrics.csv checkpoint.safetensors; do [[ -s stopped/$file ]]; done
  [[ $(ls -A stopped) == $'checkpoint.safetensors\nconfig.json\nmetrics.csv' ]] || { ls -A stopped; exit 1; }
  "$tessera" train --resume stopped --steps $((at + 10)) >more.json 2>/dev/null
  [[ $(field more.json updates) == $((at + 10)) ]]
  "$tessera" evaluate stopped --episodes 2 | grep -q "\"updates\":$((at + 10)),"
  rm -rf stopped
done
hold long --horizon 1000000000
for _ in $(seq 300); do [[ -d long ]] && break; sleep 0.1; done
sleep 1
ends INT 130 long
[[ $(field long.json updates) == 40 && $(tail -n 1 long/metrics.csv | cut -d, -f1,3) == "40," ]] || { cat long.json long/metrics.csv; exit 1; }
"$tessera" evaluate whole --horizon 1000000000 >stopped.json 2>stopped.log &
job=$!
sleep 2
ends TERM 143 stopped

# One run, one folder: another run there, or one that resumes it, is a one-line error and changes nothing.
hold busy && until_saved busy
# Not every file system tells which process holds it.
(
  here() { ls -AlR --time-style=full-iso --ignore='busy*'; }  # which is written to all the time
  refused "busy: (process $job|another process) is at work in this folder" train --resume busy
  ends_refused "busy: (process $job|another process) is at work in this folder" "${run[@]}" --steps 10 --out busy --overwrite
  refused "busy: already holds a run" "${run[@]}" --steps 10 --out busy
)
kill -KILL $job
wait $job 2>/dev/null || true
"$tessera" train --resume busy --steps 100000000 >/dev/null 2>busy.log &
job=$!
for _ in $(seq 300); do grep -q '^update ' busy.log && break; sleep 0.1; done
ends INT 130 busy

# Foreign files are never replaced, and files next to a run stay.
mkdir foreign
for file in config.json metrics.csv curve.svg checkpoint.safetensors; do
  echo '{"algorithm": "of another program"}' >foreign/$file
  refused "foreign: holds $file, which is of no run and would be replaced" "${run[@]}" --steps 10 --out foreign --overwrite
  [[ $(ls -A foreign) == "$file" && $(cat foreign/$file) == *another* ]] && rm foreign/$file
done
echo mine >foreign/notes.txt
"$tessera" "${run[@]}" --steps 10 --out foreign >/dev/null 2>&1
"$tessera" "${run[@]}" --steps 12 --out foreign --overwrite >/dev/null 2>&1
[[ $(cat foreign/notes.txt) == mine ]]

# A resumed run is the same run: nothing about it can be changed, and its data are checked.
refused "--seed, --batch cannot be given beside --resume" train --resume parts --seed 3 --batch 7
refused "--env: the run in parts is evaluated in pendulum" train --resume parts --env cartpole
for flag in "--algorithm iql" "--set actor.beta=3" "--horizon 5" "--eval-every 3" "--out x" "--overwrite" "--published" "--episode-length 5" "--model m"; do
  refused "${flag%% *} cannot be given beside --resume" train --resume parts $flag
done
"$make_log" plain log.h5 && "$make_log" unscaled other.h5
log=(train --algorithm iql --steps 20 --eval-every 10 --report-every 20 --threads 1 --set policy.net.hidden=8 --set critic.net.hidden=8 --set value.net.hidden=8)
"$tessera" "${log[@]}" --dataset log.h5 --out here >/dev/null 2>&1
mkdir -p sub && (cd sub && "$tessera" train --resume ../here --steps 25 >/dev/null 2>here.log) || { echo "from another folder:"; cat sub/here.log; exit 1; }
mv log.h5 moved.h5
refused ".*log.h5: there is no such file" train --resume here --steps 30
"$tessera" train --resume here --steps 30 --dataset moved.h5 >/dev/null 2>&1
grep -q "\"dataset\": \"$PWD/moved.h5\"" here/config.json
cp other.h5 moved.h5
before=$(cat here/config.json here/metrics.csv here/checkpoint.safetensors | cksum)
refused ".*moved.h5: is not the data that the run in here learns from: its numbers are others" train --resume here --steps 40
refused "builtin:pendulum-random: is not the data .* its observations have size 3, and was 2" train --resume here --steps 40 --dataset builtin:pendulum-random
refused "builtin:cartpole-mixed: is not the data .* its actions are discrete, and were continuous" train --resume here --steps 40 --dataset builtin:cartpole-mixed
[[ $before == "$(cat here/config.json here/metrics.csv here/checkpoint.safetensors | cksum)" ]]
"$tessera" train --resume parts --steps 122 --threads 2 2>&1 >/dev/null | grep -q '^warning \[other-threads\]: parts was trained with --threads 1, and goes on with 2'

# config.json may come from anybody.
"$make_log" plain moved.h5
cp here/config.json good.json
bad() { # PATTERN SED
  sed -E "$2" good.json >here/config.json
  ! cmp -s good.json here/config.json || { echo "no change: $2"; exit 1; }
  refused "$1" train --resume here
}
bad 'here/config.json: is not valid JSON' '1s/.*/[/'
bad 'here/config.json: the whole is a list, and must be an object' '1s/.*/[{/; $s/.*/}]/'
bad "here/config.json: unknown key 'stepz'; did you mean 'steps'" 's/"seed"/"stepz": 3, "seed"/'
bad 'here/config.json: steps is missing' 's/"steps": [0-9]+,//'
bad 'here/config.json: seed is there twice' 's/"seed"/"seed": 3, "seed"/'
bad 'here/config.json: steps is 1.5, and must be a whole number from 1' 's/"steps": [0-9]+/"steps": 1.5/'
bad 'here/config.json: steps is -3, and must be' 's/"steps": [0-9]+/"steps": -3/'
bad 'here/config.json: steps is 18446744073709551615, and must be' 's/"steps": [0-9]+/"steps": 18446744073709551615/'
bad 'here/config.json: steps is "30", and must be' 's/"steps": [0-9]+/"steps": "30"/'
bad 'here/config.json: seed is -1, and must be' 's/"seed": [0-9]+/"seed": -1/'
bad 'here/config.json: batch is 100000000, and must be' 's/"batch": [0-9]+/"batch": 100000000/'
bad 'here/config.json: horizon is 1e\+?300?, and must be' 's/"horizon": [0-9]+/"horizon": 1e30/'
bad 'here/config.json: is not valid JSON' 's/"horizon": [0-9]+/"horizon": 1e999/'
bad 'here/config.json: dataset is null, and must be a text' 's/"dataset": "[^"]*"/"dataset": null/'
bad 'here/config.json: parameters.actor.beta is a list, and must be a number, true, false, a text, or a list of whole numbers' 's/"actor.beta": [0-9.]+/"actor.beta": ["3"]/'
bad 'here/config.json: parameters.actor.beta is 5, but the run was made with 3' 's/"actor.beta": [0-9.]+/"actor.beta": 5/'
bad 'here/config.json: parameters.critic.net.hidden is 8,9, but the run was made with 8' 's/"critic.net.hidden": \[8\]/"critic.net.hidden": [8, 9]/'
bad "here/config.json: unknown key 'data.hush'; did you mean 'data.hash'" 's/"hash"/"hush": "", "hash"/'
bad 'here/config.json: platform.threads is 0, and must be a whole number from 1 to 1024' 's/"threads": 1/"threads": 0/'
bad 'here/config.json: is nested more deeply' 's/"env": ""/"env": [[[[[[[[[[]]]]]]]]]]/'
bad 'a\\nsystem' 's/"dataset": "[^"]*"/"dataset": "a\\nsystem(\\"touch pwned\\")"/'
{ head -c 2000000 /dev/zero | tr '\0' ' '; cat good.json; } >here/config.json
refused 'here/config.json: is not a file of at most 1 MB' train --resume here
cp good.json here/config.json
[[ ! -e pwned ]] && "$tessera" train --resume here --steps 31 >/dev/null 2>&1

# Standard output closed or full is an error, standard error closed or full is not.
for stream in '>&-' '>/dev/full'; do
  rc=0
  eval "'$tessera' evaluate whole --episodes 2 $stream" 2>stream.log || rc=$?
  [[ $rc == 2 ]] && grep -q '^tessera: error: standard output: the result cannot be written' stream.log || { echo "$stream: $rc"; cat stream.log; exit 1; }
done
"$tessera" explain iql >/dev/full 2>stream.log && exit 1
grep -q '^tessera: error: standard output: the result cannot be written' stream.log || { cat stream.log; exit 1; }
for stream in '2>&-' '2>/dev/full'; do
  eval "'$tessera' ${run[*]} --steps 41 --out quiet --overwrite $stream" >/dev/null || { echo "$stream: $?"; exit 1; }
  [[ -s quiet/checkpoint.safetensors ]] && "$tessera" evaluate quiet --episodes 2 >/dev/null
done

# A loss that is not finite stops the run and is named; the last good checkpoint stays, and so do the rows before it.
rc=0
"$tessera" "${run[@]}" --steps 100 --out diverged --set critic.adam.learning_rate=1e30 >/dev/null 2>diverged.log || rc=$?
[[ $rc == 1 ]] && grep -qE '^tessera: error: training diverged: [a-z]+/[a-z]+ is (NaN|infinite) (at|after) update [0-9]+.*; no checkpoint was saved' diverged.log || { echo "diverged: $rc"; cat diverged.log; exit 1; }
[[ ! -e diverged/checkpoint.safetensors ]]
"$tessera" "${run[@]}" --steps 10 --out diverged >/dev/null 2>&1
before=$(cat whole/* | cksum)
rc=0
"$tessera" "${run[@]}" --steps 100 --out whole --overwrite --eval-every 30 --set critic.adam.learning_rate=1e30 >/dev/null 2>diverged.log || rc=$?
[[ $rc == 1 && $before == "$(cat whole/* | cksum)" ]] || { echo "a diverged run replaced a good one ($rc)"; cat diverged.log; exit 1; }

# Names stay with a run; other names of the same numbers are mentioned.
"$tessera" convert builtin:pendulum-random named.csv >/dev/null
sed -i '1s/observation_0/cosine/g;1s/observation_1/sine/g;1s/observation_2/speed/g' named.csv
"$tessera" "${run[@]}" --dataset named.csv --steps 20 --out named >/dev/null 2>&1
grep -q '"observation_names": \["cosine", "sine", "speed"\]' named/config.json || { echo "names: $(cat named/config.json)"; exit 1; }
sed -i '1s/speed/velocity/g' named.csv
"$tessera" train --resume named --steps 40 --threads 1 >/dev/null 2>named.log || { cat named.log; exit 1; }
grep -q "other-names.*number 2 of an observation is called 'velocity', and was 'speed'" named.log || { cat named.log; exit 1; }
