#pragma once
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>

#include <tessera/env/gymnasium.hpp>
#include <tessera/env/gymnasium_worker.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/python_program.hpp>
#include <tessera/support/worker_process.hpp>

namespace tessera::detail {
using gymnasium_json = nlohmann::json;

/// What an environment is like.
struct GymnasiumDescription {
  bool discrete = false;
  std::int64_t observation_size = 0, action_size = 0;
  std::int64_t max_steps = 0;  // 0: no limit
  std::vector<float> action_low{}, action_high{};
  LogSpaces spaces{};
  std::vector<std::string> render_modes{}, warnings{};
};

/// Memory that the processes share, or memory of this one alone.
class GymnasiumRegion {
 public:
  GymnasiumRegion(int memory, std::size_t offset, std::size_t size) : size_(size) {
    if (memory >= 0) {
      mapped_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory, static_cast<off_t>(offset));
      if (mapped_ == MAP_FAILED) throw Error(std::string("memory cannot be shared (") + std::strerror(errno) + ")");
    } else {
      own_.resize(size / sizeof(double) + 1);
    }
  }
  GymnasiumRegion(const GymnasiumRegion&) = delete;
  GymnasiumRegion& operator=(const GymnasiumRegion&) = delete;
  ~GymnasiumRegion() {
    if (own_.empty()) ::munmap(mapped_, size_);
  }
  std::byte* data() { return reinterpret_cast<std::byte*>(own_.empty() ? mapped_ : own_.data()); }

 private:
  std::size_t size_;
  void* mapped_ = nullptr;
  std::vector<double> own_;
};

/// Where a session's arrays are; they stay when nobody uses them.
struct GymnasiumArrays {
  std::uint32_t id = 0;
  std::int64_t count = 0;
  bool used = false;
  std::size_t offset = 0, bytes = 0;
  std::vector<std::int64_t> first{};  // of each process, and one behind the last
  std::size_t actions = 0, observations = 0, rewards = 0, terminated = 0, truncated = 0;  // bytes from the beginning
  std::unique_ptr<GymnasiumRegion> region{};
};

/// The processes of one environment.
class GymnasiumPool : public std::enable_shared_from_this<GymnasiumPool> {
 public:
  GymnasiumPool(std::string name, GymnasiumOptions options) : name_(std::move(name)), o_(std::move(options)) {
    if (name_.find('\0') != std::string::npos) throw Error("gym: a name has no zero bytes; correct it");
    if (o_.processes < 1 || o_.processes > 1024)
      throw Error(about() + "processes must be 1 to 1024, not " + std::to_string(o_.processes));
    if (!(o_.seconds >= 0.001 && o_.seconds <= 1e6))
      throw Error(about() + "the seconds that a step may take must be 0.001 to 1000000, not " +
                  std::to_string(o_.seconds));
    if (o_.python.empty()) o_.python = python_program();
    const std::lock_guard lock(mutex_);
    start();
  }

  const std::string& name() const { return name_; }
  const GymnasiumDescription& is() const { return is_; }

  std::shared_ptr<GymnasiumSession> copies(std::int64_t count, int horizon, std::uint64_t seed, bool render);

  std::string about() const { return "gym:" + printable(name_) + ": "; }

 private:
  friend class GymnasiumCopiesOf;
  struct Head {
    char what;
    char none[3];
    std::uint32_t session;
    std::uint64_t size;
  };
  static_assert(sizeof(Head) == 16);

