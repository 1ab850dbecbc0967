#!/usr/bin/env bash
# errors.sh TESSERA: wrong input is one line on standard error that helps, exit code 2, and nothing is written.
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
expect "unknown parameter 'actor.bta'; did you mean 'actor.beta'" "${run[@]}" --algorithm iql --set actor.bta=3
expect "'x' is not a number" "${run[@]}" --algorithm iql --set actor.beta=x
expect "'1.5' is not at most 1" "${run[@]}" --algorithm iql --set value.tau=1.5
expect "one of relu, gelu, tanh, silu" "${run[@]}" --algorithm iql --set policy.net.activation=rely
expect "list of whole numbers" "${run[@]}" --algorithm iql --set critic.net.hidden=256x256
expect "KEY=VALUE" "${run[@]}" --algorithm iql --set actor.beta
expect "unknown algorithm 'iqll'; did you mean 'iql'" "${run[@]}" --algorithm iqll
expect "discrete-iql is for discrete ones" "${run[@]}" --algorithm discrete-iql
expect "unknown parameter 'gamma'; did you mean 'critic.discount'" "${run[@]}" --algorithm iql --set gamma=0.9
expect "unknown parameter 'critic.gamma'; did you mean 'critic.discount'" "${run[@]}" --algorithm iql --set critic.gamma=0.9
expect "unknown parameter 'lr'; did you mean 'policy.adam.learning_rate' or 'critic.adam" "${run[@]}" --algorithm iql --set lr=1e-3
expect "unknown parameter 'tau'; did you mean '(value.tau' or 'critic.polyak|critic.polyak' or 'value.tau)'" "${run[@]}" --algorithm iql --set tau=0.9
expect "unknown parameter 'batch_size'; did you mean '--batch'" "${run[@]}" --algorithm iql --set batch_size=64
expect "unknown algorithm 'CQL'; did you mean 'cql'" "${run[@]}" --algorithm CQL
expect "unknown algorithm 'TD3\+BC'; did you mean 'td3-bc'" "${run[@]}" --algorithm TD3+BC
expect "seed: .*'-1' is not a whole number from 0" "${run[@]}" --algorithm iql --seed -1
expect "steps: .*'1.5' is not a whole number" "${run[@]}" --algorithm iql --steps 1.5
expect "steps: .*'1e-3' is not a whole number" "${run[@]}" --algorithm iql --steps 1e-3
expect "action-low and --action-high are given together" "${run[@]}" --algorithm iql --action-low -2
expect "action-low 2 is not below --action-high 1" "${run[@]}" --algorithm iql --action-low 2 --action-high 1
expect "action-low has 2 numbers, but an action of .* has 1" "${run[@]}" --algorithm iql --action-low -2,-2 --action-high 2
expect "action-high: 'two' is not a number" "${run[@]}" --algorithm iql --action-low -2 --action-high two
expect "its actions are discrete and have no limits" train --algorithm discrete-iql --dataset builtin:cartpole-mixed --action-low 0 --action-high 1
expect "excludes" train --resume run --published
expect "length must be at least 1, not -5" "${run[@]}" --algorithm iql --episode-length -5
expect "steps must be at least 1" "${run[@]}" --algorithm iql --steps 0
expect "batch must be at least 1" "${run[@]}" --algorithm iql --batch -1
expect "not expected" "${run[@]}" --algorithm iql --sede 3
expect "threads" "${run[@]}" --algorithm iql --threads 0
expect "device 'gpu': there are cpu, cuda and cuda:INDEX" "${run[@]}" --algorithm iql --device gpu
expect "device 'cuda:-1': there are cpu" "${run[@]}" --algorithm iql --device cuda:-1
expect "device 'cuda:99': (the libtorch of this build has no CUDA|no GPU was found|there are )" "${run[@]}" --algorithm iql --device cuda:99
expect "iql is for continuous ones; use --algorithm discrete-iql" train --algorithm iql --dataset builtin:cartpole-mixed --env cartpole
expect "does not come from cartpole" train --algorithm iql --dataset builtin:pendulum-random --env cartpole
expect "unknown environment 'pendulm'; did you mean 'pendulum'" train --algorithm iql --dataset builtin:pendulum-random --env pendulm
expect "no such file" train --algorithm iql --dataset absent.h5 --env pendulum
expect "absent.npz: there is no such file" train --algorithm discrete-bc --dataset icu-sepsis:absent.npz
expect "absent.npz: there is no such file" train --algorithm iql --dataset builtin:pendulum-random --env icu-sepsis:absent.npz
expect "absent.npz: there is no such file" inspect icu-sepsis:absent.npz
expect "'polcy=random' is not understood; did you mean 'policy='" inspect "icu-sepsis:absent.npz?polcy=random"
expect "policy is 'export'; did you mean 'expert'" inspect "icu-sepsis:absent.npz?policy=export"
expect "episodes is '0'; it must be a whole number from 1" inspect "icu-sepsis:absent.npz?episodes=0"
expect "seed is given twice" inspect "icu-sepsis:absent.npz?seed=0&seed=1"
expect "'seed=1' is not understood" train --algorithm discrete-bc --dataset builtin:cartpole-mixed --env "icu-sepsis:absent.npz?seed=1"
expect "write icu-sepsis:PATH" train --algorithm discrete-bc --dataset builtin:cartpole-mixed --env icu-sepsis
printf 'not an archive either\n' >text.npz
expect "text.npz: is not a zip archive" inspect icu-sepsis:text.npz
expect "did you mean .*pendulum-random|pendulum-random" train --algorithm iql --dataset builtin:pendulum-randm --env pendulum
expect "needs --algorithm and --dataset" train --algorithm iql
expect "no such folder" train --resume absent
expect "resume excludes|excludes" train --resume absent --algorithm iql
expect "no such folder" evaluate absent --env pendulum
expect "unknown algorithm" explain iqll
expect "unknown subcommand 'trian'; did you mean 'train'\? \(there are train, evaluate" trian
expect "unknown subcommand 'model inspct'; did you mean 'model inspect'" model inspct
expect "subcommand" nonsense
printf 'not an HDF5 file\n' >text.h5
expect "not an HDF5 file" inspect text.h5
: >empty.h5
expect "empty file" inspect empty.h5
expect "is a folder" inspect "$dir"

