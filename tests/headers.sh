#!/usr/bin/env bash
# headers.sh CLANG OUT PRECOMPILED CORES FOLDER...: the sources of each FOLDER, one for each header, are parsed alone, with the flags
# in FOLDER.flags and with PRECOMPILED, which includes other libraries' headers.  By clang++, which loads of it what a
# file needs, with templates instantiated once; to load GCC's takes longer than all else.
set -euo pipefail
clang=$1 out=$2 precompiled=$3 cores=$4
shift 4
mkdir -p "$out"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
warnings=(-std=c++20 -fPIC -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
for folder in "$@"; do  # other libraries' headers are the system's, whose own folder is searched last, as always
  awk -v root="$root/" '/^-I/ && index($0, root) != 3 { if (system("test \"" substr($0, 3) "\" -ef /usr/include") == 0) next; sub(/^-I/, "-isystem") }
                        !seen[$0]++' "$folder.flags" >"$out/${folder##*/}.flags"
done
"$clang" "@$out/${1##*/}.flags" "${warnings[@]}" -fpch-instantiate-templates -Wno-pragma-system-header-outside-header -x c++-header "$precompiled" -o "$out/precompiled.pch"
for folder in "$@"; do
  find "$folder" -name '*.cpp' | sort | sed "s|^|@$out/${folder##*/}.flags |"
done | xargs -L 1 -P "$cores" "$clang" "${warnings[@]}" -include-pch "$out/precompiled.pch" -fsyntax-only
