#!/usr/bin/env bash
# collect.sh TESSERA: a policy's episodes become a data set that is read and learned from, with noise and with other policies' among them; and pictures.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
tiny=(--threads 1 --batch 32 --eval-episodes 3 --set policy.net.hidden=16)
"$tessera" train --algorithm bc --dataset builtin:pendulum-medium --env pendulum --steps 40 --eval-every 40 --out good "${tiny[@]}" >/dev/null 2>&1
"$tessera" train --algorithm bc --dataset builtin:pendulum-random --env pendulum --steps 1 --eval-every 1 --out early "${tiny[@]}" >/dev/null 2>&1
"$tessera" train --algorithm bc --dataset builtin:cartpole-mixed --env cartpole --steps 60 --eval-every 60 --out cart "${tiny[@]}" >/dev/null 2>&1
"$tessera" train --algorithm bc --dataset builtin:maze-umaze-demos --env maze-umaze --steps 100 --eval-every 100 --out maze "${tiny[@]}" >/dev/null 2>&1

# The episodes of an evaluation with the same seed, every one cut by time.
"$tessera" evaluate good --episodes 7 --seed 5 --threads 1 >evaluate.json
"$tessera" collect good --episodes 7 --seed 5 --threads 1 --out seven.h5 >collect.json 2>collect.log || fail "$(cat collect.log)"
[[ $(field collect.json return_mean) == "$(field evaluate.json return_mean)" ]] || fail "$(cat collect.json evaluate.json)"
[[ $(field collect.json transitions) == 1400 && $(field collect.json terminals) == 0 && $(field collect.json timeouts) == 7 ]] || fail "$(cat collect.json)"
[[ $(ls -A | grep -c seven) == 1 ]] || fail "$(ls -A)"
"$tessera" inspect seven.h5 >inspect.txt
grep -q '1400 rows, 1400 transitions, 7 episodes (7 complete)' inspect.txt || fail "$(cat inspect.txt)"
grep -q 'seven.h5 (d4rl)' inspect.txt && grep -q 'Actions: continuous, 1 numbers' inspect.txt || fail "$(cat inspect.txt)"
mean=$(sed -n 's/^  return  *mean *\([-0-9.e]*\) .*/\1/p' inspect.txt)
awk -v a="$mean" -v b="$(field collect.json return_mean)" 'BEGIN { exit !(a - b < 1 && b - a < 1) }' || fail "$mean, and $(cat collect.json)"
"$tessera" train --algorithm bc --dataset seven.h5 --env pendulum --steps 3 --out again "${tiny[@]}" >/dev/null 2>again.log || fail "$(cat again.log)"
# The same again is the same file, to the byte; with noise it is another, whose actions keep the task's limits.
"$tessera" collect good --episodes 7 --seed 5 --threads 1 --out same.h5 >/dev/null
cmp -s seven.h5 same.h5 || fail "equal episodes, other bytes"
"$tessera" collect good --episodes 7 --seed 5 --noise 3 --threads 1 --out noisy.h5 >noisy.json
[[ $(field noisy.json noise) == 3.0 && $(field noisy.json return_mean) != "$(field collect.json return_mean)" ]] || fail "$(cat noisy.json)"
"$tessera" inspect noisy.h5 | grep -q 'limits  *\[-2, 2\]' || fail "$(head -n 30 noisy.h5 | cat -v)"

# Ends are terminal in a task that has ends, and cut by a shorter horizon.
"$tessera" collect cart --episodes 20 --horizon 500 --threads 1 --out cart.h5 >cart.json
[[ $(($(field cart.json terminals) + $(field cart.json timeouts))) == 20 && $(field cart.json terminals) -gt 0 ]] || fail "$(cat cart.json)"
"$tessera" collect cart --episodes 20 --horizon 5 --threads 1 --out short.h5 >short.json
[[ $(field short.json terminals) == 0 && $(field short.json timeouts) == 20 && $(field short.json transitions) == 100 ]] || fail "$(cat short.json)"
"$tessera" inspect short.h5 | grep -q '100 rows, 100 transitions, 20 episodes' || fail "short.h5"

# A mixture: 1 : 3 : 1 of ten is 2, 6 and 2; the first episode is of the largest share.
"$tessera" collect good --episodes 10 --mix early:3,good:1 --threads 1 --out mixed.h5 >mixed.json 2>mixed.log || fail "$(cat mixed.log)"
grep -q '"mix":\[{"run":"good","weight":1.0,"episodes":2},{"run":"early","weight":3.0,"episodes":6},{"run":"good","weight":1.0,"episodes":2}\]' mixed.json || fail "$(cat mixed.json)"
[[ $(field mixed.json timeouts) == 10 && $(field mixed.json transitions) == 2000 ]] || fail "$(cat mixed.json)"

