#pragma once

namespace tessera::detail {
/// The program that `read_arrow_tables` gives to Python:  python3 -B -c SCRIPT COLUMNS ROWS PATH...  It writes to
/// descriptor 3, in the machine's byte order ("text" and "numbers" are a 64-bit count and then their bytes):
///   M text                           pyarrow cannot be loaded
///   E index text                     a file cannot be read
///   P like T                         some of the rows; more of the same file follow
///   T rows, columns, names, then for each column: name, type, kind, shape, lengths, values, missing, labels (their
///     lengths, and all in one text)
///   .                                all are read
/// COLUMNS are separated by line feeds; ROWS is how many a part has at most, or 0: there are no parts.  numpy is not
/// used.
inline constexpr const char* arrow_table_script = R"python(
import sys
sys.path = [p for p in sys.path if p not in ("", ".")]
import os, struct
os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
os.environ["OMP_NUM_THREADS"] = "1"
out = os.fdopen(3, "wb", 1 << 20)

def count(n):
    out.write(struct.pack("=Q", n))

def text(s):
    b = s.encode("utf-8", "replace")
    count(len(b))
    out.write(b)

def end(kind, *what):
    out.write(kind)
    for w in what:
        count(w) if isinstance(w, int) else text(w)
    out.flush()
    os._exit(0)

def reason(e):
    lines = str(e).splitlines()
    return (type(e).__name__ + ": " + (lines[0] if lines else ""))[:400]

try:
    import pyarrow as pa, pyarrow.compute as pc, pyarrow.ipc
    import pyarrow.parquet as pq
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
except Exception as e:
    end(b"M", reason(e))

wanted = [w for w in sys.argv[1].split("\n") if w]

def is_wanted(name):
    return not wanted or any(name == w or name.startswith(w + "/") for w in wanted)

def may_hold(name):
    return is_wanted(name) or any(w.startswith(name + "/") for w in wanted)

def raw(a, size):
    b = a.buffers()[1]
    return memoryview(b)[a.offset * size:(a.offset + len(a)) * size] if b is not None and len(a) else b""

class Part:
    def __init__(self, name, kind, stored, a=None, labels=()):
        self.name, self.kind, self.stored, self.labels = name, kind, stored, labels
        self.shape, self.lengths, self.values, self.missing = [], None, b"", b""
        if a is not None:
            if a.null_count:
                self.missing = raw(pc.is_null(a).cast(pa.int8()), 1)
                a = pc.fill_null(a, 0)
            self.values = raw(a, 8)

