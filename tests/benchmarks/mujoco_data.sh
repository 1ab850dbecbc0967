#!/usr/bin/env bash
# mujoco_data.sh TESSERA OUT [TASK ...]: data sets of Gymnasium's MuJoCo in the manner of D4RL, by one online SAC training for each task:
#   TASK-random.hdf5         uniform actions (D4RL: a policy with random weights)
#   TASK-medium.hdf5         episodes of the policy after MEDIUM steps, its actions drawn
#   TASK-medium-replay.hdf5  all that it had done until then
#   TASK-expert.hdf5         episodes of the policy after EXPERT steps, its actions drawn
# TASK: hopper, halfcheetah, walker2d (default: all).  TESSERA_PYTHON names a Python with gymnasium[mujoco].
# Sizes, of D4RL's million: ROWS of random, medium and expert; MEDIUM and EXPERT steps of training.  What is there already is not made again, and
# a training that was stopped goes on.
set -eu
tessera=$(realpath "$1")
mkdir -p "$2" && cd "$2"
shift 2
rows=${ROWS:-50000} medium=${MEDIUM:-60000} expert=${EXPERT:-200000} seed=${SEED:-0} threads=${THREADS:-1}
[[ $# -gt 0 ]] || set -- hopper halfcheetah walker2d
fail() { echo "mujoco_data.sh: $*" >&2; exit 1; }
field() { sed -n "s/.*\"$2\": *\([^,}]*\).*/\1/p" "$1"; }

# Whole episodes until there are as many rows as wanted: how many episodes that is, a few of them tell.
episodes_of() { # RUN NAME
  [[ -s $2.hdf5 ]] && return
  "$tessera" collect "$1" --explore --episodes 5 --seed 1000 --threads "$threads" --out probe-"$2".hdf5 --overwrite >probe-"$2".json
  local each=$(($(field probe-"$2".json transitions) / 5))
  "$tessera" collect "$1" --explore --episodes $(((rows + each - 1) / each)) --seed 2000 --threads "$threads" --out "$2".hdf5 >"$2".json
  rm -f probe-"$2".hdf5 probe-"$2".json
}
# Trains the run of a task on to so many steps.
train_to() { # TASK ENV STEPS
  local to=$3
  if [[ -s run-$1/checkpoint.safetensors ]]; then
    "$tessera" train --resume run-"$1" --online-steps "$to" --threads "$threads" >run-"$1".json
  else
    "$tessera" train --algorithm sac --env "$2" --online-steps "$to" --random-steps 5000 --eval-every 10000 --eval-episodes 5 --seed "$seed" \
      --threads "$threads" --overwrite --out run-"$1" >run-"$1".json
  fi
}

for task in "$@"; do
  case $task in
    hopper) env=gym:Hopper-v5 ;;
    halfcheetah) env=gym:HalfCheetah-v5 ;;
    walker2d) env=gym:Walker2d-v5 ;;
    *) fail "$task: no such task; there are hopper, halfcheetah and walker2d" ;;
  esac
  if [[ ! -s $task-random.hdf5 ]]; then
    "$tessera" train --algorithm sac --env $env --online-steps "$rows" --random-steps $((rows - 1)) --updates-per-step 1 --eval-every 1000000000 \
      --eval-episodes 1 --seed $((seed + 1)) --threads "$threads" --overwrite --out random-"$task" >/dev/null
    "$tessera" collect random-"$task" --experience --out "$task"-random.hdf5 >"$task"-random.json
  fi
  if [[ ! -s $task-medium.hdf5 || ! -s $task-medium-replay.hdf5 ]]; then
    train_to "$task" $env "$medium"
    [[ -s $task-medium-replay.hdf5 ]] || "$tessera" collect run-"$task" --experience --out "$task"-medium-replay.hdf5 >"$task"-medium-replay.json
    episodes_of run-"$task" "$task"-medium
  fi
  if [[ ! -s $task-expert.hdf5 ]]; then
    train_to "$task" $env "$expert"
    episodes_of run-"$task" "$task"-expert
  fi
done
printf '%-26s %10s %9s %12s %10s\n' data rows episodes return std
for task in "$@"; do
  for kind in random medium medium-replay expert; do
    f=$task-$kind.json
    printf '%-26s %10s %9s %12.1f %10.1f\n' "$task-$kind" "$(field "$f" transitions)" "$(field "$f" episodes)" "$(field "$f" return_mean)" "$(field "$f" return_std)"
  done
done
