#include <tessera/env/gymnasium.hpp>

#include <zlib.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <tessera/env/check_environment.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/support/error.hpp>

#include "../helpers/tables.hpp"

using Catch::Contains;
using support::error_of;
using tessera::Continuous;
using tessera::Discrete;
using tessera::Gymnasium;
using tessera::GymnasiumOptions;
using tessera::GymnasiumTask;
using floats = std::vector<float>;
using texts = std::vector<std::string>;

namespace {
// A Python program in the place of the worker: it answers as it is told by the environment's name, and needs nothing
// but Python.  Its environment: observation (seed of the copy, step), one number as action, reward twice the action;
// copy 0 terminates at its third step, copy 1 is cut at its second.
constexpr const char* pretended_worker = R"(
import json, mmap, os, signal, struct, time

def get(n):
    out = b''
    while len(out) < n:
        some = os.read(3, n - len(out))
        if not some:
            os._exit(0)
        out += some
    return out

def text(mark, b):
    os.write(3, mark + struct.pack('=Q', len(b)) + b)

about = {'version': '1', 'max_steps': 5, 'observation_size': 2, 'observation_names': [], 'observation_low': [],
         'observation_high': [], 'discrete': False, 'action_size': 1, 'action_names': [], 'action_low': [None],
         'action_high': [2.5], 'factors': [], 'first': [], 'render_modes': [], 'warnings': ['is \x1b[31m old']}
wrong = {'sizes': {'observation_names': ['a']}, 'limits': {'action_low': []}, 'negative': {'observation_size': -1},
         'kinds': {'observation_size': 'many'}, 'steps': {'max_steps': -1}, 'none': {'discrete': None}}
name, session = '', None

class Session:
    def __init__(self, o):
        self.o, n = o, o['count']
        if o['memory']:
            self.map = mmap.mmap(5, o['bytes'], offset=o['offset'])
    def put(self, key, size, b):
        o = self.o
        at = o[key] + o['first'] * size
        self.map[at:at + len(b)] = b
    def answer(self):
        o, n = self.o, self.o['count']
        seen = b''.join(struct.pack('=2f', s, self.t) for s in self.seeds)
        paid = struct.pack('=%df' % n, *[2 * a for a in self.actions])
        ended = bytes(int(o['first'] + i == 0 and self.t >= 3) for i in range(n))
        cut = bytes(int(o['first'] + i == 1 and self.t >= 2) for i in range(n))
        if not o['memory']:
            return os.write(3, b'+' + seen + paid + ended + cut)
        self.put('observations', 8, seen), self.put('rewards', 4, paid)
        self.put('terminated', 1, ended), self.put('truncated', 1, cut)
        os.write(3, b'+')
    def reset(self, seed):
        n = self.o['count']
        self.t, self.seeds, self.actions = 0, [seed + i for i in range(n)], [0.0] * n
        self.answer()
    def step(self):
        n = self.o['count']
        if self.o['memory']:
            at = self.o['actions'] + 4 * self.o['first']
            b = self.map[at:at + 4 * n]
        else:
            b = get(4 * n)
        self.actions = struct.unpack('=%df' % n, b)
        self.t += 1
        if name == 'slow' and self.t == 1:
            for _ in range(8):
                time.sleep(0.5)
                os.write(3, b'.')
        if self.t == 3:
            if name == 'exits':
                print('oh no \x1b[0m')
                os._exit(9)
            if name == 'crashes':
                os.write(2, b'Fatal: x\n  File "sim.py", line 8 in move\n  File "<string>", line 1\n')
                os.kill(os.getpid(), signal.SIGSEGV)
            if name == 'hangs':
                time.sleep(1000)
            if name == 'prattles':
                os.write(3, b'?')
            if name == 'raises':
                return text(b'-', json.dumps({'text': 'ValueError: too \x07 far', 'where': 'a.py, line 3',
                                              'copy': 1}).encode())
        self.answer()

while True:
    what, _, which, size = struct.unpack('=c3sIQ', get(16))
    body = get(size) if what in b'om' else b''
    if what == b'o':
        name = json.loads(body)['name']
        if name == 'garbage': os.write(3, b'hello')
        elif name == 'huge': os.write(3, b'+' + struct.pack('=Q', 1 << 40))
        elif name == 'no-json': text(b'+', b'}{')
        elif name == 'list': text(b'+', b'[1]')
        elif name == 'early': os._exit(3)
        elif name == 'mute': time.sleep(1000)
        elif name == 'refuses': text(b'-', json.dumps({'text': 'NameNotFound: `x`\n\x1b[2J'}).encode())
        elif name == 'missing': text(b'-', json.dumps({'text': 'no numpy', 'kind': 'missing'}).encode())
        else: text(b'+', json.dumps({**about, **wrong.get(name, {})}).encode())
    elif what == b'm':
        session = Session(json.loads(body))
        os.write(3, b'+')
    elif what == b'r':
        session.reset(struct.unpack('=Q', get(8))[0])
    elif what == b's':
        session.step()
)";

