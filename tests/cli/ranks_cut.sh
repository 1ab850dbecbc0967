#!/usr/bin/env bash
# ranks_cut.sh TESSERA: three hosts, each a network namespace, train one run together, and one of them is cut off: all
# end in bounded time with one line, and the run goes on with two.
set -u
if [[ ${2-} != inside ]]; then
  RANK=0 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=1 "$1" train --algorithm bc --dataset builtin:pendulum-random --steps 1 --data-parallel --rank-timeout 0.1 2>&1 |
    grep -q 'this build has no c10d' && { echo "skipped: this build has no c10d"; exit 0; }
fi
# shellcheck source=tests/cli/hosts_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/hosts_common.sh"
in_namespaces true "${BASH_SOURCE[0]}" "$@"
# shellcheck source=tests/cli/ranks_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/ranks_common.sh"
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
unset RANK WORLD_SIZE MASTER_ADDR MASTER_PORT
# A switch, and a host at each of its ports: 10.77.0.1, .2 and .3.
ip link add switch type bridge && ip link set switch up
hosts=()
for h in 0 1 2; do
  unshare --net sleep infinity &
  hosts[h]=$!
  sleep 0.3
  ip link add port$h type veth peer name wire netns "${hosts[h]}" && ip link set port$h master switch up
  nsenter -t "${hosts[h]}" --net sh -c "ip link set lo up && ip addr add 10.77.0.$((h + 1))/24 dev wire && ip link set wire up"
done
sleep 1
master=10.77.0.1
on() { where=(nsenter -t "${hosts[$1]}" --net); }
nets=(--set policy.net.hidden=32,32 --set critic.net.hidden=32,32 --set value.net.hidden=32,32)
start 3 run --algorithm iql --dataset builtin:pendulum-random --batch 96 --eval-every 20 --report-every 20 "${nets[@]}" --steps 100000000 --rank-timeout 3 --out run
for _ in $(seq 300); do [[ -s run/checkpoint.safetensors ]] && break; sleep 0.1; done
[[ -s run/checkpoint.safetensors ]] || fail "nothing was saved: $(cat run.*.log)"
grep -q "^data-parallel: 3 processes, .*; sums by Gloo\$" run.0.log || fail "rank 0 says: $(cat run.0.log)"
began=$SECONDS
ip link set port2 down # the cable of the third host is pulled
ended '1 1 1'
((SECONDS - began < 30)) || fail "they took $((SECONDS - began)) s to end"
for r in 0 1 2; do [[ $(grep -c 'error: ' run.$r.log) == 1 ]] || fail "rank $r says: $(cat run.$r.log)"; done
grep -q 'rank 0 of 3: rank 2 has given no sign of life for 3 s; go on from the last checkpoint' run.0.log || fail "rank 0 says: $(cat run.0.log)"
grep -q 'rank 1 of 3: rank 2 has given no sign of life for 3 s\|rank 1 of 3: rank 0 ended: .*rank 2 has given no' run.1.log || fail "rank 1 says: $(cat run.1.log)"
grep -q "rank 2 of 3: rank 0 at 10.77.0.1:$port has given no sign of life for 3 s" run.2.log || fail "rank 2 says: $(cat run.2.log)"
steps=$(tail -n 1 run/metrics.csv | cut -d, -f1)
start 2 again --resume run --steps $((steps + 100))
ended '0 0'
[[ $(field again.0.out updates) == $((steps + 100)) ]] || fail "resumed: $(cat again.0.out again.0.log)"
kill "${hosts[@]}"
[[ $failures == 0 ]]
