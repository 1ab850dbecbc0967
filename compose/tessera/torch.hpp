#pragma once
// Everything needed to train with libtorch: the tensor backend, replay buffer, training and evaluation.
#include <tessera/nn/backend.hpp>
#include <tessera/train/evaluate.hpp>
#include <tessera/train/replay.hpp>
#include <tessera/train/train.hpp>
