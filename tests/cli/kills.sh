#!/usr/bin/env bash
# kills.sh [TESSERA SOURCE MAKE_LOG KILL_AT] [--kills N]: runs are killed at every write and at random moments,
# restarted or resumed, killed again, and in the end equal an uninterrupted run to the bit: checkpoint, metrics.csv
# (except for its seconds) and config.json; no line is lost or doubled, no file is left over.  A run that replaces
# another (--overwrite) leaves the old one intact until its own first checkpoint.
# Ends with a table.  Without arguments it uses the source tree's build/; 15 kills by default.
set -eu
kills=15
paths=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --kills) kills=$2 && shift 2 ;;
    *) paths+=("$1") && shift ;;
  esac
done
root=$(cd "$(dirname "$0")/../.." && pwd)
tessera=${paths[0]:-$root/build/tessera} kill_at=${paths[3]:-$root/build/tests/kill_at}
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir"
fail() { echo "FAILED: $1"; ls -laR k 2>/dev/null; exit 1; }
RANDOM=${SEED:-1}

tiny=(--threads 1 --steps 90 --seed 3 --batch 32 --report-every 20)
env=(--env pendulum --eval-every 30 --eval-episodes 2 --horizon 30)
nets=(--set policy.net.hidden=8)
declare -A command
command[iql]="train --algorithm iql --dataset builtin:pendulum-random ${tiny[*]} ${env[*]} ${nets[*]} --set critic.net.hidden=8 --set value.net.hidden=8 --set policy.adam.cosine_steps=-1"
command[mopo]="train --algorithm mopo --dataset builtin:pendulum-narrow ${tiny[*]} ${env[*]} ${nets[*]} --model m --set critic.net.hidden=8 --set data.rollout_batch=50 --set data.rollout_every=20 --set data.horizon=3"
command[bc]="train --algorithm bc --dataset builtin:pendulum-random ${tiny[*]} --eval-every 25 ${nets[*]}"
command[overwrite]="${command[iql]} --overwrite"
model=(model train --dataset builtin:pendulum-narrow --threads 1 --set dynamics.net.hidden=8 --set dynamics.members=2 --set dynamics.elites=1
  --set dynamics.max_epochs=1 --set dynamics.batch=1024)
"$tessera" "${model[@]}" --out m >/dev/null 2>log || fail "$(cat log)"

# safetensors: 8 bytes of length, a header in JSON, the tensors.
header() { head -c $((8 + $(od -An -t u8 -N 8 "$1"))) "$1" | tail -c +9; }
tensors() { tail -c +$((9 + $(od -An -t u8 -N 8 "$1"))) "$1"; }
# The header's contents except for the seconds of training, and the checksum, which covers them; and the spaces that
# align what follows.
known() { header "$1" | sed -E 's/"[^"]*(seconds|checksum|hash)[^"]*":"[^"]*"//g; s/ +$//'; }
without_seconds() { cut -d, -f1,3- "$1/metrics.csv"; }
same() { # FOLDER WHOLE: as if it had not been killed
  cmp -s <(tensors "$1/checkpoint.safetensors") <(tensors "$2/checkpoint.safetensors") || fail "$case: the tensors differ"
  [[ $(known "$1/checkpoint.safetensors") == "$(known "$2/checkpoint.safetensors")" ]] || fail "$case: the metadata differ: $(known "$1/checkpoint.safetensors") $(known "$2/checkpoint.safetensors")"
  diff <(without_seconds "$1") <(without_seconds "$2") || fail "$case: metrics.csv differs"
  tail -n +2 "$1/metrics.csv" | cut -d, -f2 | sort -c -n || fail "$case: the seconds go back"
  cmp -s "$1/config.json" "$2/config.json" || fail "$case: config.json differs: $(diff "$1/config.json" "$2/config.json")"
  [[ $(ls -A "$1") == "$(ls -A "$2")" ]] || fail "$case: files are left: $(ls -A "$1")"
}
# The checkpoint's file, even if a kill came while the run's files were being put in place.
checkpoint_of() { if [[ -e k/.tessera-placing/checkpoint.safetensors ]]; then echo k/.tessera-placing/checkpoint.safetensors; else echo k/checkpoint.safetensors; fi; }
# What a user would type next.
next=()
choose_next() {
  next=("$tessera" train --resume k)
  local checkpoint
  checkpoint=$(checkpoint_of)
  [[ -e $checkpoint ]] && { [[ $case != overwrite ]] || ! cmp -s "$checkpoint" old/checkpoint.safetensors; } || next=("$tessera" ${command[$case]} --out k)
}
old_is_whole() {
  [[ $case == overwrite && ! -d k/.tessera-placing ]] && cmp -s k/checkpoint.safetensors old/checkpoint.safetensors || return 0
  for file in config.json metrics.csv curve.svg; do
    [[ ! -e old/$file ]] || cmp -s k/$file old/$file || fail "overwrite: the old run's $file is not whole"
  done
}

