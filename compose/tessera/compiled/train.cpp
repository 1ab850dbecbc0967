// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/train/collect.impl.hpp>
#include <tessera/train/episodes.impl.hpp>
#include <tessera/train/evaluate.impl.hpp>
#include <tessera/train/experience.impl.hpp>
#include <tessera/train/fit_dynamics.impl.hpp>
#include <tessera/train/recorded.impl.hpp>
#include <tessera/train/replay.impl.hpp>
#include <tessera/train/together.impl.hpp>
#include <tessera/train/train.impl.hpp>
#include <tessera/train/train_many.impl.hpp>
#include <tessera/train/train_online.impl.hpp>
#include <tessera/train/window.impl.hpp>
