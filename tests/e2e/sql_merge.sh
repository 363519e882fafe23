#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What databases get of a store: `runnel-collector export --sql` into SQLite and PostgreSQL by docs/sql/schema.sql. The SQL that merges the integers must
# give what the collector told; a load that is done again, or continued, must change nothing. And the CSV, read by Python.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need_broker
for tool in protoc sqlite3 python3; do
	command -v "$tool" >/dev/null || skip "no $tool here"
done
collector=${RUNNEL_BUILD:-build}/runnel-collector
store=$work/fleet.db

make_broker 'allow_anonymous true'
start_broker
pub() { mosquitto_pub -h 127.0.0.1 -p "$port" -V 5 -q 1 "$@"; }

# send FROM TO: messages of the fleet, by their numbers.
send() {
	local n=0 topic file retain
	while IFS=$'\t' read -r topic file retain; do
		n=$((n + 1))
		if ((n < $1 || n > $2)); then continue; fi
		if ((retain)); then pub -t "$topic" -f "$file" -r; else pub -t "$topic" -f "$file"; fi
	done <"$work/m/messages"
}
mkdir "$work/m"
tests/e2e/collector_fleet.py make pipelines "$work/m"
n_messages=$(wc -l <"$work/m/messages")
send 1 15
"$collector" run --broker "mqtt://127.0.0.1:$port" --json --store "$store" --keep-parts 0 >"$work/told.jsonl" 2>"$work/collector.log" &
pids[collector]=$!
wait_for 20 'the collector' has "$work/collector.log" 'connected'
send 16 25
wait_for 20 'the first parts' test -s "$work/told.jsonl"

export_sql() { "$collector" export --store "$store" --sql "$@"; }

# --- the databases: each is a function that runs SQL from standard input, values separated by | ---
sqlite() { sqlite3 -bail -cmd '.mode list' "$work/copy.db"; }
databases=(sqlite)
bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
as_postgres=() # no function: what runs in the background must be the server itself, to be ended
((EUID != 0)) || as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)
postgres() { psql -h "$work/pg" -U postgres -qAtX -v ON_ERROR_STOP=1; }
if [[ -n $bin ]] && command -v psql >/dev/null; then
	databases+=(postgres)
	mkdir "$work/pg"
	((EUID != 0)) || { chown postgres "$work/pg" && chmod 711 "$work"; }
	cd /
	"${as_postgres[@]}" "$bin/initdb" -D "$work/pg/data" -U postgres -A trust --no-sync --locale=C -E UTF8 >"$work/initdb.log" 2>&1
	"${as_postgres[@]}" "$bin/postgres" -D "$work/pg/data" -k "$work/pg" -c listen_addresses= -c fsync=off >"$work/postgres.log" 2>&1 &
	pids[postgres]=$!
	cd "$root"
	answers() { postgres <<<'SELECT 1' >/dev/null; }
	wait_for 20 PostgreSQL answers
else
	echo 'no PostgreSQL here: SQLite alone'
fi

# load DATABASE: what the store has more than the database.
load() {
	local change id
	change=$("$1" <<<'SELECT COALESCE(MAX(change), 0) FROM kpis;')
	id=$("$1" <<<'SELECT COALESCE(MAX(id), 0) FROM moments;')
	export_sql --rows kpis --after "$change" | "$1"
	export_sql --rows metrics,moments,buckets --after "$id" | "$1"
}
for db in "${databases[@]}"; do
	"$db" <docs/sql/schema.sql
	load "$db"
done

send 26 "$n_messages"
told_all() { [[ $(grep -c '"name":"ratio".*"COMPLETE"' "$work/told.jsonl") -ge 1 && $(grep -c '"PROVISIONAL"' "$work/told.jsonl") -ge 4 ]]; }
wait_for 20 'all KPIs' told_all
sleep 1.5 # one more provisional round
end collector
[[ $status == 0 ]] || fail "the collector ended with $status"

