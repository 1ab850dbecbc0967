#!/usr/bin/env python3
"""agrees.py PRINT_ESTIMATES: on the same logs our estimators give the numbers that other programs give.

Episodes of several steps: PyPI's scope-rl (SCOPE-RL).  Single decisions: PyPI's obp (Open Bandit Pipeline).  Both import libraries that the
estimators do not use (torch, d3rlpy, gym, matplotlib, ...); where one is missing, a name that does nothing stands in for it.  Without the two
programs, NumPy, SciPy and scikit-learn it says so and is skipped.
"""
import importlib.abc
import importlib.machinery
import json
import os
import subprocess
import sys
import tempfile
import types


class OfNothing(type):
    """Whatever is asked of it is there, and is Nothing."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


class Nothing(metaclass=OfNothing):
    def __init__(self, *_, **__):
        pass


class EmptyModule(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        return getattr(Nothing, name)


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """For what is imported and not used; asked last, when nobody else has found the module."""

    names = {"torch", "d3rlpy", "gym", "gymnasium", "hydra", "omegaconf", "matplotlib", "seaborn", "pytorch_revgrad", "pandas", "mypy_extensions"}

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if name.split(".")[0] in self.names else None

    def create_module(self, spec):
        return EmptyModule(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.append(StandIns())
try:
    import numpy as np
    from obp.ope import estimators as obp
    from scope_rl.ope.discrete import basic_estimators as basic
    from scope_rl.ope.discrete import marginal_estimators as marginal
except ImportError as error:
    print(f"skipped: {sys.executable} has no {error.name} (it takes obp, scope-rl, numpy, scipy and scikit-learn)")
    sys.exit(0)


def policies(random, rows, actions):
    """Two policies' probabilities in each row, and an action of the first."""
    b = random.dirichlet(np.full(actions, 2.0), rows)
    pi = random.dirichlet(np.full(actions, 1.0), rows)
    action = np.array([random.choice(actions, p=p) for p in b])
    return b, pi, action


def ours(program, discount, columns):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log")
        with open(path, "w") as out:
            out.write(f"{discount!r}\n")
            for episode, *numbers in zip(*columns):
                out.write(" ".join([str(int(episode))] + [repr(float(x)) for x in numbers]) + "\n")
        done = subprocess.run([program, path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{program}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def episodes(program, seed, discount, count=40, steps=5, actions=3):
    random = np.random.default_rng(seed)
    rows = count * steps
    b, pi, action = policies(random, rows, actions)
    reward, q = random.normal(size=rows), random.normal(size=(rows, actions))
    weight = random.uniform(0.1, 2, rows)
    at = np.arange(rows), action
    found = ours(program, discount, [np.arange(rows) // steps, reward, pi[at] / b[at], q[at], (pi * q).sum(1), weight])
    given = dict(step_per_trajectory=steps, action=action, reward=reward, pscore=b[at], evaluation_policy_action_dist=pi, gamma=discount)
    valued = dict(given, state_action_value_prediction=q)
    theirs = {
        "is": basic.TrajectoryWiseImportanceSampling().estimate_policy_value(**given),
        "pdis": basic.PerDecisionImportanceSampling().estimate_policy_value(**given),
        "wis": basic.SelfNormalizedTIS().estimate_policy_value(**given),
        "wpdis": basic.SelfNormalizedPDIS().estimate_policy_value(**given),
        "dr": basic.DoublyRobust().estimate_policy_value(**valued),
        "wdr": basic.SelfNormalizedDR().estimate_policy_value(**valued),
        "fqe": basic.DirectMethod().estimate_policy_value(**valued),
    }
    if discount == 1:  # theirs is for discount 1
        theirs["mdr"] = marginal.DoubleReinforcementLearning().estimate_policy_value(
            step_per_trajectory=steps, action=action, reward=reward, evaluation_policy_action_dist=pi, state_action_value_prediction=q,
            state_action_marginal_importance_weight=weight)
    return found, theirs


def decisions(program, seed, rows=200, actions=4):
    random = np.random.default_rng(seed)
    b, pi, action = policies(random, rows, actions)
    reward, q = random.normal(size=rows), random.normal(size=(rows, actions))
    at = np.arange(rows), action
    found = ours(program, 1.0, [np.arange(rows), reward, pi[at] / b[at], q[at], (pi * q).sum(1), np.ones(rows)])
    given = dict(reward=reward, action=action, pscore=b[at], action_dist=pi[:, :, None], position=np.zeros(rows, dtype=int))
    valued = dict(given, estimated_rewards_by_reg_model=q[:, :, None])
    return found, {
        "ips": obp.InverseProbabilityWeighting().estimate_policy_value(**given),
        "snips": obp.SelfNormalizedInverseProbabilityWeighting().estimate_policy_value(**given),
        "bandit-dr": obp.DoublyRobust().estimate_policy_value(**valued),
        "switch-dr": obp.SwitchDoublyRobust(tau=10).estimate_policy_value(**valued),
    }


def main(program):
    compared, wrong = 0, []
    for seed in range(5):
        for found, theirs in [episodes(program, seed, 0.9), episodes(program, seed, 1.0), decisions(program, seed)]:
            for name, value in theirs.items():
                compared += 1
                if not abs(found[name] - value) <= 1e-7 * max(1, abs(value)):  # theirs add 1e-10 to denominators
                    wrong.append(f"{name}: ours {found[name]!r}, theirs {float(value)!r} (seed {seed})")
    print("\n".join(wrong) if wrong else f"{compared} estimates agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
