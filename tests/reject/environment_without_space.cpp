// reject: environment_error<tessera::component<MyTask>, tessera::lacks<tessera::lack::action_space>, tessera::to_be<tessera::an_environment> ?>
#include <tessera/concepts/environment.hpp>

using namespace tessera;

#if TESSERA_REJECT
struct MyTask {
  using action_type = std::int64_t;
  static constexpr const char* name = "mine";
  static constexpr std::int64_t observation_size = 1, action_size = 2;
  static constexpr int default_horizon = 10;
  MyTask(std::int64_t, int, std::uint64_t);
  std::int64_t count() const;
  int horizon() const;
  const float* observations() const;
  void reset(std::uint64_t);
  void step(const std::int64_t* actions, float* rewards, std::uint8_t* terminated);
};
#else
struct MyTask {
  using space = Discrete;
  using action_type = std::int64_t;
  static constexpr const char* name = "mine";
  static constexpr std::int64_t observation_size = 1, action_size = 2;
  static constexpr int default_horizon = 10;
  MyTask(std::int64_t, int, std::uint64_t);
  std::int64_t count() const;
  int horizon() const;
  const float* observations() const;
  void reset(std::uint64_t);
  void step(const std::int64_t* actions, float* rewards, std::uint8_t* terminated);
};
#endif

int run() { return int(sizeof(TaskOf<MyTask>)); }