bool has_python() {
  static const bool found = std::system("python3 -c 'import json, mmap' 2>/dev/null") == 0;
  if (!found) WARN("skipped: there is no python3");
  return found;
}

/// The pretended worker in the place of Python.
class Pretended {
 public:
  Pretended() : variable_("TESSERA_PYTHON", folder_ / "python") {
    support::write_bytes(folder_ / "worker.py", pretended_worker);
    support::write_bytes(folder_ / "python", "#!/bin/sh\nexec python3 -u '" + (folder_ / "worker.py") + "'\n");
    std::filesystem::permissions(folder_ / "python", std::filesystem::perms::owner_all);
  }

 private:
  support::Folder folder_;
  support::Environment variable_;
};

/// Observations, rewards, end marks and marks of cuts of copies that all do the same for some steps.
template <class Copies>
floats walked(Copies& copies, std::vector<typename Copies::action_type> action, int steps, std::int64_t width) {
  using Action = typename Copies::action_type;
  const auto n = static_cast<std::size_t>(copies.count());
  std::vector<Action> actions;
  for (std::size_t i = 0; i < n; ++i) actions.insert(actions.end(), action.begin(), action.end());
  floats rewards(n), seen;
  std::vector<std::uint8_t> ended(n);
  const auto look = [&] {
    seen.insert(seen.end(), copies.observations(), copies.observations() + copies.count() * width);
  };
  look();
  for (int t = 0; t < steps; ++t) {
    copies.step(actions.data(), rewards.data(), ended.data());
    look();
    seen.insert(seen.end(), rewards.begin(), rewards.end());
    seen.insert(seen.end(), ended.begin(), ended.end());
    seen.insert(seen.end(), copies.truncated(), copies.truncated() + n);
  }
  return seen;
}
/// What goes wrong in five steps of two copies, or in making them.
std::string fault(const std::string& name, GymnasiumOptions o = {}) {
  return error_of([&] {
    const GymnasiumTask<Continuous> task(name, std::move(o));
    auto copies = task.make(2, task.default_horizon(), 0);
    walked(copies, floats(std::size_t(task.action_size()), 0.5f), 5, task.observation_size());
  });
}
}  // namespace

TEST_CASE("an environment of another process is stepped", "[env][gymnasium]") {
  if (!has_python()) return;
  const Pretended python;
  const bool shared = GENERATE(true, false);
  const int processes = GENERATE(1, 2);
  const GymnasiumTask<Continuous> task("good", {.processes = processes, .shared_memory = shared});
  CHECK((task.name() == "good" && task.observation_size() == 2 && task.action_size() == 1));
  CHECK((task.default_horizon() == 5 && task.environment().has_time_limit()));
  CHECK(task.environment().action_low() == floats{-INFINITY});
  CHECK(task.environment().action_high() == floats{2.5f});
  CHECK(task.environment().warnings() == texts{"is \\x1b[31m old"});
  auto copies = task.make(3, 5, 40);
  CHECK((copies.count() == 3 && copies.horizon() == 5));
  const floats wanted = {
      40, 0, 41, 0, 42, 0,                             // the seeds, and step 0
      40, 1, 41, 1, 42, 1, 3, 3, 3, 0, 0, 0, 0, 0, 0,  // rewards, ends, cuts
      40, 2, 41, 2, 42, 2, 3, 3, 3, 0, 0, 0, 0, 1, 0,  // copy 1 is cut
      40, 3, 41, 3, 42, 3, 3, 3, 3, 1, 0, 0, 0, 1, 0,  // copy 0 has ended
  };
  CHECK(walked(copies, floats{1.5f}, 3, 2) == wanted);
  copies.reset((std::uint64_t{1} << 31) + 7);  // seeds beyond 31 bits are folded
  CHECK(copies.observations()[0] == 7);
  CHECK(walked(copies, floats{1.5f}, 0, 2) == floats{7, 0, 8, 0, 9, 0});
  // Other copies of the same environment do not disturb them.
  auto others = task.make(2, 5, 60);
  CHECK(walked(others, floats{1}, 0, 2) == floats{60, 0, 61, 0});
  CHECK(copies.observations()[0] == 7);
}

