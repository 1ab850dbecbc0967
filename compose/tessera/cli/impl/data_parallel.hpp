#pragma once
#include <signal.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include <tessera/cli/children.hpp>
#include <tessera/cli/data_parallel.hpp>
#include <tessera/cli/files.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/nn/connect.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/launch.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE DataParallel::DataParallel(const TrainCommand& c, const at::Device& device) {
  const auto launch = launch_from_environment();
  ranks_ = nn::connect(launch, {.timeout = c.ranks.timeout, .device = device});
  const auto on_host = nn::ranks_on_host(*ranks_);
  const int here = int(on_host.size()), cores = int(std::max(1u, std::thread::hardware_concurrency()));
  threads_ = std::max(1, cores / here);
  choose_core(c, on_host);
  speaks() = first();
  const auto way = ranks_->way();
  say("data-parallel: {} processes, {} of them on this host{}{}{}", size(), here,
      c.has("--threads") ? std::string() : fmt::format(", with --threads {} each", threads_),
      core_ >= 0 ? ", each on a core of its own" : "", way.empty() ? way : "; sums by " + way);
}

TESSERA_CLI_INLINE void DataParallel::choose_core(const TrainCommand& c, const std::vector<int>& here) {
  cores_ = own_cores();
  ByteHash hash;
  hash.add(cores_.data(), cores_.size() * sizeof(int));
  const auto all = nn::of_each(*ranks_, std::int64_t(hash.value() >> 1));
  const bool same =
      std::all_of(here.begin(), here.end(), [&](int r) { return all[std::size_t(r)] == all[std::size_t(rank())]; });
  if (!same || cores_.size() != here.size() || (c.has("--threads") ? c.threads : threads_) != 1) return;
  core_ = cores_[std::size_t(std::find(here.begin(), here.end(), rank()) - here.begin())];
}
TESSERA_CLI_INLINE void DataParallel::take_core() const {
  if (core_ >= 0) stay_on({core_});
}
TESSERA_CLI_INLINE void DataParallel::leave_core() const {
  if (core_ >= 0) stay_on(cores_);
}

TESSERA_CLI_INLINE DataParallel::~DataParallel() { speaks() = true; }

TESSERA_CLI_INLINE std::string DataParallel::folder_of(const std::string& resumed) {
  if (!first()) {
    copy_ = std::make_unique<PrivateFolder>();
    if (copy_->path().empty()) throw Error("no temporary folder can be made; look at TMPDIR");
  }
  const auto folder = first() ? resumed : copy_->path();
  for (const char* const name : {"config.json", "checkpoint.safetensors"}) {
    const auto path = file_of(folder, name);
    auto bytes = first() ? read_bytes(path) : std::string();
    if (first() && bytes.empty()) throw Error(path + ": cannot be read");
    bytes = nn::text_of_first(*ranks_, bytes);
    if (!first() && !write_bytes(path, bytes))
      throw Error(path + ": cannot be written; look at the room that is left there");
  }
  return folder;
}

TESSERA_CLI_INLINE void DataParallel::require_same(const std::string& here, const std::string& what) {
  if (nn::text_of_first(*ranks_, here) != here)
    throw Error(
        fmt::format("data-parallel: {} of rank {} are not those of rank 0; give all ranks the same command and "
                    "data",
                    what, rank()));
}

TESSERA_CLI_INLINE void DataParallel::prepare(bool sharded) {
  joint_ = std::make_unique<nn::JointUpdates>(*ranks_, nn::JointOptions{.sharded = sharded});
}

TESSERA_CLI_INLINE bool DataParallel::interrupted() {
  if (cli::interrupted()) joint_->ask_to_stop();
  if (!joint_->asked_to_stop()) return false;
  if (!cli::interrupted()) raise(SIGTERM);  // it came to another rank
  return true;
}

TESSERA_CLI_INLINE void DataParallel::meet(Agent& agent, MetricsWindow& window) {
  window.flush(*joint_);
  agent.require_equal(*ranks_);
  leave_core();
}

TESSERA_CLI_INLINE bool DataParallel::goes_on(bool wanted) {
  const bool by_signal = nn::on_any(*ranks_, cli::interrupted());
  if (by_signal && !cli::interrupted()) raise(SIGTERM);  // it came to another rank
  const bool ends = nn::on_any(*ranks_, !wanted) || by_signal;
  if (ends) joint_->stop();
  else take_core();
  return !ends;
}

TESSERA_CLI_INLINE bool DataParallel::begins(bool wanted) {
  const bool begins = !nn::text_of_first(*ranks_, wanted ? "updates" : "").empty();
  if (begins) take_core();
  return begins;
}

TESSERA_CLI_INLINE void DataParallel::follow(const TrainCommand& c, Agent& agent, Replay& replay, MetricsWindow& window,
                                             const std::function<bool(std::int64_t)>& meets) {
  if (!begins(true)) return;
  TrainOptions o{.updates = c.steps, .batch = c.batch, .report_every = c.report_every, .window = &window};
  o.joint = joint_.get();
  o.after_update = [&](std::int64_t updates) {
    if (updates == c.steps) return false;
    const bool stops = interrupted();
    if (!stops && !meets(updates)) return true;
    meet(agent, window);
    return goes_on(true);
  };
  agent.train(replay, o);
  if (cli::interrupted())
    throw Interrupted(fmt::format("interrupted at update {}; rank 0 has the run's folder", agent.updates()));
}

TESSERA_CLI_INLINE void require_data_parallel(const AlgorithmEntry& a, const Imagination& imagined) {
  if (imagined.model || imagined.rows > 0)
    throw Error("--data-parallel: " + a.name +
                " learns from transitions that a model imagines, which one process makes; leave it out");
}
}  // namespace tessera::cli
