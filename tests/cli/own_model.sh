#!/usr/bin/env bash
# own_model.sh PROGRAM: a dynamics model that is the user's is trained, looked at, found again and used through the commands of the tool, beside the
# library's own.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
data=builtin:pendulum-narrow
linear=(model train --kind linear-ensemble --dataset $data --threads 1)

# Trained: by its own settings, one epoch, of three fits.
"$program" "${linear[@]}" --set dynamics.ridge=0.5 --out m >train.json 2>log || { cat log; fail "model train"; }
[[ $(field train.json kind) == '"linear-ensemble"' && $(field train.json epochs) == 1 ]] || fail "$(cat train.json)"
grep -q '"dynamics.ridge": 0.5' m/config.json && ! grep -q adam m/config.json || fail "$(cat m/config.json)"
[[ $(head -n 1 m/training.csv) == epoch,loss,member_0,member_1,member_2 && $(wc -l <m/training.csv) == 2 ]] || fail "$(cat m/training.csv)"
! command -v gnuplot >/dev/null || [[ -s m/training.svg ]] || fail "no picture of the training"

# Looked at: by what its file says that it is.
"$program" model inspect m --horizon 5 --threads 1 >inspect.txt 2>log || { cat log; fail "model inspect"; }
grep -q '^m/model.safetensors: the best 2 of 3 members, 1 epochs, trained on builtin:pendulum-narrow$' inspect.txt || fail "$(head -n 1 inspect.txt)"
[[ $(field inspect.txt kind) == '"linear-ensemble"' && $(field inspect.txt transitions) == "$(field train.json held_out)" ]] || fail "$(tail -n 1 inspect.txt)"

# Used: with it, with none given, and again.
run=(train --algorithm linear-mopo --dataset $data --env pendulum --steps 6 --batch 16 --eval-every 6 --eval-episodes 2 --threads 1
  --set policy.net.hidden=8 --set critic.net.hidden=8 --set data.rollout_batch=40 --set data.rollout_every=3 --set data.horizon=2)
"$program" "${run[@]}" --model m --out given >given.json 2>log || { cat log; fail "train --model"; }
grep -q '"dynamics.ridge": 0.5' given/config.json || fail "the run does not have the model's settings"
[[ ! -e models ]] || fail "a model was trained beside the one that was given"
"$program" "${run[@]}" --steps 3 --out parts >/dev/null 2>log || { cat log; fail "train without a model"; }
grep -q 'none in models/pendulum-narrow-[0-9a-f]* yet; training it first' log || fail "$(cat log)"
"$program" "${run[@]}" --set dynamics.elites=3 --out found >/dev/null 2>log || { cat log; fail "train with the model of before"; }
grep -q '(cached)$' log && [[ $(ls models | wc -l) == 1 ]] || fail "$(cat log; ls models)"
"$program" "${run[@]}" --out whole >whole.json 2>log || { cat log; fail "train"; }
mv models gone
"$program" train --resume parts --steps 6 >parts.json 2>log || { cat log; fail "resume"; }
[[ -n $(field whole.json return_mean) && $(field whole.json return_mean) == "$(field parts.json return_mean)" ]] || fail "$(cat whole.json parts.json)"

# The library's own is still there, and the usual one; and neither is taken for the other.
"$program" model train --dataset $data --out ensemble --threads 1 --set dynamics.net.hidden=8 --set dynamics.members=2 --set dynamics.elites=1 --set dynamics.max_epochs=1 \
  >ensemble.json 2>log || { cat log; fail "model train of the usual kind"; }
[[ $(field ensemble.json kind) == '"gaussian-ensemble"' ]] || fail "$(cat ensemble.json)"
ends_refused 'ensemble/model.safetensors: is a model of the kind gaussian-ensemble, not linear-ensemble; ' "${run[@]}" --model ensemble
refused "linear-ensembel; did you mean 'linear-ensemble'\? \(there are gaussian-ensemble, linear-ensemble; " model train --kind linear-ensembel --dataset $data
refused "unknown parameter 'dynamics.max_epochs'" "${linear[@]}" --set dynamics.max_epochs=3
refused "dynamics.ridge: '-1' is not at least 0" "${linear[@]}" --set dynamics.ridge=-1
ends_refused "\-\-set dynamics.ridge=0.25: m/model.safetensors was trained with 0.5; .* model train --kind linear-ensemble --set dynamics.ridge=0.25" "${run[@]}" --model m --set dynamics.ridge=0.25
"$program" model train --help | grep -q -- '--kind .*gaussian-ensemble, linear-ensemble' || fail "--help does not say which kinds there are"
[[ $failures == 0 ]] || exit 1
