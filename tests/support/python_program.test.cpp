#include <tessera/support/python_program.hpp>

#include <catch2/catch.hpp>

#include "../helpers/tables.hpp"

TEST_CASE("Python is what TESSERA_PYTHON names, or python3", "[python]") {
  {
    const support::Environment named("TESSERA_PYTHON", "/opt/python");
    CHECK(tessera::python_program() == "/opt/python");
  }
  const support::Environment empty("TESSERA_PYTHON", "");
  CHECK(tessera::python_program() == "python3");
}
