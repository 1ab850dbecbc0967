#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <tessera/support/descriptor.hpp>

namespace tessera {
/// Thrown by `WorkerProcess`: it has ended, or has closed its channel.
struct WorkerEnded {};
/// The same: it did not answer in time.
struct WorkerLate {};
/// The same: nobody waits for it any longer.
struct WorkerUnwanted {};

/// Another program that works for this one, and does not outlive it.  It is started with posix_spawn: without a shell,
/// a copy of this process, or its signal handlers; in a process group of its own, so that the terminal's Ctrl-C is not
/// meant for it.  What it finds:
///   descriptor 0     nothing to read
///   descriptors 1, 2 what it prints is drained, and its end kept; or appended to a file
///   descriptor 3     the channel, a stream socket
///   descriptor 4     a pipe without data, which closes when this process ends, however it ends
///   descriptor 5     `shared`, if that is a descriptor
/// SIGPIPE is not raised, and nobody's handlers are touched.
class WorkerProcess {
 public:
  /// `arguments`: the program, looked up in PATH, and what it is given.  Throws an Error if it cannot be started.
  /// `log`: the file that what it prints is appended to; empty: its end is kept.
  explicit WorkerProcess(const std::vector<std::string>& arguments, int shared = -1, const std::string& log = "");
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  /// Closes the channel, gives it a moment to end by itself, and kills it and what it has started.
  ~WorkerProcess();

  /// Both throw WorkerEnded, and WorkerLate where nothing moves for so many seconds; WorkerUnwanted where nothing moves
  /// and `wanted`, which is then asked five times a second, says no.
  void send(const void* from, std::size_t size, double seconds, const std::function<bool()>& wanted = {});
  void receive(void* to, std::size_t size, double seconds, const std::function<bool()>& wanted = {});

  /// The end of what it has printed, 8 KB at most.
  const std::string& printed() const { return printed_; }
  /// Ends it, at once or after it has had `seconds` to end by itself; returns its status as waitpid gives it, or -1 if
  /// somebody else has taken that.
  int end(double seconds);

 private:
  using clock = std::chrono::steady_clock;
  void wait_for(short events, clock::time_point late, const std::function<bool()>& wanted);
  void drain();
  bool has_exited();

  pid_t id_ = -1;
  int status_ = -1;
  Descriptor channel_, life_, output_;
  std::string printed_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/worker_process.impl.hpp>
#endif
