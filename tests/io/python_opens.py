#!/usr/bin/env python3
"""python_opens.py TEST_PROGRAM...: PyPI's safetensors opens our files, and we open its.

test_core and test_torch write and read the files in hidden cases; without NumPy and safetensors it says so and is skipped.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from safetensors import safe_open
    from safetensors.numpy import save_file
except ImportError as missing:
    print(f"skipped: {missing}; pip install numpy safetensors")
    sys.exit(0)


def run(program, case):
    done = subprocess.run([program, case], env={**os.environ, "TESSERA_PYTHON": folder}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def sample(path, folder):
    """The file of safetensors.test.cpp, there and back."""
    with safe_open(path, "np") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    assert len(metadata.pop("checksum")) == 16
    assert metadata == {"algorithm": "iql", "quotes": 'a "checksum":"0000000000000000" \\ b\n\t', "unicode": "Größe \U0001F3B2", "empty": ""}, metadata
    wanted = {
        "policy/parameters": np.array([[1, -2, 0.5], [3e38, -0.0, 1e-45]], np.float32), "doubles": np.array([[0.1], [-1e300]]),
        "updates": np.array([-2**63, 7]), "seed": np.array(2**64 - 1, np.uint64), "flags": np.array([0, 1, 255], np.uint8),
        "none": np.empty((0, 4), np.float32),
    }
    assert wanted.keys() == tensors.keys()
    for name, x in wanted.items():
        y = tensors[name]
        assert x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes(), name
    save_file(tensors, f"{folder}/theirs.safetensors", metadata)


def checkpoint(path):
    """A learner's file: names as its networks have them, all else in the metadata."""
    with safe_open(path, "np") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    assert metadata["format"] == "tessera-checkpoint-2" and metadata["algorithm"] == "iql", metadata
    assert metadata["problem.seed"] == "18446744073709551615" and metadata["parameters.policy.net.hidden"] == "16,16", metadata
    assert metadata["extra.note"] == "two\nlines"
    shift = np.array(metadata["units.observation_shift"].split(","), np.float32)
    assert shift.shape == (int(metadata["problem.observation_size"]),) == (3,)
    parameters = tensors["policy/parameters"]
    assert parameters.dtype == np.float32 and parameters.shape[0] == 1 and np.isfinite(parameters).all()
    assert tensors["updates"].dtype == np.int64 and tensors["updates"] == 3
    # The first layer as the file lays it out: rows of 3 inputs, 16 wide.
    assert np.abs(parameters[0, :48]).max() < 3


for program in sys.argv[1:]:
    with tempfile.TemporaryDirectory() as folder:
        run(program, "files for Python")
        for path in sorted(pathlib.Path(folder).iterdir()):
            if path.name == "checkpoint.safetensors":
                checkpoint(path)
            else:
                sample(path, folder)
                run(program, "files of Python")
print("equal")
