#pragma once
// The one place where libtorch comes in.  ivalue.h first: it lets Clang compile libtorch 1.13 in C++20, whose
// List.h otherwise instantiates a vector of an incomplete type.
#include <ATen/core/ivalue.h>
//
#include <torch/torch.h>
