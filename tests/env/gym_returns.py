#!/usr/bin/env python3
"""Environments of Gymnasium through the tool, beside a plain loop in Python.

    python3 tests/env/gym_returns.py build/tessera [ENVIRONMENT ...]

For each environment: trains a policy online for a few steps, lets it act (`evaluate`, `collect`), and steps the
environment in Python with the same seeds and the actions that were taken.  Observations must agree to the bit, rewards
and returns to the precision of a float.  Needs gymnasium and h5py in the Python that runs it, which the tool uses too: the
one that TESSERA_PYTHON names, if it is set, goes on with this.  Environments whose packages are missing are skipped by name.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

if "TESSERA_PYTHON" in os.environ:
    python = os.environ.pop("TESSERA_PYTHON")
    os.execvp(python, [python, *sys.argv])

try:
    import gymnasium
    import h5py
    import numpy as np
except ImportError as missing:
    print(f"skipped: {sys.executable} has no gymnasium, or no h5py ({missing})")
    sys.exit(0)

ENVIRONMENTS = [
    "Pendulum-v1", "MountainCarContinuous-v0", "CartPole-v1", "Acrobot-v1",  # classic control
    "LunarLander-v3?continuous=true", "BipedalWalker-v3",  # Box2D
    "Hopper-v5", "HalfCheetah-v5", "Walker2d-v5", "Reacher-v5",  # MuJoCo
    "gymnasium_robotics:PointMaze_UMaze-v3",  # a Dict
    "FrozenLake-v1", "Blackjack-v1",  # discrete observations and actions, and a Tuple
]
EPISODES, SEED = 3, 5


def run(tool, *words):
    done = subprocess.run([tool, *words], capture_output=True, text=True, env={**os.environ, "TESSERA_PYTHON": sys.executable})
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout.strip().splitlines()[-1])


def make(name):
    name, _, options = name.partition("?")
    arguments = dict(each.split("=") for each in options.split("&") if each)
    return gymnasium.make(name, **{key: json.loads(value) for key, value in arguments.items()})


def compare(tool, name, folder):
    try:
        env = make(name)
    except Exception as why:  # of whichever kind: it is Python's own
        return f"skipped: {type(why).__name__} {(str(why).splitlines() or [''])[0]}"
    discrete = isinstance(env.action_space, gymnasium.spaces.Discrete)
    out, log = os.path.join(folder, "run"), os.path.join(folder, "log.hdf5")
    run(tool, "train", "--algorithm", "iql" if discrete else "sac", "--env", "gym:" + name, "--online-steps", "300",
        "--random-steps", "200", "--batch", "32", "--eval-episodes", "1", "--out", out, "--overwrite", "--threads", "1")
    asked = ["--episodes", str(EPISODES), "--seed", str(SEED)]
    evaluated = run(tool, "evaluate", out, *asked)
    collected = run(tool, "collect", out, *asked, "--out", log, "--overwrite")
    if evaluated["return_mean"] != collected["return_mean"]:
        return f"FAILED: evaluate gives {evaluated['return_mean']}, and collect {collected['return_mean']}"

    with h5py.File(log) as file:
        seen, then, done = file["observations"][:], file["next_observations"][:], file["actions"][:]
        paid, ended, cut = file["rewards"][:], file["terminals"][:], file["timeouts"][:]
    flat = lambda x: np.asarray(gymnasium.spaces.flatten(env.observation_space, x), np.float32)
    row, returns = 0, []
    for episode in range(EPISODES):
        env = make(name)  # BipedalWalker-v3 does not forget at a reset what was before
        x, _ = env.reset(seed=SEED + episode)
        total, over = 0.0, False
        while not over:
            if not np.array_equal(flat(x), seen[row]):
                return f"FAILED: another observation in row {row}"
            action = int(done[row]) + int(env.action_space.start) if discrete else done[row].astype(env.action_space.dtype)
            x, reward, terminated, truncated, _ = env.step(action)
            if not np.array_equal(flat(x), then[row]) or np.float32(reward) != paid[row]:
                return f"FAILED: row {row} leads elsewhere"
            if bool(ended[row]) != bool(terminated) or bool(cut[row]) != bool(truncated and not terminated):
                return f"FAILED: row {row} ends otherwise"
            total += float(reward)
            over = terminated or truncated
            row += 1
        returns.append(total)
    if row != len(paid):
        return f"FAILED: {len(paid)} steps, and {row} in Python"
    mean = float(np.mean(returns))
    if abs(mean - evaluated["return_mean"]) > 1e-5 * max(1.0, abs(mean)):
        return f"FAILED: return {evaluated['return_mean']}, and {mean} in Python"
    return f"ok: {row} steps, return {evaluated['return_mean']:.6f}, in Python {mean:.6f}"


def main():
    tool, names = sys.argv[1], sys.argv[2:] or ENVIRONMENTS
    failed = False
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            began = time.time()
            try:
                found = compare(tool, name, folder)
            except RuntimeError as why:
                found = f"FAILED: {why}"
        failed = failed or found.startswith("FAILED")
        print(f"{name:36} {found} ({time.time() - began:.0f} s)", flush=True)
    sys.exit(1 if failed else 0)


main()