TEST_CASE("what is no answer is refused", "[env][gymnasium]") {
  if (!has_python()) return;
  const Pretended python;
  const auto name =
      GENERATE("garbage", "huge", "no-json", "list", "sizes", "limits", "negative", "kinds", "steps", "none");
  INFO(name);
  CHECK_THAT(fault(name), Contains("gym:" + std::string(name) + ": the process of ") &&
                              Contains("sent what is no answer") && Contains("set TESSERA_PYTHON"));
}

TEST_CASE("a worker that fails is one line that says at which step", "[env][gymnasium]") {
  if (!has_python()) return;
  const Pretended python;
  const GymnasiumOptions hasty{.seconds = 3};
  CHECK_THAT(fault("early"), Contains("gym:early: its process has ended with exit code 3"));
  CHECK_THAT(fault("mute", hasty), Contains("gym:mute: did not answer within 3 seconds; mend"));
  CHECK(fault("refuses") == "gym:refuses: NameNotFound: `x`\\n\\x1b[2J");
  CHECK_THAT(fault("missing"), Contains("has no Gymnasium that works (no numpy); install it with"));
  CHECK_THAT(fault("exits"),
             Contains("its process has ended with exit code 9, after it printed 'oh no \\x1b[0m' at step 2;"));
  CHECK_THAT(fault("crashes"),
             Contains("was ended by signal 11 (Segmentation fault), in File \"sim.py\", line 8 in move at "
                      "step 2;"));
  CHECK_THAT(fault("hangs", hasty),
             Contains("did not answer within 3 seconds at step 2; mend the environment, or give it "
                      "more time with worker.timeout"));
  CHECK_THAT(
      error_of([] {
        bool wanted = true;  // until it hangs, so that a slow start is no part of it
        const GymnasiumTask<Continuous> task("hangs", {.wanted = [&] { return wanted; }});
        auto copies = task.make(2, task.default_horizon(), 0);
        walked(copies, floats{0.5f}, 2, task.observation_size());
        wanted = false;
        walked(copies, floats{0.5f}, 1, task.observation_size());
      }),
      Contains("gym:hangs: was at work at step 2 when it was to stop, and did not answer; its process was ended"));
  CHECK_THAT(fault("prattles"), Contains("sent what is no answer at step 2"));
  CHECK(fault("raises") == "gym:raises: ValueError: too \\x07 far (a.py, line 3) at step 2 of copy 1");
  // Slow, but at work: each of its answers counts.
  CHECK(fault("slow", hasty) == "(no error)");
}

TEST_CASE("after a failure the next copies have a process of their own", "[env][gymnasium]") {
  if (!has_python()) return;
  const Pretended python;
  const GymnasiumTask<Continuous> task("exits");
  auto copies = task.make(1, 5, 0);
  const auto walk = [&](auto& c) { return error_of([&] { walked(c, floats{0}, 3, 2); }); };
  CHECK_THAT(walk(copies), Contains("exit code 9"));
  CHECK_THAT(walk(copies), Contains("these copies are of a process that has failed; make new ones"));
  auto anew = task.make(1, 5, 3);
  CHECK(walked(anew, floats{1}, 1, 2) == floats{3, 0, 3, 1, 2, 0, 0});
}

