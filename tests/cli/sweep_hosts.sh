#!/usr/bin/env bash
# sweep_hosts.sh TESSERA: two hosts, each with a network, a name and process numbers of its own, share a folder in which
# they make the runs of a sweep; one of them loses its power in mid-run, and the other makes all that is left.
set -u
# shellcheck source=tests/cli/hosts_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/hosts_common.sh"
in_namespaces "unshare --net --uts --pid --mount --fork true" "${BASH_SOURCE[0]}" "$@"
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
nets=(--set policy.net.hidden=8 --set critic.net.hidden=8 --set value.net.hidden=8)
cat >long.toml <<'END'
algorithm = "iql"
dataset = "builtin:pendulum-random"
env = "pendulum"
steps = 4000
batch = 32
eval-every = 400
eval-episodes = 2
horizon = 30
seeds = "0:2"
[set]
policy.net.hidden = "8"
critic.net.hidden = "8"
value.net.hidden = "8"
[grid]
actor.beta = [1, 3]
value.tau = [0.7, 0.9]
END
# A host's first process: with it, all others of the host end at once.
hosts=()
for h in 0 1; do
  mkfifo "up$h"
  unshare --net --uts --pid --mount --fork --kill-child sh -c "mount -t proc proc /proc && ip link set lo up && hostname host$h && : >up$h && exec sleep infinity" 2>/dev/null &
  : <"up$h"
  hosts[h]=$(cat /proc/$!/task/$!/children) && hosts[h]=${hosts[h]% }
done
# Starts a copy on each host.
mkdir bin
cat >bin/srun <<END
#!/usr/bin/env bash
while [[ \$1 == -* ]]; do shift; done
for host in ${hosts[*]}; do nsenter -t \$host --net --uts --pid --mount --wd="\$PWD" "\$@" & done
wait
END
chmod +x bin/srun
PATH=$dir/bin:$PATH "$tessera" sweep long.toml --out lost --launcher srun --processes 2 --lost-after 4 >lost.json 2>lost.log &
job=$!
taken() { find lost/tasks/taken -type f -name "*@host$1,*" 2>/dev/null | wc -l; }
half_way() { [[ $(taken 0) -ge 1 && $(taken 1) -ge 1 && -n $(find lost -name checkpoint.safetensors) ]]; }
for _ in $(seq 600); do half_way && break; kill -0 $job 2>/dev/null || break; sleep 0.05; done
half_way || fail "not both hosts are at work: $(find lost; cat lost.log)"
kill -KILL "${hosts[1]}"
wait $job || fail "the sweep ends with an error: $(cat lost.log)"
grep -q '@host1,[0-9]*: was given up by its process; another one takes it' lost.log || fail "what was lost is not taken up: $(cat lost.log)"
[[ $(find lost -name checkpoint.safetensors | wc -l) == 8 && $(wc -l <lost/grid.csv) == 9 && ! -e lost/tasks ]] || fail "not all runs were made: $(find lost)"
tail -n +2 lost/grid.csv | awk -F, '$4 != 4000 { bad = 1 } END { exit bad }' || fail "runs of other lengths: $(cat lost/grid.csv)"
# They are, to the bit, what each of them is alone.
tensors() { tail -c +$((9 + $(od -An -t u8 -N 8 "$1"))) "$1"; }
for tau in 0.7 0.9; do
  "$tessera" train --algorithm iql --dataset builtin:pendulum-random --env pendulum --steps 4000 --batch 32 --eval-every 400 --eval-episodes 2 --horizon 30 "${nets[@]}" \
    --set actor.beta=1 --set value.tau=$tau --threads 1 --out alone-$tau >/dev/null 2>log || fail "$(cat log)"
  cmp -s <(tensors "lost/actor.beta=1,value.tau=$tau,seed-0/checkpoint.safetensors") <(tensors alone-$tau/checkpoint.safetensors) || fail "the run of $tau is another one than alone"
done
kill -KILL "${hosts[0]}"
[[ $failures == 0 ]]
