#!/usr/bin/env bash
# gymnasium.sh TESSERA: environments of Gymnasium in every command that takes one, where Gymnasium is installed; and what is said where it is not.
set -eu
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
new=(train --algorithm sac --online-steps 60 --random-steps 30 --batch 16 --eval-every 30 --eval-episodes 2 --threads 1 --set policy.net.hidden=16 --set critic.net.hidden=16)

TESSERA_PYTHON=/no/such/python ends_refused 'gym:Pendulum-v1: is run by Python, and /no/such/python: cannot be started \(there is no such program\); install Python 3 and Gymnasium' "${new[@]}" --env gym:Pendulum-v1 --out none
printf '#!/bin/sh\nexit 3\n' >python && chmod +x python
TESSERA_PYTHON=$dir/python ends_refused 'gym:Pendulum-v1: its process has ended with exit code 3' "${new[@]}" --env gym:Pendulum-v1 --out none
[[ ! -e none ]] || fail "a run was begun"

python=${TESSERA_PYTHON:-python3}
"$python" -c 'import gymnasium' 2>/dev/null || { echo "skipped: $python has no gymnasium"; exit 0; }
cat >line.py <<'END'
import time, numpy as np, gymnasium as gym
class Line(gym.Env):
    """To be near 0 on a line.  Ends beyond 2, is cut by itself beyond -2."""
    metadata = {"render_modes": ["rgb_array"]}
    observation_space = gym.spaces.Dict({"place": gym.spaces.Box(-9, 9, (1,), np.float32), "goal": gym.spaces.Box(-1, 1, (1,), np.float32)})
    action_space = gym.spaces.Box(np.float32([-1]), np.float32([0.5]))
    def __init__(self, noise=0.0, fails=10**9, hangs=10**9, silent=False, render_mode=None):
        self.noise, self.fails, self.hangs, self.silent, self.render_mode = noise, fails, hangs, silent, render_mode
        self.all = 0
    def see(self):
        return {"place": np.float32([self.x]), "goal": np.float32([0])}
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        print("a new episode")
        self.x, self.t = self.np_random.uniform(-1, 1), 0
        return self.see(), {}
    def step(self, a):
        self.t += 1
        if self.t > self.fails:
            assert not self.silent
            raise ValueError("the line \x1b[31m is torn")
        self.all += 1
        if self.all > self.hangs:
            open("hanging", "w").close()
            time.sleep(1000)
        self.x += float(a[0]) + self.noise * self.np_random.normal()
        return self.see(), -abs(self.x), self.x > 2, self.x < -2, {}
    def render(self):
        return np.full((10, 12, 3), 10 * self.t % 256, np.uint8)
gym.register("Line-v0", entry_point=Line, max_episode_steps=20)
gym.register("Line-v1", entry_point=Line)
class Jumps(Line):
    action_space = gym.spaces.Discrete(3, start=-1)
    def step(self, a):
        return super().step([0.4 * a])
gym.register("Jumps-v0", entry_point=Jumps, max_episode_steps=20)
END

# Online from nothing, in an environment of the working folder; what it prints is not seen; the run keeps its name and arguments.
env='gym:line:Line-v0?noise=0.05'
"$tessera" "${new[@]}" --env "$env" --out online >online.json 2>online.log || fail "$(cat online.log)"
grep -q 'a new episode' online.json online.log && fail "the environment was heard"
[[ $(field online.json online_steps) == 60 && $(field online.json episodes) == 2 ]] || fail "$(cat online.json)"
grep -qF "\"env\": \"$env\"" online/config.json || fail "$(cat online/config.json)"
grep -q '"goal\[0\]"' online/config.json || fail "$(cat online/config.json)"
"$tessera" "${new[@]}" --env "$env" >/dev/null 2>&1 && [[ -e runs/sac-gym-line-Line-v0-noise-0.05-seed0/config.json ]] || fail "$(ls -R runs)"

