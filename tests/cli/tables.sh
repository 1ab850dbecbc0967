#!/usr/bin/env bash
# tables.sh TESSERA SOURCE_DIR: a CSV log becomes a trained policy in two commands; what its columns are is said once,
# and remembered.
set -u
# shellcheck source=tests/cli/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# 40 stays of 3 to 7 rows: the drug lowers x by 2, no drug raises it by 1; who ends above 4 dies.
{
  echo "patient_id,hour,x,age,drug,note,gain,died"
  for ((p = 0; p < 40; ++p)); do
    x=$((p % 4)) age=$((50 + p % 7))
    for ((t = 0; t < 3 + p % 5; ++t)); do
      drug=$(((p + t) % 3 == 0))
      next=$((drug ? x - 2 : x + 1)) last=$((t + 1 == 3 + p % 5))
      died=$((last && next > 4))
      echo "p$p,$t,$x.5,$age,$([[ $drug == 1 ]] && echo yes || echo no),\"seen, \"\"well\"\"\",$((last ? (died ? -1 : 1) : 0)),$died"
      x=$next
    done
  done
} >log.csv

refused "log.csv: holds the columns \[patient_id, hour, x, age, drug, note, gain, died\], whose names do not say which of them are what; say it, as in --columns 'episode=patient_id," inspect log.csv
columns=episode=patient_id,step=hour,observation=x:age,action=drug,reward=gain,done=died
"$tessera" inspect log.csv --columns "$columns" >out 2>&1 || fail "inspect: $(cat out)"
grep -q '40 episodes (40 complete)' out && grep -q 'Actions: discrete, 2 of them' out || fail "inspect: $(cat out)"
hash=$(sed -n 's/.*content hash //p' out)

"$tessera" train --algorithm iql --dataset log.csv --columns "$columns" --steps 20 --batch 16 --threads 1 --out run --set critic.net.hidden=8 \
  --set policy.net.hidden=8 --set value.net.hidden=8 >/dev/null 2>log || { cat log; fail train; }
grep -qF "\"dataset\": \"$dir/log.csv?columns=$columns\"" run/config.json || fail "$(cat run/config.json)"
# The run goes on without being told again, also where the log lies elsewhere.
"$tessera" train --resume run --steps 25 >/dev/null 2>log || { cat log; fail resume; }
mkdir elsewhere && mv log.csv elsewhere/other.csv
"$tessera" train --resume run --steps 30 --dataset elsewhere/other.csv >/dev/null 2>log || { cat log; fail "resume with the log elsewhere"; }
refused "there is no such file" train --resume run --steps 35 --dataset absent.csv
mv elsewhere/other.csv log.csv

# Compressed, and with the propensities of its actions.
gzip -k log.csv
[[ $("$tessera" inspect log.csv.gz --columns "$columns" 2>&1 | sed -n 's/.*content hash //p') == "$hash" ]] || fail "log.csv.gz"
awk -F, -v OFS=, 'NR == 1 {print $0, "p"} NR > 1 {print $0, (NR % 3 + 1) / 4}' log.csv >logged.csv
"$tessera" inspect logged.csv --columns "$columns,propensity=p" >out 2>&1 || fail "inspect: $(cat out)"
grep -A1 '^Propensities of the logged actions$' out | grep -q 'min  *0.25  max  *0.75' || fail "propensities: $(cat out)"
"$tessera" inspect logged.csv --columns "$columns,propensity=p" --json | grep -q '"propensity"' || fail "propensities in JSON"
refused "column 'x', row [0-9]* .line [0-9]*.: the propensity is -?[0-9.]*, where the probability of an action" inspect logged.csv \
  --columns "${columns/x:age/age},propensity=x"

# The same by a file, by names alone, in a process of its own.
printf '{"episode": "patient_id", "step": "hour", "observation": ["x", "age"],\n "action": "drug", "reward": "gain", "done": "died"}\n' >columns.json
sed 's/^patient_id,hour,x,age,drug,note,gain,died$/episode,t,obs_x,obs_age,action,note,reward,done/' log.csv >named.csv
hash_of() { "$tessera" inspect "$@" 2>&1 | sed -n 's/.*content hash \([0-9a-f]*\)$/\1/p'; }
[[ $(hash_of log.csv --columns @columns.json) == "$hash" ]] || fail "by a file: $("$tessera" inspect log.csv --columns @columns.json 2>&1)"
[[ $(hash_of named.csv) == "$hash" ]] || fail "by names: $("$tessera" inspect named.csv 2>&1)"
[[ $(hash_of csv:named.csv --untrusted) == "$hash" ]] || fail "untrusted: $("$tessera" inspect csv:named.csv --untrusted 2>&1)"
"$tessera" inspect named.csv | grep -q "warning \[guessed-columns\]: read as --columns 'episode=episode,step=t,observation=obs_x:obs_age,action=action,reward=reward,done=done'" || fail "guessed"

# A dynamics model remembers too.
"$tessera" model train --dataset log.csv --columns "${columns/action=drug/action=x}" --out m --set dynamics.net.hidden=8 --set dynamics.members=2 --set dynamics.elites=1 \
  --set dynamics.max_epochs=1 --threads 1 >/dev/null 2>log && fail "one column for two roles" 
grep -q "column 'x' is named for observation and for action; name it once" log || fail "$(cat log)"
"$tessera" model train --dataset log.csv --columns "$columns" --out m --set dynamics.net.hidden=8 --set dynamics.members=2 --set dynamics.elites=1 \
  --set dynamics.max_epochs=1 --threads 1 >/dev/null 2>log || { cat log; fail "model train"; }
"$tessera" model inspect m --horizon 1 >out 2>log || { cat log; fail "model inspect"; }

refused "log.csv: missing=middle: write error, drop-episode" inspect log.csv --columns "$columns" --missing middle
refused "actions cannot be continuous: one is called 'no'" inspect log.csv --columns "$columns" --actions continuous
refused "column 'note' holds texts|column 'note': .* is not a number" inspect log.csv --columns "${columns/x:age/x:note}"
[[ $failures == 0 ]] && echo "all as it should be"
[[ $failures == 0 ]] || exit 1
