#!/usr/bin/env bash
# tests/tidy.sh [BASE] [BUILD]: clang-tidy, by .clang-tidy, over the lines that differ from commit BASE (default: the
# one before HEAD), in files of ours that BUILD (default: build) compiles.  A file has TIDY_FILE_SECONDS (120), all of
# them TIDY_SECONDS (900): what is left then is named, and so is what the clang-tidy at hand cannot parse.  With --last for
# BASE, as the test has it: what the last commit changed, commits of looks alone (.git-blame-ignore-revs) left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
base=${1:-HEAD~1} build=${2:-build}

tool=
for candidate in clang-tidy-{22..14} clang-tidy; do
  if command -v "$candidate" >/dev/null; then
    tool=$candidate
    break
  fi
done
if [[ -z $tool ]]; then
  echo "skipped: no clang-tidy here"
  exit 0
fi
if [[ $base == --last ]]; then
  base=$(git rev-parse --verify -q 'HEAD~1^{commit}') || { echo "skipped: no history here"; exit 0; }
  if grep -qx "$(git rev-parse HEAD)" .git-blame-ignore-revs; then
    echo "skipped: the last commit changed the look of code alone"
    exit 0
  fi
fi
[[ -f $build/compile_commands.json ]] || { echo "no $build/compile_commands.json: configure first, cmake --preset gcc" >&2; exit 2; }
git rev-parse --verify -q "$base^{commit}" >/dev/null || { echo "$base is no commit" >&2; exit 2; }

# "FILE FROM TO" of each piece that was added or changed.
changed() {
  git diff -U0 --no-color --diff-filter=d "$base" -- 'concepts/*.hpp' 'include/*.hpp' 'compose/*.hpp' 'tests/*.cpp' 'tests/*.hpp' 'examples/*.cpp' 'examples/*.hpp' |
    awk '/^\+\+\+ b\// { file = substr($0, 7) }
         /^@@/ { split(substr($3, 2), at, ","); n = at[2] == "" ? 1 : at[2]; if (n > 0) print file, at[1], at[1] + n - 1 }'
}
declare -A lines=()
while read -r file from to; do lines[$file]+="${lines[$file]:+,}[$from,$to]"; done < <(changed)
if [[ ${#lines[@]} -eq 0 ]]; then
  echo "nothing of ours differs from $base"
  exit 0
fi

# The commands without GCC's precompiled headers, which clang cannot read: what they hold is read as text.
commands=$(mktemp -d)
trap 'rm -rf "$commands"' EXIT
cp "$build/compile_commands.json" "$commands/"
for header in $(grep -oE -- '-include [^ "]*/cmake_pch\.hxx' "$build/compile_commands.json" | cut -d' ' -f2 | sort -u); do
  copy=$commands/${header//\//_}
  if [[ -f $header ]]; then cp "$header" "$copy"; else : >"$copy"; fi
  sed -i "s|-include $header|-include $copy|g" "$commands/compile_commands.json"
done
sed -i 's/ -Winvalid-pch//g; s/ -fpch-preprocess//g' "$commands/compile_commands.json"

# What compiles a header: the file that includes it alone, of the test `headers`.
unit_of() {
  local inner=${1#*/}
  if [[ $1 == *.cpp ]]; then
    grep -qF "\"$PWD/$1\"" "$build/compile_commands.json" && echo "$1"
  else
    grep -oE '"file": *"[^"]*"' "$build/compile_commands.json" | cut -d'"' -f4 | grep -E "/${inner//./\\.}\.(cxx|cpp)$" | head -1
  fi
}
failed=0 left=() end=$((SECONDS + ${TIDY_SECONDS:-900}))
for file in $(printf '%s\n' "${!lines[@]}" | sort); do
  unit=$(unit_of "$file" || true)
  if [[ -z $unit ]]; then
    left+=("$file (not compiled in $build)")
    continue
  fi
  if ((SECONDS >= end)); then
    left+=("$file (no time left)")
    continue
  fi
  code=0
  timeout "${TIDY_FILE_SECONDS:-120}" "$tool" --quiet -p "$commands" --line-filter="[{\"name\":\"$file\",\"lines\":[${lines[$file]}]}]" \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument --extra-arg=-Wno-unused-command-line-argument \
    "$unit" >"$commands/found" 2>"$commands/errors" || code=$?
  # Whether a file compiles is for the compilers to say, and an older clang does not know all of C++20.
  unread=$(grep -F '[clang-diagnostic-error]' "$commands/found" | grep -v 'too many errors' | head -1 | sed "s|^$PWD/||" || true)
  if ((code == 124)); then
    left+=("$file (over ${TIDY_FILE_SECONDS:-120} s)")
  elif [[ -n $unread ]]; then
    left+=("$file ($tool cannot read it: $unread)")
  elif ((code != 0)); then
    cat "$commands/found"
    grep -E 'error:' "$commands/errors" | head -3 || true
    failed=1
  fi
done
if ((${#left[@]} > 0)); then
  printf 'not looked at: %s\n' "${left[@]}"
fi
exit $failed
