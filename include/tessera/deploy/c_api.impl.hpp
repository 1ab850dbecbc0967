#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>

#include <tessera/deploy/c_api.hpp>
#include <tessera/deploy/policy.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>

/// The library tessera_policy is compiled from this alone.
struct tessera_policy {
  tessera::deploy::Policy policy;
};

namespace tessera::deploy::detail {
inline int failed(int code, std::string_view why, char* error, std::size_t size) noexcept {
  if (error != nullptr && size > 0) {
    const auto count = std::min(size - 1, why.size());
    std::memcpy(error, why.data(), count);
    error[count] = '\0';
  }
  return code;
}
// What is thrown, as a code and a message.
inline int thrown(char* error, std::size_t size) noexcept {
  try {
    throw;
  } catch (const Error& e) {
    try {
      return failed(TESSERA_POLICY_BAD_FILE, printable(e.what()), error, size);
    } catch (...) {
      return failed(TESSERA_POLICY_OUT_OF_MEMORY, "out of memory", error, size);
    }
  } catch (const std::bad_alloc&) {
    return failed(TESSERA_POLICY_OUT_OF_MEMORY, "out of memory", error, size);
  } catch (const std::exception& e) {
    return failed(TESSERA_POLICY_FAILED, e.what(), error, size);
  } catch (...) {
    return failed(TESSERA_POLICY_FAILED, "failed", error, size);
  }
}
}  // namespace tessera::deploy::detail

extern "C" {
tessera_policy* tessera_policy_load(const char* path, int* code, char* error, size_t error_size) {
  namespace detail = tessera::deploy::detail;
  int failure = TESSERA_POLICY_OK;
  tessera_policy* out = nullptr;
  if (path == nullptr) {
    failure = detail::failed(TESSERA_POLICY_BAD_ARGUMENT, "tessera_policy_load: the path is NULL", error, error_size);
  } else {
    try {
      out = new tessera_policy{tessera::deploy::Policy::load(path)};
    } catch (...) {
      failure = detail::thrown(error, error_size);
    }
  }
  if (code != nullptr) *code = failure;
  return out;
}
void tessera_policy_free(tessera_policy* policy) { delete policy; }

int tessera_policy_act(tessera_policy* policy, const float* observation, const float* noise, float* action, char* error,
                       size_t error_size) {
  using tessera::deploy::detail::failed, tessera::deploy::outcome;
  if (policy == nullptr || observation == nullptr || action == nullptr ||
      (noise == nullptr && policy->policy.noise_size() > 0))
    return failed(TESSERA_POLICY_BAD_ARGUMENT, "tessera_policy_act: a pointer is NULL", error, error_size);
  switch (policy->policy.try_act(observation, noise, action)) {
    case outcome::observation_not_finite:
      return failed(TESSERA_POLICY_NOT_FINITE, "the observation, or the noise, has a number that is not finite", error,
                    error_size);
    case outcome::action_not_finite:
      return failed(TESSERA_POLICY_NO_ACTION, "the observation is so large that the action is not finite", error,
                    error_size);
    case outcome::acted:
      break;
  }
  return TESSERA_POLICY_OK;
}

size_t tessera_policy_observation_size(const tessera_policy* policy) {
  return policy == nullptr ? 0 : size_t(policy->policy.observation_size());
}
size_t tessera_policy_noise_size(const tessera_policy* policy) {
  return policy == nullptr ? 0 : size_t(policy->policy.noise_size());
}
size_t tessera_policy_action_size(const tessera_policy* policy) {
  return policy == nullptr ? 0 : size_t(policy->policy.action_size());
}
int tessera_policy_discrete(const tessera_policy* policy) {
  return policy != nullptr && policy->policy.signature().discrete ? 1 : 0;
}
uint64_t tessera_policy_hash(const tessera_policy* policy) { return policy == nullptr ? 0 : policy->policy.hash(); }
int tessera_policy_abi(void) { return 1; }
}
