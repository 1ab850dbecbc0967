// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/env/cartpole.impl.hpp>
#include <tessera/env/pendulum.impl.hpp>
#include <tessera/env/point_maze.impl.hpp>
#include <tessera/io/child_process.impl.hpp>
#include <tessera/sources/behaviors.impl.hpp>
#include <tessera/sources/builtin.impl.hpp>
#include <tessera/sources/data_folders.impl.hpp>
#include <tessera/sources/icu_sepsis.impl.hpp>
#include <tessera/sources/load.impl.hpp>
#include <tessera/sources/log_tables.impl.hpp>
#include <tessera/sources/maze_demos.impl.hpp>
#include <tessera/sources/query.impl.hpp>
#include <tessera/sources/request.impl.hpp>
#include <tessera/sources/untrusted.impl.hpp>
#include <tessera/sources/write.impl.hpp>
