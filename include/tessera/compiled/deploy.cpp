// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/deploy/file.impl.hpp>
#include <tessera/deploy/header.impl.hpp>
#include <tessera/deploy/network.impl.hpp>
#include <tessera/deploy/onnx.impl.hpp>
#include <tessera/deploy/policy.impl.hpp>
#include <tessera/deploy/program.impl.hpp>
