#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An agent is replaced by another version under its feet, as dpkg does it: a new file takes the name, the old program is asked to end, the
# new one starts. With the broker there and without it, every window arrives once, no number is missing, and what nobody measured is told.
# Then the way back, to a program that does not know what the newer one has left: it says so, changes not a byte of it, and goes on without.
# The collector, which is nothing without its store, ends with a status after which systemd does not try again.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
for tool in sqlite3 python3; do
	command -v $tool >/dev/null || skip "no $tool"
done
collector=$(dirname "$runnel")/runnel-collector

# Two versions that differ in their name, which is of the same length, and in nothing else.
version=$("$runnel" --version)
version=${version#runnel }
mkdir "$work/bin"
cp "$runnel" "$work/old"
sed "s/${version//./\\.}/9${version:1}/g" "$runnel" >"$work/new"
chmod +x "$work/new"
[[ $("$work/new" --version) == "runnel 9${version:1}" ]] || fail "the other version is $("$work/new" --version)"
install_as_dpkg() {
	cp "$work/$1" "$work/bin/runnel.dpkg-new"
	mv -f "$work/bin/runnel.dpkg-new" "$work/bin/runnel"
}
install_as_dpkg old
runnel_old=$runnel runnel=$work/bin/runnel

make_broker 'allow_anonymous true'
keep_for_watcher
cat >"$work/config.yaml" <<EOF_YAML
device: board-1
site: lab
clock: {trust: always}
window: 1s
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/spool/spool.db}
sensors:
  air: {driver: sim, unit: Cel, every: 50ms, offset: 20, amplitude: 5, period: 3s}
streams:
  temp: {from: air.value, hold: 5s}
kpis:
  level: mean(temp)
EOF_YAML
status_says() { retained_has runnel/1/lab/board-1/status "$1"; }
nothing_waits() { "$runnel" status -c "$work/config.yaml" | grep -qE '^spool +0 messages wait'; }
something_waits() { "$runnel" status -c "$work/config.yaml" | grep -qE '^spool +[2-9][0-9]* messages wait'; }
n_partials() { grep -c 'board-1/partial' "$work/messages.txt" || true; }
more_than() { (($(n_partials) > $1)); }
start_board() {
	start_agent agent "$work/config.yaml"
	wait_for 20 'the agent' has "$work/agent.log" 'connected'
	cat "$work/agent.log" >>"$work/all.log"
}
# upgrade VERSION: the program alone, then what the maintainer's script asks systemd for.
upgrade() {
	install_as_dpkg "$1"
	sleep 1 # of other packages; the old one runs on
	end agent
	expect_status 0 'the agent that was replaced'
	cat "$work/agent.log" >>"$work/all.log"
	start_agent agent "$work/config.yaml"
}

start_broker
start_watcher
"$collector" run --json --broker "mqtt://127.0.0.1:$port" --store "$work/fleet.db" --client-id fleet >"$work/told.jsonl" 2>"$work/collector.log" &
pids[collector]=$!
start_board
wait_for 30 'windows of the first' more_than 3
upgrade new
wait_for 30 'windows of the second' more_than $(($(n_partials) + 3))
retained runnel/1/lab/board-1/birth | grep -q "\"agent\":\"9${version:1}\"" || fail 'the new version has not begun'

# The same while nobody listens: both sides of it are in the spool, and come.
end broker
sleep 2
upgrade old
sleep 2
start_broker
wait_for 70 'the backlog' nothing_waits
wait_for 30 'windows after it' more_than $(($(n_partials) + 2))
end agent
expect_status 0 'the agent'
is_last_there() { python3 -B tests/e2e/upgrade.py "$runnel_old" "$work" 3 >"$work/check.log" 2>&1; }
wait_for 20 'the last window' is_last_there
tail -n 1 "$work/check.log"

# --- downgrade ---
# A newer version has windows in its spool, and no time to put it in order.
end broker
start_agent agent "$work/config.yaml"
wait_for 20 'the agent alone' has "$work/agent.log" 'cannot connect'
wait_for 20 'windows that wait' something_waits
end agent KILL
cat >"$work/raise.py" <<'EOF_PY'
import os, signal, sqlite3, sys
# A change that is in the write-ahead log alone, as when a program is killed.
db = sqlite3.connect(sys.argv[1], isolation_level=None)
assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
db.execute(f"PRAGMA user_version = {sys.argv[2]}")
os.kill(os.getpid(), signal.SIGKILL)
EOF_PY
(python3 -B "$work/raise.py" "$work/spool/spool.db" 2 || true) 2>/dev/null
bytes_of() { (cd "${1%/*}" && sha256sum "${1##*/}" "${1##*/}-wal"); }
[[ -s $work/spool/spool.db-wal ]] || fail 'the newer version has left no write-ahead log'
bytes_of "$work/spool/spool.db" >"$work/before.txt"
start_broker
start_board
before=$(n_partials)
wait_for 30 'windows without a spool' more_than $((before + 3))
has "$work/agent.log" 'spool.db: it was written by a newer version, or by another program, and is left alone; undelivered data are in memory only' ||
	fail "of a newer spool it says: $(grep spool "$work/agent.log")"
(($(grep -c 'newer version' "$work/agent.log") == 1)) || fail 'it repeats itself'
"$runnel" status -c "$work/config.yaml" >"$work/status.txt" || fail 'no status'
has "$work/status.txt" 'newer version' || fail "status says: $(cat "$work/status.txt")"
wait_for 10 'the status' status_says '"on_disk":false,"problem":"it was written by a newer version'
end agent
expect_status 0 'the agent with a newer spool'
bytes_of "$work/spool/spool.db" | diff "$work/before.txt" - || fail 'the spool of a newer version is not what it was'

# And up again: what was kept is delivered.
sqlite3 "$work/spool/spool.db" 'PRAGMA user_version = 1'
start_board
has "$work/agent.log" 'spool.db' && fail "of its own spool it says: $(grep spool.db "$work/agent.log")"
wait_for 40 'what was kept' nothing_waits
end agent
is_all_there() { python3 -B tests/e2e/upgrade.py "$runnel_old" "$work" 6 >"$work/check.log" 2>&1; }
wait_for 40 'everything after a downgrade' is_all_there
tail -n 1 "$work/check.log"

# --- the collector ---
end collector
expect_status 0 'the collector'
sqlite3 "$work/fleet.db" 'PRAGMA user_version = 99' 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
sha256sum "$work/fleet.db" >"$work/before.txt"
status_of timeout 20 "$collector" run --json --broker "mqtt://127.0.0.1:$port" --store "$work/fleet.db" >/dev/null 2>"$work/newer.log"
expect_status 78 'a collector with a newer store'
(($(wc -l <"$work/newer.log") == 1)) || fail "it says: $(cat "$work/newer.log")"
has "$work/newer.log" 'fleet.db: it was written by another version, or by another program, and is left alone' || fail "it says: $(cat "$work/newer.log")"
status_of "$collector" query --store "$work/fleet.db" 'mean(temp)' >/dev/null 2>"$work/query.log"
expect_status 74 'a query in a newer store'
has "$work/query.log" 'another version' || fail "query says: $(cat "$work/query.log")"
sha256sum "$work/fleet.db" | diff "$work/before.txt" - || fail 'the store of a newer version is not what it was'
for unit in runnel runnel-collector; do
	grep -qx 'RestartPreventExitStatus=64 78' systemd/$unit.service || fail "$unit.service starts again what only a person can mend"
done
