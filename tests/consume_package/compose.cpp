// Checks a composition, without any library.
#include <tessera/algorithms/iql.hpp>

struct Mine : tessera::recipes::Iql {};
static_assert(tessera::Composable<Mine>);

int main() {}
