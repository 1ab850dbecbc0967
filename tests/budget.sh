#!/usr/bin/env bash
# tests/budget.sh NAME SOURCE FLAGS [BASE_SOURCE]: compares the number of templates that a source instantiates with its
# line in budget.txt.  FLAGS is a file of compiler flags.  What BASE_SOURCE instantiates, a library's headers, is not
# counted.
set -euo pipefail
name=$1 source=$2 flags=$3 base=${4-}
if ! command -v clang++-16 >/dev/null; then
  echo "skipped: no clang++-16"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# instantiations SOURCE: their number.
instantiations() {
  clang++-16 -std=c++20 -O0 -c -ftime-trace -ftime-trace-granularity=0 "@$flags" -o "$folder/out.o" "$1"
  grep -oE '"name":"Instantiate(Class|Function)"' "$folder/out.json" | wc -l
}
count=$(instantiations "$source")
if [[ -n $base ]]; then
  count=$((count - $(instantiations "$base")))
fi
limit=$(awk -v name="$name" '$1 == name { print $2 }' "$(dirname "${BASH_SOURCE[0]}")/budget.txt")
echo "$name: $count templates are instantiated; the budget is $limit"
if ((count * 100 > limit * 105)); then
  cat >&2 <<TEXT
$name costs more to compile than its budget and 5 %.  To see what grew:
  clang++-16 -std=c++20 -O0 -c -ftime-trace -ftime-trace-granularity=0 @$flags -o out.o $source
  grep -oE '"Instantiate(Class|Function)","args":[{]"detail":"[^"<(]+' out.json | sort | uniq -c | sort -rn | head -n 50
Make a plain function of a template whose types are known, move bodies to X.impl.hpp, include less; or, where it is worth it, write $count
into tests/budget.txt in the same commit, and say why.
TEXT
  exit 1
fi
if ((count * 100 < limit * 90)); then
  echo "well below it: write $count into tests/budget.txt"
fi
