// Of the library tessera::compiled: the bodies of these headers' functions.
#include <tessera/nn/jacobian.impl.hpp>
#include <tessera/nn/mlp.impl.hpp>
#include <tessera/nn/mlp_kernel_node.impl.hpp>
#include <tessera/nn/mlp_kernels.impl.hpp>
#include <tessera/nn/mlp_node.impl.hpp>
#include <tessera/nn/network.impl.hpp>
