#!/usr/bin/env bash
# ranks.sh TESSERA SOURCE: several processes train one run together: it is what one process makes of the same batches;
# a process that is killed ends all, and the run goes on with any number of them.
set -u
# shellcheck source=tests/cli/ranks_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/ranks_common.sh"
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begins= besides='^warning \['
unset RANK WORLD_SIZE MASTER_ADDR MASTER_PORT SLURM_PROCID SLURM_NTASKS OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE PMI_RANK PMI_SIZE
"$tessera" train --algorithm bc --dataset builtin:pendulum-random --steps 1 --data-parallel >out 2>log && fail "data-parallel without a launcher: $(cat out)"
grep -q 'no RANK and WORLD_SIZE; start the processes with torchrun, mpirun or srun' log || fail "without a launcher: $(cat log)"
RANK=0 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port "$tessera" train --algorithm bc --dataset builtin:pendulum-random --steps 1 --data-parallel --rank-timeout 0.1 >out 2>log && fail "a rank alone: $(cat out)"
grep -q 'this build has no c10d' log && { echo "skipped: $(cat log)"; exit 0; }
grep -q 'rank 0 of 2: 1 of the ranks have come to 127.0.0.1' log || fail "a rank alone: $(cat log)"
until_saved() { for _ in $(seq 300); do [[ -s $1/checkpoint.safetensors ]] && return; sleep 0.1; done; fail "$1 saves nothing: $(cat "$1".*.log)"; }
errors() { grep -h 'error: ' "$@"; }
# alike RUN OTHER: the rows of both are equal to 1e-5, but for the seconds.
alike() {
  paste -d, "$1/metrics.csv" "$2/metrics.csv" | awk -F, -v runs="$1 $2" '
    NR == 1 { n = NF / 2; next }
    { for (i = 1; i <= n; ++i) { a = $i; b = $(i + n); d = a - b; s = (a < 0 ? -a : a) + 1; if (i != 2 && (d > 1e-5 * s || -d > 1e-5 * s || (a == "") != (b == ""))) { print "FAILED: " runs ": row " NR ", column " i ": " a " and " b; bad = 1 } } }
    END { if (NR < 4) { print "FAILED: " runs ": " NR " rows"; bad = 1 } exit bad }' || failures=$((failures + 1))
}
# The policy's step size decays over the whole run, also of one that is made in parts.
nets=(--set policy.adam.cosine_steps=120 --set policy.net.hidden=32,32 --set critic.net.hidden=32,32 --set value.net.hidden=32,32)
run=(--algorithm iql --dataset builtin:pendulum-random --seed 3 --batch 96 --eval-every 40 --report-every 20 "${nets[@]}")

"$tessera" train "${run[@]}" --steps 120 --threads 1 --out alone >alone.out 2>alone.log || fail "alone: $(cat alone.log)"
for size in 2 3; do
  start $size joint$size "${run[@]}" --steps 120 --out joint$size
  ended "0${size:+ 0}$([[ $size == 3 ]] && echo ' 0')"
  alike alone joint$size
  [[ $(field joint$size.0.out updates) == 120 && $(field joint$size.0.out ranks) == "$size" ]] || fail "result: $(cat joint$size.0.out)"
  for ((r = 1; r < size; ++r)); do [[ ! -s joint$size.$r.out && ! -s joint$size.$r.log ]] || fail "rank $r prints: $(cat joint$size.$r.out joint$size.$r.log)"; done
  grep -q "^data-parallel: $size processes, $size of them on this host" joint$size.0.log || fail "rank 0 says: $(cat joint$size.0.log)"
done
grep -q '"ranks": 3' joint3/config.json || fail "config.json has no ranks"

# A run goes on with another number of processes.
start 2 parts "${run[@]}" --steps 40 --out parts
ended '0 0'
start 3 parts --resume parts --steps 80
ended '0 0 0'
grep -q 'other-ranks' parts.0.log || fail "no word of another number of processes: $(cat parts.0.log)"
"$tessera" train --resume parts --steps 120 --threads 1 >parts.out 2>parts.log || fail "resumed alone: $(cat parts.log)"
alike alone parts

# One that evaluates for longer than the timeout keeps the others waiting, and not more.
start 2 slow "${run[@]}" --steps 80 --out slow --env pendulum --eval-episodes 3000 --rank-timeout 2
ended '0 0'
[[ $(grep -c '^[0-9]*,[^,]*,[^,]*,[^,]*,[^,]*,[-0-9]' slow/metrics.csv) -ge 1 ]] || fail "no evaluation: $(cat slow/metrics.csv)"

