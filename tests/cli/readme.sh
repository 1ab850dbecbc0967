#!/usr/bin/env bash
# readme.sh TESSERA SOURCE_DIR: what README and the pages next to the examples show is true of the code.
# shellcheck disable=SC2016  # back quotes, and CMake's variables, are meant as they stand
set -eu
tessera=$1 source=$2
fail() { echo "README: $1"; exit 1; }
awk '/^```cpp$/ {on = 1; next} /^```$/ {if (on) exit} on' "$source/README.md" | diff - "$source/examples/01_hello_iql.cpp" ||
  fail "its code block is not examples/01_hello_iql.cpp"
# block LANGUAGE N: the N-th of README's blocks in it.
block() { awk -v open="^\`\`\`$1\$" -v want="$2" '$0 ~ open {n++; on = n == want; next} /^```$/ {on = 0} on' "$source/README.md"; }
block cmake 1 | diff - "$source/examples/own_program/CMakeLists.txt" || fail "its first CMake text is not examples/own_program/CMakeLists.txt"
[[ -n $(block cmake 2) ]] || fail "has no second CMake text"
while IFS= read -r line; do  # the tested text says where its own source is
  grep -qxF -- "${line//\/path\/to\/tessera/'${CMAKE_CURRENT_LIST_DIR}/../..'}" "$source/tests/consume_source/CMakeLists.txt" ||
    fail "its second CMake text has a line that tests/consume_source does not: $line"
done < <(block cmake 2)
# Links lead somewhere.
for page in README.md examples/GUIDE.md examples/STEP.md examples/MEASURED.md; do
  while read -r link; do
    [[ -z $link || -e $(dirname "$source/$page")/$link ]] || fail "$page has a link to $link, which is not there"
  done < <(grep -o ']([^)# ]*[)#]' "$source/$page" | sed 's/^](//; s/[)#]$//' | grep -v '^https\?:')
done
# Every word of a step in STEP.md is a function, or a value that one takes.
words=0
while read -r entry; do
  word=${entry%%[(<]*}
  [[ $entry == *'('* ]] && code="\b$word\(" || code="\b$word\b"  # as::target and every_action are values
  grep -rqE "$code" "$source/concepts" "$source/compose" "$source/include" || fail "examples/STEP.md has $word, which is not there"
  words=$((words + 1))
done < <(sed -n 's/^| \(`.*\) | .*/\1/p' "$source/examples/STEP.md" | sed 's/ | .*//' | grep -o '`[^`]*`' | sed 's/^`\.\{0,1\}//; s/`$//' | sort -u)
[[ $words -gt 50 ]] || fail "examples/STEP.md has $words words, fewer than there are"
"$tessera" algorithms >table.$$ && trap 'rm -f table.$$' EXIT
while IFS= read -r line; do
  grep -qxF -- "$line" "$source/README.md" || fail "its table lacks: $line"
done <table.$$
# Every algorithm's own settings are inside the documented ranges.
while read -r name; do
  "$tessera" explain "$name" >/dev/null || fail "explain $name"
done < <(sed -n 's/^| `\([a-z0-9-]*\)` .*/\1/p' table.$$)
for example in "$source"/examples/*.cpp; do
  [[ $(wc -l <"$example") -lt 70 ]] || fail "$(basename "$example") has 70 lines or more"
done
