#!/usr/bin/env bash
# Builds the command line tool, trains behavior cloning and IQL on logged pendulum episodes of a random policy, and compares.
#   QUICKSTART_STEPS=10000   gradient steps of each
set -euo pipefail
# shellcheck source=examples/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
set_up "$build_packages" "ccache gnuplot-nox libgloo-dev"

steps=${QUICKSTART_STEPS:-10000}
every=$((steps >= 10 ? steps / 10 : 1))
out=runs/quickstart

cmake -S . -B build -G Ninja -DTESSERA_BUILD_EXAMPLES=ON
cmake --build build --parallel "$(nproc)" --target tessera

mkdir -p "$out"
for algorithm in bc iql; do
  echo
  echo "== $algorithm, $steps steps"
  build/tessera train --algorithm "$algorithm" --dataset builtin:pendulum-random --env pendulum --steps "$steps" --seed 0 \
    --out "$out/$algorithm" --overwrite --eval-every "$every" --eval-episodes 20 </dev/null | tee "$out/$algorithm.log"
done

# field <algorithm> <key> <decimals>: from the last line of its run, a JSON object of numbers and text.
field() {
  local value
  value=$(tail -n 1 "$out/$1.log" | sed -n "s/.*\"$2\" *: *\"\{0,1\}\([^,\"}]*\).*/\1/p")
  if [[ -z $value ]]; then
    echo "quickstart: the last line of $out/$1.log has no \"$2\"" >&2
    exit 1
  fi
  if [[ $value =~ ^[-+.0-9eE]+$ ]]; then
    LC_ALL=C printf "%.$3f" "$value"
  else
    printf %s "$value"
  fi
}
behavior=$(field iql return_behavior 1)
bc=$(field bc return_mean 1) bc_std=$(field bc return_std 1) bc_speed=$(field bc updates_per_second 0)
iql=$(field iql return_mean 1) iql_std=$(field iql return_std 1) iql_speed=$(field iql updates_per_second 0)

echo
echo "Mean return of an episode (pendulum; 0 is best):"
printf '%-32s %10s %10s %12s\n' "policy" "return" "std" "updates/s" \
  "behavior policy (in the data)" "$behavior" "" "" \
  "behavior cloning (bc)" "$bc" "$bc_std" "$bc_speed" \
  "implicit Q-learning (iql)" "$iql" "$iql_std" "$iql_speed"
echo
echo "Learning curve: $out/iql/curve.png"
