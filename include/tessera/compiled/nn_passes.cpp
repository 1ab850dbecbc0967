// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/nn/jacobian.impl.hpp>
#include <tessera/nn/mlp.impl.hpp>
#include <tessera/nn/mlp_kernel_node.impl.hpp>
#include <tessera/nn/mlp_kernels.impl.hpp>
#include <tessera/nn/mlp_node.impl.hpp>
#include <tessera/nn/network.impl.hpp>
#include <tessera/nn/residual_kernels.impl.hpp>
