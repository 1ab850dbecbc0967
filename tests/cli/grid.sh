#!/usr/bin/env bash
# grid.sh TESSERA: the runs of several settings and seeds in one command are those that each makes alone, to the bit, go
# on as a whole, and are ranked as a whole.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begins=
run=(train --algorithm iql --dataset builtin:pendulum-random --env pendulum --batch 32 --eval-every 40 --eval-episodes 2
  --horizon 30 --report-every 20 --set policy.adam.cosine_steps=0 --set critic.net.hidden=8 --set value.net.hidden=8)
grid=(--grid actor.beta=1,3 --grid 'policy.net.hidden=8;4,4')
names=$'actor.beta=1,policy.net.hidden=4x4,seed-0\nactor.beta=1,policy.net.hidden=8,seed-0\nactor.beta=3,policy.net.hidden=4x4,seed-0\nactor.beta=3,policy.net.hidden=8,seed-0'
tensors() { tail -c +$((9 + $(od -An -t u8 -N 8 "$1"))) "$1"; }

# Four settings of two lists; each as alone.
"$tessera" "${run[@]}" --steps 40 "${grid[@]}" --threads 2 --out many >many.json 2>many.log || fail "$(cat many.log)"
[[ $(ls -A many | grep seed-) == "$names" ]] || fail "$(ls -A many)"
"$tessera" "${run[@]}" --steps 40 --set actor.beta=3 --set policy.net.hidden=4,4 --seed 0 --threads 1 --out alone >/dev/null 2>log || fail "$(cat log)"
cmp <(tensors alone/checkpoint.safetensors) <(tensors many/actor.beta=3,policy.net.hidden=4x4,seed-0/checkpoint.safetensors) || fail "another learner"
cmp alone/config.json many/actor.beta=3,policy.net.hidden=4x4,seed-0/config.json || fail "another config.json"
# The table, and what is said.
[[ $(head -n 1 many/grid.csv) == actor.beta,policy.net.hidden,seed,updates,return_mean,return_std,score ]] || fail "$(cat many/grid.csv)"
grep -q "^3,\"4,4\",0,40,$(tail -n 1 alone/metrics.csv | cut -d, -f3,4),\$" many/grid.csv || fail "$(cat many/grid.csv)"
[[ $(wc -l <many/grid.csv) == 5 ]] || fail "$(cat many/grid.csv)"
[[ $(grep -c '^ *actor.beta=[13] policy.net.hidden=[4,8]* seed 0 .* 40 .*$' many.log) == 4 ]] || fail "$(cat many.log)"
grep -q '^{"settings":\[{"setting":"actor.beta=1 policy.net.hidden=8","seeds":1,"return_mean":' many.json || fail "$(cat many.json)"
grep -q '"return_behavior":[-0-9.]*,"runs"' many.json || fail "a mean of different settings: $(cat many.json)"
if [[ -e many/curves.svg ]]; then grep -q 'actor.beta=3 policy.net.hidden=4,4' many/curves.svg || fail "the picture lacks a setting"; fi

# It goes on as a whole, and with seeds.
"$tessera" train --resume many --steps 60 >again.json 2>again.log || fail "$(cat again.log)"
[[ $(tail -q -n 1 many/*/metrics.csv | cut -d, -f1 | sort -u) == 60 ]] || fail "$(tail -n 1 many/*/metrics.csv)"
"$tessera" "${run[@]}" --steps 20 --set policy.net.hidden=8 --grid actor.beta=1,3 --seeds 0:2 --threads 2 --out seeds >seeds.json 2>seeds.log || fail "$(cat seeds.log)"
[[ $(ls -d seeds/*seed-* | wc -l) == 4 ]] || fail "$(ls seeds)"
grep -q '^actor.beta=3: return over 2 seeds: mean ' seeds.log || fail "$(cat seeds.log)"
refused 'many: already holds the runs of several seeds' "${run[@]}" --steps 40 "${grid[@]}" --out many
refused 'many: holds .*, which is not among these seeds' "${run[@]}" --steps 40 --seeds 0:2 --overwrite --out many
refused 'many: holds the runs of a grid; name one of them' evaluate many
refused 'many: holds the runs of a grid; name one of them' finetune many --online-steps 5
sed -i 's/actor.beta=1,3/actor.beta=/' seeds/config.json
refused 'seeds/config.json: grid is no list of settings' train --resume seeds

# All of them are ranked, by their folder's name or by all that is in it.
quick=(--dataset builtin:pendulum-random --updates 20 --resamples 100 --threads 1)
"$tessera" select many "${quick[@]}" >ranked.txt 2>ranked.log || fail "$(cat ranked.log)"
grep -q '^builtin:pendulum-random: 4 runs by the lower end of fqe' ranked.txt || fail "$(cat ranked.txt)"
for name in $names; do grep -q "  many/$name\$" ranked.txt || fail "no $name: $(cat ranked.txt)"; done
"$tessera" select many/* "${quick[@]}" >again.txt 2>again.log || fail "$(cat again.log)"
diff <(sort ranked.txt) <(sort again.txt) || fail "another ranking"
grep -q '^many/config.json: left out, it is no run$' again.log && grep -q '^many/grid.csv: left out' again.log || fail "$(cat again.log)"
[[ $failures == 0 ]]
