// Compiles against torch and links it.
#include <ATen/core/ivalue.h>
#include <ATen/ATen.h>
#include <tessera/concepts/spaces.hpp>

int main() { return at::zeros({2}).sum().item<float>() == 0 ? 0 : 1; }
