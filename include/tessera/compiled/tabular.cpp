// Part of the library tessera::compiled: the function bodies of these headers.
#include <tessera/env/tabular.impl.hpp>
#include <tessera/io/mdp_npz.impl.hpp>
#include <tessera/sources/tabular_log.impl.hpp>
#include <tessera/tabular/conservative.impl.hpp>
#include <tessera/tabular/distribution.impl.hpp>
#include <tessera/tabular/evaluation.impl.hpp>
#include <tessera/tabular/finite_mdp.impl.hpp>
#include <tessera/tabular/maximum_likelihood.impl.hpp>
#include <tessera/tabular/value_iteration.impl.hpp>
