// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/train/checkpoint_header.impl.hpp>
#include <tessera/train/dynamics_file_header.impl.hpp>
#include <tessera/train/exported.impl.hpp>
#include <tessera/train/run_policy.impl.hpp>