# An existing run is not overwritten, and a damaged checkpoint is not evaluated.
"$tessera" "${run[@]}" --algorithm bc >/dev/null 2>&1 || { echo "FAILED: a run of two steps"; failures=$((failures + 1)); }
expect "already holds a run" "${run[@]}" --algorithm bc
expect "cartpole has discrete actions" evaluate run --env cartpole
expect "more than --steps 1" train --resume run --steps 1
expect "checkpoint.h5: is the checkpoint of a run, not a dynamics model" model inspect run/checkpoint.h5
head -c 2000 run/checkpoint.h5 >part && mv part run/checkpoint.h5
expect "not a readable HDF5 file|damaged" evaluate run
mv run/checkpoint.h5 part
expect "checkpoint.h5: is missing" evaluate run
mv part run/checkpoint.h5

# Dynamics models.
tiny=(--set dynamics.net.hidden=8 --set dynamics.members=2 --set dynamics.max_epochs=1 --set dynamics.batch=1024)
for name in pendulum-narrow cartpole-mixed; do
  "$tessera" model train --dataset builtin:$name --out $name "${tiny[@]}" >/dev/null 2>&1 || { echo "FAILED: a model of one epoch"; failures=$((failures + 1)); }
done
model=(model train --dataset builtin:pendulum-narrow --out new "${tiny[@]}")
mopo=(train --algorithm mopo --dataset builtin:pendulum-narrow --env pendulum --steps 2 --eval-episodes 1 --out mopo)
expect "subcommand is required" model
expect "dataset is required" model train --out new
expect "not expected" "${model[@]}" --seed 3
expect "unknown parameter 'dynamics.member'; did you mean 'dynamics.members'" "${model[@]}" --set dynamics.member=3
expect "unknown parameter 'actor.beta'" "${model[@]}" --set actor.beta=3
expect "'0' is not at least 1" "${model[@]}" --set dynamics.members=0
expect "one of learned, never" "${model[@]}" --set dynamics.termination=always
expect "KEY=VALUE" "${model[@]}" --set dynamics.members
expect "unknown environment 'pendulm'" "${model[@]}" --env pendulm
expect "does not come from cartpole" "${model[@]}" --env cartpole
expect "absent.h5: there is no such file" "${model[@]}" --dataset absent.h5
expect "threads" "${model[@]}" --threads 0
expect "device 'gpu'" "${model[@]}" --device gpu
expect "text.h5: the folder cannot be made" "${model[@]}" --out text.h5
expect "text.h5/new: the folder cannot be made" "${model[@]}" --out text.h5/new
expect "already holds a model; use it with --model pendulum-narrow, replace it with --overwrite" "${model[@]}" --out pendulum-narrow

