#!/usr/bin/env bash
# flags.sh TESSERA SOURCE_DIR: every command line in flags.txt is rejected in one line with exit code 2, or has the
# right meaning; nothing is written.
set -u
tessera=$1 table=$2/tests/cli/flags.txt
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failures=0 cases=0
printf 'no data\n' >text.h5
mkdir folder

# refused PATTERN ARGS...: exit code 2, one line on standard error, which matches the pattern (an extended regular expression), and no file.
refused() {
  local pattern=$1 out rc=0
  shift
  cases=$((cases + 1))
  out=$("$tessera" "$@" 2>&1 >stdout </dev/null) || rc=$?
  if [[ $rc != 2 || -s stdout || $out == *$'\n'* || ! $out =~ ^tessera:\ error:\ .*$pattern ]]; then
    printf 'FAILED (exit code %s): tessera' "$rc"
    printf ' %q' "$@"
    printf '\n  wanted: %s\n  got:    %s\n' "$pattern" "$(cat -v <<<"$out" | head -n 5)"
    failures=$((failures + 1))
  fi
}

# Arguments with which a command does nothing, and what it says then if its flags are valid.
base() {
  case $1 in
    train) words=(train --algorithm no-such --dataset absent.h5) right="unknown algorithm 'no-such'" ;;
    evaluate) words=(evaluate absent) right='absent: there is no such folder' ;;
    finetune) words=(finetune absent --online-steps 10) right='absent: there is no such folder' ;;
    collect) words=(collect absent --out x.h5) right='absent: there is no such folder' ;;
    ope) words=(ope absent --dataset builtin:pendulum-mixed) right='absent: there is no such folder' ;;
    select) words=(select absent other --dataset builtin:pendulum-mixed) right='absent: there is no such folder' ;;
    export) words=(export absent --to header) right='absent: there is no such folder' ;;
    sweep) words=(sweep absent.toml --launcher no-such) right="--launcher: 'no-such': there are srun" ;;
    rollout) words=(rollout absent --plot x.png) right='absent: there is no such folder' ;;
    model-train) words=(model train --dataset absent.h5) right='absent.h5: there is no such file' ;;
    model-inspect) words=(model inspect absent --dataset builtin:pendulum-mixed) right='absent: there is no such folder or file' ;;
    explain) words=(explain no-such) right="unknown algorithm 'no-such'" ;;
    inspect) words=(inspect absent.h5) right='absent.h5: there is no such file' ;;
    doctor) words=(doctor absent.h5) right='absent.h5: there is no such file' ;;
    report) words=(report absent --out x.html) right='absent: there is no such folder' ;;
    convert) words=(convert absent.h5 x.csv) right='absent.h5: there is no such file' ;;
    *) echo "flags.txt: there is no command $1"; exit 1 ;;
  esac
}
# A flag, whatever value it takes.
any() {
  refused "$1 needs a value after it" "${words[@]}" "$1"
  refused "$1 needs a value after it" "${words[@]}" "$1" --help
  refused "$1: its value is empty" "${words[@]}" "$1" ""
  refused "$1: its value is empty" "${words[@]}" "$1="
}
while IFS= read -r line <&3; do
  [[ -z $line || $line == '#'* ]] && continue
  read -r kind command flag least most <<<"$line"
  case $kind in
    whole) # COMMAND FLAG LEAST MOST: a whole number in that range, in any notation
      base "$command"
      any "$flag"
      wrong="$flag: '.*' is not a whole number from $least to $most"
      for value in -1 1.5 1e-3 nan inf -inf x 0x10 '5 ' 1,000 1e400 1e30 -9223372036854775808 99999999999999999999 "$most"0 "--5"; do
        [[ $value == --5 ]] && refused "$flag needs a value|unknown flag '--5'" "${words[@]}" "$flag" "$value" || refused "$wrong" "${words[@]}" "$flag" "$value"
      done
      [[ $least == 0 ]] || refused "$wrong" "${words[@]}" "$flag" 0
      five=$((least > 5 ? least : 5))
      for value in "$least" "$most" "+$five" "$five.0" "0.${five}e${#five}"; do refused "$right" "${words[@]}" "$flag" "$value"; done
      refused "$right" "${words[@]}" "$flag" $((five + 2)) "$flag=$five" ;;
    text) # COMMAND FLAG
      base "$command"
      any "$flag"
      refused "'caf.xe9' is not UTF-8" "${words[@]}" "$flag" $'caf\xe9' ;;
    switch) # COMMAND FLAG: it takes no value
      base "$command"
      refused "$flag takes no value; leave out '=1'" "${words[@]}" "$flag=1"
      refused "$flag takes no value" "${words[@]}" "$flag="
      refused "$right" "${words[@]}" "$flag" "$flag" ;;
    *) # PATTERN :: WORDS, as a shell reads them
      [[ $line == *' ::'* ]] || { echo "flags.txt: $line"; exit 1; }
      eval "set -- ${line#* ::}"
      refused "${line%% ::*}" "$@" ;;
  esac
done 3<"$table"
rm -f stdout
[[ $(ls -A) == $'folder\ntext.h5' && -z $(ls -A folder) ]] || { echo "FAILED: something was written: $(ls -AR)"; failures=$((failures + 1)); }
echo "$cases command lines, $failures not as they should be"
[[ $failures == 0 ]] || exit 1
