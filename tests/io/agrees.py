#!/usr/bin/env python3
"""agrees.py TESSERA DATA EXPECTED | agrees.py TESSERA FOLDER: what `tessera inspect DATA --json` says is what the format's own loader says.

EXPECTED is a JSON object with the fields of `inspect --json` (episodes, steps, episode_lengths, episode_returns, terminations, truncations,
episode_end, columns, transitions), made by another reader: lists by number, or by leaf ("observation/agent/velocity").  For a FOLDER every
NAME.expected.json in it is compared with the data set NAME.  Without the folder it says so and is skipped.

Counts and ends have to be equal; numbers as nearly as float32 holds them.  Where we make no transition of an episode's last step, because where it
led is unknown, its action and reward are in the other loader's columns and not in ours: these are not compared then.
"""
import json
import math
import pathlib
import re
import subprocess
import sys

# What an expectation has, beside what it says of columns.
FIELDS = {"episodes", "steps", "episode_lengths", "terminations", "truncations", "episode_end", "columns"}

# What we refuse, or see otherwise on purpose: a pattern of names, and why.
REFUSED = [
    ("minari/own/mixed/tupleaction-", "actions have discrete and continuous parts"),
    ("minari/own/picture/", "is an image"),
    ("tables/b-(missing|nulls)", "the value is missing"),
]
OTHERWISE = [
    ("d4rl/hopper-v0-no-timeouts", "the file has neither timeouts nor next observations: its cuts cannot be seen"),
    ("tables/h-final-observation-row", "no column says how episodes ended: ours count as cut, theirs as neither"),
]


def leaves(value, prefix=""):
    """{"agent": {"velocity": [1, 2]}} is {"agent/velocity": [1, 2]}."""
    if not isinstance(value, dict):
        return {prefix: value}
    out = {}
    for key, x in value.items():
        out.update(leaves(x, f"{prefix}/{key}" if prefix else key))
    return out


def flat(x):
    return [z for y in x for z in flat(y)] if isinstance(x, list) else [x]


def near(a, b, size=0.0):
    """Equal as float32: to 1e-6 of themselves, or of the numbers that they are the mean of."""
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or abs(a - b) <= 1e-6 * max(abs(a), abs(b), size)
    return a == b


def places(names, leaf, wanted, total):
    """Where the numbers of a leaf are among ours: by name, or all of them.  None where we hold it otherwise (one-hot, say)."""
    if leaf in ("", "observation") and wanted == total:
        return list(range(total))
    found = [j for j, name in enumerate(names) if name == leaf or re.fullmatch(re.escape(leaf) + r"(\[\d+\])+", name)]
    return found if len(found) == wanted else None


def differences(ours, theirs):
    out = []

    def equal(what, a, b):
        if a != b:
            out.append(f"{what} is {str(a)[:200]}, and should be {str(b)[:200]}")

    both = theirs.get("both_terminated_and_truncated", 0)
    for key in ("episodes", "steps", "episode_lengths", "terminations"):
        equal(key, ours[key], theirs[key])
    equal("truncations", ours["truncations"], theirs["truncations"] - both)
    equal("episode_end", ours["episode_end"], ["terminated" if end == "both" else end for end in theirs["episode_end"]])
    if out:
        return out

    reward = theirs["columns"]["reward"]
    largest = max(abs(reward["min"][0]), abs(reward["max"][0]))
    for e, (a, b) in enumerate(zip(ours["episode_returns"], theirs["episode_returns"])):
        if abs(a - b) > 1e-6 * largest * ours["episode_lengths"][e]:
            out.append(f"the return of episode {e} is {a}, and should be {b}")

    names = ours["spaces"].get("observation_names", [])
    labels = ours["spaces"].get("action_names", [])
    for key, column in theirs["columns"].items():
        what, _, leaf = key.partition("/")
        if what not in ("observation", "next_observation", "action", "reward") or column["dtype"] == "string" or "mean" not in column:
            continue
        got = ours["columns"][what]
        wanted = math.prod(column["row_shape"])
        if what == "action" and got["dtype"] == "int64" and (wanted > 1 or labels):
            continue
        where = places(names if "observation" in what else labels, leaf, wanted, len(got["mean"]))
        if got["rows"] != column["rows"]:
            if not (what in ("action", "reward") and got["rows"] == ours["transition_count"]):
                out.append(f"{key} has {got['rows']} rows, and should have {column['rows']}")
            continue
        if where is not None and wanted > 1 and len(flat(column["mean"])) == 1:  # of a picture, over all its numbers
            all_of = {"mean": sum(got["mean"]) / wanted, "min": min(got["min"]), "max": max(got["max"])}
            for statistic, a in all_of.items():
                if not near(a, flat(column[statistic])[0], 255):
                    out.append(f"{statistic} of all of {key} is {a}, and should be {column[statistic]}")
            continue
        for statistic in ("mean", "std", "min", "max") if where is not None else ():
            values = [flat(column[statistic]), [got[statistic][j] for j in where]]
            for j, (b, a) in enumerate(zip(*values)):
                size = max(abs(flat(column["min"])[j]), abs(flat(column["max"])[j]))
                if not near(a, b, size if statistic in ("mean", "std") else 0):
                    out.append(f"{statistic} of {key}[{j}] is {a}, and should be {b}")

    for which, episode in theirs["transitions"].items():
        got = ours["transitions"].get(which)
        if got is None or got["episode_index"] != episode["episode_index"]:
            out.append(f"transitions.{which} is of another episode")
            continue
        for end in ("first_transition", "last_transition"):
            if end == "last_transition" and got["transitions"] != episode["length"]:
                continue
            a, b = got[end], episode[end]
            one = f"transitions.{which}.{end}"
            if not near(a["reward"], b["reward"]):
                out.append(f"{one}.reward is {a['reward']}, and should be {b['reward']}")
            for key in ("terminated", "truncated"):
                # Of an episode that ends in both ways we say that it terminated.
                if a[key] != b[key] and not (key == "truncated" and b["terminated"]):
                    out.append(f"{one}.{key} is {a[key]}, and should be {b[key]}")
            for key in ("observation", "next_observation", "action"):
                if (a[key] is None) != (b[key] is None):
                    out.append(f"{one}.{key} is {a[key]}, and should be {b[key]}")
                    continue
                for leaf, x in leaves(b[key]).items() if b[key] is not None else ():
                    x = flat(x)
                    mine = flat(a[key])
                    leaf = "" if leaf in ("observation", "action") else leaf
                    if key == "action" and ours["actions"] == "discrete" and len(x) > 1:
                        continue
                    where = places(names if key != "action" else labels, leaf, len(x), len(mine))
                    for j, y in enumerate(x) if where is not None else ():
                        if not near(mine[where[j]], y):
                            out.append(f"{one}.{key}{leaf and '/' + leaf}[{j}] is {mine[where[j]]}, and should be {y}")
    return out