TEST_CASE("wrong uses are refused", "[env][gymnasium]") {
  if (!has_python()) return;
  const Pretended python;
  CHECK(error_of([] { GymnasiumTask<Discrete>("good"); }) ==
        "gym:good: its actions are continuous, and discrete ones are wanted");
  const GymnasiumTask<Continuous> task("good");
  CHECK_THAT(error_of([&] { task.make(0, 5, 0); }), Contains("0 copies with horizon 5; both must be at least 1"));
  CHECK_THAT(error_of([] { Gymnasium("good", {.processes = 0}); }), Contains("processes must be 1 to 1024, not 0"));
  CHECK_THAT(error_of([] { Gymnasium("good", {.seconds = 0}); }), Contains("seconds"));
  CHECK_THAT(error_of([] { Gymnasium(std::string("a\0b", 3)); }), Contains("no zero bytes"));
  CHECK_THAT(error_of([&] { task.environment().film(0, 5, floats{1}, {}, {0}, "png"); }),
             Contains("gym:good: renders no pictures"));
  CHECK_THAT(error_of([] { Gymnasium("good", {.python = "/no/such/python"}); }),
             Contains("gym:good: is run by Python, and /no/such/python: cannot be started (there is no such program); "
                      "install Python 3 and Gymnasium"));
}

// With Gymnasium itself, where it is installed.
namespace {
constexpr const char* own_environments = R"(
import os, signal, subprocess, sys, time
import numpy as np
import gymnasium as gym
from gymnasium import spaces

class Base(gym.Env):
    metadata = {"render_modes": ["rgb_array"], "render_fps": 20}
    observation_space = spaces.Box(-np.inf, np.inf, (2,), np.float32)
    action_space = spaces.Box(np.float32([-1, 0]), np.float32([1, 2]))
    def __init__(self, at=2, render_mode=None, thing=None):
        self.at, self.render_mode, self.thing = at, render_mode, thing
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        return np.float32([self.np_random.random(), 0]), {}
    def step(self, a):
        self.t += 1
        if self.t > self.at:
            self.trouble()
        return np.float32([self.np_random.random() + a[0], self.t]), float(a[1]), False, False, {}
    def trouble(self):
        pass
    def render(self):
        return np.full((8, 8, 3), 10 * self.t, np.uint8)

class Good(Base): pass
class Raises(Base):
    def trouble(self): raise ValueError("the arm\nbroke \x1b[31mred")
class Quits(Base):
    def trouble(self): sys.exit(3)
class Exits(Base):
    def trouble(self): os._exit(7)
class Crashes(Base):
    def trouble(self): os.kill(os.getpid(), signal.SIGSEGV)
class Hangs(Base):
    def trouble(self): time.sleep(1000)
class Busy(Base):
    def trouble(self):
        while True: pass
class Prints(Base):
    def trouble(self):
        print("x" * 500000)
        os.write(2, b"y" * 200000 + b"\n")
        os.write(1, b"through the descriptor\n")
class Ends(Base):
    def step(self, a):
        o, r, _, _, i = super().step(a)
        return o, 1.0, self.t == 2, self.t == 2, i
class Cuts(Base):
    def step(self, a):
        o, r, _, _, i = super().step(a)
        return o, 1.0, False, self.t == 3, i
class Remembers(Base):
    resets = 0
    def reset(self, **o):
        self.resets += 1
        super().reset(**o)
        return np.float32([self.resets, 0]), {}
class Shape(Base):
    def trouble(self): self.step = None
    def step(self, a): return np.float32([1]), 0.0, False, False, {}
class Kept(Base):  # and changed: an action is the environment's own
    def reset(self, **o):
        self.kept = None
        return super().reset(**o)
    def step(self, a):
        o, _, e, c, i = super().step(a)
        r = 0.0 if self.kept is None else float(self.kept[1])
        a[0] = 99
        self.kept = a
        return o, r, e, c, i
class Thing(Base):
    def reset(self, **o):
        super().reset(**o)
        kinds = [type(None), bool, int, float, str, list, tuple, dict]
        return np.float32([kinds.index(type(self.thing)), len(str(self.thing))]), {}
class Starts(Base):
    action_space = spaces.Discrete(3, start=5)
    def step(self, a):
        assert type(a) is int
        self.t += 1
        return np.float32([a, self.t]), float(a), False, False, {}
class Choices(Base):
    action_space = spaces.Dict({
        "on": spaces.MultiBinary(2), "gear": spaces.Tuple((spaces.Discrete(2, start=1), spaces.MultiDiscrete([3, 2])))})
    def step(self, a):
        assert self.action_space.contains(a), a
        g = a["gear"]
        self.t += 1
        return np.float32([10 * a["on"][0] + a["on"][1], 100 * g[0] + 10 * g[1][0] + g[1][1]]), 0.0, False, False, {}
class Nested(Base):
    observation_space = spaces.Dict({
        "b": spaces.Box(0, 1, (2, 1), np.float64), 
        "a": spaces.Tuple((spaces.Discrete(3, start=1), spaces.MultiBinary(2)))})
    action_space = spaces.Dict({"x": spaces.Box(-1, 1, (2,)), "y": spaces.Box(0, 5, ())})
    def see(self):
        return {"b": np.array([[0.25], [0.5]]), "a": (2, np.array([0, 1], np.int8))}
    def reset(self, *, seed=None, options=None):
        gym.Env.reset(self, seed=seed)
        self.t = 0
        return self.see(), {}
    def step(self, a):
        self.t += 1
        assert self.action_space.contains(a), a
        return self.see(), float(100 * a["x"][0] + 10 * a["x"][1] + a["y"]), False, False, {}
class Numbers(Base):
    action_space = spaces.Box(0, 255, (2, 2), np.uint8)
    def step(self, a):
        assert a.dtype == np.uint8 and a.shape == (2, 2)
        self.t += 1
        return np.float32([a[0, 1], a[1, 0]]), 0.0, False, False, {}
class Text(Base):
    observation_space = spaces.Text(5)
class Mixed(Base):
    action_space = spaces.Tuple((spaces.Discrete(2), spaces.Box(0, 1, (1,))))
class Many(Base):
    action_space = spaces.MultiBinary(20)
class Unlimited(Base): pass
class Blind(Base):
    metadata = {"render_modes": ["ansi"]}
class Odd(Base):
    def __init__(self, **o):
        super().__init__(**o)
        print("made")
        raise RuntimeError("no licence")
for c in list(globals().values()):
    if isinstance(c, type) and issubclass(c, Base):
        gym.register(c.__name__ + "-v0", entry_point=c, max_episode_steps=None if c is Unlimited else 20)
)";

