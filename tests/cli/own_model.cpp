// The command line with a dynamics model of a user's own, and an algorithm that imagines in it.
#include "helpers/linear_model.hpp"

#include <tessera/algorithms/mopo.hpp>
#include <tessera/cli.hpp>
#include <tessera/env/pendulum.hpp>

using namespace tessera;

struct LinearMopo : recipes::Mopo::with<dynamics<LinearEnsemble>> {};

const cli::DynamicsModel<LinearEnsemble> model;
const cli::Algorithm<LinearMopo> linear_mopo;
const cli::Environment<Pendulum> pendulum;
int main(int argc, char** argv) { return cli::run(argc, argv); }