    def inside(self, lengths, stored):
        self.stored = stored
        if self.kind == 4:
            return self
        if self.lengths is not None:
            return Part(self.name, 4, stored)
        low, high = pc.min_max(lengths).as_py().values() if len(lengths) else (0, 1)
        if low == high:
            self.shape.insert(0, low)
        else:
            self.lengths = raw(lengths, 8)
        return self

def parts(name, a):
    t = a.type
    stored = str(t)[:200]
    if isinstance(t, pa.BaseExtensionType):
        yield from parts(name, a.storage)
    elif pa.types.is_dictionary(t):
        yield from parts(name, a.dictionary_decode())
    elif pa.types.is_struct(t):
        for i, c in enumerate(a.flatten()):
            full = name + "/" + t.field(i).name
            if may_hold(full):
                yield from parts(full, c)
    elif pa.types.is_fixed_size_list(t) and a.null_count == 0:
        n = t.list_size
        lengths = pa.array([n], pa.int64()).take(pa.nulls(len(a), pa.int64()).fill_null(0))
        for p in parts(name, a.values.slice(a.offset * n, len(a) * n)):
            yield p.inside(lengths, stored)
    elif pa.types.is_fixed_size_list(t):
        yield from parts(name, a.cast(pa.list_(t.value_type)))
    elif pa.types.is_list(t) or pa.types.is_large_list(t):
        lengths = pc.fill_null(pc.list_value_length(a), 0).cast(pa.int64())
        for p in parts(name, a.flatten()):
            yield p.inside(lengths, stored)
    elif not is_wanted(name):
        return
    elif pa.types.is_boolean(t):
        yield Part(name, 0, stored, a.cast(pa.int8()).cast(pa.int64()))
    elif pa.types.is_integer(t):
        try:
            yield Part(name, 1, stored, a.cast(pa.int64()))
        except pa.ArrowInvalid:
            yield Part(name, 2, stored, a.cast(pa.float64(), safe=False))
    elif pa.types.is_floating(t) or pa.types.is_decimal(t):
        yield Part(name, 2, stored, a.cast(pa.float64()))
    elif pa.types.is_date32(t) or pa.types.is_time32(t):
        yield Part(name, 1, stored, a.cast(pa.int32()).cast(pa.int64()))
    elif pa.types.is_temporal(t) and not pa.types.is_interval(t):
        yield Part(name, 1, stored, a.cast(pa.int64()))
    elif pa.types.is_null(t):
        yield Part(name, 2, stored, pa.nulls(len(a), pa.float64()))
    elif stored in ("string", "large_string", "string_view"):
        d = a.cast(pa.large_string()).dictionary_encode()
        yield Part(name, 3, stored, d.indices.cast(pa.int64()), d.dictionary.to_pylist())
    else:
        yield Part(name, 4, stored)

at_once = int(sys.argv[2])

# (rows, names, table) of one part after another
def read(path):
    with open(path, "rb") as f:
        head = f.read(6)
    if head[:4] == b"PAR1":
        f = pq.ParquetFile(path)
        names = f.schema_arrow.names
        top = [n for n in names if may_hold(n)]
        if not top or not at_once:
            yield f.metadata.num_rows, names, f.read(columns=top, use_threads=False) if top else None
            return
        for b in f.iter_batches(batch_size=at_once, columns=top, use_threads=False):
            yield b.num_rows, names, pa.Table.from_batches([b])
        return
    with pa.OSFile(path) as f:
        r = pa.ipc.open_file(f) if head == b"ARROW1" else pa.ipc.open_stream(f)
        if not at_once:
            t = r.read_all()
            yield t.num_rows, t.schema.names, t
            return
        for b in (map(r.get_batch, range(r.num_record_batches)) if head == b"ARROW1" else r):
            for first in range(0, b.num_rows, at_once):
                t = pa.Table.from_batches([b.slice(first, at_once)])
                yield t.num_rows, t.schema.names, t

# (rows, names, parts, whether it is the last)
def pieces(path):
    before = None
    for rows, names, table in read(path):
        if before is not None:
            yield (*before, False)
        found = []
        for name in (table.schema.names if table is not None else []):
            if may_hold(name):
                c = table.column(name)
                found += parts(name, pa.concat_arrays(c.chunks) if c.num_chunks else pa.array([], c.type))
        before = rows, names, found
    yield (*(before or (0, [], [])), True)

def write(rows, names, found, last):
    out.write(b"T" if last else b"P")
    count(rows)
    count(len(found))
    count(len(names))
    for n in names:
        text(n)
    for p in found:
        text(p.name)
        text(p.stored)
        count(p.kind)
        count(len(p.shape))
        out.write(struct.pack("=%dq" % len(p.shape), *p.shape))
        ragged = p.lengths is not None
        count(1 if ragged else 0)
        if ragged:
            count(len(p.lengths) // 8)
            out.write(p.lengths)
        count(len(p.values) // 8)
        out.write(p.values)
        count(len(p.missing))
        out.write(p.missing)
        labels = [s.encode("utf-8", "replace") for s in p.labels]
        count(len(labels))
        out.write(struct.pack("=%dq" % len(labels), *map(len, labels)))
        all = b"".join(labels)
        count(len(all))
        out.write(all)
    out.flush()

for index, path in enumerate(sys.argv[3:]):
    try:
        for piece in pieces(path):
            write(*piece)
    except MemoryError:
        raise
    except Exception as e:
        end(b"E", index, reason(e))
end(b".")
)python";
}  // namespace tessera::detail
