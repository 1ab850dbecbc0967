# Sourced, before common.sh goes elsewhere, by the tests of several processes that train one run together.
# shellcheck shell=bash
pids=() port=$((20000 + $$ % 10000)) master=127.0.0.1
# on RANK: sets `where`, the words before the program that run it where this rank is; a test may have its own.
on() { where=(); }
# start SIZE NAME ARGS...: a process for each rank; what rank r prints is in NAME.r.out and NAME.r.log.
start() {
  local size=$1 name=$2 r where
  shift 2
  port=$((port + 1)) pids=()
  for ((r = 0; r < size; ++r)); do
    on "$r"
    RANK=$r WORLD_SIZE=$size MASTER_ADDR=$master MASTER_PORT=$port "${where[@]}" "$tessera" train "$@" --data-parallel --threads 1 >"$name.$r.out" 2>"$name.$r.log" &
    pids+=($!)
  done
}
# ended CODES: waits for all, whose exit codes are these.
ended() {
  local codes='' pid rc
  for pid in "${pids[@]}"; do
    rc=0
    wait "$pid" || rc=$?
    codes+="${codes:+ }$rc"
  done
  [[ $codes == "$1" ]] || fail "exit codes $codes, and not $1: $(tail -n 3 ./*.log)"
}
