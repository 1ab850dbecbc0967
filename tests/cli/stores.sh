#!/usr/bin/env bash
# stores.sh TESSERA: a store that takes more memory than it may is learned from on the disk, with the bits of memory.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
"$tessera" convert builtin:cartpole-mixed cart.store >log 2>&1 || fail "$(cat log)"
"$tessera" convert builtin:pendulum-random swing.store >log 2>&1 || fail "$(cat log)"
"$tessera" convert builtin:pendulum-random swing.hdf5 >log 2>&1 || fail "$(cat log)"
for data in cart swing; do
  run=(train --algorithm iql --dataset $data.store --steps 40 --report-every 20 --batch 64 --threads 1
    --set policy.net.hidden=16 --set critic.net.hidden=16 --set value.net.hidden=16)
  "$tessera" "${run[@]}" --out $data-memory >log 2>&1 || fail "$(cat log)"
  grep -q 'stay on the disk' log && fail "$data: $(cat log)"
  "$tessera" "${run[@]}" --out $data-disk --memory-limit 0.0025 >log 2>&1 || fail "$(cat log)"
  grep -q '^data: [0-9]* transitions stay on the disk, and take at most 2.50 MB of memory (--memory-limit)$' log || fail "$data: $(cat log)"
  diff <(cut -d, -f1,3- $data-memory/metrics.csv) <(cut -d, -f1,3- $data-disk/metrics.csv) || fail "$data: other losses"
  # All but the seconds of the two runs.
  "$tessera" train --resume $data-memory --steps 60 >log 2>&1 || fail "$(cat log)"
  "$tessera" train --resume $data-disk --steps 60 --memory-limit 0.0025 >log 2>&1 || fail "$(cat log)"
  grep -q 'stay on the disk' log || fail "$data resumed: $(cat log)"
  diff <(cut -d, -f1,3- $data-memory/metrics.csv) <(cut -d, -f1,3- $data-disk/metrics.csv) || fail "$data: other losses after it was resumed"
done
# What is said of it is the same but for what is looked for in a part.
diff <("$tessera" inspect swing.store 2>/dev/null | grep -v '^warning') \
  <("$tessera" inspect swing.store --memory-limit 0.0025 2>/dev/null | grep -v '^warning') || fail "inspect"
"$tessera" inspect swing.store --memory-limit 0.0025 2>&1 | grep -q '^data: what is odd in them is looked for in [0-9]* of [0-9]* transitions, [0-9]* of [0-9]* episodes spread over the log$' || fail "inspect's part"
"$tessera" doctor swing.store --memory-limit 0.0025 >report 2>log || [[ $? == 1 ]] || fail "doctor: $(cat log)"
grep -q '^data: what is odd in them is looked for in ' log || fail "doctor's part: $(cat log)"
# What needs it in memory says so.
on=(--memory-limit 0.0025)
ends_refused "swing.store: its transitions stay on the disk, and --json needs them in memory; raise the memory limit" inspect swing.store --json "${on[@]}"
ends_refused "and the cutting of its episodes needs them in memory" train --algorithm bc --dataset swing.store --steps 1 --episode-length 10 --out no "${on[@]}"
ends_refused "takes .* which is more than the 2.50 MB that this file may take" convert swing.store other.hdf5 "${on[@]}"
[[ ! -e no && ! -e other.hdf5 ]] || fail "something was written"
# Other formats are read into memory, or not at all.
ends_refused "more than the 1.00 MB that this file may take" train --algorithm bc --dataset swing.hdf5 --steps 1 --out no --memory-limit 0.001
if "$tessera" algorithms | grep -q '^| `mopo`'; then
  ends_refused "its transitions stay on the disk, and the dynamics model of mopo needs them in memory" \
    train --algorithm mopo --dataset swing.store --steps 1 --out no "${on[@]}"
fi
[[ $failures == 0 ]] && echo "all as expected"
exit $((failures > 0))
