#!/usr/bin/env bash
# report.sh TESSERA SOURCE [browser]: the pages of `tessera report` show what the runs' folders hold, whatever is written
# in them; broken folders are one line, and nothing is written.  Where the third argument is `browser`: as a browser opens them.
set -eu
tessera=$1 check=$2/tests/cli/report_page.py browser=
if [[ ${3:-} == browser ]]; then
  for name in "${TESSERA_BROWSER:-}" chromium chromium-browser google-chrome; do
    [[ -n $name ]] && browser=$(command -v "$name") && break
  done
  [[ -n $browser ]] || { echo "skipped: no chromium here"; exit 0; }
fi
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
cd "$dir"
fail() { echo "FAILED: $*"; exit 1; }
tessera() { "$tessera" "$@" >out.json 2>log || { cat log; fail "$*"; }; }
small=(--threads 1 --set policy.net.hidden=16 --set critic.net.hidden=16)
iql=(train --algorithm iql --steps 60 --eval-every 20 --eval-episodes 2 --report-every 10 "${small[@]}" --set value.net.hidden=16)

# Data whose name is markup, in folders: a name cannot hold a slash.
evil='<script>alert(1)</script>&"'"'"
mkdir '<script>alert(1)<'
tessera convert builtin:pendulum-mixed "$evil.h5" --to d4rl
tessera "${iql[@]}" --dataset "$evil.h5" --env pendulum --out evil
tessera "${iql[@]}" --dataset builtin:pendulum-mixed --env pendulum --out seed0
tessera "${iql[@]}" --dataset builtin:pendulum-mixed --env pendulum --seed 1 --out seed1
tessera "${iql[@]}" --dataset builtin:pendulum-mixed --env pendulum --set actor.beta=7 --out beta
tessera "${iql[@]}" --dataset builtin:pendulum-mixed --out blind
tessera finetune seed0 --online-steps 60 --random-steps 20 --eval-every 20 --threads 1 --out online
tessera train --algorithm sac --env pendulum --online-steps 60 --random-steps 30 --eval-every 20 --eval-episodes 2 "${small[@]}" --out nothing
# Findings and metrics of such names: as another program, or another reader of data, may have written them.
python3 - <<'END'
import json
config = json.load(open("evil/config.json"))
config["findings"] = [{"name": "<b onclick=alert(3)>", "message": "column '</style><script>alert(4)</script>' & \"more\""},
                      {"name": "odd", "message": "]]> --> <!-- &lt; &#x3c;script&#x3e;"}]
config["chosen"] = [{"key": "data.standardize", "value": True, "reason": "<img src=x onerror=alert(5)>"}]
json.dump(config, open("evil/config.json", "w"))
rows = open("evil/metrics.csv").read().split("\n")
rows[0] = rows[0].replace("critic/td", "\"'><script>alert(6)</script><svg onload=alert(7)>")
open("evil/metrics.csv", "w").write("\n".join(rows))
END

pages=(evil seed0 blind online nothing 'seed0 seed1' 'seed0 seed1 beta' 'evil seed0 blind online nothing')
number=0
for runs in "${pages[@]}"; do
  number=$((number + 1))
  # shellcheck disable=SC2086
  tessera report $runs --out "$number.html"
  [[ $(cat log) =~ ^report:\ $number\.html,\ [0-9]+\ charts?$ && ! -s out.json ]] || fail "$(cat log out.json)"
  # shellcheck disable=SC2086
  python3 "$check" "$number.html" $runs || fail "report $runs"
done
has() { grep -qF -- "$2" "$1" || fail "$1: not there: $2"; }
hasnt() { ! grep -qF -- "$2" "$1" || fail "$1: is there: $2"; }
has 1.html '&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;.h5'
has 2.html 'behavior policy (data)'
has 3.html 'trained without an environment: there are no returns'
has 4.html 'online from here' && hasnt 2.html 'online from here' && hasnt 5.html 'online from here'
has 4.html 'online.steps' && has 5.html 'the run&#39;s own first steps: it has no log'
# The mean over seeds, and their standard deviation: of two numbers, the difference over the root of two.
python3 - <<'END' || fail "the mean over seeds"
import csv, math, re
last = []
for run in ("seed0", "seed1"):
    with open(run + "/metrics.csv") as file:
        last.append([float(row["return_mean"]) for row in csv.DictReader(file) if row["return_mean"]][-1])
