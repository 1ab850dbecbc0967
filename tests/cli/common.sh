# Sourced by the tests of the command line, whose first argument is the program: they work in a folder of their own.
# shellcheck shell=bash
program=$1
# shellcheck disable=SC2034
tessera=$program
dir=$(mktemp -d) && said=$(mktemp -d) && trap 'rm -rf "$dir" "$said"' EXIT
cd "$dir" || exit 1
failures=0
# By default a test goes on to its end, and then fails; `set -e` makes it end at once.
fail() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
  [[ $- != *e* ]] || exit 1
}
# field FILE KEY: the number or text of a key in JSON, which is the last line.
field() { tail -n 1 "$1" | grep -o "\"$2\":[^,}]*" | head -n 1 | cut -d: -f2-; }

here() { ls -AlR --time-style=full-iso; }
# What a test may say beforehand:
begins=.*  # what of a message may stand before the pattern; empty: nothing
besides=   # lines that may stand beside the error; empty: none
# refused PATTERN ARGS...: exit code 2, one line that matches in the program's name, and nothing is written.
refused() {
  ends_refused "$@"
  shift
  [[ $(sed "${besides:+/$besides/d}" "$said/log" | wc -l) == 1 ]] || fail "$*: more than one line: $(cat "$said/log")"
}
# The same of a program that has said what it begins with: the last line.
ends_refused() {
  local pattern=$1 rc=0 before
  shift
  before=$(here)
  "$program" "$@" >"$said/out" 2>"$said/log" </dev/null || rc=$?
  [[ $rc == 2 && ! -s $said/out && $(tail -n 1 "$said/log") =~ ^${program##*/}:\ error:\ $begins$pattern && $(grep -c 'error: ' "$said/log") == 1 ]] ||
    fail "$* ($rc): wanted $pattern, got $(cat "$said/out" "$said/log")"
  [[ $before == "$(here)" ]] || fail "$*: refused, and something was written: $(diff <(echo "$before") <(here))"
}