bool has_gymnasium() {
  static const std::string why = error_of([] { Gymnasium("Pendulum-v1"); });
  static const bool found = why == "(no error)";
  if (!found) WARN("skipped: " << why);
  return found;
}
/// A folder with the environments above, where Python finds modules.
class OwnEnvironments {
 public:
  OwnEnvironments() : path_("PYTHONPATH", folder_ / "") {
    support::write_bytes(folder_ / "own_environments.py", own_environments);
  }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  support::Folder folder_;
  support::Environment path_;
};
std::string own(const std::string& name) { return "own_environments:" + name + "-v0"; }
}  // namespace

TEST_CASE("Gymnasium's pendulum is ours", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const GymnasiumTask<Continuous> task("Pendulum-v1");
  CHECK((task.observation_size() == 3 && task.action_size() == 1 && task.default_horizon() == 200));
  CHECK((task.environment().action_low() == floats{-2} && task.environment().action_high() == floats{2}));
  CHECK(task.environment().spaces().observation_high == floats{1, 1, 8});
  CHECK(task.environment().spaces().observation_names.empty());
  constexpr std::size_t copies = 3;
  auto theirs = task.make(copies, 200, 11);
  tessera::Pendulum ours(copies);
  for (std::size_t i = 0; i < copies; ++i) ours.show(i, theirs.observations() + 3 * i);
  floats actions(copies), paid(copies), wanted(copies);
  std::vector<std::uint8_t> ended(copies);
  for (int t = 0; t < 60; ++t) {
    for (std::size_t i = 0; i < copies; ++i) actions[i] = float(t % 5) - 2 + 0.3f * float(i);
    theirs.step(actions.data(), paid.data(), ended.data());
    ours.step(actions.data(), wanted.data(), ended.data());
    for (std::size_t i = 0; i < copies; ++i) CHECK(paid[i] == Approx(wanted[i]).margin(2e-3));
    for (std::size_t k = 0; k < 3 * copies; ++k)
      CHECK(theirs.observations()[k] == Approx(ours.observations()[k]).margin(2e-3));
  }
}

