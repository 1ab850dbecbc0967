#!/usr/bin/env bash
# tool.sh TESSERA: the tool, where it was installed: it lists its algorithms, and finds its engine.
set -eu
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir"
algorithm=$("$1" algorithms | sed -n 's/^| `\([a-z0-9-]*\)` | continuous |.*/\1/p' | head -n 1)
[[ -n $algorithm ]] || { echo "no algorithms: $("$1" algorithms)"; exit 1; }
"$1" explain "$algorithm" | grep -q '^Update order$'
"$1" train --algorithm bc --dataset builtin:pendulum-narrow --steps 2 --threads 1 --out run --set policy.net.hidden=8 | grep -q '"updates":2,'
"$1" --version | grep -q '^tessera .*libtorch'
