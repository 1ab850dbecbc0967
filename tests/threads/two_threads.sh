#!/usr/bin/env bash
# two_threads.sh PROGRAM [RUNS]: runs the program that many times, each time cold, and fails at the first run that does
# not end well.
set -uo pipefail
program=$1 runs=${2:-1000}
for ((i = 1; i <= runs; ++i)); do
  if ! timeout 120 "$program"; then
    echo "run $i of $runs failed"
    exit 1
  fi
done
echo "$runs runs, none failed"
