#!/usr/bin/env bash
# actions.sh TESSERA: one name serves continuous and discrete actions, each with its recipe, by the data; runs of earlier versions, in which the recipe for
# discrete actions had a name of its own, go on as they began.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begins= besides='^warning \['
small=(--threads 1 --set policy.net.hidden=8 --set critic.net.hidden=8)
carts=(--dataset builtin:cartpole-mixed --env cartpole --eval-every 20 --eval-episodes 3 --report-every 10)
torques=(--dataset builtin:pendulum-narrow --env pendulum --eval-every 20 --eval-episodes 2 --report-every 10)
# What of a checkpoint is not time: the tensors, and what is said of them.
size() { od -An -t u8 -N 8 "$1"; }
tensors() { tail -c +$((9 + $(size "$1"))) "$1" | cksum; }
said_in() { head -c $((8 + $(size "$1"))) "$1" | grep -ao "\"$2\":\"[^\"]*\""; }

# Which recipe it is, is said.
"$tessera" train --algorithm iql "${carts[@]}" "${small[@]}" --steps 40 --out discrete >discrete.json 2>log || fail "iql on discrete actions"
grep -q '^algorithm: iql for discrete actions: policy<CategoricalPolicy> critic<ValueBackup> value<Expectile> actor<AdvantageWeighted>' log || fail "which recipe, of discrete actions"
grep -q '^{"algorithm":"iql",.*"updates":40,.*"return_mean":[0-9.]*,' discrete.json || fail "$(cat discrete.json)"
"$tessera" train --algorithm iql "${torques[@]}" "${small[@]}" --steps 40 --out continuous >continuous.json 2>log || fail "iql on continuous actions"
grep -q '^algorithm: iql for continuous actions: policy<GaussianPolicy> ' log || fail "which recipe, of continuous actions"
grep -q '^{"algorithm":"iql",.*"updates":40,.*"return_mean":-[0-9.]*,' continuous.json || fail "$(cat continuous.json)"
for kind in discrete continuous; do
  grep -q '^  "algorithm": "iql",$' $kind/config.json || fail "config.json of $kind actions"
  grep -q "^    \"actions\": \"$kind\",$" $kind/config.json || fail "config.json does not say that actions are $kind"
done
# In checkpoints it is the recipe's name, as in C++.
[[ $(said_in discrete/checkpoint.safetensors algorithm) == '"algorithm":"discrete-iql"' ]] || fail "the checkpoint's recipe, of discrete actions"
[[ $(said_in continuous/checkpoint.safetensors algorithm) == '"algorithm":"iql"' ]] || fail "the checkpoint's recipe, of continuous actions"
"$tessera" train --algorithm iql "${carts[@]}" "${small[@]}" --steps 2 >unnamed.json 2>log || fail "without --out"
grep -q '"out":"runs/iql-cartpole-mixed-seed0"' unnamed.json || fail "$(cat unnamed.json)"
"$tessera" evaluate discrete --episodes 3 | grep -q '"env":"cartpole","updates":40,' || fail "evaluate, discrete"
"$tessera" evaluate continuous --episodes 2 | grep -q '"env":"pendulum","updates":40,' || fail "evaluate, continuous"
refused 'pendulum has continuous actions, but the policy takes discrete ones; evaluate in the environment that the data came from' evaluate discrete --env pendulum
# Of recipes that are not alike.
"$tessera" train --algorithm cql "${carts[@]}" --threads 1 --set critic.net.hidden=8 --steps 4 --out cql >/dev/null 2>log || fail "cql on discrete actions"
grep -q '^algorithm: cql for discrete actions: policy<GreedyPolicy> ' log || fail "which recipe of cql"
# One that serves one kind alone has nothing to say.
"$tessera" train --algorithm discrete-bcq "${carts[@]}" --threads 1 --set critic.net.hidden=8 --set behavior.model.net.hidden=8 --steps 4 --out bcq >/dev/null 2>log || fail "discrete-bcq"
! grep -q '^algorithm:' log || fail "which recipe, where there is one"

# Settings are those of the recipe for the data at hand.
refused 'parameter policy.log_std_min is one of iql for continuous actions, and actions are discrete here; `tessera explain iql --actions discrete` lists those there are$' \
  train --algorithm iql "${carts[@]}" --steps 2 --out none --set policy.log_std_min=-3
refused 'parameter policy.net.hidden is one of cql for continuous actions, and actions are discrete here' \
  train --algorithm cql "${carts[@]}" --steps 2 --out none --set policy.net.hidden=8