  [[noreturn]] void ended(WorkerProcess& worker, const std::string& when) {
    broken_ = true;
    const int status = worker.end(5);
    const auto printed = worker.printed();
    std::string why = "has ended";
    if (status >= 0 && WIFEXITED(status)) why += " with exit code " + std::to_string(WEXITSTATUS(status));
    if (status >= 0 && WIFSIGNALED(status)) {
      const int signal = WTERMSIG(status);
      why = "was ended by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")" +
            (signal == SIGKILL ? ", perhaps for want of memory" : "");
      // Of Python's own account of a crash the innermost line.
      if (const auto at = printed.find("File \""); at != std::string::npos)
        why += ", in " + printable(printed.substr(at, printed.find('\n', at) - at), 300);
    } else if (const auto last = last_line(printed); !last.empty()) {
      why += ", after it printed '" + printable(last, 300) + "'";
    }
    throw Error(about() + "its process " + why + when +
                "; mend the environment, or see what it prints with worker.log");
  }
  [[noreturn]] void late(WorkerProcess& worker, const std::string& when) {
    broken_ = true;
    worker.end(0);
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%g", o_.seconds);
    throw Error(about() + "did not answer within " + seconds + " seconds" + when +
                "; mend the environment, or give it more time with worker.timeout");
  }
  [[noreturn]] void unwanted(WorkerProcess& worker, const std::string& when) {
    broken_ = true;
    worker.end(0);
    throw Error(about() + "was at work" + when + " when it was to stop, and did not answer; its process was ended");
  }
  static std::string last_line(const std::string& text) {
    const auto end = text.find_last_not_of(" \n\r\t");
    if (end == std::string::npos) return "";
    const auto begin = text.rfind('\n', end);
    return text.substr(begin == std::string::npos ? 0 : begin + 1,
                       end - (begin == std::string::npos ? 0 : begin + 1) + 1);
  }

  void ask(WorkerProcess& worker, char what, std::uint32_t session, const void* body, std::size_t size,
           const std::string& when) {
    const Head head{what, {}, session, size};
    try {
      worker.send(&head, sizeof head, o_.seconds, o_.wanted);
      if (size > 0) worker.send(body, size, o_.seconds, o_.wanted);
    } catch (const WorkerEnded&) {
      ended(worker, when);
    } catch (const WorkerLate&) {
      late(worker, when);
    } catch (const WorkerUnwanted&) {
      unwanted(worker, when);
    }
  }
  void hear(WorkerProcess& worker, void* to, std::size_t size, const std::string& when) {
    try {
      worker.receive(to, size, o_.seconds, o_.wanted);
    } catch (const WorkerEnded&) {
      ended(worker, when);
    } catch (const WorkerLate&) {
      late(worker, when);
    } catch (const WorkerUnwanted&) {
      unwanted(worker, when);
    }
  }
  std::string hear_text(WorkerProcess& worker, const std::string& when) {
    constexpr std::uint64_t most = std::uint64_t{1} << 30;
    std::uint64_t size = 0;
    hear(worker, &size, sizeof size, when);
    if (size > most) nonsense(worker, when);
    std::string text(std::size_t(size), '\0');
    hear(worker, text.data(), text.size(), when);
    return text;
  }
  [[noreturn]] void nonsense(WorkerProcess& worker, const std::string& when) {
    broken_ = true;
    worker.end(0);
    throw Error(about() + "the process of " + printable(o_.python) + " sent what is no answer" + when +
                "; set TESSERA_PYTHON to Python 3");
  }
  // Waits for the end of what was asked; returns what went wrong, or "".
  std::string wait(WorkerProcess& worker, std::int64_t first, const std::string& when) {
    char mark = '.';
    while (mark == '.') hear(worker, &mark, 1, when);
    if (mark == '+') return "";
    if (mark != '-') nonsense(worker, when);
    const auto found = gymnasium_json::parse(hear_text(worker, when), nullptr, false);
    if (!found.is_object()) nonsense(worker, when);
    const auto text = printable(found.value("text", std::string()), 1500);
    const auto where = printable(found.value("where", std::string()), 200);
    const auto copy = found.value("copy", std::int64_t{-1});
    if (found.value("kind", std::string()) == "missing") {
      broken_ = true;
      return printable(o_.python) + " has no Gymnasium that works (" + text +
             "); install it with 'python3 -m pip install gymnasium', or set TESSERA_PYTHON to a Python that has it";
    }
    return text + (where.empty() ? "" : " (" + where + ")") + when +
           (copy >= 0 && first >= 0 && !when.empty() ? " of copy " + std::to_string(first + copy) : "");
  }
  void require(const std::string& wrong) const {
    if (!wrong.empty()) throw Error(about() + wrong);
  }

  WorkerProcess& add_worker() {
    auto& worker = *workers_.emplace_back(std::make_unique<WorkerProcess>(
        std::vector<std::string>{o_.python, "-u", "-c", gymnasium_worker}, memory_.get(), o_.log));
    gymnasium_json asked = {{"name", name_}, {"imports", o_.imports}, {"arguments", gymnasium_json::array()}};
    for (const auto& [key, text] : o_.arguments) asked["arguments"].push_back({key, text});
    const auto body = asked.dump(-1, ' ', true, gymnasium_json::error_handler_t::replace);
    ask(worker, 'o', 0, body.data(), body.size(), "");
    return worker;
  }
  gymnasium_json described(WorkerProcess& worker) {
    const std::string when = " while it was made";
    if (const auto wrong = wait(worker, -1, ""); !wrong.empty()) {
      broken_ = true;
      require(wrong);
    }
    auto found = gymnasium_json::parse(hear_text(worker, when), nullptr, false);
    if (!found.is_object()) nonsense(worker, when);
    return found;
  }
  // Starts anew, at the beginning and after a process has died.
  void start() {
    workers_.clear(), sessions_.clear();
    broken_ = true, end_ = 0, next_ = 1, epoch_ += 1;  // until it has described itself
    memory_ = Descriptor();
#ifdef MFD_CLOEXEC
    if (o_.shared_memory) memory_ = Descriptor(::memfd_create("tessera-gymnasium", MFD_CLOEXEC));
#endif
    auto& worker = [&]() -> WorkerProcess& {
      try {
        return add_worker();
      } catch (const Error& e) {
        if (!workers_.empty()) throw;
        throw Error(about() + "is run by Python, and " + e.what() +
                    "; install Python 3 and Gymnasium ('python3 -m pip install gymnasium'), or set TESSERA_PYTHON to a "
                    "Python that has it");
      }
    }();
    const auto found = described(worker);
    try {
      read(found);
    } catch (const gymnasium_json::exception&) {
      nonsense(worker, "");
    }
    broken_ = false;
  }
  void read(const gymnasium_json& found) {
    constexpr std::int64_t most = 1 << 24;
    constexpr float infinity = std::numeric_limits<float>::infinity();
    GymnasiumDescription out;
    out.discrete = found.at("discrete").get<bool>();
    out.observation_size = found.at("observation_size").get<std::int64_t>();
    out.action_size = found.at("action_size").get<std::int64_t>();
    out.max_steps = found.at("max_steps").get<std::int64_t>();
    const auto numbers = [&](const char* key, float otherwise) {
      std::vector<float> all;
      for (const auto& x : found.at(key)) all.push_back(x.is_number() ? float(x.get<double>()) : otherwise);
      return all;
    };
    out.action_low = numbers("action_low", -infinity), out.action_high = numbers("action_high", infinity);
    auto& s = out.spaces;
    s.observation_names = texts(found.at("observation_names")), s.action_names = texts(found.at("action_names"));
    s.observation_low = numbers("observation_low", -infinity);
    s.observation_high = numbers("observation_high", infinity);
    if (out.discrete) {
      const auto factors = found.at("factors").get<std::vector<std::int64_t>>();
      const auto first = found.at("first").get<std::vector<std::int64_t>>();
      if (factors.size() == 1 && first.size() == 1) s.first_action = first[0];
      else s.action_factors = factors;
    }
    out.render_modes = texts(found.at("render_modes")), out.warnings = texts(found.at("warnings"));
    const auto fits = [](const auto& list, std::int64_t size) {
      return list.empty() || std::int64_t(list.size()) == size;
    };
    const auto limits = std::size_t(out.discrete ? 0 : out.action_size);
    if (out.observation_size < 1 || out.observation_size > most || out.action_size < 1 || out.action_size > most ||
        out.max_steps < 0 || !fits(s.observation_names, out.observation_size) ||
        !fits(s.observation_low, out.observation_size) || s.observation_high.size() != s.observation_low.size() ||
        !fits(s.action_names, out.action_size) || out.action_low.size() != limits || out.action_high.size() != limits)
      nonsense(*workers_.back(), "");
    if (epoch_ > 1 && (out.observation_size != is_.observation_size || out.action_size != is_.action_size ||
                       out.discrete != is_.discrete))
      throw Error(about() + "has other spaces than before it was started anew; start the program anew too");
    is_ = std::move(out);
  }
  static std::vector<std::string> texts(const gymnasium_json& from) {
    std::vector<std::string> out;
    for (const auto& x : from) out.push_back(printable_name(x.get<std::string>()));
    return out;
  }

  // Copies that nobody uses, or others; their environments are new ones.
  std::shared_ptr<GymnasiumArrays> arrays(std::int64_t count, std::int64_t limit, bool render) {
    const auto free = std::find_if(sessions_.begin(), sessions_.end(),
                                   [&](const auto& each) { return !each->used && each->count == count; });
    const auto s = free != sessions_.end() ? *free : place(count);
    const std::string when = " while it was made";
    for (std::size_t k = 0; k + 1 < s->first.size(); ++k) {
      const gymnasium_json asked = {{"first", s->first[k]},
                                    {"count", s->first[k + 1] - s->first[k]},
                                    {"limit", limit},
                                    {"render", render},
                                    {"memory", bool(memory_)},
                                    {"offset", s->offset},
                                    {"bytes", s->bytes},
                                    {"actions", s->actions},
                                    {"observations", s->observations},
                                    {"rewards", s->rewards},
                                    {"terminated", s->terminated},
                                    {"truncated", s->truncated}};
      const auto body = asked.dump();
      ask(*workers_[k], 'm', s->id, body.data(), body.size(), when);
    }
    std::string wrong;
    for (std::size_t k = 0; k + 1 < s->first.size(); ++k)
      if (const auto w = wait(*workers_[k], s->first[k], when); wrong.empty()) wrong = w;
    require(wrong);
    return s;
  }
  // Processes and memory for so many copies.
  std::shared_ptr<GymnasiumArrays> place(std::int64_t count) {
    auto s = std::make_shared<GymnasiumArrays>();
    const auto processes = std::min<std::int64_t>(o_.processes, count);
    std::vector<WorkerProcess*> fresh;
    while (std::int64_t(workers_.size()) < processes) fresh.push_back(&add_worker());  // they start side by side
    for (auto* worker : fresh) described(*worker);
    for (std::int64_t k = 0; k <= processes; ++k) s->first.push_back(count * k / processes);

    std::size_t bytes = 0;
    const auto take = [&](std::size_t size) { return std::exchange(bytes, (bytes + size + 63) / 64 * 64); };
    const auto rows = static_cast<std::size_t>(count), width = static_cast<std::size_t>(is_.observation_size);
    s->actions = take(rows * action_bytes()), s->observations = take(rows * width * sizeof(float));
    s->rewards = take(rows * sizeof(float)), s->terminated = take(rows), s->truncated = take(rows);
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    bytes = (bytes + page - 1) / page * page;
    if (memory_ && ::ftruncate(memory_.get(), static_cast<off_t>(end_ + bytes)) != 0)
      throw Error(about() + std::to_string(count) + " copies need " + std::to_string(bytes) +
                  " bytes of memory to share (" + std::strerror(errno) + "); ask for fewer");
    s->region = std::make_unique<GymnasiumRegion>(memory_.get(), end_, bytes);
    s->id = next_++, s->count = count, s->offset = std::exchange(end_, end_ + bytes), s->bytes = bytes;
    sessions_.push_back(s);
    return s;
  }
  std::size_t action_bytes() const {
    return is_.discrete ? sizeof(std::int64_t) : sizeof(float) * static_cast<std::size_t>(is_.action_size);
  }

  std::string name_;
  GymnasiumOptions o_;
  GymnasiumDescription is_;
  std::mutex mutex_;
  Descriptor memory_;
  std::size_t end_ = 0;     // of the memory in use
  std::uint32_t next_ = 1;  // session
  std::uint64_t epoch_ = 0;
  bool broken_ = false;  // a process has died, so that all start anew
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
  std::vector<std::shared_ptr<GymnasiumArrays>> sessions_;
};

