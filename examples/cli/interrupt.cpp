#include "interrupt.hpp"

#include <signal.h>

#include <atomic>

namespace tessera::cli {
namespace {
std::atomic<bool> pressed = false;
extern "C" void on_interrupt(int) { pressed = true; }
}  // namespace

// On a stack of its own: oneDNN's matrix product (2.6, AVX-512) keeps its stack pointer in a buffer on the heap, where a
// handler's frame would overwrite what lies below.
void handle_interrupts() {
  static char memory[64 * 1024];
  stack_t stack{};
  stack.ss_sp = memory;
  stack.ss_size = sizeof memory;
  sigaltstack(&stack, nullptr);
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

bool interrupted() { return pressed.load(); }
}  // namespace tessera::cli
