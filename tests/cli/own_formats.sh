#!/usr/bin/env bash
# own_formats.sh PROGRAM MAKE_LOG: data sets in the user's own formats, named or recognized by content, and environments
# of the user's own, one of them read from a file: trained on, evaluated in, inspected; errors in them are one line.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
make_log=$2

# The same log, five ways: 40 episodes from the cells 0 to 3 in turns, always up.
{
  echo "corridor log"
  for ((episode = 0; episode < 40; ++episode)); do
    for ((cell = episode % 4; cell < 4; ++cell)); do echo "$cell 1 -1 $((cell == 3))"; done
  done
} >log.txt
"$make_log" corridor log.h5 || exit 1
hash() { "$program" inspect "$@" 2>&1 | sed -n 's/.*content hash \([0-9a-f]*\)$/\1/p'; }
expected=$(hash made:40)
[[ -n $expected ]] || fail "inspect made:40: $("$program" inspect made:40 2>&1)"
for source in log.txt lines:log.txt log.h5 layout:log.h5 "log.txt --untrusted" "log.h5 --untrusted" "layout:$dir/log.h5"; do
  # shellcheck disable=SC2086
  [[ $(hash $source) == "$expected" ]] || fail "inspect $source: $("$program" inspect $source 2>&1 | head -n 3)"
done
"$program" inspect made:40 | grep -q '100 rows, 100 transitions, 40 episodes (40 complete)' || fail "$("$program" inspect made:40)"

# A policy that imitates the log always goes up: the mean return in the corridor of 5 cells is -(4 + 3 + 2 + 1) / 4, of
# 8 cells -(7 + 6 + 5 + 4) / 4.
run=(train --algorithm follow --dataset lines:log.txt --env corridor --steps 300 --batch 32 --eval-episodes 8 --threads 1 --set policy.net.hidden=8
  --set policy.adam.learning_rate=0.02)
"$program" "${run[@]}" --out run >run.json 2>log || { cat log; fail "train"; }
grep -q '"return_mean":-2.5,"return_std":1.118' run.json || fail "$(cat run.json)"
grep -q "^ *\"dataset\": \"lines:$dir/log.txt\",$" run/config.json || fail "$(cat run/config.json)"
echo 8 >cells.txt
"$program" evaluate run --env long-corridor:cells.txt --episodes 8 >long.json 2>log || { cat log; fail "evaluate"; }
grep -q '"return_mean":-5.5,"return_std":1.118' long.json || fail "$(cat long.json)"
"$program" train --resume run --steps 301 >/dev/null 2>log || { cat log; fail "resume"; }
mv log.txt moved.txt
refused "log.txt: its rows have no four numbers each|log.txt" train --resume run --steps 302
"$program" train --resume run --steps 302 --dataset moved.txt >/dev/null 2>log || { cat log; fail "resume with the log elsewhere"; }
refused "is not the data that the run in run learns from: its number of transitions is 10, and was 100" train --resume run --steps 303 --dataset made:4
(cd / && "$program" train --algorithm follow --dataset made:40 --env "long-corridor:$dir/cells.txt" --steps 2 --eval-episodes 4 --threads 1 --out "$dir/long" >/dev/null 2>"$dir/log") || { cat log; fail "train in a task's file"; }
mv cells.txt moved-cells.txt
"$program" train --resume long --steps 3 --env long-corridor:moved-cells.txt >/dev/null 2>log || { cat log; fail "resume with the task's file elsewhere"; }
refused "the run in long is evaluated in long-corridor:" train --resume long --steps 4 --env corridor
"$program" train --algorithm follow --dataset made:8 --steps 2 --threads 1 >default.json 2>log || { cat log; fail "train without --out"; }
grep -q '"out":"runs/follow-made-8-seed0"' default.json || fail "$(cat default.json)"
# A dynamics model of it.
"$program" model train --dataset made:40 --out m --set dynamics.net.hidden=8 --set dynamics.members=2 --set dynamics.elites=1 --set dynamics.max_epochs=1 --threads 1 >/dev/null 2>log || { cat log; fail "model train"; }
grep -q '^ *"dynamics.net.hidden": \[8\],$' m/config.json && grep -q '^ *"dynamics.termination": "[a-z]*",$' m/config.json || fail "$(cat m/config.json)"
"$program" train --help | grep -q 'builtin:NAME, icu-sepsis:PATH, [-a-z0-9:A-Z, ]*or [-a-z0-9]*:[A-Z]*' || fail "help names no readers"
"$program" train --help | tr '\n' ' ' | grep -q 'corridor, long-corridor:PATH' || fail "help names no environments"

printf 'corridor log\n1 2\n' >short.txt
printf 'another log\n1 2\n' >other.txt
refused "short.txt: its rows have no four numbers each" inspect short.txt
refused "other.txt: is not an HDF5 file, whatever its name says; D4RL and d3rlpy 1 files and those of 'lines' are read" inspect other.txt
refused "mode:40: there is no such file; check the path, or write made:40" inspect mode:40
refused "absent.txt" inspect lines:absent.txt
refused "layout:absent.h5|absent.h5: there is no such file" inspect layout:absent.h5
refused "unknown environment 'corrido'; did you mean 'corridor'\? \(there are corridor, long-corridor:PATH\)" "${run[@]}" --env corrido
refused "environment long-corridor is read from its file; write long-corridor:PATH, with the path of cells.txt" "${run[@]}" --env long-corridor
refused "environment corridor is read from no file; leave out ':x'" "${run[@]}" --env corridor:x
refused "environment long-corridor does not read files of others; leave out --untrusted where you trust moved-cells.txt" evaluate run --env long-corridor:moved-cells.txt --untrusted
refused "other.txt: is no number of cells" evaluate run --env long-corridor:other.txt
# One name for both kinds of actions, each with its recipe.
"$program" train --algorithm follow --dataset builtin:pendulum-narrow --steps 2 --threads 1 --out reals --set policy.net.hidden=8 >/dev/null 2>log || { cat log; fail "train on continuous actions"; }
grep -q '^algorithm: follow for continuous actions: policy<GaussianPolicy> actor<BehaviorCloning>$' log || fail "$(cat log)"
"$program" explain follow --actions discrete | grep -q '^Follow$' || fail "explain follow --actions discrete"
"$program" explain follow | grep -q '^FollowReals$' || fail "explain follow"
refused "unknown algorithm 'follow-reals'; write 'follow', which is for continuous actions too " train --algorithm follow-reals --dataset made:4
refused "this program registers two algorithms called 'follow' for discrete actions; give one of them another name" --algorithm-twice
refused "this program registers two algorithms called 'follow' for discrete actions" --name-twice
refused "this program registers two environments called 'corridor'" --environment-twice
refused "this program registers two readers called 'made'" --reader-twice
[[ $failures == 0 ]] || exit 1
