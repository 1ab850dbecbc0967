#!/usr/bin/env bash
# Installs what is missing, builds everything in build/ and runs every test.  Arguments go to ctest: tests/run.sh -L core
set -euo pipefail
# shellcheck source=examples/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../examples/setup.sh"
set_up "$build_packages catch2" "ccache libgloo-dev gnuplot-nox clang-16 clang-format clang-tidy"

cmake -S . -B build -G Ninja -DTESSERA_BUILD_TESTS=ON -DTESSERA_BUILD_EXAMPLES=ON
cmake --build build --parallel "$(nproc)"
ctest --test-dir build --output-on-failure --no-tests=error -j "$(nproc)" "$@"
