#!/usr/bin/env bash
# readme.sh TESSERA SOURCE_DIR: what README shows is what there is.
set -eu
tessera=$1 source=$2
fail() { echo "README.md: $1"; exit 1; }
awk '/^```cpp$/ {on = 1; next} /^```$/ {if (on) exit} on' "$source/README.md" | diff - "$source/examples/01_hello_iql.cpp" ||
  fail "its code block is not examples/01_hello_iql.cpp"
"$tessera" algorithms >table.$$ && trap 'rm -f table.$$' EXIT
while IFS= read -r line; do
  grep -qxF -- "$line" "$source/README.md" || fail "its table lacks: $line"
done <table.$$
# Every algorithm's own settings are inside the ranges that it states.
while read -r name; do
  "$tessera" explain "$name" >/dev/null || fail "explain $name"
done < <(sed -n 's/^| `\([a-z0-9-]*\)` .*/\1/p' table.$$)
for example in "$source"/examples/*.cpp; do
  [[ $(wc -l <"$example") -lt 60 ]] || fail "$(basename "$example") has 60 lines or more"
done
