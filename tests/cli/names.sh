#!/usr/bin/env bash
# names.sh TESSERA SOURCE_DIR MAKE_LOG: the name of a file or a folder is text, whatever it contains.  No part of it is
# ever executed, none controls a terminal, and a picture shows it.
set -u
tessera=$1 make_log=$3
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
export MARK=$dir/mark TMPDIR=$dir
failures=0
fail() { printf 'FAILED: %s\n' "$1"; failures=$((failures + 1)); }

small=(--threads 1 --set policy.net.hidden=8)
tiny=(--threads 1 --set dynamics.net.hidden=8 --set dynamics.members=2 --set dynamics.elites=1 --set dynamics.max_epochs=1)

# try NAME SHOWN: what is called NAME is trained on, written to, resumed and looked at: from the command line, from the config.json of a run, and
# from a model's file.  Nothing is run, the pictures say SHOWN, and nothing but text reaches the terminal.
try() {
  local name=$1 shown=$2 file out picture
  file=$name.h5 out="run $name" picture="curve of $name"
  "$make_log" pendulum "./$file" || exit 1
  run() { "$tessera" "$@" >>log 2>&1 </dev/null || { fail "tessera $*"; cat log; }; }
  : >log
  run train --algorithm bc --dataset "./$file" --env pendulum --horizon 5 --eval-episodes 1 --steps 2 --out "$out" "${small[@]}"
  cp "$out/curve.svg" "$picture" 2>/dev/null
  rm -f "$out/curve.svg"
  run train --resume "$out" --steps 3 --threads 1
  run model train --dataset "./$file" --out "model $name" "${tiny[@]}"
  run model inspect "model $name" --horizon 2 --threads 1
  run inspect "./$file"
  run evaluate "$out" --episodes 1
  [[ ! -e $MARK ]] || { fail "something was run: $name"; rm -f "$MARK"; }
  if command -v gnuplot >/dev/null; then
    for each in "$picture" "$out/curve.svg" "model $name/training.svg" "model $name/open_loop.svg"; do
      grep -qF -- "$shown" "$each" || { fail "$each does not show $shown"; grep -o '<text>[^<]*' "$each" | head -n 30; }
    done
  fi
  if LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]' log; then fail "a control character reaches the terminal"; fi
  # Line breaks in a name do not make a line of their own, either.
  if LC_ALL=C grep -nE '^(system|; system)' log >lines; then fail "a name is written over several lines"; head -n 3 lines; fi
  "$tessera" train --algorithm bc --dataset "./absent$file" >log 2>&1
  [[ $(wc -l <log) == 1 ]] || { fail "an error is not one line"; cat log; }
}
try $'a\nsystem("touch $MARK")\nb\'\nsystem("touch $MARK")\nEOD\nsystem("touch $MARK")\n#' 'EOD\nsystem('
try '`touch $MARK` $(touch $MARK) "; system("touch $MARK"); "@MARK" | touch $MARK; '"'; system('touch "'$MARK'"'); '" '`touch $MARK` $(touch $MARK)'
try $'\e[31mred\e]0;title\a\r \\n {Bold x}_2 %s %d ünïcode' '\x1b[31mred\x1b]0;title\x07\r \n {Bold x}_2 %s %d ünïcode'

# Text from outside in an error, too.
for bad in "--algorithm=i"$'\e[31m\n'"ql" "--env=pendulum"$'\n\a' "--set=actor.b"$'\e[31m\r'"=1" "--steps=1"$'\e[31m\n' "--fl"$'\e\n'"ag=3"; do
  "$tessera" train --dataset builtin:pendulum-random --algorithm iql --out run "$bad" >log 2>&1 && fail "accepted: $bad"
  [[ $(wc -l <log) == 1 ]] && ! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' log || { fail "not one line of text"; cat -v log; }
done

# What is not UTF-8 cannot be written into config.json and read back: rejected before anything is done.
for flag in --out --dataset --env --model --resume; do
  "$tessera" train --dataset builtin:pendulum-random --algorithm iql "$flag" $'caf\xe9' >log 2>&1
  [[ $? == 2 && $(wc -l <log) == 1 ]] && grep -qF "'caf\\xe9' is not UTF-8" log || { fail "not refused: $flag"; cat -v log; }
done
mkdir $'caf\xe9' && (cd $'caf\xe9' && "$tessera" train --dataset builtin:pendulum-random --algorithm bc) >log 2>&1
grep -q '^tessera: error: the folder .*xe9. is not UTF-8' log && rmdir $'caf\xe9' || { fail "a folder that is not UTF-8"; cat -v log; }
[[ ! -e $'caf\xe9' && -z $(find . -name 'tessera-*') ]] || fail "something was left: $(ls -A)"
[[ $failures == 0 ]] || exit 1