class GymnasiumCopiesOf final : public GymnasiumSession {
 public:
  GymnasiumCopiesOf(std::shared_ptr<GymnasiumPool> pool, std::shared_ptr<GymnasiumArrays> arrays, int horizon)
      : pool_(std::move(pool)), s_(std::move(arrays)), horizon_(horizon), epoch_(pool_->epoch_) {
    s_->used = true;
  }
  ~GymnasiumCopiesOf() override {
    const std::lock_guard lock(pool_->mutex_);
    s_->used = damaged_;
  }
  std::int64_t count() const override { return s_->count; }
  int horizon() const override { return horizon_; }
  const float* observations() const override { return reinterpret_cast<const float*>(at(s_->observations)); }
  const std::uint8_t* truncated() const override { return reinterpret_cast<const std::uint8_t*>(at(s_->truncated)); }

  void reset(std::uint64_t seed) override {
    constexpr std::uint64_t seeds = std::uint64_t{1} << 31;
    steps_ = 0;
    const std::lock_guard lock(pool_->mutex_);
    run(" at a reset", [&](std::size_t k, const std::string& when) {
      const auto first = seed % seeds + static_cast<std::uint64_t>(s_->first[k]);
      pool_->ask(*pool_->workers_[k], 'r', s_->id, &first, sizeof first, when);
    });
  }
  void step(const void* actions, float* rewards, std::uint8_t* terminated) override {
    const auto each = pool_->action_bytes(), rows = static_cast<std::size_t>(s_->count);
    const std::lock_guard lock(pool_->mutex_);
    std::memcpy(at(s_->actions), actions, rows * each);
    const bool shared = bool(pool_->memory_);
    run(" at step " + std::to_string(steps_), [&](std::size_t k, const std::string& when) {
      const auto first = static_cast<std::size_t>(s_->first[k]),
                 some = static_cast<std::size_t>(s_->first[k + 1]) - first;
      pool_->ask(*pool_->workers_[k], 's', s_->id, at(s_->actions) + first * each, shared ? 0 : some * each, when);
    });
    ++steps_;
    std::memcpy(rewards, at(s_->rewards), rows * sizeof(float));
    std::memcpy(terminated, at(s_->terminated), rows);
  }
  void keep_frame() {
    const std::lock_guard lock(pool_->mutex_);
    const std::string when = " where step " + std::to_string(steps_) + " was to be drawn";
    pool_->ask(*pool_->workers_[0], 'f', s_->id, nullptr, 0, when);
    pool_->require(pool_->wait(*pool_->workers_[0], 0, when));
  }
  std::string picture(const std::string& format, int milliseconds) {
    const std::lock_guard lock(pool_->mutex_);
    const auto body = gymnasium_json{{"format", format}, {"milliseconds", milliseconds}}.dump();
    pool_->ask(*pool_->workers_[0], 'p', s_->id, body.data(), body.size(), "");
    pool_->require(pool_->wait(*pool_->workers_[0], -1, ""));
    return pool_->hear_text(*pool_->workers_[0], "");
  }

