#!/usr/bin/env bash
# run.sh MINUTES [NAME...]: runs each fuzz target (or those named) for so many minutes with libFuzzer and the address
# and undefined-behavior sanitizers, one after another.  Findings are stored under regressions/NAME, where the test
# fuzz.NAME runs them from then on.
# CXX chooses the compiler (a Clang, default clang++-16), BUILD the folder (default build-fuzz).
set -euo pipefail
[[ $# -ge 1 ]] || { sed -n '2,4s/^# //p' "$0"; exit 2; }
minutes=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${BUILD:-$root/build-fuzz}
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER="${CXX:-clang++-16}" -DTESSERA_FUZZ=ON -DTESSERA_BUILD_EXAMPLES=OFF \
  -DTESSERA_TESTS='^none$' >"$build.log" 2>&1 || { cat "$build.log"; exit 1; }
rm -f "$build.log"
if [[ $# -gt 0 ]]; then names=("$@"); else
  mapfile -t names < <(ninja -C "$build" -t targets all | sed -n 's|^tests/fuzz/libfuzzer_\([a-z0-9_]*\): .*|\1|p')
fi
failed=0
for name in "${names[@]}"; do
  ninja -C "$build" "fuzz_$name" "libfuzzer_$name" >"$build/$name.log" || { cat "$build/$name.log"; exit 1; }
  corpus=$build/corpus/$name
  kept=$here/regressions/$name
  mkdir -p "$corpus" "$kept"
  "$build/tests/fuzz/fuzz_$name" --seeds "$corpus"
  log=$build/$name.log
  # A read that asks for more than this, or takes longer, is a finding like a crash.
  if nice "$build/tests/fuzz/libfuzzer_$name" -max_total_time="$(awk "BEGIN { print int(60 * $minutes) }")" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
      -artifact_prefix="$kept/" "$corpus" "$kept" >"$log" 2>&1; then verdict=ok; else verdict="FAILED, see $log and $kept" failed=1; fi
  printf '%-16s %12s executions, %s minutes, %6s inputs in the corpus: %s\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
    "$minutes" "$(find "$corpus" -type f | wc -l)" "$verdict"
  rmdir --ignore-fail-on-non-empty "$kept"
done
exit $failed
