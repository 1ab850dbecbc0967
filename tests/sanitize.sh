#!/usr/bin/env bash
# sanitize.sh [address|thread]: the tests under sanitizers, run by hand because they take hours; both without an
# argument.
#   address   address and undefined-behavior sanitizer over the whole suite: preset asan
#   thread    thread sanitizer over the pool, the networks' kernels, and two learners in two threads: preset tsan.  libtorch is not built
#             for it, so that what is inside it is not seen; nothing of ours had to be left out, and there are no suppressions
# TESSERA_TESTS='^nn/.*' restricts `address` to those test files, and leaves out the programs' tests.  JOBS=1 compiles one file at a time.
# TESSERA_ALGORITHMS, as in a build, restricts the tool.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
what=${1:-all} jobs=${JOBS:-2} failed=0
[[ $what =~ ^(all|address|thread)$ ]] || { sed -n '2,7p' "$0"; exit 2; }
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=history_size=4:exitcode=66

programs() {  # BUILD_FOLDER: the test programs that it has, one after the other
  local program
  for program in "$1"/tests/test_core "$1"/tests/test_torch; do
    [[ -x $program ]] || continue
    echo "== $program"
    "$program" || failed=1
  done
}
if [[ $what != thread ]]; then
  if [[ -n ${TESSERA_TESTS:-} ]]; then
    rm -f build-asan/tests/test_core build-asan/tests/test_torch
    cmake --preset asan -DTESSERA_TESTS="$TESSERA_TESTS" ${TESSERA_ALGORITHMS:+-DTESSERA_ALGORITHMS="$TESSERA_ALGORITHMS"} --log-level=WARNING
    targets=$(ninja -C build-asan -t targets all)
    for target in test_core test_torch; do
      grep -q "^tests/$target:" <<<"$targets" && cmake --build build-asan --parallel "$jobs" --target "$target"
    done
    programs build-asan
  else
    cmake --preset asan -DTESSERA_TESTS='.*'
    cmake --build build-asan --parallel "$jobs"
    ctest --preset asan || failed=1
  fi
fi
if [[ $what != address ]]; then
  cmake --preset tsan
  cmake --build --preset tsan --parallel "$jobs"
  programs build-tsan
  echo "== two learners in two threads"
  tests/threads/two_threads.sh build-tsan/tests/two_threads 5 || failed=1
  for threads in 1 4; do OMP_NUM_THREADS=$threads tests/threads/two_threads.sh build-tsan/tests/two_threads 5 || failed=1; done
fi
exit $failed
