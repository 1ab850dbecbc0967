#pragma once
/* A policy for programs in C, and what calls C: the library tessera_policy.  No C++ is needed to use it.
 *
 * Functions return 0 where they are done, and else a code below; then `error`, where it is not NULL, has a message in
 * one line, cut to `error_size` bytes with its 0.  Nothing is thrown.  After a policy is loaded no call allocates
 * memory.  Each thread needs a policy of its own.
 */
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TESSERA_POLICY_API __attribute__((visibility("default")))
#else
#define TESSERA_POLICY_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tessera_policy tessera_policy;

enum {
  TESSERA_POLICY_OK = 0,
  TESSERA_POLICY_BAD_FILE = 1,     /* it cannot be read, is no policy, or is damaged */
  TESSERA_POLICY_BAD_ARGUMENT = 2, /* a pointer is NULL */
  TESSERA_POLICY_NOT_FINITE = 3,   /* the observation or the noise has a number that is not finite */
  TESSERA_POLICY_NO_ACTION = 4,    /* the observation is so large that the action is not finite */
  TESSERA_POLICY_OUT_OF_MEMORY = 5,
  TESSERA_POLICY_FAILED = 6
};

/* Loads what `tessera export --to safetensors` or `--to json` wrote; NULL where `*code` is not 0. */
TESSERA_POLICY_API tessera_policy* tessera_policy_load(const char* path, int* code, char* error, size_t error_size);
TESSERA_POLICY_API void tessera_policy_free(tessera_policy* policy); /* NULL does nothing */

/* The action at an observation, in the task's units: action_size numbers.  `noise` is noise_size numbers from N(0, 1),
 * or NULL where that is 0.  `action` stays as it was unless it returns 0. */
TESSERA_POLICY_API int tessera_policy_act(tessera_policy* policy, const float* observation, const float* noise,
                                          float* action, char* error, size_t error_size);

TESSERA_POLICY_API size_t tessera_policy_observation_size(const tessera_policy* policy);
TESSERA_POLICY_API size_t tessera_policy_noise_size(const tessera_policy* policy);
TESSERA_POLICY_API size_t
tessera_policy_action_size(const tessera_policy* policy); /* 1 of a discrete action: its code */
TESSERA_POLICY_API int tessera_policy_discrete(const tessera_policy* policy);
TESSERA_POLICY_API uint64_t tessera_policy_hash(const tessera_policy* policy);
/* The number of this interface: it grows where a function changes. */
TESSERA_POLICY_API int tessera_policy_abi(void);

#ifdef __cplusplus
}
#endif
