#!/usr/bin/env bash
# own_command_line.sh PROGRAM: examples/05_own_command_line.cpp has the tool's commands for an algorithm, a part and an
# environment of the user's: trained, evaluated, explained, and resumed as if it had not been interrupted, to the bit.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
name=${program##*/}

run=(train --algorithm sigmoid-awac --dataset builtin:pendulum-mixed --env weak-pendulum --seed 3 --eval-every 40 --eval-episodes 5 --report-every 20 --threads 1
  --set actor.width=2.5 --set policy.net.hidden=16 --set critic.net.hidden=16,16)
"$program" "${run[@]}" --steps 80 --out whole >whole.json 2>log || { cat log; fail "train"; }
grep -q '"algorithm":"sigmoid-awac".*"updates":80,.*"return_mean":-' whole.json || fail "$(cat whole.json)"
for entry in '"algorithm": "sigmoid-awac"' '"env": "weak-pendulum"' '"actor.width": 2.5' '"policy.net.hidden": \[16\]' '"critic.net.hidden": \[16, 16\]' '"data.standardize": \(true\|false\)' '"critic.members": [0-9]*' '"data.reward": "[a-z_]*"'; do
  grep -q "^ *$entry,\?$" whole/config.json || fail "not in config.json: $entry"
done
! command -v gnuplot >/dev/null || [[ -s whole/curve.svg && -s whole/curve.png ]] || fail "no curve"

# Resumed, and never interrupted.
"$program" "${run[@]}" --steps 40 --out parts >/dev/null 2>log || { cat log; fail "train, the first half"; }
"$program" train --resume parts --steps 80 >parts.json 2>log || { cat log; fail "resume"; }
# safetensors: 8 bytes of length, a header in JSON, the tensors.  The header has the seconds of training, and a checksum
# that covers them.
size() { od -An -t u8 -N 8 "$1"; }
tensors() { tail -c +$((9 + $(size "$1"))) "$1"; }
known() { head -c $((8 + $(size "$1"))) "$1" | tail -c +9 | sed -E 's/"[^"]*(seconds|checksum|hash)[^"]*":"[^"]*"//g; s/ +$//'; }
cmp <(tensors whole/checkpoint.safetensors) <(tensors parts/checkpoint.safetensors) || fail "the tensors differ"
[[ -n $(known whole/checkpoint.safetensors) && $(known whole/checkpoint.safetensors) == "$(known parts/checkpoint.safetensors)" ]] || fail "the metadata differ"
cmp whole/config.json parts/config.json || fail "config.json differs"
diff <(cut -d, -f1,3- whole/metrics.csv) <(cut -d, -f1,3- parts/metrics.csv) || fail "metrics.csv differs"

# Several seeds, each in a process of this program.
read -ra several <<<"${run[*]/#--seed/--seeds}"
"$program" "${several[@]/#3/3:5}" --steps 80 --threads 2 --out several >several.json 2>log || { cat log; fail "several seeds"; }
cmp <(tensors whole/checkpoint.safetensors) <(tensors several/seed-3/checkpoint.safetensors) || fail "the tensors of a seed among several differ"
cmp whole/config.json several/seed-3/config.json || fail "config.json of a seed among several differs"
grep -q '"finished":\[3,4\]' several.json || fail "$(cat several.json)"

"$program" evaluate whole --episodes 7 >evaluation.json 2>log || { cat log; fail "evaluate"; }
grep -q '"env":"weak-pendulum","updates":80,"episodes":7,"return_mean":-' evaluation.json || fail "$(cat evaluation.json)"
"$program" explain sigmoid-awac --set actor.width=4 >explained.txt || fail "explain"
for line in 'actor<SigmoidWeighted>  *-E sigmoid(A / width) log pi(a_D|s)' 'actor.width  *4  *advantage at which'; do
  grep -q "$line" explained.txt || { fail "not explained: $line"; cat explained.txt; }
done
[[ $("$program" algorithms | tail -n +3) == '| `sigmoid-awac` | continuous |'*'actor<SigmoidWeighted>'* ]] || fail "algorithms"
"$program" inspect builtin:pendulum-mixed | grep -q '500 episodes' || fail "inspect"
"$program" --version | grep -q "^$name: tessera [0-9.]*, libtorch" || fail "$("$program" --version)"

refused "unknown algorithm 'sigmoid-awak'; did you mean 'sigmoid-awac'\? \(\`$name algorithms\` lists all\)" train --algorithm sigmoid-awak --dataset builtin:pendulum-mixed
refused "unknown environment 'pendulum' \(there are weak-pendulum\)" "${run[@]}" --env pendulum
refused "unknown environment 'weak-pendulm'; did you mean 'weak-pendulum'\?" "${run[@]}" --env weak-pendulm
refused "unknown parameter 'actor.widht'; did you mean 'actor.width'" "${run[@]}" --set actor.widht=2
refused "parameter actor.width: '-1' is not more than 0 \(advantage at which" "${run[@]}" --set actor.width=-1
refused "unknown algorithm 'iql'" train --algorithm iql --dataset builtin:pendulum-mixed
refused "whole: already holds a run" "${run[@]}" --out whole
refused "unknown flag '--step'; did you mean '--steps'" "${run[@]}" --step 3

# Files of earlier versions, in which every setting is text, can be read, and a changed setting is detected in either
# form.
old() { sed -E '/"parameters": \{/,/^  \}/ s/("[a-z_.]+": )(-?[0-9][^,"]*|true|false)(,?)$/\1"\2"\3/; s/\[([0-9]+)\]/"\1"/; s/\[([0-9]+), ([0-9]+)\]/"\1,\2"/' "$1"; }
old parts/config.json >old.json
grep -q '"actor.width": "2.5"' old.json && ! cmp -s old.json parts/config.json || fail "no old config.json"
cp old.json parts/config.json
"$program" train --resume parts --steps 81 >/dev/null 2>log || { cat log; fail "resume with an old config.json"; }
grep -q '"actor.width": 2.5,' parts/config.json || fail "config.json is not renewed"
sed -i 's/"actor.width": 2.5/"actor.width": 2.25/' parts/config.json
refused "config.json: parameters.actor.width is 2.25, but the run was made with 2.5" train --resume parts --steps 82
[[ $failures == 0 ]] || exit 1
