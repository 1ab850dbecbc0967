// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/nn/adam.impl.hpp>
#include <tessera/nn/backend.impl.hpp>
#include <tessera/nn/clock.impl.hpp>
#include <tessera/nn/device.impl.hpp>
#include <tessera/nn/free_cores.impl.hpp>
#include <tessera/nn/gemm.impl.hpp>
#include <tessera/nn/graph.impl.hpp>
#include <tessera/nn/polyak.impl.hpp>
#include <tessera/nn/pool.impl.hpp>
#include <tessera/nn/precision.impl.hpp>
#include <tessera/nn/random.impl.hpp>
#include <tessera/nn/randoms.impl.hpp>
#include <tessera/nn/ranks.impl.hpp>
#include <tessera/nn/scalar.impl.hpp>
#include <tessera/nn/threads.impl.hpp>
#include <tessera/nn/torchscript.impl.hpp>
#include <tessera/nn/units.impl.hpp>
