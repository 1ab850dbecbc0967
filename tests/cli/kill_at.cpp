// kill_at K FOLDER PROGRAM ARGS...: runs a program and kills it with SIGKILL just before its K-th call to the system
// that changes FOLDER or what is in it: makes, writes, syncs, renames, removes, locks.  Ends with 137 then, else as the
// program does; K = 0 kills never, and says on standard output, after the program's, how many such calls there were.
// 77: this machine lets nobody trace.
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {
std::string text_of(pid_t thread, std::uint64_t address) {
  std::string out;
  while (out.size() < 4096) {
    errno = 0;
    const long word = ptrace(PTRACE_PEEKDATA, thread, reinterpret_cast<void*>(address + out.size()), nullptr);
    if (errno != 0) return out;
    for (std::size_t i = 0; i < sizeof word; ++i) {
      const char c = char(static_cast<unsigned long>(word) >> (8 * i) & 0xff);
      if (c == 0) return out;
      out += c;
    }
  }
  return out;
}

class Watched {
 public:
  explicit Watched(const std::string& folder)
      : folder_(std::filesystem::absolute(folder).lexically_normal().string()) {}

  bool changes(pid_t thread, const __ptrace_syscall_info& call) const {
    const auto& arg = call.entry.args;
    switch (call.entry.nr) {
      case SYS_write:
      case SYS_pwrite64:
      case SYS_writev:
      case SYS_fsync:
      case SYS_fdatasync:
      case SYS_ftruncate:
      case SYS_flock:
        return inside(file(thread, arg[0]));
      case SYS_openat:
        return (arg[2] & O_CREAT) != 0 && inside(text_of(thread, arg[1]));
      case SYS_mkdirat:
      case SYS_unlinkat:
      case SYS_renameat:
      case SYS_renameat2:
        return inside(text_of(thread, arg[1]));
#ifdef SYS_open
      case SYS_open:
        return (arg[1] & O_CREAT) != 0 && inside(text_of(thread, arg[0]));
      case SYS_mkdir:
      case SYS_rmdir:
      case SYS_unlink:
      case SYS_rename:
        return inside(text_of(thread, arg[0]));
#endif
      default:
        return false;
    }
  }

 private:
  static std::string file(pid_t thread, std::uint64_t number) {
    std::error_code code;
    return std::filesystem::read_symlink("/proc/" + std::to_string(thread) + "/fd/" + std::to_string(number), code)
        .string();
  }
  bool inside(const std::string& path) const {
    if (path.empty()) return false;
    const auto whole = std::filesystem::absolute(path).lexically_normal().string();
    return whole == folder_ || whole.starts_with(folder_ + "/");
  }

  std::string folder_;
};
}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "kill_at K FOLDER PROGRAM ARGS...\n"), 2;
  const long wanted = std::atol(argv[1]);
  const Watched watched(argv[2]);
  const pid_t program = fork();
  if (program == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(77);
    raise(SIGSTOP);
    execvp(argv[3], argv + 3);
    _exit(127);
  }
  int status = 0;
  if (program < 0 || waitpid(program, &status, 0) < 0 || !WIFSTOPPED(status)) return 77;
  if (ptrace(PTRACE_SETOPTIONS, program, nullptr,
             PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC) != 0)
    return 77;
  ptrace(PTRACE_SYSCALL, program, nullptr, nullptr);
  long count = 0;
  for (;;) {
    const pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0) return 77;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (thread != program) continue;
      if (wanted == 0) std::printf("%ld\n", count);
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    int signal = WSTOPSIG(status);
    if (signal == (SIGTRAP | 0x80)) {
      __ptrace_syscall_info call{};
      const auto size = ptrace(PTRACE_GET_SYSCALL_INFO, thread, reinterpret_cast<void*>(sizeof call), &call);
      if (size > 0 && call.op == PTRACE_SYSCALL_INFO_ENTRY && watched.changes(thread, call) && ++count == wanted)
        kill(program, SIGKILL);
      signal = 0;
    } else if (status >> 16 != 0 || signal == SIGSTOP) {
      signal = 0;  // a thread that begins, or a program
    }
    ptrace(PTRACE_SYSCALL, thread, nullptr, reinterpret_cast<void*>(std::intptr_t(signal)));
  }
}
