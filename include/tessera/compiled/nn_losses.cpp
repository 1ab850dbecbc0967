// Of the library tessera::compiled: the bodies of these headers' functions.
#include <tessera/nn/loss_nodes.impl.hpp>
