#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `runnel status` asks the agent that runs: tables and JSON; nobody there, no right to ask, somebody who asks and does not listen.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"

chmod 755 "$work"
cat >"$work/config.yaml" <<EOF
device: board-1
site: lab
window: 1s
mqtt: {broker: "mqtt://127.0.0.1:1"}
spool: {path: $work/state/spool.db}
sensors:
  air: {driver: sim, unit: Cel, every: 100ms, offset: 21}
  gone: {driver: bme280, bus: i2c-99, every: 100ms}
streams:
  temp: {from: air.value}
EOF
ask() { status_of "$runnel" status -c "$work/config.yaml" "$@" >"$work/out" 2>"$work/err"; }

ask
expect_status 69 'nobody there'
has "$work/err" 'no agent runs with this config' || fail "nobody there: $(cat "$work/err")"

start_agent agent "$work/config.yaml"
answers() { "$runnel" status -c "$work/config.yaml" >"$work/out" 2>/dev/null && grep -q '^temp  *2' "$work/out"; }
wait_for 20 'an answer' answers
for words in '^board-1 at lab, runnel ' '^clock ' '^broker  mqtt://127.0.0.1:1, ' '^spool   .* 0 lost' '^air  *sim  *ok' \
	'^gone  *bme280  *fault' '^temp  *[0-9.]*  *Cel'; do
	has "$work/out" "$words" || fail "no '$words' in: $(cat "$work/out")"
done
ask --json
expect_status 0 'JSON'
python3 - "$work/out" <<'EOF' || fail "JSON: $(cat "$work/out")"
import json, sys
s = json.load(open(sys.argv[1]))
assert s["state"] == "offline" and s["sensors"]["air"]["state"] == "ok" and s["sensors"]["gone"]["state"] == "fault", s
assert s["spool"]["rows"] >= 0 and s["clock"]["state"], s
EOF

# Only the agent's own user and root.
if ((EUID == 0)) && command -v setpriv >/dev/null; then
	chmod 755 "$work/state"
	install -m 755 "$runnel" "$work/runnel"
	status_of setpriv --reuid 65534 --regid 65534 --clear-groups "$work/runnel" status -c "$work/config.yaml" >"$work/out" 2>"$work/err"
	expect_status 69 'another user'
	has "$work/err" "only the agent's own user" || fail "another user: $(cat "$work/err")"
fi

# Twenty that connect and never read: the agent goes on, and answers the next.
cat >"$work/idle.py" <<'EOF'
import socket, sys, time
kept = []
for _ in range(20):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    kept.append(s)
open(sys.argv[2], "w").close()
time.sleep(30)
EOF
python3 "$work/idle.py" "$work/state/spool.db.sock" "$work/connected" &
pids[idle]=$!
wait_for 10 'twenty others' test -e "$work/connected"
wait_for 10 'an answer besides' answers
end idle

# Killed: the socket that is left behind is nobody, and the next start takes its place.
end agent KILL
ask
expect_status 69 'a socket left behind'
start_agent agent "$work/config.yaml"
wait_for 20 'an answer of the next' answers
end agent
[[ ! -e $work/state/spool.db.sock ]] || fail 'the socket is left behind'

status_of "$runnel" status -c "$work/config.yaml" more 2>/dev/null
expect_status 64 'one argument more'
