#pragma once

namespace tessera::detail {
/// The program that `Gymnasium` gives to Python: it holds environments, and does what the channel at descriptor 3 asks.
///
/// A request is a head of 16 bytes, in the machine's byte order, and its body: what (1 byte, 3 empty), the session (4),
/// the size of the body (8).
///   o  JSON: name, arguments, imports        make one environment, and describe it
///   m  JSON: the numbers of a session        make a session: environments, and where their arrays are
///   r  seed (8)                              reset the session's environments, the first of which has this seed
///   s  actions, where there is no memory     step them
///   f  -                                     render the session's first environment, and keep the frame
///   p  JSON: format, milliseconds            the frames as a picture's bytes
/// An answer is '.', as often as something has been done without an end of it; then '+' and what was asked for (of o
/// and p its size (8) before; of r and s nothing, or the arrays where there is no memory), or '-', a size and JSON:
/// what went wrong.
/// An environment that is over is not stepped: its reward is 0, and its end marks stay.
inline constexpr const char* gymnasium_worker = R"python(
import sys, os
sys.path = [p for p in sys.path if p not in ("", ".")]
here = os.getcwd()
os.environ["OMP_NUM_THREADS"] = "1"
for k, v in (("PYGAME_HIDE_SUPPORT_PROMPT", "1"), ("SDL_AUDIODRIVER", "dummy")):
    os.environ.setdefault(k, v)
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    os.environ.setdefault("MUJOCO_GL", "egl")
os.closerange(6, 4096)
import ast, faulthandler, fcntl, json, re, signal, struct, time, traceback, warnings
for fd in (3, 4):
    os.set_inheritable(fd, False)
# Ends with the process at the other end of the pipe, even within an environment that hangs.
try:
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(4, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(4, fcntl.F_SETFL, fcntl.fcntl(4, fcntl.F_GETFL) | os.O_ASYNC)
except (AttributeError, OSError):
    pass
faulthandler.enable()
sessions = {}
name, arguments, describing = "", {}, None
clock = time.monotonic
at = -1  # which environment is at work, for messages
own = "/gymnasium/"  # where Gymnasium's own code is, for messages

def close(s):
    for e in s.envs if s else []:
        try:
            e.close()
        except Exception:
            pass

def leave():
    for s in sessions.values():
        close(s)
    os._exit(0)

def get(n):
    out = b""
    while len(out) < n:
        try:
            some = os.read(3, n - len(out))
        except ConnectionError:
            some = b""
        if not some:
            leave()
        out += some
    return out

def put(b):
    b = memoryview(b)
    while len(b):
        try:
            b = b[os.write(3, b):]
        except OSError:
            leave()

def whole(mark, b):
    put(mark + struct.pack("=Q", len(b)) + b)

class Refused(Exception):
    pass

def complain(e, kind=""):
    text = " ".join(str(e).split())
    where = ""
    if not isinstance(e, Refused):
        frame = next((f for f in reversed(traceback.extract_tb(e.__traceback__))
                      if f.filename != "<string>" and not f.filename.startswith(own)), None)
        if frame:
            where = os.path.basename(frame.filename) + ", line " + str(frame.lineno)
        if not text and frame and frame.line:
            text = " ".join(frame.line.split())
        text = type(e).__name__ + (": " + text if text else "")
        if type(e).__name__ in ("NameNotFound", "NamespaceNotFound") and ":" not in name:
            text += " One of a package is named gym:PACKAGE:NAME, as gym:gymnasium_robotics:FetchReach-v4."
    found = {"text": text[:2000], "where": where, "copy": at, "kind": kind}
    whole(b"-", json.dumps(found).encode("utf-8", "replace"))

try:
    import numpy as np
    import gymnasium as gym
    own = os.path.join(os.path.dirname(gym.__file__), "")
    missing = None
except BaseException as e:
    missing = e
# After what is installed, so that no file of the working folder takes the place of one of that.
sys.path.append(here)

def value(text):
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return ast.literal_eval(text)
    except Exception:
        return text

def below(path, key):
    return path + "/" + str(key) if path else str(key)

def leaves(space, path=""):
    S = gym.spaces
    if isinstance(space, S.Dict):
        for k, s in space.spaces.items():
            yield from leaves(s, below(path, k))
    elif isinstance(space, S.Tuple):
        for i, s in enumerate(space.spaces):
            yield from leaves(s, below(path, i))
    elif isinstance(space, (S.Box, S.Discrete, S.MultiDiscrete, S.MultiBinary)):
        yield path, space
    else:
        raise Refused("has a space of the kind %s%s, and Box, Discrete, MultiDiscrete, MultiBinary, Dict and Tuple "
                      "are understood" % (type(space).__name__, " (" + path + ")" if path else ""))

def indices(shape):
    for i in np.ndindex(tuple(shape)):
        yield "[" + ",".join(map(str, i)) + "]" if shape else ""

def bounds(a):
    return [float(x) if np.isfinite(x) else None for x in np.asarray(a, np.float64).reshape(-1)]

class Observed:
    def __init__(self, space):
        S = gym.spaces
        parts = list(leaves(space))
        self.composite = isinstance(space, (S.Dict, S.Tuple))
        self.space, self.plain = space, isinstance(space, S.Box)
        self.size = int(S.flatdim(space))
        if not parts or self.size < 1:
            raise Refused("has observations without numbers")
        self.names, self.low, self.high = [], [], []
        if self.size > 65536:
            return
        for path, s in parts:
            if isinstance(s, S.Box):
                self.names += [path + i for i in indices(s.shape)]
                self.low += bounds(s.low)
                self.high += bounds(s.high)
                continue
            if isinstance(s, S.Discrete):
                first = int(getattr(s, "start", 0))
                names = [path + "=" + str(first + k) for k in range(int(s.n))]
            elif isinstance(s, S.MultiBinary):
                names = [path + i for i in indices(s.shape)]
            else:
                starts = np.broadcast_to(getattr(s, "start", 0), s.nvec.shape).reshape(-1)
                names = [path + i + "=" + str(int(b) + k) for i, n, b in
                         zip(indices(s.nvec.shape), s.nvec.reshape(-1), starts) for k in range(int(n))]
            self.names += names
            self.low += [0.0] * len(names)
            self.high += [1.0] * len(names)
        if len(self.names) != self.size:
            raise Refused("has observations of %d numbers, where gymnasium.spaces.flatten makes %d"
                          % (len(self.names), self.size))

    def writer(self):
        space, size, flatten = self.space, self.size, gym.spaces.flatten
        if not self.plain:
            def write(row, o):
                row[:] = flatten(space, o)
        else:
            shape = space.shape
            def write(row, o):
                if getattr(o, "shape", None) != shape:
                    o = np.asarray(o)
                    if o.shape != shape:
                        raise ValueError("the observation has the shape %s, and its space %s" % (o.shape, shape))
                row[:] = o if len(shape) == 1 else o.reshape(-1)
        return write

class Acted:
    def __init__(self, space):
        S = gym.spaces
        self.space, self.parts = space, list(leaves(space))
        composite = isinstance(space, (S.Dict, S.Tuple))
        self.names, self.low, self.high, self.factors, self.first = [], [], [], [], []
        boxes = [isinstance(s, S.Box) for _, s in self.parts]
        if not boxes or (any(boxes) and not all(boxes)):
            raise Refused("has actions that are numbers and choices at once, and an algorithm is for one kind"
                          if boxes else "has no actions")
        self.discrete = not boxes[0]
        if not self.discrete:
            for path, s in self.parts:
                if composite:
                    self.names += [path + i for i in indices(s.shape)]
                self.low += bounds(s.low)
                self.high += bounds(s.high)
            self.size = len(self.low)
            if self.size < 1:
                raise Refused("has no actions")
            return
        for _, s in self.parts:
            if isinstance(s, S.Discrete):
                self.factors.append(int(s.n))
                self.first.append(int(getattr(s, "start", 0)))
            elif isinstance(s, S.MultiBinary):
                self.factors += [2] * int(np.prod(s.shape))
                self.first += [0] * int(np.prod(s.shape))
            else:
                self.factors += [int(n) for n in s.nvec.reshape(-1)]
                self.first += [int(b) for b in np.broadcast_to(getattr(s, "start", 0), s.nvec.shape).reshape(-1)]
        self.size = 1
        for n in self.factors:
            self.size *= n
        if self.size > 65536:
            raise Refused("has %d discrete actions, every combination of choices counting as one; 65536 are the most"
                          % self.size)
        if len(self.factors) > 1 and any(self.first):
            for k in range(self.size):
                self.names.append(",".join(str(c + b) for c, b in zip(self.digits(k), self.first)))

    def digits(self, k):
        out = []
        for n in reversed(self.factors):
            out.append(k % n)
            k //= n
        return out[::-1]

    def maker(self):
        S = gym.spaces
        space = self.space
        if not self.discrete:
            if isinstance(space, S.Box):
                dtype, shape = space.dtype, space.shape
                if dtype == np.float32 and len(shape) == 1:
                    return lambda row: row.copy()
                if dtype.kind in "iub":
                    return lambda row: np.rint(row).astype(dtype).reshape(shape)
                return lambda row: row.astype(dtype).reshape(shape)
            return lambda row: S.unflatten(space, row.copy())
        if isinstance(space, S.Discrete):
            first = self.first[0]
            return lambda k: int(k) + first
        def build(s, digits):
            if isinstance(s, S.Dict):
                return {k: build(x, digits) for k, x in s.spaces.items()}
            if isinstance(s, S.Tuple):
                return tuple(build(x, digits) for x in s.spaces)
            if isinstance(s, S.Discrete):
                return next(digits)
            shape = s.shape if isinstance(s, S.MultiBinary) else s.nvec.shape
            return np.array([next(digits) for _ in range(int(np.prod(shape)))], s.dtype).reshape(shape)
        def act(k):
            return build(space, iter([c + b for c, b in zip(self.digits(int(k)), self.first)]))
        return act

def make(limit=0, render=False):
    extra = dict(arguments)
    if limit:
        extra["max_episode_steps"] = limit
    if render:
        extra["render_mode"] = "rgb_array"
    return gym.make(name, **extra)

def open_environment(body):
    global name, arguments, describing, observed, acted
    if missing is not None:
        return complain(missing, "missing")
    asked = json.loads(body)
    name, arguments = asked["name"], {k: value(v) for k, v in asked["arguments"]}
    for each in asked["imports"]:
        __import__(each)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", UserWarning)
        env = make()
    observed, acted = Observed(env.observation_space), Acted(env.action_space)
    spec = env.spec
    spare.append(env)
    said = [" ".join(re.sub("\\x1b\\[[0-9;]*m", "", str(w.message)).split()) for w in said if "gymnasium" in w.filename]
    found = {
        "version": gym.__version__, "max_steps": int(getattr(spec, "max_episode_steps", None) or 0),
        "observation_size": observed.size, "observation_names": observed.names if observed.composite else [],
        "observation_low": observed.low, "observation_high": observed.high,
        "discrete": acted.discrete, "action_size": acted.size, "action_names": acted.names,
        "action_low": acted.low, "action_high": acted.high, "factors": acted.factors, "first": acted.first,
        "render_modes": [str(m) for m in (env.metadata or {}).get("render_modes", [])],
        "warnings": [w[:500] for w in said][:8],
    }
    whole(b"+", json.dumps(found).encode("utf-8", "replace"))

spare = []  # the one that was described, which nobody has used

class Session:
    def __init__(self, o):
        global at
        self.count = n = o["count"]
        self.envs, self.over, self.frames = [], [True] * n, []
        how = (o["limit"], o["render"])
        beat = clock() + 1
        for at in range(n):
            self.envs.append(spare.pop() if spare and how == (0, False) else make(*how))
            if clock() > beat:
                put(b".")
                beat = clock() + 1
        at = -1
        width, numbers = observed.size, 1 if acted.discrete else acted.size
        kind = np.int64 if acted.discrete else np.float32
        self.memory = o["memory"]
        if self.memory:
            import mmap
            self.map = mmap.mmap(5, o["bytes"], offset=o["offset"])
            first = o["first"]
            def array(at, dtype, columns):
                size = np.dtype(dtype).itemsize * columns
                return np.frombuffer(self.map, dtype, n * columns, at + first * size).reshape(n, columns)
            self.actions = array(o["actions"], kind, numbers)
            self.observations = array(o["observations"], np.float32, width)
            self.rewards = array(o["rewards"], np.float32, 1)[:, 0]
            self.terminated = array(o["terminated"], np.uint8, 1)[:, 0]
            self.truncated = array(o["truncated"], np.uint8, 1)[:, 0]
        else:
            self.actions = np.zeros((n, numbers), kind)
            self.observations = np.zeros((n, width), np.float32)
            self.rewards = np.zeros(n, np.float32)
            self.terminated, self.truncated = np.zeros(n, np.uint8), np.zeros(n, np.uint8)
        if acted.discrete:
            self.actions = self.actions[:, 0]
        self.write, self.act = observed.writer(), acted.maker()

    def answer(self):
        if self.memory:
            return put(b"+")
        put(b"+" + self.observations.tobytes() + self.rewards.tobytes() + self.terminated.tobytes()
            + self.truncated.tobytes())

    def reset(self, seed):
        global at
        self.frames = []
        beat = clock() + 1
        for at in range(self.count):
            o, _ = self.envs[at].reset(seed=(seed + at) % 2147483648)
            self.write(self.observations[at], o)
            self.over[at] = False
            if clock() > beat:
                put(b".")
                beat = clock() + 1
        at = -1
        self.rewards[:] = 0
        self.terminated[:] = 0
        self.truncated[:] = 0
        self.answer()

    def step(self):
        global at
        if not self.memory:
            b = get(self.actions.nbytes)
            self.actions = np.frombuffer(b, self.actions.dtype).reshape(self.actions.shape)
        actions, act, write, over = self.actions, self.act, self.write, self.over
        rewards, terminated, truncated = self.rewards, self.terminated, self.truncated
        beat = clock() + 1
        for at, env in enumerate(self.envs):
            if over[at]:
                rewards[at] = 0
                continue
            o, r, ended, cut, _ = env.step(act(actions[at]))
            write(self.observations[at], o)
            rewards[at] = r
            if ended or cut:
                over[at], terminated[at], truncated[at] = True, bool(ended), bool(cut)
            if clock() > beat:
                put(b".")
                beat = clock() + 1
        at = -1
        self.answer()

    def frame(self):
        global at
        at = 0
        picture = self.envs[0].render()
        if not isinstance(picture, np.ndarray) or picture.ndim != 3 or picture.shape[2] not in (3, 4):
            raise Refused("renders no picture: %s" % type(picture).__name__)
        self.frames.append(np.ascontiguousarray(picture[:, :, :3], np.uint8))
        at = -1
        put(b"+")

def chunk(kind, b):
    import zlib
    return struct.pack(">I", len(b)) + kind + b + struct.pack(">I", zlib.crc32(kind + b))

def png(frames):
    import zlib
    columns = min(len(frames), 6)
    h, w = frames[0].shape[:2]
    every = max(1, -(-columns * w // 3600))
    frames = [f[::every, ::every] for f in frames]
    h, w = frames[0].shape[:2]
    gap, rows = 4, -(-len(frames) // columns)
    all = np.full((rows * (h + gap) - gap, columns * (w + gap) - gap, 3), 255, np.uint8)
    for k, f in enumerate(frames):
        y, x = k // columns * (h + gap), k % columns * (w + gap)
        all[y:y + h, x:x + w] = f
    lines = np.zeros((all.shape[0], 1 + 3 * all.shape[1]), np.uint8)  # each begins with its filter, 0: none
    lines[:, 1:] = all.reshape(all.shape[0], -1)
    head = struct.pack(">IIBBBBB", all.shape[1], all.shape[0], 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines.tobytes(), 6))
            + chunk(b"IEND", b""))

def gif(frames, milliseconds):
    import io
    try:
        from PIL import Image
    except ImportError:
        raise Refused("a GIF is written by Pillow, which %s does not have; install it with 'python3 -m pip install "
                      "pillow', or give a name that ends in .png" % sys.executable)
    pictures = [Image.fromarray(f) for f in frames]
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0)
    return out.getvalue()

def picture(s, body):
    asked = json.loads(body)
    if not s.frames or any(f.shape != s.frames[0].shape for f in s.frames):
        raise Refused("renders pictures of different sizes")
    found = gif(s.frames, asked["milliseconds"]) if asked["format"] == "gif" else png(s.frames)
    s.frames = []
    whole(b"+", found)

while True:
    what, _, which, size = struct.unpack("=c3sIQ", get(16))
    try:
        if what == b"s":
            sessions[which].step()
        elif what == b"r":
            sessions[which].reset(struct.unpack("=Q", get(8))[0])
        elif what == b"o":
            open_environment(get(size))
        elif what == b"m":
            body = get(size)
            close(sessions.pop(which, None))
            sessions[which] = Session(json.loads(body))
            put(b"+")
        elif what == b"f":
            sessions[which].frame()
        elif what == b"p":
            picture(sessions[which], get(size))
    except (Exception, SystemExit) as e:
        complain(e)
        at = -1
)python";
}  // namespace tessera::detail