expect "absent: there is no such folder or file" model inspect absent
expect "run: is the folder of a run" model inspect run
mkdir empty
expect "empty/model.h5: is missing" model inspect empty
expect "text.h5: is not a readable HDF5 file" model inspect text.h5
expect "horizon must be from 1 to 100000, not 0" model inspect pendulum-narrow --horizon 0
expect "horizon" model inspect pendulum-narrow --horizon ten
expect "horizon 1000: the longest held-out episode has [0-9]+ transitions; ask for at most that" model inspect pendulum-narrow --horizon 1000
expect "builtin:pendulum-mixed: is not the data that pendulum-narrow/model.h5 was trained on" model inspect pendulum-narrow --dataset builtin:pendulum-mixed
expect "leave out --new-data" model inspect pendulum-narrow --dataset builtin:pendulum-narrow --new-data
expect "name it with --dataset" model inspect pendulum-narrow --new-data
expect "is a model of observations of 3 and actions of 1, but builtin:cartpole-mixed has observations of 4 and 2 discrete actions" \
  model inspect pendulum-narrow --dataset builtin:cartpole-mixed --new-data
expect "absent: there is no such folder" model inspect pendulum-narrow --out absent

expect "absent: there is no such folder or file" "${mopo[@]}" --model absent
expect "empty/model.h5: is missing" "${mopo[@]}" --model empty
expect "run: is the folder of a run" "${mopo[@]}" --model run
expect "cartpole-mixed/model.h5: is a model of observations of 4 and 2 discrete actions, but builtin:pendulum-narrow has" "${mopo[@]}" --model cartpole-mixed
expect "members=3: pendulum-narrow/model.h5 was trained with 2; leave the setting out" "${mopo[@]}" --model pendulum-narrow --set dynamics.members=3
expect "was trained with 8; leave" "${mopo[@]}" --model pendulum-narrow --set dynamics.net.hidden=8,8
expect "'x' is not a whole number" "${mopo[@]}" --model pendulum-narrow --set dynamics.members=x
expect "unknown parameter 'data.horzon'; did you mean 'data.horizon'" "${mopo[@]}" --set data.horzon=3
expect "model: iql uses no dynamics model; leave it out, or take one of those that do: .*mopo" "${run[@]}" --out iql --algorithm iql --model pendulum-narrow
expect "unknown parameter 'dynamics.members'" "${run[@]}" --out iql --algorithm iql --set dynamics.members=3
expect "already holds a run" "${mopo[@]}" --out run
expect "text.h5: is a file, not a folder" "${mopo[@]}" --out text.h5
expect "take [0-9.]+ GB, and this machine has [0-9.]+; lower" "${mopo[@]}" --set data.starts=100000000 --set data.horizon=1000
expect "excludes" train --resume run --model pendulum-narrow
for part in 0 700 3000; do
  head -c $part pendulum-narrow/model.h5 >cut.h5
  expect "cut.h5: is not a readable HDF5 file" "${mopo[@]}" --model cut.h5
  expect "cut.h5: is not a readable HDF5 file" model inspect cut.h5
done
[[ $failures == 0 ]] || exit 1
