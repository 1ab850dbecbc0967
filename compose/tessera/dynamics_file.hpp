#pragma once
#include <tessera/train/dynamics_file.hpp>
