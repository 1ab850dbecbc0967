#!/usr/bin/env bash
# onnx_acts.sh CASES: exported ONNX models are valid, and onnxruntime gives the actions that Policy gives, also for several observations at once.
set -eu
python=${TESSERA_PYTHON:-python3}
"$python" -c 'import onnx, onnxruntime, numpy' 2>/dev/null || { echo "skipped: $python has no onnx, onnxruntime or numpy"; exit 0; }
exec "$python" - "$1" <<'PY'
import json, os, sys
import numpy, onnx, onnxruntime
cases, failures, compared = sys.argv[1], 0, 0
answers = json.load(open(os.path.join(cases, "answers.json")))
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
def fail(*text):
    global failures
    failures += 1
    print("FAILED:", *text)
def differs(a, b):
    return not numpy.all(numpy.abs(a.astype(float) - b) <= 5e-5 * (1 + numpy.abs(b)))
for name in sorted({each["name"] for each in answers}):
    model = onnx.load(os.path.join(cases, name + ".onnx"))
    onnx.checker.check_model(model, full_check=True)
    metadata = {each.key: each.value for each in model.metadata_props}
    written = json.load(open(os.path.join(cases, name + ".json")))
    if metadata["hash"] != written["hash"] or json.loads(metadata["structure"])["signature"] != written["signature"]:
        fail(name, "has other metadata")
    session = onnxruntime.InferenceSession(os.path.join(cases, name + ".onnx"), options, providers=["CPUExecutionProvider"])
    mine = [each for each in answers if each["name"] == name]
    free = isinstance(session.get_inputs()[0].shape[0], str)
    noise = numpy.array(mine[0]["noise"], "float32")
    given = {"noise": noise.reshape(session.get_inputs()[1].shape)} if len(noise) else {}
    x = numpy.array([each["observation"] for each in mine], "float32")
    y = numpy.array([each["action"] for each in mine])
    for rows in ([range(len(x))] if free else []) + [[i] for i in range(len(x))]:
        action, finite = session.run(None, {"observation": x[rows], **given})
        compared += len(rows)
        if action.dtype != ("int64" if mine[0]["discrete"] else "float32") or not finite.all():
            fail(name, action.dtype, finite)
        if differs(action.reshape(len(rows), -1), y[list(rows)]):
            fail(name, action, y[list(rows)])
    for bad in (numpy.nan, numpy.inf):
        z = x[:1].copy()
        z[0, -1] = bad
        if session.run(["observation_finite"], {"observation": z, **given})[0].any():
            fail(name, "says that", bad, "is finite")
print(f"{compared} actions compared, {failures} failures")
sys.exit(failures > 0)
PY
