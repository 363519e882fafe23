#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An outage in which the agent is killed, twice, and started again while there is still no broker: every window that was
# closed arrives, once per key; a message asked for again comes with the same bytes; nothing is asked of the disk that it does not keep.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker

make_broker 'allow_anonymous true'
keep_for_watcher
config() { # DEVICE SPOOL
	cat <<EOT
device: $1
site: lab
window: 1s
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $2}
sensors:
  air: {driver: sim, unit: Cel, every: 50ms, offset: 20, amplitude: 5, period: 3s}
streams:
  temp: {from: air.value, quantiles: true}
EOT
}
config board-1 "$work/new/spool.db" >"$work/config.yaml"
decoded() {
	awk '$1 == "runnel/1/lab/board-1/partial" { print $3 }' "$work/messages.txt" | while read -r hex; do
		tr a-f A-F <<<"$hex" | basenc --base16 -d | "$runnel" decode
	done
}

# waiting N: so many windows are on the disk.
waiting() { "$runnel" status -c "$work/config.yaml" | awk -v n="$1" '/^spool / { found = $2 >= n } END { exit !found }'; }
start_agent first "$work/config.yaml"
wait_for 20 'windows of the first start' waiting 4
sleep 0.5
end first KILL
start_agent second "$work/config.yaml"
wait_for 20 'windows of the second start' waiting 7

# A second agent on the same spool is refused, with the reason, and harms nothing.
start_agent rival "$work/config.yaml"
wait_for 10 'the rival to end' is_over rival
end rival
((status != 0)) || fail 'two agents on one spool'
has "$work/rival.log" 'another agent is using it' || fail 'the rival does not say why'

end second KILL
start_agent third "$work/config.yaml"
start_broker
start_watcher
n_of_boots() { decoded | jq .boot | sort -u | wc -l; }
has_all_boots() { (($(n_of_boots) == 3)); }
wait_for 30 'partials of all three starts' has_all_boots
is_drained() { retained_has runnel/1/lab/board-1/status '"rows":0'; }
sleep 2
end third
wait_for 20 'the good-bye' retained_has runnel/1/lab/board-1/status '"state":"offline"'
is_drained || fail "something waits still: $(retained runnel/1/lab/board-1/status)"
sleep 0.5
decoded >"$work/partials.json"
python3 - "$work/partials.json" <<'EOT' || fail 'windows were lost or doubled'
import collections, json, sys
boots, keys = collections.defaultdict(set), {}
for line in open(sys.argv[1]):
    p = json.loads(line)
    boots[p["boot"]].add(p["seq"])
    key = p["boot"], p["w0"], p["wl"], p["part"]
    assert keys.setdefault(key, line) == line, ("other bytes for", key)
assert len(boots) == 3, boots
for boot, seqs in boots.items():
    assert seqs == set(range(1, len(seqs) + 1)), ("a gap in", boot, seqs)
sizes = [len(boots[b]) for b in sorted(boots)]
# What was on the disk when they were killed, but for one of a batch in hand.
assert sizes[0] >= 3 and sizes[1] >= 2, sizes
print(sizes, "windows of three starts")
EOT

# --- commands, the first while nobody is there to hear it; a twin ---
say() { mosquitto_pub -h 127.0.0.1 -p "$port" -q 1 -t runnel/1/lab/board-1/cmd -m "$1"; }
answered() {
	awk '$1 == "runnel/1/lab/board-1/cmd/answer" { print $3 }' "$work/messages.txt" | tr a-f A-F | basenc --base16 -di | grep -q -e "$1"
}
say '{"cmd": "flush", "id": "away"}'
start_agent fourth "$work/config.yaml"
wait_for 20 'the fourth start online' retained_has runnel/1/lab/board-1/status '"state":"online"'
wait_for 20 'the answer to what was asked in its absence' answered '"id":"away","state":"done"'
before=$(wc -l <"$work/messages.txt")
third_boot=$(jq .boot "$work/partials.json" | sort -u | tail -n 1)
say "{\"cmd\": \"resend\", \"id\": \"a\", \"boot\": $third_boot, \"from\": 1, \"to\": 2}"
wait_for 20 'the answer to resend' answered '"id":"a","messages":2,"state":"done"'
again() { tail -n +"$((before + 1))" "$work/messages.txt" | grep -c 'board-1/partial' || true; }
is_again() {
	tail -n +"$((before + 1))" "$work/messages.txt" | awk '$1 ~ /partial$/ { print $3 }' | while read -r hex; do
		tr a-f A-F <<<"$hex" | basenc --base16 -d | "$runnel" decode
	done | jq -c "select(.boot == $third_boot) | .seq" | sort -u | tr '\n' ' ' | grep -qx '1 2 '
}
wait_for 20 'messages 1 and 2 again' is_again
say '{"cmd": "resend", "id": "b", "boot": 5, "from": 1, "to": 2}'
wait_for 20 'the answer to a resend of what is gone' answered '"id":"b","state":"failed","reason":"none of these'
say '{"cmd": "flush", "id": "c"}'
wait_for 20 'the answer to flush' answered '"id":"c","state":"done"'
say '{"cmd": "birth", "id": "d"}'
wait_for 20 'the answer to birth' answered '"id":"d","state":"done"'
say '{"cmd": "reboot", "id": "e"}'
wait_for 20 'the answer to nonsense' answered '"id":"e","state":"failed","reason":"cmd: expected'
say 'no json {'
is_alive fourth || fail 'a command ended the agent'

config board-1 "$work/copy.db" >"$work/copy.yaml"
start_agent twin "$work/copy.yaml"
wait_for 60 'one of the twins to notice' grep -q 'another device has the name lab/board-1' "$work/fourth.log" "$work/twin.log"
end twin
end fourth
expect_status 0 'the fourth start'
