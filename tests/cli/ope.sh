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
