#!/usr/bin/env bash
# ranks_memory.sh TESSERA: processes of one host sum through shared memory where there is some, else by Gloo, to the same
# numbers; one that is killed or stopped is missed, and no memory is left behind.
set -u
if [[ ${2-} != inside ]]; then
  RANK=0 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=1 "$1" train --algorithm bc --dataset builtin:pendulum-random --steps 1 --data-parallel --rank-timeout 0.1 2>&1 |
    grep -q 'this build has no c10d' && { echo "skipped: this build has no c10d"; exit 0; }
  # A memory of their own: what is left in it is theirs.
  as=(unshare --mount --pid --fork --kill-child)
  [[ $(id -u) == 0 ]] || as=(unshare --user --map-root-user --mount --pid --fork --kill-child)
  command -v unshare >/dev/null && "${as[@]}" sh -c 'mount -t proc proc /proc && mount -t tmpfs none /dev/shm' 2>/dev/null || { echo "skipped: namespaces cannot be made here"; exit 0; }
  exec "${as[@]}" bash "${BASH_SOURCE[0]}" "$1" inside
fi
mount -t proc proc /proc && mount -t tmpfs none /dev/shm
# shellcheck source=tests/cli/ranks_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/ranks_common.sh"
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
unset RANK WORLD_SIZE MASTER_ADDR MASTER_PORT
run=(--algorithm iql --dataset builtin:pendulum-random --batch 96 --eval-every 20 --report-every 20 --set policy.net.hidden=32,32 --set critic.net.hidden=32,32 --set value.net.hidden=32,32)
says() { grep -q "$2" "$1" || fail "$1, wanted '$2': $(cat "$1")"; }
nothing_left() { [[ -z $(ls -A /dev/shm) ]] || fail "$1 leaves $(ls -A /dev/shm)"; }
numbers() { cut -d, -f1,3- "$1/metrics.csv"; } # all but the seconds

start 2 shared "${run[@]}" --steps 60 --out shared
ended '0 0'
says shared.0.log '^data-parallel: 2 processes, 2 of them on this host\(, each on a core of its own\)\?; sums by shared memory$'
nothing_left 'a run'

# Two processes that may use two cores: each makes its updates on one, and evaluates on both.
cores=$(taskset -cp $$ 2>/dev/null | sed 's/.*: //')
if [[ $cores =~ ^([0-9]+)([-,])([0-9]+) ]]; then
  two=("${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}")
  [[ ${BASH_REMATCH[2]} == , ]] || two[1]=$((two[0] + 1))
  on() { where=(taskset -c "${two[0]},${two[1]}"); }
  start 2 pinned "${run[@]}" --eval-every 1000000 --steps 100000000 --out pinned
  for r in 0 1; do
    for _ in $(seq 300); do [[ $(taskset -cp "${pids[r]}" | sed 's/.*: //') == "${two[r]}" ]] && break; sleep 0.1; done
    [[ $(taskset -cp "${pids[r]}" | sed 's/.*: //') == "${two[r]}" ]] || fail "rank $r is on cores $(taskset -cp "${pids[r]}")"
  done
  kill -TERM "${pids[0]}"
  ended '143 143'
  says pinned.0.log 'each on a core of its own; sums by shared memory$'
  # Not where their launcher has given each its core.
  on() { where=(taskset -c "${two[$1]}"); }
  start 2 bound "${run[@]}" --steps 60 --out bound
  ended '0 0'
  says bound.0.log '2 of them on this host; sums by'
  on() { where=(); }
fi

# Killed: the other knows at once, and not only after the timeout.
for lost in 1 0; do
  start 2 killed$lost "${run[@]}" --steps 100000000 --out killed$lost --rank-timeout 100
  for _ in $(seq 300); do [[ -s killed$lost/checkpoint.safetensors ]] && break; sleep 0.1; done
  nothing_left 'a run that goes on'
  began=$SECONDS
  kill -KILL "${pids[lost]}"
  if [[ $lost == 1 ]]; then ended '1 137'; else ended '137 1'; fi 2>/dev/null
  ((SECONDS - began < 10)) || fail "the other took $((SECONDS - began)) s to end"
done
says killed1.0.log 'error: rank 0 of 2: rank 1 has ended and has not said why; go on from the last checkpoint'
says killed0.1.log 'error: rank 1 of 2: rank 0 '
[[ $(cat killed1.0.log killed0.1.log | grep -c 'error: ') == 2 ]] || fail "more than one line: $(cat killed1.0.log killed0.1.log)"

# Stopped: it holds its place, and gives no sign of life.
start 2 stopped "${run[@]}" --steps 100000000 --out stopped --rank-timeout 2
for _ in $(seq 300); do [[ -s stopped/checkpoint.safetensors ]] && break; sleep 0.1; done
kill -STOP "${pids[1]}"
wait "${pids[0]}" && fail "it goes on without the other"
says stopped.0.log 'error: rank 0 of 2: rank 1 has given no sign of life for 2 s'
kill -KILL "${pids[1]}"
wait "${pids[1]}" 2>/dev/null
nothing_left 'a run that was ended'

# Another memory for one of them; then one that has no room.
on() { if [[ $1 == 1 ]]; then where=(unshare --mount sh -c 'mount -t tmpfs none /dev/shm && exec "$@"' sh); else where=(); fi; }
start 2 apart "${run[@]}" --steps 60 --out apart
ended '0 0'
says apart.0.log '; sums by Gloo; rank 1 cannot open the memory of rank 0$'
nothing_left 'a run without a memory in common'
on() { where=(); }
umount /dev/shm && mount -t tmpfs -o size=1m none /dev/shm
start 2 full "${run[@]}" --steps 60 --out full
ended '0 0'
says full.0.log '; sums by Gloo; shared memory: [0-9]* MiB are not to be had (No space left on device)$'
nothing_left 'a run without room'
# Of two numbers the order does not matter.
for other in apart full; do cmp <(numbers shared) <(numbers $other) || fail "other numbers than through shared memory: $other"; done
[[ $failures == 0 ]]
