#!/usr/bin/env bash
# convert.sh TESSERA: data sets are written in other formats and described in JSON; a format that cannot hold something
# says so in a line; a target that is there is kept unless --overwrite is given.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# What files hold: opening a store for more episodes touches its files, and changes nothing in them.
here() { ls -AR; find . -type f -exec cksum {} + | sort; }
hash() { "$tessera" inspect "$@" 2>&1 | sed -n '1s/.*content hash \([0-9a-f]*\)$/\1/p'; }

# There and back: the content hash covers every number and every end.
"$tessera" convert builtin:cartpole-mixed a.hdf5 >log 2>&1 || fail "$(cat log)"
grep -q '^builtin:cartpole-mixed (builtin): [0-9]* transitions, [0-9]* episodes, content hash [0-9a-f]*$' log || fail "$(cat log)"
grep -q '^a.hdf5 (d4rl): written$' log || fail "$(cat log)"
[[ -n $(hash a.hdf5) && $(hash a.hdf5) == $(hash builtin:cartpole-mixed) ]] || fail "the content hash of a.hdf5"
"$tessera" convert a.hdf5 b --to d4rl >log 2>&1 || fail "$(cat log)"
cmp -s a.hdf5 b || fail "the same data give the same file"
for out in a.h5 a.npz a.csv a-v0/; do
  "$tessera" convert a.hdf5 $out >log 2>&1 || fail "$out: $(cat log)"
  [[ -e ${out%/} ]] || fail "$out is not there"
done
[[ -f a-v0/data/metadata.json && -f a-v0/data/main_data.hdf5 ]] || fail "a-v0: $(ls -R a-v0)"
[[ $(wc -l <a.csv) == $(($("$tessera" inspect a.hdf5 | sed -n 's/.* \([0-9]*\) transitions, .*/\1/p') + 1)) ]] || fail "rows of a.csv"
# What is lost, in a line each.
"$tessera" convert builtin:cartpole-mixed c.h5 >log 2>&1
grep -q '^not held \[last-observation\]: where [0-9]* terminals led is not held' log || fail "$(cat log)"
# With a limit on memory a store is written in pieces, of a file or a table, and holds the same.
for from in a.hdf5 a-v0 a.h5 a.npz; do
  "$tessera" convert $from whole.store --overwrite >log 2>&1 || fail "$(cat log)"
  "$tessera" convert $from pieces.store --overwrite --memory-limit 0.0003 >log 2>&1 || fail "$(cat log)"
  grep -q "content hash $(hash whole.store)\$" log && grep -q '^pieces.store (store): written$' log || fail "$from in pieces: $(cat log)"
  [[ $(hash pieces.store) == "$(hash whole.store)" ]] || fail "$from in pieces"
done
"$tessera" convert a.csv pieces.store --overwrite --memory-limit 0.0015 >log 2>&1 || fail "$(cat log)"
[[ $(hash pieces.store) == "$(hash a.csv)" ]] || fail "a.csv in pieces: $(cat log)"
refused 'what --actions says is read whole, not in pieces: raise the memory limit, or divide it' convert a.npz x.store --actions discrete --memory-limit 0.00005
# The data are cut first where that is asked for.
"$tessera" convert a.hdf5 cut.hdf5 --episode-length 10 >log 2>&1 || fail "$(cat log)"
[[ $(hash cut.hdf5) == $(hash a.hdf5 --episode-length 10) ]] || fail "--episode-length"

refused 'a.csv: is there already; give another name, or --overwrite' convert a.hdf5 a.csv
refused 'a-v0: is there already' convert a.hdf5 a-v0/
refused 'x.pdf: its ending does not say which format' convert a.hdf5 x.pdf
refused "no data are written as 'minary'; did you mean 'minari'" convert a.hdf5 x --to minary
refused 'absent.h5: there is no such file' convert absent.h5 x.csv
refused "the folder 'nowhere' does not exist" convert a.hdf5 nowhere/x.csv
refused 'a-v0: is a folder, and csv is written as a file' convert a.hdf5 a-v0 --to csv --overwrite
refused 'out is required' convert a.hdf5
refused "there is no repair 'doubled-termnal'; did you mean 'doubled-terminal'" convert a.hdf5 x.csv --repair doubled-termnal
# A log without the defect is as it was.
"$tessera" convert a.hdf5 repaired.hdf5 --repair clip-actions --repair drop-duplicates >log 2>&1 || fail "$(cat log)"
[[ $(hash repaired.hdf5) == "$(hash a.hdf5)" ]] || fail "--repair changes a sound log"
mkdir -p kept/data && echo '{}' >kept/data/metadata.json && echo 1 >kept/data/mine
refused 'kept: holds other things than a data set of minari' convert a.hdf5 kept --to minari --overwrite
: >empty.h5
refused 'empty.h5: .*empty file' convert empty.h5 x.csv
old=$(cksum <a.csv)
refused 'empty.h5: ' convert empty.h5 a.csv --overwrite
[[ $(cksum <a.csv) == "$old" ]] || fail "a.csv was touched"
"$tessera" convert builtin:pendulum-random a.csv --overwrite >log 2>&1 || fail "$(cat log)"
[[ $(cksum <a.csv) != "$old" ]] || fail "a.csv was not replaced"

# --json: one line, one object.
"$tessera" inspect a.hdf5 --json >a.json 2>log || fail "$(cat log)"
[[ $(wc -l <a.json) == 1 ]] || fail "inspect --json is more than a line"
if command -v python3 >/dev/null; then
  python3 - <<'PY' || fail "inspect --json"
import json, subprocess
d = json.load(open("a.json"))
assert d["episodes"] == len(d["episode_lengths"]) == len(d["episode_returns"]) == len(d["episode_end"])
assert d["steps"] == sum(d["episode_lengths"]) == d["transition_count"] == d["columns"]["reward"]["rows"]
assert d["terminations"] == d["episode_end"].count("terminated") and d["truncations"] == d["episode_end"].count("truncated")
# A pole that has not fallen is worth 1 a step.
assert d["episode_returns"] == [float(n) for n in d["episode_lengths"]]
first = d["transitions"]["first"]["first_transition"]
low, high = d["columns"]["observation"]["min"], d["columns"]["observation"]["max"]
assert len(first["observation"]) == 4 and all(a <= x <= b for a, x, b in zip(low, first["observation"], high))
assert d["columns"]["action"]["counts"][1] == round(d["columns"]["action"]["mean"][0] * d["steps"])
PY
fi
# A store grows by what is appended, and nothing else does.
"$tessera" convert builtin:cartpole-mixed all.store --append >log 2>&1 || fail "$(cat log)"
grep -q '^all.store (store): written$' log || fail "$(cat log)"
"$tessera" convert a.hdf5 all.store --append >log 2>&1 || fail "$(cat log)"
grep -q '^all.store (store): appended$' log || fail "$(cat log)"
episodes() { "$tessera" inspect "$1" | sed -n 's/.* transitions, \([0-9]*\) episodes .*/\1/p'; }
[[ $(episodes all.store) == $((2 * $(episodes a.hdf5))) ]] || fail "episodes of all.store: $(episodes all.store)"
refused "--append: only a store can grow" convert a.hdf5 more.hdf5 --append
refused "--append keeps what --overwrite replaces" convert a.hdf5 all.store --append --overwrite
refused "holds observations of 4 and actions of 2, and the data to append have 3 and 1, with actions of the other kind" \
  convert builtin:pendulum-random all.store --append
[[ $failures == 0 ]] && echo "all as expected"
exit $((failures > 0))
