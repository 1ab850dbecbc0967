#!/usr/bin/env bash
# online.sh TESSERA SOURCE MAKE_LOG: a run goes on online, and one begins online without a log; interrupted, both go on
# to the last digit; what cannot be is one line.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
besides='^warning \['
small=(--set policy.net.hidden=32,32 --set critic.net.hidden=32,32)

"$tessera" train --algorithm iql --dataset builtin:pendulum-mixed --env pendulum --steps 60 --eval-every 30 \
  --eval-episodes 3 --report-every 20 --threads 1 "${small[@]}" --set value.net.hidden=32,32 --out log >/dev/null 2>&1
online=(finetune log --online-steps 240 --random-steps 20 --updates-per-step 0.5 --environments 2 --eval-every 80 --threads 1)

# The networks are the run's, the curve goes on, and the policy is evaluated before its first update online.
"$tessera" "${online[@]}" --out whole >whole.json 2>whole.log
[[ $(field whole.json updates) == 170 && $(field whole.json online_steps) == 240 ]] || fail "$(cat whole.json)"
head -1 whole/metrics.csv | grep -q environment_steps || fail "no environment_steps: $(head -1 whole/metrics.csv)"
cmp <(cut -d, -f1,3-7 log/metrics.csv) <(cut -d, -f1,3-7 whole/metrics.csv | head -"$(wc -l <log/metrics.csv)") || fail "another history"
grep -q 'online from here' whole/curve.svg || fail "the switch is not marked"
[[ -s log/checkpoint.safetensors && ! -e log/online.bin ]] || fail "the run on the log was changed"
"$tessera" evaluate whole --episodes 2 | grep -q '"updates":170,'

# Interrupted in the online phase, it goes on to the bit.
"$tessera" "${online[@]}" --eval-every 1000000000 --online-steps 100000000 --out parts >/dev/null 2>parts.log &
job=$!
for _ in $(seq 300); do [[ -s parts/checkpoint.safetensors ]] && break; sleep 0.1; done
sleep 0.5
rc=0
kill -INT $job && wait $job || rc=$?
[[ $rc == 130 ]] || fail "exit code $rc: $(cat parts.log)"
grep -q 'interrupted at update [0-9]*; go on with: tessera train --resume parts' parts.log || fail "$(cat parts.log)"
[[ -s parts/online.bin ]] || fail "$(ls -A parts)"
at=$(($(stat -c %s parts/online.bin) / 4 / 10))
more=$(((at + 200) / 2 * 2))
"$tessera" train --resume parts --online-steps $more --threads 1 >parts.json 2>parts2.log || fail "$(cat parts2.log)"
"$tessera" "${online[@]}" --eval-every 1000000000 --online-steps $more --out one >one.json 2>one.log
for key in updates return_mean return_std online_steps; do
  [[ $(field one.json $key) == "$(field parts.json $key)" ]] || fail "$key differs: $(cat one.json parts.json)"
done
cmp one/online.bin parts/online.bin || fail "another experience"
tensors() { tail -c +"$((9 + $(od -An -tu8 -N8 "$1/checkpoint.safetensors")))" "$1/checkpoint.safetensors"; }
cmp <(tensors one) <(tensors parts) || fail "other tensors"

# From nothing; and an algorithm that is online alone.
"$tessera" train --algorithm sac --env pendulum --online-steps 150 --random-steps 50 --eval-every 50 --eval-episodes 2 --threads 1 \
  "${small[@]}" --out nothing >nothing.json 2>nothing.log || fail "$(cat nothing.log)"
