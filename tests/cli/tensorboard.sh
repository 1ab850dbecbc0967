#!/usr/bin/env bash
# tensorboard.sh TESSERA SOURCE [tensorboard]: the event files of a run hold what its metrics.csv holds, each number once,
# wherever the run was ended and resumed.  Read by a reader of our own or, where the third argument is `tensorboard`, by TensorBoard's.
set -eu
tessera=$1 reader=$2/tests/cli/events.py library=
[[ ${3:-} != tensorboard ]] || library=tensorboard
python=${TESSERA_PYTHON:-python3}
if [[ -n $library ]] && ! "$python" -c 'import tensorboard' 2>/dev/null; then
  echo "skipped: $python has no tensorboard"
  exit 0
fi
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir"
fail() { echo "FAILED: $*"; exit 1; }
run=(train --algorithm iql --dataset builtin:pendulum-mixed --env pendulum --eval-every 20 --eval-episodes 2 --report-every 7 --threads 1
  --set policy.net.hidden=16 --set critic.net.hidden=16 --set value.net.hidden=16)
tessera() { "$tessera" "$@" >out.json 2>log || { cat log; fail "$*"; }; }
equal() { "$python" "$reader" "$1" $library || fail "$1: not what metrics.csv holds"; }
count() { find "$1" -name 'events.out.tfevents.*' | wc -l; }

tessera "${run[@]}" --steps 60 --out plain
[[ $(count plain) == 0 ]] || fail "event files that nobody asked for"
tessera "${run[@]}" --steps 60 --tensorboard --out whole
equal whole
[[ $(count whole) == 1 ]] || fail "$(ls whole)"
cmp <(cut -d, -f1,3- plain/metrics.csv) <(cut -d, -f1,3- whole/metrics.csv) || fail "other numbers with --tensorboard"

# A longer run goes on without the flag, in a file of its own, and leaves the first as it is.
first=$(ls whole | grep tfevents)
cp "whole/$first" before
cp -r whole killed
tessera train --resume whole --steps 90 --threads 1
equal whole
[[ $(count whole) == 2 ]] || fail "$(ls whole)"
cmp before "whole/$first" || fail "the file of the first session was changed"

# A run that was killed after it had written numbers and before its checkpoint: these steps come again.
later=$(ls whole | grep tfevents | tail -1)
cp "whole/$later" killed/
printf 'half a record' >>"killed/$later"
tessera train --resume killed --steps 90 --threads 1
equal killed
[[ $(count killed) == 3 ]] || fail "$(ls killed)"

# One that was killed between its first checkpoint and its first event file; and the flag beside --resume.
tessera "${run[@]}" --steps 40 --tensorboard --out early
rm early/events.out.tfevents.*
tessera train --resume early --steps 60 --threads 1
equal early
tessera train --resume plain --steps 70 --threads 1 --tensorboard
equal plain
tessera train --resume plain --steps 80 --threads 1
equal plain

# Online: the history of the run that it goes on from, and the steps of the environment.
tessera finetune whole --online-steps 60 --random-steps 20 --eval-every 20 --threads 1 --out online
equal online
head -1 online/metrics.csv | grep -q environment_steps || fail "no environment_steps"

# A new run in the folder takes the old one's files away, and leaves those of others.
echo mine >whole/events.out.tfevents.1700000000.host.1.0
tessera "${run[@]}" --steps 40 --out whole --overwrite
[[ $(ls whole | grep tfevents) == events.out.tfevents.1700000000.host.1.0 ]] || fail "$(ls whole)"
# Event files of a run that is gone would be taken for the new one's.
mkdir left && cp before left/events.out.tfevents.1700000000.tessera
rc=0
"$tessera" "${run[@]}" --steps 40 --out left >out.json 2>log || rc=$?
[[ $rc == 2 && $(cat log) == *"left: holds events.out.tfevents.1700000000.tessera, which is of no run"* ]] || fail "$rc: $(cat log)"
echo "event files equal metrics.csv"
