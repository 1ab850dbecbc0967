#!/usr/bin/env bash
# doctor.sh PROGRAM MAKE_LOG SOURCE_DIR: `doctor` of a program with a check of its own: exit codes, text, JSON, pictures, two data sets, errors.
set -u
program=$1 make_log=$2 data=$3/../shared/data
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failures=0
fail() { printf 'FAILED: %s\n' "$1"; failures=$((failures + 1)); }
# exits CODE ARGS...: standard output to `out`, standard error to `log`.
exits() {
  local wanted=$1 rc=0
  shift
  "$program" doctor "$@" >out 2>log </dev/null || rc=$?
  [[ $rc == "$wanted" ]] || fail "doctor $* ($rc instead of $wanted): $(cat out log)"
}
refused() {
  local pattern=$1
  shift
  exits 2 "$@"
  [[ ! -s out && $(wc -l <log) == 1 && $(cat log) =~ ^own_checks:\ error:\ .*$pattern ]] || fail "doctor $*: wanted $pattern, got $(cat out log)"
}

# Clean data: nothing but notes.
exits 0 builtin:cartpole-mixed
grep -q '^  2[0-9] checks: nothing found$' out || fail "$(cat out)"
grep -q 'effective-actions  ' out || fail "no measure of coverage: $(cat out)"
[[ $(awk 'length > 100' out) == '' ]] || fail "lines of more than 100 columns"
# The program's own check.
exits 1 builtin:pendulum-mixed
grep -Eq '^  error +fast-pendulum +[0-9]+  observations \[2\], rows ' out || fail "$(cat out)"
grep -q '^error: fast-pendulum$' out && grep -q '^  do      leave these rows out$' out || fail "$(cat out)"
exits 0 builtin:pendulum-mixed --only time-column,broken-continuity
exits 1 builtin:pendulum-mixed --only time-column --only fast-pendulum --json
python3 - <<'EOF' || fail "$(cat out)"
import json
report = json.load(open("out"))
assert report["clean"] is False and report["format"] == "builtin" and report["episodes"] == 500, report
(finding,) = report["findings"]
assert finding["name"] == "fast-pendulum" and finding["severity"] == "error" and finding["count"] > 20 == len(finding["rows"])
assert finding["repair"] is None and finding["why"]
assert [(c["name"], c["result"]) for c in report["checks"]] == [("time-column", "clean"), ("fast-pendulum", "found")]
EOF
# Two data sets.
exits 1 builtin:cartpole-mixed --against builtin:cartpole-mixed --only shared-episodes
grep -q 'of 1500 episodes of the other data set are in this one as well' out || fail "$(cat out)"
exits 0 builtin:cartpole-mixed --against 'builtin:cartpole-mixed?seed=1' --only shared-episodes
# Pictures.
if command -v gnuplot >/dev/null; then
  exits 0 builtin:cartpole-mixed --plot picture.png --only time-column
  [[ $(head -c 4 picture.png | tail -c 3) == PNG && $(wc -c <picture.png) -gt 20000 ]] || fail "no picture"
  mkdir pictures
  exits 0 builtin:maze-umaze-demos --plot pictures --only time-column
  [[ -s pictures/doctor.png ]] || fail "no picture in the folder"
fi
# A real file, if it is there: 1448 doubled terminals.
if [[ -e $data/d3rlpy/cartpole_v1.1.0.h5 ]]; then
  exits 1 "$data/d3rlpy/cartpole_v1.1.0.h5"
  grep -Eq '^  warning +doubled-terminal +1448 ' out || fail "$(cat out)"
  grep -q -- '--repair doubled-terminal' out || fail "$(cat out)"
else
  echo "without shared/data: no file of another program was examined"
fi
# Logs that are odd in one way each.
for odd in plain: glitch:outlier-actions zero-rewards:equal-rewards two-episodes:few-episodes far-rewards:outlier-rewards; do
  "$make_log" "${odd%%:*}" log.h5 || exit 1
  for how in '' --untrusted; do
    # shellcheck disable=SC2086
    exits "$([[ $odd == plain: ]] && echo 0 || echo 1)" log.h5 $how
    [[ $odd == plain: ]] || grep -q "^warning: ${odd#*:}$" out || fail "$odd: $(cat out)"
  done
done

refused "unknown check 'time-colum'; did you mean 'time-column'" builtin:cartpole-mixed --only time-colum
refused "absent.h5: there is no such file" absent.h5
refused "absent.h5: there is no such file" builtin:cartpole-mixed --against absent.h5
refused "compare data of one task" builtin:cartpole-mixed --against builtin:pendulum-narrow
refused "neither a folder nor a file that ends in .png or .svg" builtin:cartpole-mixed --plot picture.jpg
refused "absent: there is no such folder; give another --plot" builtin:cartpole-mixed --plot absent/picture.png
refused "dataset is required" --json
refused "unknown flag '--jsn'; did you mean '--json'" builtin:cartpole-mixed --jsn
refused "this program registers two checks called 'fast-pendulum'" builtin:cartpole-mixed --check-twice
[[ $failures == 0 ]] || exit 1