# Stopped and resumed it ends as one that was not.
"$tessera" "${new[@]}" --env "$env" --online-steps 100 --out whole >whole.json 2>/dev/null
"$tessera" train --resume online --online-steps 100 >resumed.json 2>resumed.log || fail "$(cat resumed.log)"
[[ $(field whole.json return_mean) == "$(field resumed.json return_mean)" ]] || fail "$(cat whole.json resumed.json)"
"$tessera" train --resume online --online-steps 110 --env "$env&worker.timeout=90" >/dev/null 2>resumed.log || fail "$(cat resumed.log)"
ends_refused '--env: the run in online is evaluated in gym:line:Line-v0' train --resume online --online-steps 120 --env 'gym:line:Line-v0?noise=0.5'

# Evaluated, and collected: the same episodes, whose ends and cuts are kept apart; processes make no difference.
"$tessera" evaluate online --episodes 6 --seed 4 >evaluate.json
"$tessera" evaluate online --episodes 6 --seed 4 --env "$env&worker.processes=2" >two.json
"$tessera" evaluate online --episodes 6 --seed 4 --env "$env&worker.memory=pipe" >pipe.json
"$tessera" collect online --episodes 6 --seed 4 --out six.h5 >collect.json
for each in two pipe collect; do
  [[ $(field evaluate.json return_mean) == "$(field $each.json return_mean)" ]] || fail "$(cat evaluate.json $each.json)"
done
[[ $(($(field collect.json terminals) + $(field collect.json timeouts))) == 6 ]] || fail "$(cat collect.json)"
"$tessera" collect online --episodes 40 --noise 1 --out forty.h5 >forty.json
[[ $(field forty.json terminals) -gt 0 && $(field forty.json timeouts) -gt 0 && $(field forty.json transitions) -lt 800 ]] || fail "$(cat forty.json)"

# Learned from, with the environment's limits; and gone on with online.
"$tessera" train --algorithm td3-bc --dataset forty.h5 --env gym:line:Line-v0 --steps 30 --batch 16 --eval-every 30 --eval-episodes 2 --threads 1 --out log >log.json 2>log.log || fail "$(cat log.log)"
grep -A 3 '"action_limits"' log/config.json | tr -d ' \n' | grep -qE '"high":\[0.5\]' || fail "$(cat log/config.json)"
"$tessera" finetune log --online-steps 25 --batch 16 --eval-episodes 2 >finetune.json 2>finetune.log || fail "$(cat finetune.log)"
[[ $(field finetune.json online_steps) == 25 ]] || fail "$(cat finetune.json)"

# Drawn: curves, and frames.
"$tessera" rollout online --episodes 2 --frames 5 --plot film.png >film.json || fail "no film"
[[ $(field film.json frames) == 5 && $(head -c 4 film.png | tail -c 3) == PNG ]] || fail "$(cat film.json)"
if "$python" -c 'import PIL' 2>/dev/null; then
  "$tessera" rollout online --episodes 1 --frames 50 --plot film.gif >gif.json || fail "no film"
  [[ $(head -c 6 film.gif) == GIF89a && $(field gif.json frames) -le 21 ]] || fail "$(cat gif.json)"
fi
"$tessera" train --algorithm bc --dataset builtin:pendulum-random --env pendulum --steps 1 --eval-episodes 1 --out ours >/dev/null 2>&1
ends_refused '--frames: pendulum cannot be seen; leave it out' rollout ours --frames 3 --plot none.png
ends_refused "--plot: 'none.svg' is not the name of a film" rollout online --frames 3 --plot none.svg

# Discrete actions, whose least is -1.
"$tessera" train --algorithm iql --env gym:line:Jumps-v0 --online-steps 60 --random-steps 30 --batch 16 --eval-episodes 2 --threads 1 --out jumps >jumps.json 2>jumps.log || fail "$(cat jumps.log)"
[[ $(field jumps.json online_steps) == 60 ]] || fail "$(cat jumps.json)"

