#!/usr/bin/env bash
# ope.sh TESSERA: trained policies are judged by logged data, and ranked; what cannot be estimated is named, with why.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
tiny=(--threads 1 --batch 32 --eval-episodes 3 --set policy.net.hidden=16)
quick=(--updates 60 --resamples 200 --threads 1)
"$tessera" train --algorithm bc --dataset builtin:cartpole-mixed --env cartpole --steps 60 --eval-every 60 --out cart "${tiny[@]}" >/dev/null 2>&1
"$tessera" train --algorithm bc --dataset builtin:pendulum-medium --env pendulum --steps 40 --eval-every 40 --out swing "${tiny[@]}" >/dev/null 2>&1

# Discrete actions: every estimator for several steps, also of a policy that is greedy.
"$tessera" ope cart --dataset builtin:cartpole-mixed "${quick[@]}" --plot cart.png --out cart.json >cart.txt 2>cart.log || fail "$(cat cart.log)"
for name in fqe is wis pdis wpdis clipped-is dr wdr; do
  grep -q "^  $name  *[-0-9]" cart.txt || fail "no $name: $(cat cart.txt)"
  grep -q "\"estimator\": \"$name\"" cart.json || fail "no $name: $(cat cart.json)"
done
grep -q '^  data  *[0-9]' cart.txt && grep -q 'discount 0.99 (its algorithm has none' cart.txt || fail "$(cat cart.txt)"
grep -q 'behavior: a model of it, fitted to one half' cart.txt || fail "$(cat cart.txt)"
! grep -q '^  mis\|^  ips' cart.txt || fail "$(cat cart.txt)"
if [[ -e cart.png ]]; then [[ $(head -c 4 cart.png | tail -c 3) == PNG ]] || fail "cart.png"; fi
# The same again is the same, and so is what --json prints.
"$tessera" ope cart --dataset builtin:cartpole-mixed "${quick[@]}" --out again.json --json >line.json 2>/dev/null
cmp -s cart.json again.json || fail "not the same twice: $(diff cart.json again.json)"
[[ $(wc -l <line.json) == 1 ]] && grep -q '"effective_sample_size":' line.json || fail "$(cat line.json)"

# The mode of a Gaussian has no density; the policy that draws has one.
"$tessera" ope swing --dataset builtin:pendulum-medium "${quick[@]}" >swing.txt 2>swing.log || fail "$(cat swing.log)"
grep -q '^  fqe  *-[0-9]' swing.txt || fail "$(cat swing.txt)"
grep -q '^  without is, wis, pdis, wpdis, clipped-is, dr, wdr: it acts by the mode of its policy (GaussianPolicy)' swing.txt || fail "$(cat swing.txt)"
"$tessera" ope swing --dataset builtin:pendulum-medium "${quick[@]}" --sampled --estimators wpdis,dr --discount 0.9 >drawn.txt 2>drawn.log || fail "$(cat drawn.log)"
grep -q '^  wpdis  *-[0-9]' drawn.txt && grep -q '^  dr  *-[0-9]' drawn.txt && grep -q 'discount 0.9 (--discount)' drawn.txt || fail "$(cat drawn.txt)"
! grep -q '^  fqe' drawn.txt || fail "$(cat drawn.txt)"

# Numbered states, as one-hot columns: the marginalized estimators too, also with an interval of fqe that is fitted anew.
awk 'BEGIN { srand(1); print "episode,o_0,o_1,a,r,done"
  for (e = 0; e < 60; e++) { s = rand() < 0.5
    for (t = 0; t < 6; t++) { a = rand() < 0.5; d = s == 1 && a == 1; printf "%d,%d,%d,%d,%g,%d\n", e, s == 0, s == 1, a, d ? 2 : a, d; if (d) break; if (a) s = 1 } } }' >finite.csv
finite=(--dataset finite.csv --columns episode=episode,observation=o_0:o_1,action=a,reward=r,done=done --actions discrete --threads 1)
"$tessera" train --algorithm bc "${finite[@]}" --steps 20 --set policy.net.hidden=8 --out finite >/dev/null 2>log || fail "$(cat log)"
"$tessera" ope finite "${finite[@]}" --sampled --updates 50 --resamples 100 --refits 4 >finite.txt 2>log || fail "$(cat log)"
grep -q '^  mis  *[0-9]' finite.txt && grep -q '^  mdr  *[0-9]' finite.txt && grep -q '^  mis, mdr: by tables' finite.txt || fail "$(cat finite.txt)"
grep -q '^  fqe: the interval counts the error of the fit: 4 fits to resampled episodes' finite.txt || fail "$(cat finite.txt)"
"$tessera" ope finite "${finite[@]}" --estimators mdr --updates 50 --resamples 100 --json >finite.json 2>log || fail "$(cat log)"
grep -q '"estimator":"mdr"' finite.json && ! grep -q '"estimator":"fqe"' finite.json || fail "$(cat finite.json)"
grep -q '^  without mis, mdr: the ratio of the policies. visits is estimated of discrete actions in one-hot states alone$' cart.txt || fail "$(cat cart.txt)"

# What cannot be judged at all.
begins=
besides='^behavior: \|: fitting its value'
refused "swing: no estimator can judge it: wis: it acts by the mode" ope swing --dataset builtin:pendulum-medium --estimators wis
refused ".*its actions are discrete, and the policy's continuous" ope swing --dataset builtin:cartpole-mixed "${quick[@]}"
refused "cart: is named twice" ope cart cart --dataset builtin:cartpole-mixed
refused "nowhere: there is no such folder" ope cart --dataset builtin:cartpole-mixed --out nowhere/x.json
refused "swing: no estimator can judge it: fqe: with a discount of 1" ope swing --dataset builtin:pendulum-medium --estimators fqe --discount 1

# Two runs are ranked, and play in their environment; the first of the ranking is what JSON names.
"$tessera" train --algorithm bc --dataset builtin:cartpole-mixed --env cartpole --steps 1 --eval-every 1 --out early "${tiny[@]}" >/dev/null 2>&1
"$tessera" select early cart --dataset builtin:cartpole-mixed "${quick[@]}" --json >select.json 2>select.log || fail "$(cat select.log)"
grep -q '"by":"fqe"' select.json && grep -q '"rank_correlations":{"dr":' select.json && grep -q '"selected":"' select.json || fail "$(cat select.json)"
"$tessera" select early cart --dataset builtin:cartpole-mixed "${quick[@]}" --env cartpole --episodes 20 --horizon 200 >select.txt 2>select.log || fail "$(cat select.log)"
grep -q '^20 episodes in cartpole, 1 rounds of sequential halving: ' select.txt || fail "$(cat select.txt)"
[[ $(grep -c '^     [12] ' select.txt) == 2 ]] || fail "$(cat select.txt)"
[[ $failures == 0 ]]
