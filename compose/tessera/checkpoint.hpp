#pragma once
#include <tessera/train/checkpoint.hpp>
