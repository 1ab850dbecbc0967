#!/usr/bin/env bash
# suited.sh TESSERA SOURCE_DIR MAKE_LOG: problems of a log are reported, and settings that suit it are chosen, printed
# and recorded, except for those that the user set.
set -u
tessera=$1 make_log=$3
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failures=0
fail() { printf 'FAILED: %s\n' "$1"; cat log; failures=$((failures + 1)); }
for form in plain unscaled two-episodes no-ends glitch zero-rewards large-rewards bandit far-rewards far-observations; do "$make_log" $form $form.h5 || exit 1; done

# train ALGORITHM LOG ARGS...: a run of two updates in the folder `run`, with its output in `log`.
train() {
  local algorithm=$1 data=$2
  shift 2
  "$tessera" train --algorithm "$algorithm" --dataset "$data" --steps 2 --threads 1 --out run --overwrite --set policy.net.hidden=8 "$@" >/dev/null 2>log || fail "train $algorithm $data $*"
}
said() { grep -qE -- "$1" log || fail "not said: $1"; }
unsaid() { ! grep -qE -- "$1" log || fail "said: $1"; }
kept() { grep -qF -- "$1" run/config.json || { cat run/config.json; fail "not in config.json: $1"; }; }

# Nothing is reported about a log without problems.
train iql plain.h5
unsaid '^chosen|outlier|equal|episode \['
kept '"data.standardize": false'
kept '"data.reward": "return_range"'
kept '"chosen": []'

# Chosen, printed, and recorded; also by a resumed run.
train iql unscaled.h5
said '^chosen: data.standardize=true \(observation \[0\] is far from mean 0 and std 1'
said '^chosen: data.scale=robust'
unsaid 'data.reward'
kept '"data.standardize": true'
kept '"key": "data.standardize"'
kept '"value": true'
before=$(grep -A20 '"chosen"' run/config.json)
"$tessera" train --resume run --steps 4 --threads 1 >/dev/null 2>log || fail "resume"
[[ $before == "$(grep -A20 '"chosen"' run/config.json)" ]] || fail "a resumed run forgets what was chosen"
train td3-bc unscaled.h5
unsaid '^chosen'
train iql two-episodes.h5
said '^chosen: data.reward=rms \(2 episodes are too few'
train iql no-ends.h5
said '^warning \[no-end-marks\]: no row is marked'
said '^chosen: data.reward=rms \(no end of an episode is marked'
train iql no-ends.h5 --episode-length 50
said '^warning \[cut-episodes\]: 1 episode was cut into 20'
unsaid 'no-end-marks|^chosen'
kept '"episode_length": 50'
"$tessera" train --resume run --steps 4 --threads 1 >/dev/null 2>log || fail "resume with an episode length"
said 'cut-episodes'
"$tessera" inspect no-ends.h5 --episode-length 50 | grep -q '20 episodes (19 complete)' || fail "inspect --episode-length"
train iql zero-rewards.h5
said '^warning \[equal-rewards\]: every reward is 0'
said '^chosen: data.reward=none'
train td3-bc large-rewards.h5
said '^chosen: data.reward=rms \(rewards have mean .* large'
train bc large-rewards.h5
unsaid '^chosen'
train iql bandit.h5
said '^warning \[one-step-episodes\]'
said '^chosen: data.reward=rms \(every episode is one step'
train iql far-rewards.h5
said '^warning \[outlier-rewards\]: 10 rewards, first row 7, up to .*e\+1[78]'
said '^chosen: data.reward_limit=[0-9.]+ \(10 rewards'
train iql far-observations.h5
said '^warning \[outlier-observations\]: observation \[0\]: 10 values, first row 7, up to 1e\+30'
said '^chosen: data.scale=robust \(.*outliers|observation'

# What the user set stays; with --published the recipe's own settings stay too, and what would suit is reported.
train iql unscaled.h5 --set data.standardize=false
unsaid '^chosen'
said '^warning \[badly-scaled-observations\]: .*data.standardize=false was asked for'
train iql two-episodes.h5 --set data.reward=return_range
unsaid '^chosen'
train iql unscaled.h5 --published
unsaid '^chosen'
said '^warning \[published-settings\]: data.standardize=true would suit'
kept '"data.standardize": false'
kept '"chosen": []'

# Action limits, and where they come from.
train bc glitch.h5
said '^warning \[outlier-actions\]: action \[0\]: 1 value, first row 432, up to 1000'
said '^chosen: action limits \[0\]=-0.99'
said '^action limits: \[-0.99.*seen in the data'
kept '"from": "seen"'
train bc glitch.h5 --published
said '^action limits: \[-0.99.*, 1000\]'
train bc glitch.h5 --action-low -1 --action-high 1
unsaid '^chosen'
said '^warning \[actions-outside-limits\]: 1 row, first row 432'
said '^action limits: \[-1, 1\] \(as given\)'
kept '"from": "user"'
train bc builtin:pendulum-narrow
said '^action limits: \[-2, 2\] \(declared by the data set\)'
train bc builtin:pendulum-narrow --env pendulum --eval-episodes 1
said '^action limits: \[-2, 2\] \(those of the environment\)'
kept '"from": "environment"'
"$tessera" inspect glitch.h5 >log || fail "inspect"
said 'limits .*1000\] \(seen in the data'
said '^warning \[outlier-actions\]'

# Outliers are blamed, not only the learning rate.
"$tessera" train --algorithm iql --dataset far-observations.h5 --published --steps 20 --threads 1 --out run --overwrite >/dev/null 2>log && fail "1e30 trains with published settings"
said '^tessera: error: training diverged: .*outliers: observation \[0\]: 10 values, first row 7'

# Integers in any notation.
"$tessera" train --algorithm bc --dataset plain.h5 --steps 1e1 --batch 1.6e1 --seed 2e0 --threads 1 --set policy.net.hidden=8 --out run --overwrite 2>log | grep -q '"updates":10,.*"seed":2,' || fail "--steps 1e1"
[[ $failures == 0 ]] || exit 1