 private:
  std::byte* at(std::size_t offset) const { return s_->region->data() + offset; }

  template <class Ask>
  void run(const std::string& when, Ask send) {
    if (pool_->epoch_ != epoch_ || pool_->broken_ || damaged_)
      throw Error(pool_->about() + "these copies are of a process that has failed; make new ones");
    damaged_ = true;  // until all is done
    const auto processes = s_->first.size() - 1;
    for (std::size_t k = 0; k < processes; ++k) send(k, when);
    std::string wrong;
    for (std::size_t k = 0; k < processes; ++k) {
      const auto w = pool_->wait(*pool_->workers_[k], s_->first[k], when);
      if (w.empty() && !pool_->memory_) take(k, when);
      if (wrong.empty()) wrong = w;
    }
    pool_->require(wrong);
    damaged_ = false;
  }
  // The rows of a process, through its channel.
  void take(std::size_t k, const std::string& when) {
    const auto first = static_cast<std::size_t>(s_->first[k]),
               some = static_cast<std::size_t>(s_->first[k + 1]) - first;
    const auto width = sizeof(float) * static_cast<std::size_t>(pool_->is_.observation_size);
    for (const auto& [offset, size] : {std::pair{s_->observations, width},
                                       {s_->rewards, sizeof(float)},
                                       {s_->terminated, std::size_t{1}},
                                       {s_->truncated, std::size_t{1}}})
      pool_->hear(*pool_->workers_[k], at(offset) + first * size, some * size, when);
  }

