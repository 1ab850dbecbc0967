# Sourced by the tests that need hosts of their own, each a network namespace.
# shellcheck shell=bash
# in_namespaces PROBE SCRIPT TESSERA [inside]: runs the script again, with the word `inside`, where it may make networks,
# and process numbers are its own; it is skipped where that, or the commands of PROBE, cannot be done.
in_namespaces() {
  local probe=$1 script=$2 word
  if [[ ${4-} == inside ]]; then
    mount -t proc proc /proc
    return
  fi
  for word in ip unshare nsenter; do command -v $word >/dev/null || { echo "skipped: there is no $word"; exit 0; }; done
  local as=(unshare --net --mount --pid --fork --kill-child)
  [[ $(id -u) == 0 ]] || as=(unshare --user --map-root-user --net --mount --pid --fork --kill-child)
  "${as[@]}" sh -c "mount -t proc proc /proc && ip link add probe type bridge && $probe" 2>/dev/null || { echo "skipped: network namespaces cannot be made here"; exit 0; }
  exec "${as[@]}" bash "$script" "$3" inside
}