def flags_of(theirs):
    """How a table's columns are said to be used."""
    names = {"ep": "episode", "t": "step", "obs": "observation", "act": "action", "rew": "reward", "term": "terminated", "trunc": "truncated",
             "done": "done", "nxt": "next"}
    mapping = {names[key]: value for key, value in theirs.get("mapping", {}).items() if key in names and value is not None}
    return ["--columns", json.dumps(mapping)] if mapping else []


def data_of(path):
    """The data set that NAME.expected.json is about: NAME, with its ending if it has one; or, of OGBench's single tasks, the task of a file of several."""
    name = path.name[: -len(".expected.json")]
    found = next((p for p in (path.parent / (name + ending) for ending in ("", ".h5", ".hdf5", ".npz")) if p.exists()), None)
    single = re.fullmatch(r"(.*)-singletask(?:-task(\d))?(-v\d.*)", name)
    if found is None and single:
        whole = path.parent / f"{single[1]}{single[3]}.npz"
        return f"{whole}?task={single[2] or 1}" if whole.exists() else None
    return found


def inspected(tessera, data, flags=()):
    done = subprocess.run([tessera, "inspect", str(data), "--json", *flags], capture_output=True, text=True)
    return (json.loads(done.stdout), "") if done.returncode == 0 else (None, done.stderr.strip())


def why(table, name):
    return next((reason for pattern, reason in table if re.search(pattern, name)), None)


def main(tessera, data, expected=None):
    if expected is not None:
        theirs = json.loads(pathlib.Path(expected).read_text())
        ours, error = inspected(tessera, data, flags_of(theirs))
        found = [error] if ours is None else differences(ours, theirs)
        print("\n".join(found) if found else "agrees")
        return bool(found)

    root = pathlib.Path(data)
    if not root.is_dir():
        print(f"skipped: {root} is not there")
        return False
    failed = agreed = refused = without = 0
    for path in sorted(root.rglob("*.expected.json")):
        name = str(path.relative_to(root))[: -len(".expected.json")]
        of = data_of(path)
        if of is None or why(OTHERWISE, name):
            continue
        theirs = json.loads(path.read_text())
        if not FIELDS <= set(theirs):
            print(f"{name}: left out, for its expectation has other fields")
            continue
        ours, error = inspected(tessera, of, flags_of(theirs))
        reason = why(REFUSED, name)
        if ours is None and "is read by pyarrow, which " in error and " does not have (" in error:
            without += 1
            continue
        if ours is None and reason is not None and reason in error:
            refused += 1
            continue
        found = [error] if ours is None else differences(ours, theirs)
        if reason is not None:
            found.append(f"was to be refused: {reason}")
        failed += bool(found)
        agreed += not found
        for line in found[:8]:
            print(f"{name}: {line}")
    print(f"{agreed} agree, {failed} do not, {refused} are refused, {without} need pyarrow")
    return failed > 0 or agreed == 0


sys.exit(main(*sys.argv[1:]))