"$tessera" ${command[iql]} --seed 9 --steps 40 --out old >/dev/null 2>&1
rc=0
"$kill_at" 0 trace true >/dev/null || rc=$?
[[ $rc != 77 ]] || echo "this machine lets nobody trace: killed at random moments only"
printf '%-10s %6s %8s %8s %8s %8s\n' case chains writes kills "at write" resumed
quota=$((kills / 5)) total=0
for case in iql mopo bc overwrite; do
  began=$(date +%s%N)
  "$tessera" ${command[$case]} --out "whole-$case" >/dev/null 2>log || fail "$case: $(cat log)"
  took=$((($(date +%s%N) - began) / 1000000))
  rm -rf k && { [[ $case != overwrite ]] || cp -r old k; }
  writes=0
  [[ $rc == 77 ]] || writes=$("$kill_at" 0 k "$tessera" ${command[$case]} --out k 2>log | tail -n 1) || fail "$case: $(cat log)"
  same k "whole-$case"
  done_kills=0 chains=0 at_writes=0 resumed=0
  while ((done_kills < quota)); do
    rm -rf k && { [[ $case != overwrite ]] || cp -r old k; }
    ((chains += 1))
    planned=$((1 + RANDOM % 3))
    for ((kill = 0; kill < planned; ++kill)); do
      choose_next
      [[ ${next[2]} == --resume ]] && ((resumed += 1))
      code=0
      if ((writes > 0 && (kill > 0 || done_kills % 4 != 3))); then
        # The first kill of a chain: one write after another, in order; later kills anywhere.
        ((kill == 0)) && at=$((1 + done_kills * writes / quota)) || at=$((1 + RANDOM % writes))
        "$kill_at" $at k "${next[@]}" >/dev/null 2>log || code=$?
        [[ $code != 137 ]] || ((at_writes += 1))
      else
        moment=$((RANDOM % took))
        # In a shell of its own, which does not report that it was killed.
        (timeout -s KILL "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))" "${next[@]}" >/dev/null || exit $?) 2>log || code=$?
      fi
      [[ $code == 137 || $code == 0 ]] || fail "$case: exit code $code: $(cat log)"
      [[ $code != 0 ]] || break
      ((done_kills += 1))
      old_is_whole
    done
    choose_next
    [[ ${next[2]} != --resume ]] || ((resumed += 1))
    "${next[@]}" >/dev/null 2>log || fail "$case: exit code $?: $(cat log)"
    same k "whole-$case"
  done
  ((total += done_kills))
  printf '%-10s %6d %8d %8d %8d %8d\n' $case $chains $writes $done_kills $at_writes $resumed
done

# A dynamics model that replaces another: at every moment one or the other is there, complete.
[[ $rc == 77 ]] && quota=0
"$tessera" "${model[@]}" --set dynamics.seed=1 --out old-m >/dev/null 2>log || fail "$(cat log)"
rm -rf k && cp -r old-m k
writes=0
((quota == 0)) || writes=$("$kill_at" 0 k "$tessera" "${model[@]}" --out k --overwrite 2>log | tail -n 1)
again=0
for ((i = 0; i < quota; ++i)); do
  rm -rf k && cp -r old-m k
  code=0
  "$kill_at" $((1 + i * writes / quota)) k "$tessera" "${model[@]}" --out k --overwrite >/dev/null 2>log || code=$?
  [[ $code == 137 ]] || fail "model: exit code $code: $(cat log)"
  ((total += 1))
  now=k/model.safetensors
  [[ ! -e k/.tessera-placing/model.safetensors ]] || now=k/.tessera-placing/model.safetensors
  cmp -s $now m/model.safetensors || { cmp -s $now old-m/model.safetensors && cmp -s k/config.json old-m/config.json; } || fail "model: neither the old nor the new one is whole"
  "$tessera" "${model[@]}" --out k --overwrite >/dev/null 2>log || fail "model: $(cat log)"
  cmp -s k/model.safetensors m/model.safetensors && cmp -s k/training.csv m/training.csv && [[ $(ls -A k) == "$(ls -A m)" ]] || fail "model: killed and trained again it is another"
  ((again += 1))
done
printf '%-10s %6d %8d %8d %8d %8d\n' model $again $writes $quota $quota 0
echo "$total kills, each gone on with; equal to the bit"
