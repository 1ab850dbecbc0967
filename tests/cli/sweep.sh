#!/usr/bin/env bash
# sweep.sh TESSERA SOURCE: a sweep makes the runs that each of them makes alone, to the bit, in one process or in several
# that share a folder, some of which may be lost on the way; the same command goes on.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begins=
cat >few.toml <<'END'
algorithm = "iql"
dataset = "builtin:pendulum-random"
env = "pendulum"
steps = 80
batch = 32
eval-every = 40
eval-episodes = 2
horizon = 30
seeds = "0:2"
[set]
policy.net.hidden = "8"
critic.net.hidden = "8"
value.net.hidden = "8"
policy.adam.cosine_steps = 0
[grid]
actor.beta = [1, 3]
[random]
runs = 2
seed = 3
value.tau = "uniform(0.6, 0.9)"
END
tensors() { tail -c +$((9 + $(od -An -t u8 -N 8 "$1"))) "$1"; }
same() { cmp -s <(tensors "$1/checkpoint.safetensors") <(tensors "$2/checkpoint.safetensors") || fail "$1 and $2 differ"; }
alone() { # STEPS BETA TAU SEED
  [[ -e alone-$1-$2-$3-$4 ]] || "$tessera" train --algorithm iql --dataset builtin:pendulum-random --env pendulum --steps "$1" --batch 32 --eval-every 40 \
    --eval-episodes 2 --horizon 30 --set policy.net.hidden=8 --set critic.net.hidden=8 --set value.net.hidden=8 --set policy.adam.cosine_steps=0 \
    --set "actor.beta=$2" --set "value.tau=$3" --seed "$4" --threads 1 --out "alone-$1-$2-$3-$4" >/dev/null 2>log || fail "$(cat log)"
}
# Each run of a folder, beside the one that is made alone.
each_as_alone() { # FOLDER STEPS COUNT
  local run count=0
  for run in "$1"/*seed-*; do
    [[ ${run##*/} =~ ^actor.beta=([0-9]+),value.tau=([0-9.]+),seed-([0-9])$ ]] || fail "the run $run"
    alone "$2" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}"
    same "$run" "alone-$2-${BASH_REMATCH[1]}-${BASH_REMATCH[2]}-${BASH_REMATCH[3]}"
    count=$((count + 1))
  done
  [[ $count == "$3" ]] || fail "$1: $count runs, not $3"
}

