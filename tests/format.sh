#!/usr/bin/env bash
# tests/format.sh [--fix]: checks that the code is formatted by .clang-format, and that no line is wider than its
# ColumnLimit.  Comments are wrapped by hand, at the same width: clang-format would join the lines of formulas and
# sources.  Skipped without clang-format 14 or later; 14 is preferred, since versions differ in details.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tool=
for candidate in clang-format-14 clang-format clang-format-{15..22}; do
  if command -v "$candidate" >/dev/null; then
    version=$("$candidate" --version | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
    if [[ ${version:-0} -ge 14 ]]; then
      tool=$candidate
      break
    fi
  fi
done
if [[ -z $tool ]]; then
  echo "skipped: no clang-format 14 or later here"
  exit 0
fi

width=$(sed -n 's/^ColumnLimit: *//p' .clang-format)
mapfile -t files < <(git ls-files -co --exclude-standard '*.hpp' '*.cpp' 2>/dev/null || true)
if [[ ${#files[@]} -eq 0 ]]; then  # an archive, which has no history
  mapfile -t files < <(find concepts include compose tests examples -name '*.hpp' -o -name '*.cpp')
fi
if [[ ${1:-} == --fix ]]; then
  "$tool" -i "${files[@]}"
fi

failed=0
wrong=$("$tool" --dry-run --ferror-limit=1 "${files[@]}" 2>&1 | sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: warning: code should be clang-formatted.*/\1/p' | sort -u)
if [[ -n $wrong ]]; then
  while read -r file; do echo "$file: not as .clang-format says ($tool): tests/format.sh --fix"; done <<<"$wrong"
  failed=1
fi
# Exempt: tables between `clang-format off` and `on`, and what a test must match in one line.
if ! awk -v width="$width" '
    FNR == 1 { table = 0 }
    /clang-format off/ { table = 1 }
    /clang-format on/ { table = 0 }
    { text = $0; gsub(/[\200-\277]/, "", text) }
    length(text) > width && !table && !/^\/\/ (reject|links|sources):/ && !/^#include/ && !/https?:\/\// && !/R"\(/ {
      print FILENAME ":" FNR ": " length(text) " columns, and at most " width " are wanted: wrap it"
      wide = 1
    }
    END { exit wide }' "${files[@]}"; then
  failed=1
fi
exit $failed
