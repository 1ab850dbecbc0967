#pragma once
#include <nlohmann/json.hpp>

namespace tessera::cli {
using json = nlohmann::ordered_json;
}  // namespace tessera::cli
