#include "controller.hpp"

#include <tessera/algorithms/iql.hpp>
#include <tessera/checkpoint.hpp>
#include <tessera/dataset/suit.hpp>
#include <tessera/io/from_arrays.hpp>
#include <tessera/torch.hpp>

void learn(const Log& log, std::int64_t updates, const std::string& file) {
  const auto data = tessera::dataset_from_arrays({.name = "log",
                                                  .observation_size = log.observation_size,
                                                  .action_size = log.action_size,
                                                  .observations = log.observations,
                                                  .next_observations = log.next_observations,
                                                  .actions = log.actions,
                                                  .rewards = log.rewards,
                                                  .terminals = log.terminals,
                                                  .timeouts = log.timeouts,
                                                  .action_low = log.action_low,
                                                  .action_high = log.action_high});
  tessera::Iql::params p;
  p.data = tessera::suit(data, p.data).params;
  tessera::Iql agent(data, p, {.seed = 0});
  tessera::train(agent, data, {.updates = updates});
  tessera::save_checkpoint(agent, file);
}

struct Controller::Learner {
  tessera::Iql agent;
};
Controller::Controller(const std::string& file) : learner_(new Learner{tessera::load_checkpoint<tessera::Iql>(file)}) {}
Controller::~Controller() = default;
std::vector<float> Controller::act(std::span<const float> observation) { return learner_->agent.act(observation); }
