"""events.py FOLDER [tensorboard]: the event files of a run's folder hold every number of its metrics.csv, as a float, and
nothing else, and no step has a number twice.  Read here byte by byte, or by TensorBoard's EventAccumulator."""
import csv
import glob
import struct
import sys


def as_float(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def crc32c(data):
    x = 0xFFFFFFFF
    for byte in data:
        x ^= byte
        for _ in range(8):
            x = x >> 1 ^ (0x82F63B78 if x & 1 else 0)
    return x ^ 0xFFFFFFFF


def masked(data):
    x = crc32c(data)
    return ((x >> 15 | x << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        size, check = struct.unpack_from("<QI", data, at)
        assert check == masked(data[at:at + 8]), f"the check of a length, at byte {at}"
        event = data[at + 12:at + 12 + size]
        assert struct.unpack_from("<I", data, at + 12 + size)[0] == masked(event), f"the check of an event, at byte {at}"
        yield event
        at += 16 + size


def fields(message):
    def varint():
        nonlocal at
        x = shift = 0
        while True:
            byte = message[at]
            at += 1
            x |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return x

    at = 0
    while at < len(message):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(kind) or varint()
        yield key >> 3, message[at:at + size]
        at += size


def read(folder):
    numbers = {}
    for i, path in enumerate(sorted(glob.glob(folder + "/events.out.tfevents.*.tessera"))):
        for j, event in enumerate(records(open(path, "rb").read())):
            found = dict(fields(event))
            assert (found.get(3) == b"brain.Event:2") == (j == 0), "the version is the first event, and only it"
            assert (7 in found) == (i > 0 and j == 1), "a session after the first begins with saying so"
            assert struct.unpack("<d", found[1])[0] > 1.5e9
            for _, value in fields(found.get(5, b"")):
                value = dict(fields(value))
                tag, step = value[1].decode(), found.get(2, 0)
                assert (tag, step) not in numbers, f"{tag} twice at {step}"
                numbers[tag, step] = struct.unpack("<f", value[2])[0]
    return numbers


def read_by_tensorboard(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    accumulator = EventAccumulator(folder, size_guidance={"scalars": 0})
    accumulator.Reload()
    numbers = {}
    for tag in accumulator.Tags()["scalars"]:
        for event in accumulator.Scalars(tag):
            assert (tag, event.step) not in numbers, f"{tag} twice at {event.step}"
            numbers[tag, event.step] = event.value
    return numbers


folder = sys.argv[1]
wanted = {}
with open(folder + "/metrics.csv") as file:
    for row in csv.DictReader(file):
        step = int(row.pop("updates"))
        wanted.update({(tag, step): as_float(float(x)) for tag, x in row.items() if x})
got = read_by_tensorboard(folder) if sys.argv[2:] == ["tensorboard"] else read(folder)
assert len(wanted) > 40, len(wanted)
wrong = [(key, got.get(key), wanted.get(key)) for key in got.keys() | wanted.keys() if got.get(key) != wanted.get(key)]
assert not wrong, f"{len(wrong)} numbers differ: {sorted(wrong)[:5]}"
