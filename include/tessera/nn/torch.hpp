#pragma once
// The one place where libtorch comes in.  ivalue.h first: it lets Clang compile libtorch 1.13 in C++20, whose
// List.h otherwise instantiates a vector of an incomplete type.  Tensors and autograd only: modules, optimisers and
// data loaders, which torch/torch.h brings too, double the time a file takes to compile.
#include <ATen/core/ivalue.h>
//
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/function.h>
#include <torch/autograd.h>
#include <torch/types.h>
