#!/usr/bin/env python3
"""python_opens.py LIBRARY TEST_PROGRAM...: a Python library opens our files.

safetensors also writes files that we open.  h5py, numpy, pandas, minari, d3rlpy and ogbench open the data sets that we
write in the formats that are theirs, or that are read with them.  The test programs write the files in hidden cases.
Without the library it says so and is skipped.
"""
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile

library, programs = sys.argv[1], sys.argv[2:]
try:
    import numpy as np
    importlib.import_module(library)
except ImportError as missing:
    print(f"skipped: {missing}; pip install numpy {library}")
    sys.exit(0)
if library == "safetensors":
    from safetensors import safe_open
    from safetensors.numpy import save_file


def run(program, case):
    done = subprocess.run([program, case], env={**os.environ, "TESSERA_PYTHON": folder}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def sample(path, folder):
    """The file of safetensors.test.cpp, there and back."""
    with safe_open(path, "np") as file:
        metadata = file.metadata()
        found = {name: file.get_tensor(name) for name in file.keys()}
    assert len(metadata.pop("checksum")) == 16
    assert metadata == {"algorithm": "iql", "quotes": 'a "checksum":"0000000000000000" \\ b\n\t', "unicode": "Größe \U0001F3B2", "empty": ""}, metadata
    wanted = {
        "policy/parameters": np.array([[1, -2, 0.5], [3e38, -0.0, 1e-45]], np.float32), "doubles": np.array([[0.1], [-1e300]]),
        "updates": np.array([-2**63, 7]), "seed": np.array(2**64 - 1, np.uint64), "flags": np.array([0, 1, 255], np.uint8),
        "none": np.empty((0, 4), np.float32),
    }
    assert wanted.keys() == found.keys()
    for name, x in wanted.items():
        y = found[name]
        assert x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes(), name
    save_file(found, f"{folder}/theirs.safetensors", metadata)


def checkpoint(path):
    """A learner's file: names as its networks have them, all else in the metadata."""
    with safe_open(path, "np") as file:
        metadata = file.metadata()
        found = {name: file.get_tensor(name) for name in file.keys()}
    assert metadata["format"] == "tessera-checkpoint-2" and metadata["algorithm"] == "iql", metadata
    assert metadata["problem.seed"] == "18446744073709551615" and metadata["parameters.policy.net.hidden"] == "16,16", metadata
    assert metadata["extra.note"] == "two\nlines"
    shift = np.array(metadata["units.observation_shift"].split(","), np.float32)
    assert shift.shape == (int(metadata["problem.observation_size"]),) == (3,)
    parameters = found["policy/parameters"]
    assert parameters.dtype == np.float32 and parameters.shape[0] == 1 and np.isfinite(parameters).all()
    assert found["updates"].dtype == np.int64 and found["updates"] == 3
    # The first layer as the file lays it out: rows of 3 inputs, 16 wide.
    assert np.abs(parameters[0, :48]).max() < 3


def tensors(program):
    run(program, "files for Python")
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.name == "checkpoint.safetensors":
            checkpoint(path)
        else:
            sample(path, folder)
            run(program, "files of Python")


# The data sets of writers.test.cpp: episodes of 3, 1 and 5 steps, of which the first terminates.
LENGTHS, KINDS = (3, 1, 5), ("continuous", "discrete")
FIRST = [0, 3, 4]
ROWS = np.arange(9)
LAST = np.array([2, 3, 8])


def observations(rows):
    rows = np.asarray(rows, np.float32)
    return np.stack([7 * rows / np.float32(3), (7 * rows + 1) / np.float32(3)], 1)


def actions(kind, rows=ROWS):
    return -np.asarray(rows, np.float32)[:, None] / np.float32(10) if kind == "continuous" else np.asarray(rows) % 3


def rewards(rows=ROWS):
    return np.asarray(rows, np.float32) / np.float32(7)


def same(got, wanted, what):
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.shape == wanted.shape and (got == wanted).all(), f"{what}: {got} where {wanted} is wanted"


def d4rl(kind):
    """D4RL's files, as its get_dataset reads them: all keys that are arrays."""
    import h5py
    with h5py.File(f"{folder}/{kind}.hdf5") as file:
        data = {key: file[key][()] for key in file}
    assert all(data[key].dtype == np.float32 for key in ("observations", "next_observations", "rewards"))
    same(data["observations"], observations(ROWS), "observations")
    same(data["next_observations"], observations(ROWS + 1), "next_observations")
    same(data["actions"], actions(kind), "actions")
    same(data["rewards"], rewards(), "rewards")
    same(data["terminals"].astype(bool), ROWS == 2, "terminals")
    same(data["timeouts"].astype(bool), (ROWS == 3) | (ROWS == 8), "timeouts")
    with h5py.File(f"{folder}/{kind}.h5") as file:  # as d3rlpy reads it
        assert [name.decode() for name in file["columns"][()]] == ["observations", "actions", "rewards", "terminated"]
        assert file["version"][()].decode("ascii") == "2.1" and file["num_episodes"][()] == 3
        for i, (first, steps) in enumerate(zip(FIRST, LENGTHS)):
            rows = np.arange(first, first + steps + (i > 0))
            same(file[f"observations_{i}"][()], observations(rows), "observations")
            same(file[f"rewards_{i}"][()][:steps, 0], rewards(rows[:steps]), "rewards")
            same(file[f"actions_{i}"][()][:steps], actions(kind, rows[:steps]).reshape(-1, 1), "actions")
            assert file[f"terminated_{i}"].dtype == bool and file[f"terminated_{i}"][()] == (i == 0)


def regular(file):
    """A file's regular view, in the words of OGBench's load_dataset (ogbench/utils.py)."""
    kept = np.concatenate([file["terminals"][1:], [True]]).astype(bool)  # shifted
    used = ~file["terminals"].astype(bool)
    return {"observations": file["observations"][used], "next_observations": file["observations"][np.flatnonzero(used) + 1],
            "actions": file["actions"][used], "terminals": kept[used], "rewards": file["rewards"][used], "masks": file["masks"][used]}


def ogbench_columns(data, kind):
    same(data["observations"], observations(ROWS), "observations")
    same(data["next_observations"], observations(ROWS + 1), "next_observations")
    same(data["actions"], actions(kind), "actions")
    same(data["terminals"].astype(bool), np.isin(ROWS, LAST), "terminals")


def npz(kind):
    with np.load(f"{folder}/{kind}.npz", allow_pickle=False) as file:
        assert file["terminals"].dtype == bool and file["observations"].dtype == np.float32
        data = regular(file)
    ogbench_columns(data, kind)
    same(data["rewards"], rewards(), "rewards")
    same(data["masks"], ROWS != 2, "masks")
    with np.load(f"{folder}/zip64.npz", allow_pickle=False) as file:
        same(file["a"], [1.5, -2], "a"), same(file["b"], [True], "b")


def ogbench(kind):
    from ogbench.utils import load_dataset
    ogbench_columns(load_dataset(f"{folder}/{kind}.npz", action_dtype=np.int32 if kind == "discrete" else np.float32), kind)
    assert (load_dataset(f"{folder}/{kind}.npz", compact_dataset=True)["valids"].sum()) == 9


def csv(kind):
    import pandas as pd
    exactly = {"float_precision": "round_trip"} if int(pd.__version__.split(".")[0]) < 3 else {}  # the default from 3 on
    table = pd.read_csv(f"{folder}/{kind}.csv", **exactly)
    assert list(table.columns) == ["episode", "position", "agent, velocity", "action", "reward", "terminated", "truncated", "next_position",
                                   "next_agent, velocity"]
    same(table["episode"], np.repeat([0, 1, 2], LENGTHS), "episode")
    same(table[["position", "agent, velocity"]].to_numpy(np.float32), observations(ROWS), "observations")
    same(table[["next_position", "next_agent, velocity"]].to_numpy(np.float32), observations(ROWS + 1), "next observations")
    if kind == "discrete":
        same(table["action"], np.array(["left", "stay", "right"])[actions(kind)], "action")
    else:
        same(table[["action"]].to_numpy(np.float32), actions(kind), "action")
    same(table["reward"].to_numpy(np.float32), rewards(), "reward")
    assert table["terminated"].dtype == bool
    same(table["terminated"], ROWS == 2, "terminated"), same(table["truncated"], (ROWS == 3) | (ROWS == 8), "truncated")


def minari_folder(kind):
    import minari
    data = minari.MinariDataset(pathlib.Path(folder) / f"{kind}-v2" / "data")
    assert data.total_episodes == 3 and data.total_steps == 9 and data.spec.dataset_id == f"{kind}-v2"
    assert data.observation_space.shape == (2,) and np.isneginf(data.observation_space.low).all()
    assert kind != "discrete" or data.action_space.n == 3
    for i, episode in enumerate(data.iterate_episodes()):
        rows = np.arange(FIRST[i], FIRST[i] + LENGTHS[i])
        assert episode.id == i
        same(episode.observations, observations(np.append(rows, rows[-1] + 1)), "observations")
        same(episode.actions, actions(kind, rows), "actions")
        same(episode.rewards, rewards(rows), "rewards")
        same(episode.terminations, rows == 2, "terminations"), same(episode.truncations, (rows == 3) | (rows == 8), "truncations")
    # As minari.load_dataset finds it, in a folder of data sets.
    os.environ["MINARI_DATASETS_PATH"] = folder
    assert minari.load_dataset(f"{kind}-v2").total_steps == 9


def d3rlpy_buffer(kind):
    import d3rlpy
    with open(f"{folder}/{kind}.h5", "rb") as file:
        buffer = d3rlpy.dataset.ReplayBuffer.load(file, d3rlpy.dataset.InfiniteBuffer())
    # No transition is lost: a cut episode's added step is none.
    assert buffer.transition_count == 9 and len(buffer.episodes) == 3
    assert [episode.terminated for episode in buffer.episodes] == [True, False, False]
    picked = [d3rlpy.dataset.BasicTransitionPicker()(episode, t) for episode, steps in zip(buffer.episodes, LENGTHS) for t in range(steps)]
    same([one.observation for one in picked], observations(ROWS), "observations")
    known = ROWS[ROWS != 2]  # the layout has no place for where a terminal led
    same([picked[i].next_observation for i in known], observations(known + 1), "next observations")
    same([one.reward[0] for one in picked], rewards(), "rewards")


def data_sets(program):
    run(program, "data sets for Python")
    for kind in KINDS:
        {"h5py": d4rl, "numpy": npz, "pandas": csv, "minari": minari_folder, "d3rlpy": d3rlpy_buffer, "ogbench": ogbench}[library](kind)


for program in programs:
    with tempfile.TemporaryDirectory() as folder:
        (tensors if library == "safetensors" else data_sets)(program)
print("equal")