"$tessera" sweep few.toml --out one >one.json 2>one.log || fail "$(cat one.log)"
each_as_alone one 80 8
grep -qx '8 runs of 4 settings' one.log && grep -q '^best of 4 settings: actor.beta=[13] value.tau=0\.[0-9]*, with a mean return of -' one.log || fail "$(cat one.log)"
[[ $(wc -l <one/grid.csv) == 9 && $(head -n 1 one/grid.csv) == actor.beta,value.tau,seed,updates,* && ! -e one/tasks && -s one/curves.svg ]] || fail "$(ls -AR one; cat one/grid.csv)"
grep -q '"best":{"setting":"actor.beta=[^"]*","mean":-[0-9.]*}' <(tail -n 1 one.json) || fail "$(cat one.json)"
# Again: nothing is done twice; more draws begin with those that are there.
before=$(cat one/*/checkpoint.safetensors | cksum) && touch -d '2 days ago' one/*/checkpoint.safetensors
"$tessera" sweep few.toml --out one >again.json 2>again.log || fail "$(cat again.log)"
[[ $before == "$(cat one/*/checkpoint.safetensors | cksum)" && -z $(find one -name checkpoint.safetensors -mtime -1) ]] || fail "run again: $(cat again.log)"
grep -qx '8 of 8 runs have ended already' again.log || fail "$(cat again.log)"
cmp <(sed 's/"seconds":[^,]*//' one.json) <(sed 's/"seconds":[^,]*//' again.json) || fail "another result"
sed 's/^runs = 2/runs = 6/' few.toml >more.toml
"$tessera" sweep more.toml --out one >again.json 2>again.log || fail "$(cat again.log)"
each_as_alone one 80 24
[[ $(find one -name checkpoint.safetensors -mtime -1 | wc -l) == 16 && -s one/settings.svg ]] && grep -q 'value.tau' one/settings.svg || fail "$(ls one; cat again.log)"

# What does not fit is said, and changes nothing.
refused 'one: holds a sweep with the run actor.beta=1,value.tau=.*, which this one has not; ' sweep few.toml --out one
sed 's/^steps = 80/steps = 90/' more.toml >longer.toml
refused 'one: holds a sweep with --steps=80, which this one has not; ' sweep longer.toml --out one
sed 's/value.tau = .*/value.ta = "uniform(0, 1)"/' few.toml >wrong.toml
refused "unknown parameter 'value.ta'; did you mean" sweep wrong.toml --out other
sed 's/value.tau = .*/actor.beta = "uniform(0, 1)"/' few.toml >wrong.toml
refused '\[grid\] and \[random\] both have actor.beta' sweep wrong.toml --out other
sed 's/^steps = 80/stepps = 80/' few.toml >wrong.toml
refused 'wrong.toml: .*stepps' sweep wrong.toml --out other
sed 's/^steps = 80/steps = "many"/' few.toml >wrong.toml
refused "wrong.toml: --steps: 'many' is not a whole number" sweep wrong.toml --out other
sed 's/^seeds = .*/help = true/' few.toml >wrong.toml
refused 'wrong.toml: help cannot stand in the file of a sweep' sweep wrong.toml --out other
refused 'nothing.toml: is not a file' sweep nothing.toml
refused 'sweep: give the file of a sweep, or --join FOLDER' sweep
refused '--out cannot be given beside --join' sweep --join one --out two
refused 'alone-80.*: holds no sweep' sweep --join "$(echo alone-80-* | cut -d' ' -f1)"
refused "--launcher: 'ssh': there are srun, mpirun and parallel" sweep few.toml --launcher ssh
refused '--processes and --launcher-flag are of a --launcher' sweep few.toml --processes 2
printf '\x1b[31mx = 1\n[[[\n' >odd.toml
refused 'odd.toml: ' sweep odd.toml
mkdir bare && printf '#!/bin/bash\nPATH=/nowhere exec %q "$@"\n' "$tessera" >bare/tessera && chmod +x bare/tessera
program=$dir/bare/tessera
refused '--launcher: there is no srun in PATH; install it' sweep few.toml --out none --launcher srun
program=$tessera

# Launchers: processes of their own, which share the folder.  Stand-ins start as many copies as they are asked for.
mkdir bin
cat >bin/srun <<'END'
#!/usr/bin/env bash
count=2
while [[ $1 == -* ]]; do [[ $1 == --ntasks=* ]] && count=${1#*=}; shift; done
for ((i = 0; i < count; ++i)); do "$@" & done
wait
END
sed 's/-\* ]]; do .*/-n ]]; do count=$2; shift 2; done/' bin/srun >bin/mpirun
chmod +x bin/*
for launcher in srun mpirun parallel; do
  path=$dir/bin:$PATH
  if [[ $launcher == parallel ]] && ! command -v parallel >/dev/null; then continue; fi
  PATH=$path "$tessera" sweep few.toml --out "by-$launcher" --launcher $launcher --processes 2 >by.json 2>by.log || fail "$launcher: $(cat by.log)"
  each_as_alone "by-$launcher" 80 8
  grep -q "^launched: $launcher " by.log && [[ $(wc -l <by.json) == 1 && ! -e by-$launcher/tasks ]] || fail "$launcher: $(cat by.log)"
  cmp "by-$launcher/grid.csv" <(head -n 1 one/grid.csv; grep -F -f <(tail -n +2 "by-$launcher/grid.csv") one/grid.csv) || fail "$launcher: another table"
done

# A process that is lost in mid-run, as a host would be: another one takes its runs, from their checkpoints on.
sed 's/^steps = 80/steps = 4000/; s/^eval-every = .*/eval-every = 400/' few.toml >long.toml
PATH=$dir/bin:$PATH "$tessera" sweep long.toml --out lost --launcher srun --processes 2 --lost-after 2 >lost.json 2>lost.log &
job=$!
for _ in $(seq 600); do [[ $(find lost/tasks/taken -type f 2>/dev/null | wc -l) -ge 2 && -n $(find lost -name checkpoint.safetensors 2>/dev/null) ]] && break; sleep 0.1; done
victim=$(find lost/tasks/taken -type f | head -n 1) && victim=${victim##*,}
kill -STOP "$victim" && kill -KILL $(cat "/proc/$victim/task/$victim/children") && kill -KILL "$victim"
wait $job || fail "$(cat lost.log)"
grep -q "@.*,$victim: was given up by its process; another one takes it" lost.log || fail "$(cat lost.log)"
[[ $(find lost -name checkpoint.safetensors | wc -l) == 8 && ! -e lost/tasks ]] || fail "$(find lost)"
run=$(find lost -maxdepth 1 -name 'actor.beta=1,*seed-0' | head -n 1)
[[ $run =~ value.tau=([0-9.]+),seed-0$ ]]
"$tessera" train --algorithm iql --dataset builtin:pendulum-random --env pendulum --steps 4000 --batch 32 --eval-every 400 --eval-episodes 2 --horizon 30 \
  --set policy.net.hidden=8 --set critic.net.hidden=8 --set value.net.hidden=8 --set policy.adam.cosine_steps=0 --set actor.beta=1 \
  --set "value.tau=${BASH_REMATCH[1]}" --threads 1 --out long-alone >/dev/null 2>log || fail "$(cat log)"
same "$run" long-alone

# A run that fails is named, the others go on; where its cause is gone, the same command makes it.
mkdir -p held && first="actor.beta=1,value.tau=$(cut -d, -f2 by-srun/grid.csv | sed -n 2p),seed-1"
mkdir "held/$first"
flock "held/$first" sleep 1000 &
holder=$!
sleep 0.5
rc=0
"$tessera" sweep few.toml --out held >held.json 2>held.log || rc=$?
kill $(cat /proc/$holder/task/$holder/children 2>/dev/null || true) $holder 2>/dev/null || true
wait $holder 2>/dev/null || true
[[ $rc == 2 ]] && grep -q "^tessera: error: 1 of 8 runs failed ($first); go on with: tessera sweep few.toml --out held$" held.log || fail "$rc: $(cat held.log)"
"$tessera" sweep few.toml --out held >held.json 2>held.log || fail "$(cat held.log)"
each_as_alone held 80 8
# A signal: all stop with their checkpoints, and the same command goes on.
"$tessera" sweep long.toml --out stopped >stopped.json 2>stopped.log &
job=$!
for _ in $(seq 600); do [[ -n $(find stopped -name checkpoint.safetensors 2>/dev/null) ]] && break; sleep 0.1; done
kill -INT $job
rc=0
wait $job || rc=$?
[[ $rc == 130 ]] && grep -q '^tessera: error: interrupted; go on with: tessera sweep long.toml --out stopped$' stopped.log || fail "$rc: $(cat stopped.log)"
[[ -z $(ls -A stopped/tasks/taken) && $(find stopped/tasks/todo -type f | wc -l) -ge 6 ]] || fail "$(ls -R stopped/tasks)"
"$tessera" sweep long.toml --out stopped >stopped.json 2>stopped.log || fail "$(cat stopped.log)"
same "stopped/${run##*/}" long-alone
exit $((failures > 0))
