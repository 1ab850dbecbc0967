#pragma once
#include <cstdint>
#include <exception>
#include <string>
#include <type_traits>

#include <tessera/nn/ranks.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/launch.hpp>

namespace tessera {
/// A hash of all that an agent keeps: equal where it is equal to the bit.
template <class Agent>
std::uint64_t buffers_hash(Agent& agent);

/// Throws a RankFailure, on all ranks, where what their agents keep is not equal to the bit.
template <class Agent>
void require_equal(Agent& agent, nn::Ranks& ranks);

namespace detail {
void add_to_hash(ByteHash& hash, const at::Tensor& x);
void add_to_hash(ByteHash& hash, std::int64_t x);
/// Replaces an agent's buffer by that of rank 0.
void share_buffer(nn::Ranks& ranks, at::Tensor& x);
void share_buffer(nn::Ranks& ranks, std::int64_t& x);
/// Throws a RankFailure, on all ranks, where a number is not the same on all of them.
void require_same(nn::Ranks& ranks, std::uint64_t here, const std::string& what);

template <class Agent>
concept HasBuffers = requires(Agent& agent) {
  agent.each_buffer([](const std::string&, auto&) {});
};

/// What ranks do together besides their updates: they begin with the agent of rank 0, and look whether they still have
/// equal ones.
template <class Agent>
class Together {
 public:
  Together(Agent& agent, nn::JointUpdates* joint) : agent_(agent), joint_(joint) {
    if (joint) begin();
  }
  Together(const Together&) = delete;
  void after(std::int64_t updates) const {
    if (joint_ && joint_->options().check_every > 0 && updates % joint_->options().check_every == 0) require_equal();
  }
  /// Does f(); of an error the other ranks hear.
  template <class F>
  static void tell(nn::JointUpdates* joint, F f) {
    if (!joint) return f();
    try {
      f();
    } catch (const RankFailure&) {  // that they know
      throw;
    } catch (const std::exception& e) {
      joint->ranks().leave(e.what());
      throw;
    }
  }
  void require_equal() const {
    if constexpr (HasBuffers<Agent>)
      if (joint_) tessera::require_equal(agent_, joint_->ranks());
  }

 private:
  void begin() {
    if constexpr (requires { requires Agent::imagines; }) {
      throw Error("data-parallel: an algorithm that learns from imagined transitions is trained by one process");
    } else if constexpr (!HasBuffers<Agent>) {
      throw Error("data-parallel: the agent has no `each_buffer`, which lists what is to be equal on all ranks");
    } else {
      ByteHash names;
      agent_.each_buffer([&](const std::string& name, auto& x) {
        names.add(name.data(), name.size());
        if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>)
          for (const auto n : x.sizes()) add_to_hash(names, n);
      });
      require_same(joint_->ranks(), names.value(),
                   "have learners with different parameters; give all of them the same algorithm, settings and data");
      agent_.each_buffer([&](const std::string&, auto& x) { share_buffer(joint_->ranks(), x); });
    }
  }

  Agent& agent_;
  nn::JointUpdates* joint_;
};
}  // namespace detail

template <class Agent>
std::uint64_t buffers_hash(Agent& agent) {
  ByteHash hash;
  agent.each_buffer([&](const std::string&, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) detail::add_to_hash(hash, x);
    else detail::add_to_hash(hash, std::int64_t(x));
  });
  return hash.value();
}

template <class Agent>
void require_equal(Agent& agent, nn::Ranks& ranks) {
  detail::require_same(ranks, buffers_hash(agent),
                       "do not have equal parameters any more after update " + std::to_string(agent.updates()) +
                           ": a part computes something else on one of them, or a machine's memory has failed; go on "
                           "from the last checkpoint");
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/together.impl.hpp>
#endif