text = open("6.html").read()
row = re.search(r'<tr class="mean">.*', text).group()
mean, std = (float(x) for x in re.findall(r'data-value="([^"]*)"', row))
assert "iql, mean of 2 seeds" in row, row
assert math.isclose(mean, sum(last) / 2) and math.isclose(std, abs(last[0] - last[1]) / math.sqrt(2)), (mean, std, last)
END
# What differs: in the table, and nothing else; the default is not marked as a change.
python3 - <<'END' || fail "the settings that differ"
import re
table = re.search(r'<table id="differences">(.*?)</table>', open("7.html").read(), re.S).group(1)
rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)][1:]
assert rows == [["actor.beta", "3", '<span class="changed">7</span>']], rows
END
has 7.html 'actor.beta=3, 2 seeds' && has 7.html 'actor.beta=7'

if [[ -n $browser ]]; then
  opened() { # PAGE: the page as the browser has it after its script has run; what the browser reports of it is in `console`
    timeout 100 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$dir/profile" --enable-logging=stderr --log-level=0 \
      --virtual-time-budget=3000 --dump-dom "file://$dir/$1" 2>console
  }
  # A pointer over the middle of the first chart.
  probe='<script>var c = document.querySelector("svg.chart").getBoundingClientRect();
    document.querySelector("svg.chart").dispatchEvent(new PointerEvent("pointermove", {clientX: c.left + c.width / 2, clientY: c.top + 50}));
    var b = document.querySelector(".legend button"); if (b) b.click();</script></body>'
  for page in $(seq $number); do
    sed "s#</body>#$(tr -d '\n' <<<"$probe")#" "$page.html" >probed.html
    opened probed.html >dom || fail "$page.html: $(tail -5 console)"
    ! grep CONSOLE console || fail "$page.html: the console is not empty"
    curves=$(grep -o 'class="curve"' "$page.html" | wc -l)
    [[ $curves -gt 2 && $(grep -o 'class="curve"' dom | wc -l) == "$curves" ]] || fail "$page.html: $curves curves are not in the DOM"
    grep -q '<div class="tip" style="left: [0-9.]*px; top: [0-9.]*px;"><span class="quiet">[0-9,]*</span><div>' dom || fail "$page.html: no value under the pointer"
    [[ $page -lt 6 ]] || grep -q 'class="line c0[^"]* off"' dom || fail "$page.html: a click hides no run"
  done
  # A page that is wrong is seen.
  sed 's#</body>#<script>nothing.there();</script></body>#' 1.html >wrong.html
  opened wrong.html >dom
  grep -q 'CONSOLE.*nothing is not defined' console || fail "an error in a page is not seen"
  echo "$number pages in $browser"
  exit 0
fi

# refused PATTERN ARGS...: exit code 2, one line, and nothing is written.
refused() {
  local pattern=$1 rc=0 before
  shift
  before=$(find . -type f -exec cksum {} + | sort)
  local out
  out=$("$tessera" report "$@" 2>&1) || rc=$?
  [[ $rc == 2 && $out != *$'\n'* && $out =~ ^tessera:\ error:\ .*$pattern ]] || fail "report $*: $rc, $out; wanted $pattern"
  [[ $before == "$(find . -type f -exec cksum {} + | sort)" ]] || fail "report $*: something was written"
}
mkdir empty half broken odd
cp seed0/config.json half/
cp seed0/config.json seed0/metrics.csv broken/ && sed -i '3s/.*/10,x/' broken/metrics.csv
cp seed0/metrics.csv odd/ && sed 's/"steps": 60/"steps": "many"/' seed0/config.json >odd/config.json
refused 'absent: there is no such folder' absent --out x.html
refused 'absent: there is no such folder' seed0 absent --out 1.html
refused 'empty/config.json: is missing' seed0 empty --out x.html
refused 'half/metrics.csv: is missing' half --out x.html
refused 'broken/metrics.csv: line 3 cannot be read' broken --out x.html
refused 'odd/config.json: steps is "many", and must be a whole number' odd --out x.html
refused 'seed0/: is given twice' seed0 ./seed0/ --out x.html
refused "'x.txt' does not end in .html" seed0 --out x.txt
refused 'nowhere: there is no such folder' seed0 --out nowhere/x.html
printf 'updates\n' >half/metrics.csv
refused 'half/metrics.csv: does not begin with the names of its columns' half --out x.html
mkdir folder.html
refused 'folder.html: names a folder' seed0 --out folder.html
rmdir folder.html
# A run that diverged before its first checkpoint, and one that a signal ended: still a page, which says so.
mkdir diverged && cp seed0/config.json seed0/metrics.csv diverged/
sed -i '$d' diverged/metrics.csv
tessera report diverged --out d.html
has d.html 'stopped at 50 of 60 updates, without a checkpoint'
echo "$number pages"