# Refused, each in one line, and nothing is written or replaced.
cp seven.h5 kept.h5
refused 'seven.h5: is there already; give another --out, or --overwrite' collect early --out seven.h5
cmp -s seven.h5 kept.h5 || fail "a file that was there has changed"
"$tessera" collect early --episodes 1 --threads 1 --out seven.h5 --overwrite >/dev/null
cmp -s seven.h5 kept.h5 && fail "--overwrite did not"
refused 'absent: there is no such folder' collect absent --out x.h5
refused 'absent: there is no such folder' collect good --mix absent:1 --out x.h5
refused 'none: there is no such folder; make it' collect good --out none/x.h5
refused 'good: is a folder' collect good --out good
refused "--noise: the actions of cartpole are discrete" collect cart --noise 0.1 --out x.h5
refused 'cartpole has discrete actions, but the policy takes continuous ones' collect good --env cartpole --episodes 4 --threads 1 --out x.h5
refused 'mix: maze is of another task than good: observations of size 4, not 3, and actions of size 2, not 1' collect good --mix maze:1 --episodes 4 --threads 1 --out x.h5
refused 'mix: cart is of another task than good' collect good --mix cart:1 --episodes 4 --threads 1 --out x.h5
refused 'environment maze-medium has observations of size 4 .* evaluate it in the task' collect good --env maze-medium --episodes 4 --threads 1 --out x.h5
refused "bytes, and half of this machine's memory" collect good --episodes 1000000 --horizon 1000000 --out x.h5
[[ ! -e x.h5 && -z $(find . -name '*.tmp*') ]] || fail "$(ls -A)"
"$tessera" collect good --episodes 200 --horizon 20000 --threads 1 --out stopped.h5 >/dev/null 2>stopped.log &
job=$!
for _ in $(seq 600); do  # until it takes the signal, which a shell's background job begins without
  (($(sed -n 's/^SigCgt:\t*/0x/p' /proc/$job/status) & 2)) && break
  sleep 0.1
done
kill -INT $job
rc=0
wait $job || rc=$?
[[ $rc == 130 && ! -e stopped.h5 && -z $(find . -name '*.tmp*') ]] || fail "Ctrl-C: $rc $(cat stopped.log)"

# Pictures: of the maze from above, of other tasks against time; a path that means something to gnuplot does nothing.
command -v gnuplot >/dev/null || exit 0
png() { [[ $(head -c 8 "$1" | od -An -tx1 | tr -d ' \n') == 89504e470d0a1a0a && $(wc -c <"$1") -gt 5000 ]] || fail "$1 is no picture"; }
"$tessera" rollout maze --episodes 12 --threads 1 --plot maze.png >rollout.json 2>rollout.log || fail "$(cat rollout.log)"
png maze.png
"$tessera" evaluate maze --episodes 12 --threads 1 >evaluate.json
[[ $(field rollout.json return_mean) == "$(field evaluate.json return_mean)" && $(field rollout.json reached) =~ ^[01]\.[0-9]*$ ]] || fail "$(cat rollout.json evaluate.json)"
[[ ! -e maze.svg ]] || fail "more was drawn than asked for"
"$tessera" rollout maze --episodes 3 --threads 1 --plot maze.svg >/dev/null
# A box for each run of walls in a row, 8 of them.
[[ $(grep -oi 'rgb(154, *144, *130)' maze.svg | wc -l) -ge 8 ]] || fail "maze.svg has no walls"
grep -q 'bc in maze-umaze, [0-3] of 3 episodes reach the goal' maze.svg || fail "maze.svg has no title"
"$tessera" rollout good --threads 1 --plot pendulum.png >rollout.json
png pendulum.png
grep -q reached rollout.json && fail "$(cat rollout.json)"
"$tessera" rollout cart --episodes 4 --threads 1 --plot cart.svg >/dev/null
[[ $(grep -o 'observation \[[0-3]\]\|action, its index' cart.svg | sort -u | wc -l) == 5 ]] || fail "$(grep -o 'observation \[.\]' cart.svg)"
cp -r good 'odd"; system "touch x.h5"; #'
"$tessera" rollout 'odd"; system "touch x.h5"; #' --threads 1 --plot 'odd"; system "touch x.h5"; #.png' >/dev/null
[[ ! -e x.h5 ]] || fail "a name was a command"
png 'odd"; system "touch x.h5"; #.png'
refused "--plot: 'maze.pdf' is not the name of a picture; give one that ends in .png or .svg" rollout maze --plot maze.pdf
refused "--plot: '.png' is not the name of a picture" rollout maze --plot .png
refused 'none: there is no such folder' rollout maze --plot none/maze.png
mkdir without && printf '#!/bin/sh\nPATH=/nowhere exec "%s" "$@"\n' "$tessera" >without/tessera && chmod +x without/tessera
program=$PWD/without/tessera
refused 'none.png could not be drawn: gnuplot was not found; install it' rollout maze --threads 1 --plot none.png
