#!/usr/bin/env bash
# score.sh TESSERA SOURCE: normalized scores stand beside returns wherever a run reports them, and stay with it.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begins=
run=(train --algorithm iql --env pendulum --batch 32 --eval-every 20 --eval-episodes 2 --horizon 30 --report-every 20 --threads 1
  --set policy.adam.cosine_steps=0 --set policy.net.hidden=8 --set critic.net.hidden=8 --set value.net.hidden=8)
scored() { # JSON RANDOM EXPERT: its score is that of its return
  awk -v r="$(field "$1" return_mean)" -v s="$(field "$1" score)" -v a="$2" -v b="$3" \
    'BEGIN { x = 100 * (r - a) / (b - a); exit !(s != "" && s - x < 1e-6 && x - s < 1e-6) }' || fail "score: $(cat "$1")"
}

# Given by the user: in the result, the texts, metrics.csv, the picture and config.json; in what goes on, and in evaluations.
"$tessera" "${run[@]}" --dataset builtin:pendulum-random --steps 40 --score random=-300,expert=-1.5e1 --out whole >whole.json 2>whole.log || fail "$(cat whole.log)"
scored whole.json -300 -15
grep -q '^score: 0 is a return of -300, and 100 one of -15 (as given)$' whole.log || fail "$(cat whole.log)"
grep -qE '^update 40/40 .*  return -[0-9.]+  score -?[0-9]+\.[0-9]' whole.log || fail "$(cat whole.log)"
column=$(head -1 whole/metrics.csv | tr , '\n' | grep -nx score | cut -d: -f1) || fail "$(head -1 whole/metrics.csv)"
awk -F, -v k="$column" 'NR > 1 { n += $3 != "" && $k - 100 * ($3 + 300) / 285 < 1e-6 && 100 * ($3 + 300) / 285 - $k < 1e-6 } END { exit n != 2 }' whole/metrics.csv || fail "$(cat whole/metrics.csv)"
grep -q 'normalized score' whole/curve.svg || fail "no axis of scores"
tr -d ' \n' <whole/config.json | grep -q '"score":{"random":-300.0,"expert":-15.0,"from":"user"}' || fail "$(cat whole/config.json)"
[[ $(field whole.json score_behavior) != "" ]]
"$tessera" "${run[@]}" --dataset builtin:pendulum-random --steps 20 --score random=-300,expert=-15 --out parts >/dev/null 2>&1
"$tessera" train --resume parts --steps 40 --threads 1 >parts.json 2>parts.log || fail "$(cat parts.log)"
[[ $(field parts.json score) == "$(field whole.json score)" ]] || fail "$(cat parts.json)"
cmp <(cut -d, -f1,3- parts/metrics.csv) <(cut -d, -f1,3- whole/metrics.csv) || fail "metrics.csv of a resumed run"
"$tessera" evaluate whole --episodes 2 >e.json 2>e.log && scored e.json -300 -15
grep -q '^score: 0 is a return of -300' e.log || fail "$(cat e.log)"
"$tessera" evaluate whole --episodes 2 --score expert=0,random=-1000 >e.json 2>e.log && scored e.json -1000 0
"$tessera" evaluate whole --episodes 2 --env cartpole >/dev/null 2>e.log && fail "another task" || true
refused '--score cannot be given beside --resume' train --resume whole --score random=0,expert=1
"$tessera" finetune whole --online-steps 20 --eval-every 10 --threads 1 --out tuned >tuned.json 2>tuned.log || fail "$(cat tuned.log)"
scored tuned.json -300 -15
grep -qE '^step 20/20 .*  score ' tuned.log || fail "$(cat tuned.log)"
"$tessera" finetune whole --online-steps 10 --eval-every 10 --threads 1 --score random=-1000,expert=0 --out tuned2 >tuned.json 2>tuned.log || fail "$(cat tuned.log)"
scored tuned.json -1000 0

# Without a reference there are none.
"$tessera" "${run[@]}" --dataset builtin:pendulum-random --steps 20 --out plain >plain.json 2>plain.log || fail "$(cat plain.log)"
! grep -rq score plain plain.json plain.log || fail "a score of nothing"
"$tessera" evaluate plain --episodes 2 | grep -q score && fail "a score of nothing" || true
refused '--score is for the returns in an environment; name one with --env' train --algorithm iql --dataset builtin:pendulum-random --score random=0,expert=1

# By the data set itself, if it is of that environment.
"$tessera" convert builtin:pendulum-random log --to minari >/dev/null 2>&1
metadata=$(find log -name metadata.json)
for id in Pendulum-v1:1 CartPole-v1:0; do
  sed -i -E 's/"(ref_min_score|ref_max_score)": *[^,}]*, *//g; s/"env_spec": *"[^"]*(\\"[^"]*)*", *//; 0,/\{/s//{"ref_min_score": -250.0, "ref_max_score": -20.0, "env_spec": "{\\"id\\": \\"'"${id%:*}"'\\"}", /' "$metadata"
  "$tessera" "${run[@]}" --dataset log --steps 20 --out own >own.json 2>own.log --overwrite || fail "$(cat own.log)"
  if [[ ${id#*:} == 1 ]]; then
    scored own.json -250 -20
    grep -q '(declared by the data set)$' own.log && tr -d ' \n' <own/config.json | grep -q '"from":"data"' || fail "$(cat own.log)"
  else
    [[ -z $(field own.json score) ]] || fail "a score of another task: $(cat own.json)"
  fi
done

# config.json may come from anybody.
cp whole/config.json good.json
bad() { # PATTERN SED
  sed -E "$2" good.json >whole/config.json
  ! cmp -s good.json whole/config.json || fail "no change: $2"
  refused "$1" evaluate whole
}
bad 'whole/config.json: score.expert is -300.0, and must be another number than score.random' 's/"expert": -15.0/"expert": -300.0/'
bad 'whole/config.json: score.random is "x", and must be a number' 's/"random": -300.0/"random": "x"/'
bad 'whole/config.json: score.from is "me", and must be one of user, data, d4rl' 's/"from": "user"/"from": "me"/'
bad "whole/config.json: unknown key 'score.randum'" 's/"random": -300.0/"randum": 1, "random": -300.0/'
