#pragma once
// libtorch's tensors and the operations on them, without autograd's own classes, which double the time a file takes to
// compile: <tessera/nn/torch.hpp> has those too.  ivalue.h first: it lets Clang compile libtorch 1.13 in C++20, whose
// List.h otherwise instantiates a vector of an incomplete type.
#include <ATen/core/ivalue.h>
//
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