[[ $(field nothing.json updates) == 100 && $(field nothing.json online_steps) == 150 ]] || fail "$(cat nothing.json)"
"$tessera" train --resume nothing --online-steps 200 --threads 1 >nothing.json 2>nothing.log || fail "$(cat nothing.log)"
[[ $(field nothing.json updates) == 150 ]] || fail "$(cat nothing.json)"
# A run whose random steps were not given keeps their number where it is made longer.
"$tessera" train --algorithm sac --env pendulum --online-steps 100 --eval-every 50 --eval-episodes 2 --threads 1 "${small[@]}" --out longer >/dev/null 2>longer.log || fail "$(cat longer.log)"
"$tessera" train --resume longer --online-steps 150 --threads 1 >longer.json 2>longer.log || fail "$(cat longer.log)"
[[ $(field longer.json updates) == 130 ]] || fail "$(cat longer.json)"
"$tessera" train --algorithm rlpd --dataset builtin:pendulum-mixed --env pendulum --online-steps 40 --updates-per-step 3 --eval-every 20 \
  --eval-episodes 2 --threads 1 "${small[@]}" --set critic.members=3 --out rlpd >rlpd.json 2>rlpd.log || fail "$(cat rlpd.log)"
[[ $(field rlpd.json updates) == 120 ]] || fail "$(cat rlpd.json)"
# Settings may be others from now on, and are the run's from then on.
"$tessera" finetune log --online-steps 20 --set critic.discount=0.9 --eval-every 10 --threads 1 --out other >/dev/null 2>other.log || fail "$(cat other.log)"
grep -q '"critic.discount": 0.9' other/config.json
"$tessera" train --resume other --online-steps 30 --threads 1 >/dev/null 2>other.log || fail "$(cat other.log)"

# What they did is a data set: of a run without a log from its first random steps on.
for run in whole:240 nothing:200; do
  "$tessera" collect "${run%:*}" --experience --out "${run%:*}.h5" >collected.json
  [[ $(field collected.json transitions) == "${run#*:}" ]] || fail "$(cat collected.json)"
  "$tessera" inspect "${run%:*}.h5" --json | grep -q "\"transition_count\":${run#*:}," || fail "$run is read with another number of transitions"
done

refused 'needs an environment to take them in; name it with --env' train --algorithm iql --dataset builtin:pendulum-mixed --online-steps 10
refused 'half of each batch is collected online; give --online-steps, and no --steps' train --algorithm rlpd --dataset builtin:pendulum-mixed --env pendulum --steps 10
refused "is of the online phase, and there is none" train --algorithm iql --dataset builtin:pendulum-mixed --random-steps 10
refused 'environments 11: all of them take a step at once, and --online-steps is 10' train --algorithm iql --dataset builtin:pendulum-mixed --env pendulum --online-steps 10 --environments 11
refused 'random-steps 10: nothing would be learned in --online-steps 10' train --algorithm iql --dataset builtin:pendulum-mixed --env pendulum --online-steps 10 --random-steps 10
refused 'run is required; see `tessera finetune --help`' finetune --online-steps 10
for set in policy.net.hidden=64,64 critic.members=3 value.net.activation=tanh data.reward=rms; do
  refused "set $set: a run that goes on keeps its networks and units, and its ${set%=*} is" finetune log --online-steps 10 --set $set --out x
done
refused "critic.discount" finetune log --online-steps 10 --set critic.discount=2 --out x
refused 'has an online phase already; go on with `tessera train --resume whole' finetune whole --online-steps 10
refused 'there is no such folder' finetune nowhere --online-steps 10
refused 'log: has no online phase' collect log --experience --out x.h5
refused 'episodes: nothing is collected with --experience' collect whole --experience --episodes 3 --out x.h5
refused "updates-per-step: '-1' is not a number from 0" finetune log --online-steps 10 --updates-per-step -1
refused 'cartpole has discrete actions|observations of size|actions' finetune log --env cartpole --online-steps 10 --out x
refused 'which began after 60; give --online-steps alone' train --resume whole --steps 100 --online-steps 300
cp -r whole broken && printf 'x' | dd of=broken/online.bin bs=1 seek=0 conv=notrunc 2>/dev/null
refused 'online.bin: does not hold what a run has collected' train --resume broken --online-steps 300
cp -r nothing elsewhere && sed -i 's/"hash": "[0-9a-f]*"/"hash": "0123456789abcdef"/' elsewhere/config.json
refused 'elsewhere: its first steps cannot be made again in pendulum: its numbers are others' collect elsewhere --experience --out x.h5
[[ ! -e x && ! -e x.h5 ]] || fail "a refused run left a folder"
