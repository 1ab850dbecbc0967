#include <tessera/concepts/spaces.hpp>

static_assert(tessera::ActionSpace<tessera::Continuous>);

int main() {}
