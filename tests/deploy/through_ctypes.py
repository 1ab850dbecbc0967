#!/usr/bin/env python3
"""through_ctypes.py LIBRARY CASES: the C interface, called by Python's ctypes, gives the actions that Policy gives; and
what is wrong is a code and one line.  CASES is the folder that write_cases has written."""
import ctypes, json, math, os, sys, tempfile

library, cases = sys.argv[1:3]
c = ctypes.CDLL(library)
floats = ctypes.POINTER(ctypes.c_float)
c.tessera_policy_load.restype = ctypes.c_void_p
c.tessera_policy_load.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int), ctypes.c_char_p, ctypes.c_size_t]
c.tessera_policy_free.argtypes = [ctypes.c_void_p]
c.tessera_policy_act.argtypes = [ctypes.c_void_p, floats, floats, floats, ctypes.c_char_p, ctypes.c_size_t]
for name in ("observation_size", "noise_size", "action_size"):
    getattr(c, "tessera_policy_" + name).restype = ctypes.c_size_t
    getattr(c, "tessera_policy_" + name).argtypes = [ctypes.c_void_p]
c.tessera_policy_discrete.argtypes = [ctypes.c_void_p]
c.tessera_policy_hash.restype = ctypes.c_uint64
c.tessera_policy_hash.argtypes = [ctypes.c_void_p]

failures = 0


def fail(text):
    global failures
    failures += 1
    print("FAILED:", text)


def load(path):
    code, error = ctypes.c_int(-1), ctypes.create_string_buffer(300)
    policy = c.tessera_policy_load(os.fsencode(path), ctypes.byref(code), error, len(error))
    return policy, code.value, error.value.decode()


def act(policy, observation, noise):
    action = (ctypes.c_float * c.tessera_policy_action_size(policy))(*[-77.0] * c.tessera_policy_action_size(policy))
    error = ctypes.create_string_buffer(200)
    given = (ctypes.c_float * len(noise))(*noise) if noise else None
    code = c.tessera_policy_act(policy, (ctypes.c_float * len(observation))(*observation), given, action, error, 200)
    return code, list(action), error.value.decode()


if c.tessera_policy_abi() != 1:
    fail("the interface has another number")
answers = json.load(open(os.path.join(cases, "answers.json")))
compared = 0
for ending in (".json", ".safetensors"):
    for name in sorted({each["name"] for each in answers}):
        path = os.path.join(cases, name + ending)
        policy, code, error = load(path)
        if not policy or code != 0:
            fail(f"{path}: {code} {error}")
            continue
        mine = [each for each in answers if each["name"] == name]
        if c.tessera_policy_observation_size(policy) != len(mine[0]["observation"]) or \
           c.tessera_policy_noise_size(policy) != len(mine[0]["noise"]) or \
           bool(c.tessera_policy_discrete(policy)) != mine[0]["discrete"] or c.tessera_policy_hash(policy) == 0:
            fail(f"{path}: another signature")
        for each in mine:
            code, action, error = act(policy, each["observation"], each["noise"])
            compared += 1
            if code != 0 or any(abs(a - b) > 2e-5 * (1 + abs(b)) for a, b in zip(action, each["action"])):
                fail(f"{path}: {code} {error} {action} and should be {each['action']}")
        bad = [math.nan] + mine[0]["observation"][1:]
        code, action, error = act(policy, bad, mine[0]["noise"])
        if code != 3 or action[0] != -77.0 or "not finite" not in error or "\n" in error:
            fail(f"{path}: NaN gives {code} {action} {error}")
        if mine[0]["noise"] and act(policy, mine[0]["observation"], [])[0] != 2:
            fail(f"{path}: acts without its noise")
        c.tessera_policy_free(policy)

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "a.safetensors")
    whole = open(os.path.join(cases, "small.safetensors"), "rb").read()
    for what, data in (("cut", whole[:-5]), ("changed", whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:]), ("empty", b""),
                       ("other", b'{"format": "x"}')):
        open(path, "wb").write(data)
        policy, code, error = load(path)
        if policy or code != 1 or not error or "\n" in error:
            fail(f"a file that is {what}: {policy} {code} {error}")
    policy, code, error = load(os.path.join(folder, "absent"))
    if policy or code != 1 or "absent" not in error:
        fail(f"an absent file: {code} {error}")
# Room for less than the message; none; no code wanted.
error = ctypes.create_string_buffer(b"x" * 9, 10)
code = ctypes.c_int(0)
if c.tessera_policy_load(b"/absent", ctypes.byref(code), error, 5) or error.raw[:6] != b"/abs\0x" or code.value != 1:
    fail(f"a short message: {error.raw}")
if c.tessera_policy_load(None, None, None, 0) or c.tessera_policy_load(b"/absent", None, None, 0):
    fail("NULL loads")
c.tessera_policy_free(None)
if c.tessera_policy_act(None, None, None, None, None, 0) != 2 or c.tessera_policy_action_size(None) != 0:
    fail("NULL acts")
print(f"{compared} actions compared, {failures} failures")
sys.exit(failures > 0)