[[ ! -e none ]] || fail "a folder is left"
"$tessera" train --algorithm iql "${torques[@]}" "${small[@]}" --steps 2 --out none --set policy.log_std_min=-3 >/dev/null 2>log || fail "a setting of continuous actions"

# explain says which it explains, and how to see the other.
explained() { # PATTERN ARGS...
  local pattern=$1
  shift
  "$tessera" explain "$@" >log 2>&1 || fail "explain $*"
  grep -qE "$pattern" log || fail "explain $*: no $pattern"
}
explained '^iql for continuous actions; for discrete ones: tessera explain iql --actions discrete$' iql
explained 'policy<GaussianPolicy> ' iql
explained '^ *policy\.log_std_min ' iql --actions continuous
explained '^iql for discrete actions; for continuous ones: tessera explain iql --actions continuous$' iql --actions discrete
explained 'policy<CategoricalPolicy> ' iql --actions discrete
explained '^iql-quantile for continuous actions$' iql-quantile
explained '^discrete-bcq for discrete actions$' discrete-bcq
explained '^cql for continuous actions; ' cql --set critic.members=3
explained '^cql for continuous actions; ' cql --set policy.net.hidden=8
grep -q 'log_std' <("$tessera" explain iql --actions discrete) && fail "a setting of continuous actions among those of discrete ones"
"$tessera" algorithms >log
[[ $(grep -c '^| `iql` |' log) == 1 && $(grep -c 'discrete-iql' log) == 0 ]] || fail "iql is not listed once"
grep -q '^| `iql` | continuous, discrete | policy<GaussianPolicy> .*; discrete: the same with policy<CategoricalPolicy> |$' log || fail "the line of iql"
grep -q '^| `cql` | continuous, discrete | policy<TanhGaussianPolicy> .*; discrete: policy<GreedyPolicy> critic<Conservative<DoubleQBackup>> select<Greedy> |$' log || fail "the line of cql"
grep -q '^| `cql-lower-bound` | continuous | .*critic<Conservative<SoftBackup, CurrentPolicy, NoPushUp>> ' log || fail "the line of cql-lower-bound"
grep -q '^| `discrete-bcq` | discrete | ' log || fail "the line of discrete-bcq"

# A run of an earlier version: its config.json has the recipe's name.
cp -r discrete old
sed -i 's/"algorithm": "iql"/"algorithm": "discrete-iql"/' old/config.json
grep -q '"algorithm": "discrete-iql"' old/config.json || fail "no old config.json"
"$tessera" evaluate old --episodes 3 2>log | grep -q '"run":"old","env":"cartpole","updates":40,' || fail "evaluate an old run"
"$tessera" train --resume discrete --steps 60 --threads 1 >discrete.json 2>log || fail "resume"
"$tessera" train --resume old --steps 60 --threads 1 >old.json 2>log || fail "resume an old run"
grep -q '^{"algorithm":"iql",.*"updates":60,' old.json || fail "$(cat old.json)"
cmp discrete/config.json old/config.json || fail "an old run's config.json is not renewed"
diff <(cut -d, -f1,3- discrete/metrics.csv) <(cut -d, -f1,3- old/metrics.csv) || fail "an old run goes on otherwise"
[[ $(tensors discrete/checkpoint.safetensors) == "$(tensors old/checkpoint.safetensors)" ]] || fail "an old run learns otherwise"
# A name that is not there, or for other actions, is said with the file.
cp discrete/config.json good.json
sed 's/"algorithm": "iql"/"algorithm": "iqll"/' good.json >discrete/config.json
refused "discrete/config.json: unknown algorithm 'iqll'; did you mean 'iql'" evaluate discrete
refused "discrete/config.json: unknown algorithm 'iqll'; did you mean 'iql'" train --resume discrete --steps 61
sed 's/"algorithm": "iql"/"algorithm": "td3-bc"/' good.json >discrete/config.json
refused "discrete/config.json: its actions are discrete, but td3-bc is for continuous ones; those for discrete ones: " train --resume discrete --steps 61
sed 's/"algorithm": "iql"/"algorithm": "bc"/' good.json >discrete/config.json
refused 'discrete/checkpoint.safetensors: was saved by discrete-iql, not by discrete-bc' train --resume discrete --steps 61
refused 'discrete/checkpoint.safetensors: was saved by discrete-iql, not by discrete-bc' evaluate discrete
[[ $failures == 0 ]] || exit 1
