#pragma once
// What it takes to train with libtorch: learners' numbers, batches, training and evaluation.
#include <tessera/nn/backend.hpp>
#include <tessera/train/evaluate.hpp>
#include <tessera/train/replay.hpp>
#include <tessera/train/train.hpp>
