#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <memory>
#include <string>
#include <tessera/nn/connect.hpp>
#include <thread>
#include <vector>

namespace support {
/// A port of this machine that nobody listens on.
inline int free_port() {
  const int s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  int port = 0;
  if (bind(s, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
      getsockname(s, reinterpret_cast<sockaddr*>(&at), &size) == 0)
    port = ntohs(at.sin_port);
  ::close(s);
  return port;
}

/// f(ranks) on so many ranks, each in a thread of its own, connected with each other: what each threw, "" for nothing.
template <class F>
std::vector<std::string> in_ranks(int size, F f, double timeout = 20, bool shared_memory = true) {
  const int port = free_port();
  std::vector<std::string> said(static_cast<std::size_t>(size));
  std::vector<std::thread> threads;
  for (int r = 0; r < size; ++r)
    threads.emplace_back([&, r] {
      try {
        const auto ranks =
            tessera::nn::connect({r, size, "127.0.0.1", port}, {.timeout = timeout, .shared_memory = shared_memory});
        try {
          f(*ranks);
        } catch (const std::exception& e) {
          ranks->leave(e.what());
          throw;
        }
      } catch (const std::exception& e) {
        said[std::size_t(r)] = e.what();
      }
    });
  for (auto& t : threads) t.join();
  return said;
}
}  // namespace support