TEST_CASE("Gymnasium's environments keep the laws", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  CHECK(tessera::environment_report(GymnasiumTask<Continuous>("Pendulum-v1")));
  CHECK(tessera::environment_report(GymnasiumTask<Discrete>("CartPole-v1")));
  CHECK(tessera::environment_report(GymnasiumTask<Continuous>(own("Good"))));
  CHECK(tessera::environment_report(GymnasiumTask<Continuous>(own("Cuts"))));
  CHECK(tessera::environment_report(GymnasiumTask<Continuous>(own("Ends"))));
}

TEST_CASE("results depend neither on processes nor on where the arrays lie", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  const auto walk = [](int processes, bool shared) {
    const GymnasiumTask<Continuous> task(own("Good"), {.processes = processes, .shared_memory = shared});
    auto copies = task.make(5, 20, 3);
    return walked(copies, floats{0.25f, 1.5f}, 6, 2);
  };
  const auto one = walk(1, true);
  CHECK(walk(3, true) == one);
  CHECK(walk(1, false) == one);
  CHECK(walk(3, false) == one);
}

TEST_CASE("ends and cuts are kept apart, and copies that are over stay", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  const auto marks = [](const std::string& name, int horizon, int steps) {
    const GymnasiumTask<Continuous> task(own(name));
    auto copies = task.make(1, horizon, 0);
    floats rewards, reward(1);
    std::string out;
    std::vector<std::uint8_t> ended(1);
    const floats action = {0, 1};
    for (int t = 0; t < steps; ++t) {
      copies.step(action.data(), reward.data(), ended.data());
      out += reward[0] == 1 ? '1' : '0';
      out += ended[0] ? 'e' : copies.truncated()[0] ? 'c' : '.';
      CHECK(copies.observations()[1] ==
            float(std::min(
                t + 1, int(out.find_first_of("ec") == std::string::npos ? t + 1 : out.find_first_of("ec") / 2 + 1))));
    }
    return out;
  };
  CHECK(marks("Ends", 20, 4) == "1.1e0e0e");
  CHECK(marks("Cuts", 20, 5) == "1.1.1c0c0c");
  // Gymnasium's time limit, and a longer one.
  CHECK(marks("Good", 20, 22).substr(36) == "1.1c0c0c");
  CHECK(marks("Good", 22, 23).substr(36) == "1.1.1.1c0c");
}

TEST_CASE("copies are new environments", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  const GymnasiumTask<Continuous> task(own("Remembers"));
  for (const int made : {0, 1, 2}) {
    INFO(made);
    auto copies = task.make(2, 20, 0);
    CHECK((copies.observations()[0] == 1 && copies.observations()[2] == 1));
    copies.reset(0);
    CHECK((copies.observations()[0] == 2 && copies.observations()[2] == 2));
  }
}

TEST_CASE("an action is the environment's own", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  const GymnasiumTask<Continuous> task(own("Kept"));
  auto copies = task.make(1, 20, 0);
  floats reward(1), action = {0, 1};
  std::vector<std::uint8_t> ended(1);
  for (const float x : {1.0f, 2.0f, 0.5f}) {
    const float before = action[1];
    action[1] = x;
    copies.step(action.data(), reward.data(), ended.data());
    if (copies.observations()[1] > 1) CHECK(reward[0] == before);
  }
}

TEST_CASE("spaces are laid out as Gymnasium flattens them", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  const GymnasiumTask<Continuous> nested(own("Nested"));
  const auto& spaces = nested.environment().spaces();
  CHECK(spaces.observation_names == texts{"a/0=1", "a/0=2", "a/0=3", "a/1[0]", "a/1[1]", "b[0,0]", "b[1,0]"});
  CHECK(spaces.action_names == texts{"x[0]", "x[1]", "y"});
  CHECK(nested.environment().action_high() == floats{1, 1, 5});
  auto seen = nested.make(1, 20, 0);
  CHECK(floats(seen.observations(), seen.observations() + 7) == floats{0, 1, 0, 0, 1, 0.25f, 0.5f});
  floats reward(1), action = {0.5f, -1, 3};
  std::vector<std::uint8_t> ended(1);
  seen.step(action.data(), reward.data(), ended.data());
  CHECK(reward[0] == 43);

  const GymnasiumTask<Continuous> numbers(own("Numbers"));
  auto whole = numbers.make(1, 20, 0);
  CHECK(numbers.action_size() == 4);
  action = {1, 2.6f, 254.7f, 4};
  whole.step(action.data(), reward.data(), ended.data());
  CHECK((whole.observations()[0] == 3 && whole.observations()[1] == 255));
}