# Killed: the other ends within seconds, with one line, and the run goes on.
for lost in 1 0; do
  start 2 killed$lost "${run[@]}" --steps 100000000 --out killed$lost --rank-timeout 5
  until_saved killed$lost
  began=$SECONDS
  kill -KILL "${pids[lost]}"
  if [[ $lost == 1 ]]; then ended '1 137'; else ended '137 1'; fi 2>/dev/null
  ((SECONDS - began < 20)) || fail "the other took $((SECONDS - began)) s to end"
  other=killed$lost.$((1 - lost)).log
  [[ $(errors "$other" | wc -l) == 1 ]] || fail "more than one line: $(cat "$other")"
  errors "$other" | grep -q "rank $((1 - lost)) of 2: .*rank $lost .*" || fail "the other says: $(cat "$other")"
done
errors killed1.0.log | grep -q 'go on from the last checkpoint, with any number of processes: .* train --resume killed1 --data-parallel' || fail "no way on: $(cat killed1.0.log)"
at=$(tail -n 1 killed1/metrics.csv | cut -d, -f1)
start 3 killed1 --resume killed1 --steps $((at + 1000))
ended '0 0 0'

# A signal to any of them saves and ends all.
for signaled in 0 1; do
  start 2 signal$signaled "${run[@]}" --steps 100000000 --out signal$signaled
  until_saved signal$signaled
  kill -TERM "${pids[signaled]}"
  ended '143 143'
  errors signal$signaled.0.log | grep -q "interrupted at update .*; go on with: .* train --resume signal$signaled" || fail "a signal to $signaled: $(cat signal$signaled.0.log)"
done

# Data on the disk, each process with its own share; and the same rows for all.
"$tessera" convert builtin:pendulum-random store --to store >/dev/null 2>&1 || fail "no store"
start 2 stored --algorithm iql --dataset store --seed 3 --batch 96 --eval-every 40 --report-every 20 "${nets[@]}" --steps 120 --out stored --memory-limit 0.003
ended '0 0'
alike alone stored
start 2 shards --algorithm iql --dataset store --seed 3 --batch 96 --report-every 20 "${nets[@]}" --steps 120 --out shards --memory-limit 0.003 --sharded
ended '0 0'
grep -q '"sharded": true' shards/config.json || fail "config.json does not say sharded"
cmp -s <(cut -d, -f5 stored/metrics.csv) <(cut -d, -f5 shards/metrics.csv) && fail "shares of their own are the same rows"

# What cannot be is one line of the rank that it is of, and ends the other.
start 2 full "${run[@]}" --steps 10 --out /proc/no
ended '2 1' # the other: rank 0 has ended
errors full.1.log | grep -q 'rank 1 of 2: rank 0 ended: ' || fail "rank 1 says: $(cat full.1.log)"
port=$((port + 1))
for r in 0 1; do
  RANK=$r WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port "$tessera" train "${run[@]}" --set value.tau=0.$((7 + r)) --steps 10 --data-parallel --out differ >differ.$r.out 2>differ.$r.log &
  pids[r]=$!
done
ended '1 2'
errors differ.1.log | grep -q 'rank 1 of 2: data-parallel: the settings of rank 1 are not those of rank 0' || fail "rank 1 says: $(cat differ.1.log)"
[[ ! -e differ ]] || fail "a run that did not begin left something"
WORLD_SIZE=2 "$tessera" train "${run[@]}" --steps 10 --out alone2 2>&1 >/dev/null | grep -q '^warning \[not-data-parallel\]: WORLD_SIZE=2' || fail "no warning of WORLD_SIZE"
export RANK=0 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port
refused '--data-parallel is of one run, and --seeds and --grid are of several' train "${run[@]}" --seeds 0:2 --data-parallel
refused '--data-parallel is of a training from logged data' train "${run[@]}" --env pendulum --online-steps 10 --data-parallel
refused '--batch 97: 2 processes cannot share it equally; give a multiple of 2' train "${run[@]}" --batch 97 --data-parallel
refused '--sharded is of several processes' train "${run[@]}" --sharded
RANK=2 refused 'data-parallel: RANK=2 and WORLD_SIZE=2 contradict each other' train "${run[@]}" --data-parallel

[[ $failures == 0 ]]
