#!/usr/bin/env bash
# folders.sh TESSERA SOURCE_DIR: data sets that are folders, by their path, from the first look to a resumed run.
set -u
tessera=$1 shared=${TESSERA_SHARED_DATA:-$2/../shared/data}
door=$shared/minari/D4RL/door/human-v2 point=$shared/formats/minari/own/point2/dict-hdf5-v0
[[ -d $door && -d $point ]] || { echo "skipped: no shared data"; exit 0; }
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failures=0
fail() { printf 'FAILED: %s\n' "$1"; cat log; failures=$((failures + 1)); }
said() { grep -qE -- "$1" log || fail "not said: $1"; }

"$tessera" inspect "$door" >log 2>&1 || fail "inspect a folder"
said '6,?729'
said 'minari'
hash=$(grep -o 'content hash [0-9a-f]*' log)
for other in "$door/" "$door/data" "$door/data/main_data.hdf5" "minari:$door"; do
  "$tessera" inspect "$other" >log 2>&1 || fail "inspect $other"
  said "$hash"
done

small="--steps 2 --threads 1 --set policy.net.hidden=8"
"$tessera" train --algorithm bc --dataset "$door/" --out run $small >log 2>&1 || fail "train on a folder"
grep -qF "$door" run/config.json || fail "the folder is not in config.json"
"$tessera" train --resume run --steps 4 --threads 1 >log 2>&1 || fail "resume"
"$tessera" train --algorithm iql --dataset "$point?observation=position:goal" --out part $small >log 2>&1 || fail "train on parts"
grep -qF 'dict-hdf5-v0?observation=position:goal' part/config.json || fail "the parts are not in config.json"
"$tessera" train --resume part --steps 4 --threads 1 >log 2>&1 || fail "resume with parts"

"$tessera" inspect "$point?observation=nothing" >log 2>&1
[[ $? -eq 2 && $(wc -l <log) -eq 1 ]] || fail "a part that is not there"
said "no part 'nothing'"
"$tessera" inspect "$shared" >log 2>&1
[[ $? -eq 2 ]] || fail "a folder of no format"
said "is a folder of no known format.*'minari'"
exit $((failures > 0))
