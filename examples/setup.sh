# shellcheck shell=bash disable=SC2034  # its variables are used by those who source it
# Sourced by tests/run.sh and examples/quickstart.sh.  Goes to the top of the source tree and installs the Debian
# packages that are missing:   set_up "<packages without which it stops>" "<packages it can do without>"
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

torch_package=libtorch-dev
if [[ -n ${CMAKE_PREFIX_PATH:-}${Torch_DIR:-} ]]; then
  torch_package=  # a libtorch of your own
fi
build_packages="g++ cmake ninja-build $torch_package libdnnl-dev libopenblas-dev libboost-dev libeigen3-dev librange-v3-dev
  libhdf5-dev zlib1g-dev nlohmann-json3-dev libcli11-dev libfmt-dev"

installed() { [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) == ?i* ]]; }

set_up() {
  if ! command -v dpkg-query apt-get >/dev/null; then
    echo "setup: not a Debian system; these packages are assumed to be there under their names here: $1" >&2
    return
  fi
  local package needed=() wished=() as_root=()
  for package in $1; do installed "$package" || needed+=("$package"); done
  for package in $2; do installed "$package" || wished+=("$package"); done
  if [[ ${#needed[@]} -eq 0 && ${#wished[@]} -eq 0 ]]; then return; fi

  if [[ $(id -u) -ne 0 ]]; then
    if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
      as_root=(sudo)
    else
      echo "setup: not root, and no sudo without a password.  Missing: ${needed[*]} ${wished[*]}" >&2
      echo "setup: as root, run  apt-get install ${needed[*]} ${wished[*]}" >&2
      if [[ ${#needed[@]} -ne 0 ]]; then exit 1; fi
      return
    fi
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  echo "setup: installing ${needed[*]} ${wished[*]}"
  "${as_root[@]}" apt-get update -q </dev/null || echo "setup: apt-get update failed; going on with the lists there are" >&2
  if [[ ${#needed[@]} -ne 0 ]]; then
    "${as_root[@]}" apt-get install -y -q --no-install-recommends "${needed[@]}" </dev/null
  fi
  for package in "${wished[@]}"; do
    "${as_root[@]}" apt-get install -y -q --no-install-recommends "$package" </dev/null ||
      echo "setup: going on without $package" >&2
  done
}