# Without a time limit of its own.
"$tessera" evaluate online --env gym:line:Line-v1 --episodes 1 2>unlimited.log >/dev/null
grep -q 'warning \[no-time-limit\]: gym:line:Line-v1 has no time limit of its own; an episode is cut after 1000 steps' unlimited.log || fail "$(cat unlimited.log)"
"$tessera" evaluate online --env gym:line:Line-v1 --episodes 1 --horizon 7 2>unlimited.log >/dev/null
[[ ! -s unlimited.log ]] || fail "$(cat unlimited.log)"

# Refused, each in one line.
ends_refused 'gym:line:Nothing-v0: NameNotFound: .*Nothing' evaluate online --env gym:line:Nothing-v0
ends_refused "gym:no_such_package:X-v0: ModuleNotFoundError: No module named 'no_such_package'" evaluate online --env gym:no_such_package:X-v0
ends_refused "gym:line:Line-v0: TypeError: .*'wind'" evaluate online --env 'gym:line:Line-v0?wind=3'
ends_refused 'gym:line:Line-v0: ValueError: the line \\x1b\[31m is torn \(line.py, line [0-9]*\) at step 5 of copy 0' evaluate online --env 'gym:line:Line-v0?fails=5'
ends_refused 'gym:line:Line-v0: AssertionError: assert not self.silent \(line.py, line [0-9]*\) at step 5 of copy 0' evaluate online --env 'gym:line:Line-v0?fails=5&silent=true'
ends_refused 'gym:Nothing-v0: NameNotFound: .*Nothing.*One of a package is named gym:PACKAGE:NAME' evaluate online --env gym:Nothing-v0
ends_refused 'gym:line:Jumps-v0 has discrete actions, but the policy takes continuous ones' evaluate online --env gym:line:Jumps-v0
ends_refused 'does not come from gym:Pendulum-v1: its observations have size 2, not 3' train --algorithm td3-bc --dataset forty.h5 --env gym:Pendulum-v1 --steps 5 --out none
ends_refused 'does not come from gym:line:Jumps-v0: its actions are continuous' train --algorithm td3-bc --dataset forty.h5 --env gym:line:Jumps-v0 --steps 5 --out none
[[ ! -e none ]] || fail "a run was begun"

# One Ctrl-C is enough where an environment hangs: the process ends within seconds, and keeps what was saved.
stopped() { # PATTERN ARGS...: exit code 130 after one SIGINT that comes while the environment hangs
  local pattern=$1 rc=0 began
  shift
  rm -f hanging
  "$tessera" "$@" >stopped.out 2>stopped.log &
  for ((i = 0; i < 600; ++i)); do [[ -e hanging ]] && break || sleep 0.1; done
  began=$SECONDS
  kill -INT $!
  wait $! || rc=$?
  [[ $rc == 130 && $((SECONDS - began)) -lt 15 && $(tail -n 1 stopped.log) =~ $pattern ]] || fail "$*: $rc after $((SECONDS - began)) s: $(cat stopped.log)"
}
hangs='gym:line:Line-v0?hangs=5'
stopped 'was at work at step 5 when it was to stop, and did not answer; its process was ended' evaluate online --env "$hangs"
stopped 'interrupted at update 10; go on with: .* train --resume hung' train --algorithm td3-bc --dataset forty.h5 --env "$hangs" --steps 20 --batch 16 --eval-every 10 --eval-episodes 1 --threads 1 --out hung
[[ -s hung/checkpoint.safetensors ]] || fail "nothing was saved"
stopped 'was at work at step [0-9]+ when .*; go on from the last checkpoint with: .* train --resume halted' "${new[@]}" --random-steps 5 --env 'gym:line:Line-v0?hangs=30' --out halted
[[ -s halted/checkpoint.safetensors ]] || fail "nothing was saved"
echo "all good"