for db in "${databases[@]}"; do
	load "$db"
	"$db" <<<'SELECT * FROM moments ORDER BY site, device, boot, w0, part, definition; SELECT * FROM kpis ORDER BY name, w0;' >"$work/$db.once"
	load "$db"
	export_sql --rows kpis,metrics,moments,buckets | "$db"
	"$db" <<<'SELECT * FROM moments ORDER BY site, device, boot, w0, part, definition; SELECT * FROM kpis ORDER BY name, w0;' >"$work/$db.again"
	diff "$work/$db.once" "$work/$db.again" || fail "$db: loading again changed something"
	"$db" <<-'SQL' >"$work/$db.merged"
		SELECT 'temp_mean', w0, mean FROM fleet WHERE metric = 'temp@1';
		SELECT 'temp_sd', w0, stddev FROM fleet WHERE metric = 'temp@1';
		SELECT 'temp_p95', w0, value FROM fleet_quantiles WHERE metric = 'temp@1' AND p = 0.95;
		SELECT 'lux_p50', w0, value FROM fleet_quantiles WHERE metric = 'lux@1' AND p = 0.5;
		SELECT 'litres', w0 - w0 % 300, SUM(increase) FROM fleet WHERE metric = 'water@1' GROUP BY w0 - w0 % 300;
		SELECT 'kpi ' || name, w0, value FROM kpis;
		SELECT 'version ' || name, w0, version FROM kpis;
	SQL
	python3 - "$work/told.jsonl" "$work/$db.merged" "$db" <<-'PY' || fail "$db: other numbers"
		import json, sys
		last = {}
		for line in open(sys.argv[1]):
		    k = json.loads(line)
		    last[k["name"], k["w0"]] = k
		seen = set()
		for line in open(sys.argv[2]):
		    name, w0, value = line.strip().split("|")
		    if name == "litres" and (name, int(w0)) not in last:
		        continue  # its window is not over
		    k = last[name.split()[-1], int(w0)]
		    if name.startswith("version"):
		        assert int(value) == k["version"], (line, k)
		        continue
		    assert abs(float(value) - k["value"]) <= 1e-12 * abs(k["value"]), (line, k)
		    seen.add((name, w0))
		assert len(seen) == 2 * len(last) - sum(name == "ratio" for name, _ in last), (len(seen), len(last))  # which is no atom
		print(f"{sys.argv[3]}: {len(seen)} values as the collector told them")
	PY
done

# --- CSV ---
"$collector" export --store "$store" --rows features >"$work/features.csv"
"$collector" export --store "$store" --rows moments --site nowhere >"$work/nothing.csv"
[[ $(wc -l <"$work/nothing.csv") == 1 ]] || fail 'rows of a site that is not there'
"$collector" export --store "$store" --rows kpis --from 2025-11-21T04:01:00Z --to 1763697720 >"$work/minute.csv"
python3 - "$work/features.csv" "$work/minute.csv" <<-'PY' || fail 'other rows'
	import csv, sys
	sys.path.insert(0, "tests/e2e")
	import collector_fleet as fleet
	rows = list(csv.DictReader(open(sys.argv[1], newline="")))
	whole = {}
	for device, boot, seq, w, part, own, *rest in fleet.parts():
	    whole.setdefault((device, fleet.T0 + 60 * w), []).extend(own)
	for r in rows:
	    own = whole[r["device"], int(r["w0"])]
	    if r["metric"] == "temp@1":
	        ks = [s[1] for s in own]
	        assert int(r["n"]) == len(ks), r
	        assert abs(float(r["mean"]) - (20 + 0.01 * sum(ks) / len(ks))) < 1e-12, r
	        assert abs(float(r["coverage"]) - len(ks) / 60) < 1e-12, r
	        assert abs(float(r["last"]) - (20 + 0.01 * ks[-1])) < 1e-12, r
	    if r["metric"] == "water@1":
	        assert r["mean"] == "" and float(r["increase"]) > 0 or r["device"] == "north", r
	assert len(rows) == 3 * len(whole), len(rows)
	minute = list(csv.DictReader(open(sys.argv[2], newline="")))
	assert {r["w0"] for r in minute} == {str(fleet.T0 + 60)} and len(minute) == 4, minute
	print(f"{len(rows)} rows of features")
PY

# --- what is wrong is said ---
for wrong in '--rows kpis' "--store $work/none.db --rows kpis" "--store $store --rows kpi" "--store $store --rows kpis,moments" \
	"--store $store --rows features --sql" "--store $store --rows kpis --after x" "--store $store --rows kpis --from yesterday"; do
	read -ra words <<<"$wrong"
	status_of "$collector" export "${words[@]}" >/dev/null 2>"$work/wrong.txt"
	[[ $status == 64 || $status == 66 ]] || fail "export $wrong: exit status $status"
	has "$work/wrong.txt" 'runnel-collector export' || fail "export $wrong: no reason"
done
[[ -z ${pids[postgres]:-} ]] || end postgres INT # a server that is killed leaves its children behind