  std::shared_ptr<GymnasiumPool> pool_;
  std::shared_ptr<GymnasiumArrays> s_;
  int horizon_;
  std::uint64_t epoch_;
  std::int64_t steps_ = 0;
  bool damaged_ = false;
};

TESSERA_INLINE std::shared_ptr<GymnasiumSession> GymnasiumPool::copies(std::int64_t count, int horizon,
                                                                       std::uint64_t seed, bool render) {
  if (count < 1 || horizon < 1)
    throw Error(about() + std::to_string(count) + " copies with horizon " + std::to_string(horizon) +
                "; both must be at least 1");
  std::shared_ptr<GymnasiumCopiesOf> made;
  {
    const std::lock_guard lock(mutex_);
    if (broken_) start();
    const auto limit = is_.max_steps > 0 && horizon > is_.max_steps ? std::int64_t(horizon) : 0;
    made = std::make_shared<GymnasiumCopiesOf>(shared_from_this(), arrays(count, limit, render), horizon);
  }
  made->reset(seed);
  return made;
}

TESSERA_INLINE void require_space(const Gymnasium& environment, bool discrete) {
  if (environment.discrete() != discrete)
    throw Error("gym:" + printable(environment.name()) + ": its actions are " + (discrete ? "continuous" : "discrete") +
                ", and " + (discrete ? "discrete" : "continuous") + " ones are wanted");
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE Gymnasium::Gymnasium(std::string name, GymnasiumOptions options)
    : pool_(std::make_shared<detail::GymnasiumPool>(std::move(name), std::move(options))) {}
TESSERA_INLINE const std::string& Gymnasium::name() const { return pool_->name(); }
TESSERA_INLINE bool Gymnasium::discrete() const { return pool_->is().discrete; }
TESSERA_INLINE std::int64_t Gymnasium::observation_size() const { return pool_->is().observation_size; }
TESSERA_INLINE std::int64_t Gymnasium::action_size() const { return pool_->is().action_size; }
TESSERA_INLINE int Gymnasium::default_horizon() const {
  constexpr std::int64_t without = 1000, most = 1'000'000'000;
  const auto steps = pool_->is().max_steps;
  return static_cast<int>(steps > 0 ? std::min(steps, most) : without);
}
TESSERA_INLINE bool Gymnasium::has_time_limit() const { return pool_->is().max_steps > 0; }
TESSERA_INLINE const std::vector<float>& Gymnasium::action_low() const { return pool_->is().action_low; }
TESSERA_INLINE const std::vector<float>& Gymnasium::action_high() const { return pool_->is().action_high; }
TESSERA_INLINE const LogSpaces& Gymnasium::spaces() const { return pool_->is().spaces; }
TESSERA_INLINE const std::vector<std::string>& Gymnasium::warnings() const { return pool_->is().warnings; }

TESSERA_INLINE std::shared_ptr<detail::GymnasiumSession> Gymnasium::copies(std::int64_t count, int horizon,
                                                                           std::uint64_t seed) const {
  return pool_->copies(count, horizon, seed, false);
}

TESSERA_INLINE std::string Gymnasium::film(std::uint64_t seed, int horizon, std::span<const float> actions,
                                           std::span<const std::int64_t> indices,
                                           const std::vector<std::int64_t>& shown, const std::string& format) const {
  const auto& is = pool_->is();
  if (std::find(is.render_modes.begin(), is.render_modes.end(), "rgb_array") == is.render_modes.end()) {
    std::string all;
    for (const auto& each : is.render_modes) all += (all.empty() ? "" : ", ") + each;
    throw Error(pool_->about() + "renders no pictures" + (all.empty() ? "" : ", only " + all) +
                "; leave out the frames");
  }
  const auto width = static_cast<std::size_t>(is.discrete ? 1 : is.action_size);
  const auto steps = is.discrete ? indices.size() : actions.size() / width;
  const auto session = pool_->copies(1, horizon, seed, true);
  auto& copy = static_cast<detail::GymnasiumCopiesOf&>(*session);
  float reward = 0;
  std::uint8_t terminated = 0;
  for (std::size_t t = 0; t <= steps; ++t) {
    for (const auto each : shown)
      if (each == static_cast<std::int64_t>(t)) copy.keep_frame();
    if (t == steps) break;
    if (is.discrete) copy.step(indices.data() + t, &reward, &terminated);
    else copy.step(actions.data() + t * width, &reward, &terminated);
  }
  // The film lasts as long as 20 frames a second make it, but no frame is shorter than that.
  const auto frames = static_cast<double>(std::max<std::size_t>(shown.size(), 1));
  return copy.picture(format, static_cast<int>(std::clamp(50.0 * static_cast<double>(steps) / frames, 50.0, 500.0)));
}
}  // namespace tessera