TEST_CASE("discrete actions are indices from 0", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  floats reward(1);
  std::vector<std::uint8_t> ended(1);
  const GymnasiumTask<Discrete> starts(own("Starts"));
  CHECK((starts.action_size() == 3 && starts.environment().spaces().first_action == 5));
  auto copies = starts.make(1, 20, 0);
  for (std::int64_t a = 0; a < 3; ++a) {
    copies.step(&a, reward.data(), ended.data());
    CHECK(reward[0] == float(5 + a));
  }
  // "gear" before "on", as Gymnasium sorts keys; the last choice fastest.
  const GymnasiumTask<Discrete> choices(own("Choices"));
  const auto& spaces = choices.environment().spaces();
  CHECK((choices.action_size() == 48 && spaces.action_factors == std::vector<std::int64_t>{2, 3, 2, 2, 2}));
  CHECK((spaces.action_names.size() == 48 && spaces.action_names[27] == "2,0,0,1,1"));
  auto chosen = choices.make(1, 20, 0);
  for (std::int64_t a = 0; a < 48; ++a) {
    chosen.step(&a, reward.data(), ended.data());
    CHECK(chosen.observations()[0] == float(10 * (a / 2 % 2) + a % 2));
    CHECK(chosen.observations()[1] == float(100 * (1 + a / 24) + 10 * (a / 8 % 3) + a / 4 % 2));
    if (a % 15 == 14) chosen.reset(0);
  }
}

TEST_CASE("environments that cannot be learned in say why", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  CHECK_THAT(fault(own("Text")), Contains(": has a space of the kind Text, and Box"));
  CHECK_THAT(fault(own("Mixed")), Contains(": has actions that are numbers and choices at once"));
  CHECK_THAT(fault(own("Many")), Contains(": has 1048576 discrete actions"));
  CHECK_THAT(fault(own("Nope")), Contains("NameNotFound") && Contains("Nope"));
  CHECK_THAT(fault("no_such_package:Mine-v0"), Contains("ModuleNotFoundError: No module named 'no_such_package'"));
  CHECK_THAT(fault("Pendulum-v1", {.imports = {"no_such_module"}}), Contains("No module named 'no_such_module'"));
  CHECK_THAT(fault(own("Odd")), Contains("RuntimeError: no licence (own_environments.py, line "));
  CHECK_THAT(fault("Pendulum-v1", {.arguments = {{"gravity", "1"}}}), Contains("TypeError") && Contains("'gravity'"));
  const Gymnasium unlimited(own("Unlimited"));
  CHECK((!unlimited.has_time_limit() && unlimited.default_horizon() == 1000));
}

