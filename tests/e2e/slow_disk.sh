#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A card that takes 1.5 s for each sync, with a window a second: no reading waits for it, windows are complete and arrive once each, though the
# broker refuses KPIs, goes away, and has a config when it is back, which comes with the connection and is taken. A sync of 6 s is told of.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
command -v "${CC:-cc}" >/dev/null || skip 'no C compiler'
command -v minisign >/dev/null || skip 'minisign is not installed'

printf '%s\n' 'topic readwrite #' 'topic deny runnel/1/lab/board-1/kpi/#' >"$work/acl"
make_broker 'allow_anonymous true' "acl_file $work/acl"
sed -i 's/^max_queued_messages 0/max_queued_messages 100000/' "$work/mosquitto.conf" # mosquitto 2.0 with 0 hangs up on whoever it refuses something
start_broker
"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o "$work/slow.so" tests/e2e/slow_disk_shim.c
sync_ms() { echo "$1" >"$work/ms.new" && mv "$work/ms.new" "$work/ms"; }
cat >"$work/config.yaml" <<EOF
device: board-1
site: lab
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/spool.db}
remote_config: {keys: [$work/ops.pub]}
revision: 1
window: 1s
sensors:
  air: {driver: sim, every: 50ms, offset: 20, amplitude: 5, period: 3s}
streams:
  temp: {from: air.value}
kpis:
  mild: {value: mean(temp)}
EOF
minisign -G -W -f -p "$work/ops.pub" -s "$work/ops.key" >/dev/null
{
	printf '%s\n' 'target: lab/board-1' 'revision: 2'
	sed -n '/^window:/,$p' "$work/config.yaml" | sed 's/^sensors:/&\n  oil: {driver: sim, every: 1s}\n  water: {driver: sim, every: 1s}/'
} >"$work/new.yaml"
minisign -S -s "$work/ops.key" -m "$work/new.yaml" >/dev/null 2>&1 </dev/null
sed 's/^/# /' "$work/new.yaml.minisig" >>"$work/new.yaml"

start_beat
listen sub runnel/1/lab/board-1/partial "$work/partials.hex" -F '%x'
sync_ms 0
SHIM_SYNC_MS=$work/ms LD_PRELOAD=$work/slow.so start_agent agent "$work/config.yaml"
partials() { (($(wc -l <"$work/partials.hex") >= $1)); }
wait_for 20 'a first window' partials 1
sync_ms 1500
wait_for 40 'ten windows' partials 10
has "$work/agent.log" 'the broker refused a message' || fail 'the broker refused nothing'
sync_ms 6000
wait_for 40 'a word about the card' has "$work/agent.log" 'the disk of the spool took [6-9]'
sync_ms 1500
pushed=$EPOCHSECONDS
end broker
start_broker
mosquitto_pub -h 127.0.0.1 -p "$port" -q 1 -r -t runnel/1/lab/board-1/config/set -f "$work/new.yaml"
before=$(wc -l <"$work/partials.hex")
wait_for 40 'the config that waited' has "$work/agent.log" 'revision 2 .*active'
wait_for 40 'windows after it' partials $((before + 4))
sync_ms 0
before=$(wc -l <"$work/partials.hex")
wait_for 20 'what waited' partials $((before + 4))
end agent
expect_status 0 'the agent'
end sub

python3 - "$work/partials.hex" "$runnel" "$work/late.txt" "$pushed" <<'EOF' || fail 'a slow card cost readings or windows'
import json, subprocess, sys
rows = []
for line in open(sys.argv[1]):
    rows.append(json.loads(subprocess.run([sys.argv[2], "decode"], input=bytes.fromhex(line.strip()), capture_output=True, check=True).stdout))
seqs = [r["seq"] for r in rows]
assert sorted(set(seqs)) == list(range(1, len(set(seqs)) + 1)), seqs
late = {int(second) for second in open(sys.argv[3])}
w0s = sorted({r["w0"] for r in rows})
assert w0s == list(range(w0s[0], w0s[0] + len(w0s))), w0s
n = {r["w0"]: r["metrics"][0]["n"] for r in rows}
inside = [w for w in w0s[1:] if w not in late and w < int(sys.argv[4]) - 1] # a config is written before it counts, and that takes its time
full = [w for w in inside if n[w] == 20]
print(len(inside), "windows in which the machine did not stand still,", len(full), "of them full;", n)
# Who waits for the card has 1.5 s in which nothing is read, with each window.
assert len(full) * 2 >= len(inside), (inside, full)
EOF
