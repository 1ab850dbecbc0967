#pragma once
// libtorch's tensors and autograd; modules, optimizers and data loaders, which torch/torch.h brings too, double the
// time a file takes to compile.  This header and tensor.hpp are the places where libtorch comes in.
#include <tessera/nn/tensor.hpp>
//
#include <ATen/Parallel.h>
#include <torch/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/types.h>