TEST_CASE("an environment that fails is one line, and never a hang", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  CHECK_THAT(fault(own("Raises")), Contains("gym:own_environments:Raises-v0: ValueError: the arm broke \\x1b[31mred "
                                            "(own_environments.py, line ") &&
                                       Contains(") at step 2 of copy 0"));
  CHECK_THAT(fault(own("Raises"), {.arguments = {{"at", "4"}}}), Contains("at step 4 of copy 0"));
  CHECK_THAT(fault(own("Quits")), Contains("SystemExit: 3"));
  CHECK_THAT(fault(own("Exits")), Contains("exit code 7 at step 2"));
  CHECK_THAT(fault(own("Crashes")), Contains("signal 11 (Segmentation fault), in File \"") &&
                                        Contains("own_environments.py\", line ") && Contains("in trouble at step 2"));
  CHECK_THAT(fault(own("Shape")), Contains("the observation has the shape (1,), and its space (2,) at step 0"));
  const auto start = std::chrono::steady_clock::now();
  CHECK_THAT(fault(own("Hangs"), {.seconds = 5}), Contains("did not answer within 5 seconds at step 2"));
  CHECK_THAT(fault(own("Busy"), {.seconds = 5}), Contains("did not answer within 5 seconds at step 2"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}

TEST_CASE("what an environment prints disturbs nothing", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  CHECK(fault(own("Prints")) == "(no error)");
  CHECK(fault(own("Prints"), {.shared_memory = false}) == "(no error)");
  CHECK(fault(own("Prints"), {.log = there / "log"}) == "(no error)");
  CHECK_THAT(support::bytes_of(there / "log"), Contains("through the descriptor"));
}

TEST_CASE("arguments are JSON, Python's literals, or texts", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  enum { none, boolean, whole, real, text, list, tuple, dict };
  const auto kind = [](const std::string& value) {
    const GymnasiumTask<Continuous> task(own("Thing"), {.arguments = {{"thing", value}}});
    return std::pair(int(task.make(1, 20, 0).observations()[0]), int(task.make(1, 20, 0).observations()[1]));
  };
  using two = std::pair<int, int>;
  CHECK(kind("null") == two(none, 4));
  CHECK(kind("None") == two(none, 4));
  CHECK(kind("true") == two(boolean, 4));
  CHECK(kind("False") == two(boolean, 5));
  CHECK(kind("12") == two(whole, 2));
  CHECK(kind("1.5") == two(real, 3));
  CHECK(kind("expert's") == two(text, 8));
  CHECK(kind("\"12\"") == two(text, 2));
  CHECK(kind("[1, 2]") == two(list, 6));
  CHECK(kind("(1,2)") == two(tuple, 6));
  CHECK(kind("{\"a\": 1}") == two(dict, 8));
}

TEST_CASE("an episode is filmed", "[env][gymnasium]") {
  if (!has_gymnasium()) return;
  const OwnEnvironments there;
  const Gymnasium environment(own("Good"));
  const floats actions = {0, 1, 0, 1, 0, 1, 0, 1};  // of four steps
  const auto png = environment.film(3, 20, actions, {}, {0, 2, 4}, "png");
  const auto number = [&](std::size_t at) {
    std::uint32_t x = 0;
    for (std::size_t k = 0; k < 4; ++k) x = x << 8 | static_cast<unsigned char>(png[at + k]);
    return x;
  };
  REQUIRE(png.substr(0, 16) == std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
  CHECK((number(16) == 3 * 8 + 2 * 4 && number(20) == 8));
  const auto data = png.find("IDAT");
  REQUIRE(data != std::string::npos);
  CHECK(number(data + 4 + number(data - 4)) ==
        ::crc32(0, reinterpret_cast<const Bytef*>(png.data() + data), uInt(4 + number(data - 4))));
  std::vector<unsigned char> lines(8 * (1 + 3 * 32));
  uLongf size = lines.size();
  REQUIRE(::uncompress(lines.data(), &size, reinterpret_cast<const Bytef*>(png.data() + data + 4), number(data - 4)) ==
          Z_OK);
  REQUIRE(size == lines.size());
  // Of the third line the first number is its filter; then the frames of steps 0, 2 and 4 with white between.
  const auto pixel = [&](std::size_t x) { return int(lines[2 * (1 + 3 * 32) + 1 + 3 * x]); };
  CHECK((pixel(0) == 0 && pixel(7) == 0 && pixel(8) == 255 && pixel(12) == 20 && pixel(24) == 40 && pixel(31) == 40));
  CHECK(png.ends_with(std::string("IEND\xae\x42\x60\x82", 8)));

  const auto gif = error_of([&] {
    const auto bytes = environment.film(3, 20, actions, {}, {0, 1, 2, 3, 4}, "gif");
    CHECK(bytes.starts_with("GIF89a"));
  });
  if (gif != "(no error)") CHECK_THAT(gif, Contains("a GIF is written by Pillow"));
  CHECK_THAT(error_of([&] { Gymnasium(own("Blind")).film(0, 20, actions, {}, {0}, "png"); }),
             Contains("Blind-v0: renders no pictures, only ansi; leave out the frames"));
}
