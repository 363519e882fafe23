#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fleet KPIs and parts into a real InfluxDB, which is not there at first and is killed in the middle, by a collector that is killed in the middle: nothing
# is lost, nothing counts twice, and the collector's own work never waits. Sums over the parts by InfluxQL are what the fleet's samples give.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/sinks_lib.sh
. "$(dirname "$0")/sinks_lib.sh"
need_broker
for tool in protoc sqlite3 python3 curl influxd; do
	command -v "$tool" >/dev/null || skip "no $tool here"
done
export no_proxy=127.0.0.1
if "$collector" run --help | grep -q 'influx: .*built without'; then
	"$collector" run --store "$store" --sink 'influx database=plant' 2>"$work/wrong.txt" && fail 'a sink that is not there'
	has "$work/wrong.txt" 'built without libcurl' || fail 'it does not say what is missing'
	skip 'built without libcurl'
fi

influx_port=$(free_port)
rpc_port=$(free_port)
cat >"$work/influxdb.conf" <<CONF
reporting-disabled = true
bind-address = "127.0.0.1:$rpc_port"
[meta]
  dir = "$work/influx/meta"
[data]
  dir = "$work/influx/data"
  wal-dir = "$work/influx/wal"
[http]
  bind-address = "127.0.0.1:$influx_port"
  log-enabled = false
[monitor]
  store-enabled = false
CONF
start_influx() {
	influxd -config "$work/influxdb.conf" >>"$work/influxd.log" 2>&1 &
	pids[influx]=$!
	wait_for 30 InfluxDB curl -sf "http://127.0.0.1:$influx_port/ping"
}
# ask QUERY: the answer's JSON.
ask() { curl -sf -G "http://127.0.0.1:$influx_port/query" --data-urlencode db=plant --data-urlencode epoch=s --data-urlencode "q=$1"; }
specs=("influx url=http://127.0.0.1:$influx_port database=plant rows=both" "influx name=nobody url=http://127.0.0.1:$(free_port)/ database=plant")

make_fleet
send_up_to 15
start_collector "${specs[@]}"
wait_for 20 'the collector' has "$work/collector.log" 'connected'
send_up_to 25
wait_for 20 'parts, while nobody takes them' stored 'SELECT COUNT(*) FROM part' 4
wait_for 20 'the news that InfluxDB is away' has "$work/collector.log" 'sink influx: .*trying on'
start_influx
wait_for 20 'the news that the database is not there' has "$work/collector.log" 'sink influx: HTTP 404'
curl -sf -X POST "http://127.0.0.1:$influx_port/query" --data-urlencode 'q=CREATE DATABASE plant' >/dev/null
wait_for 20 'what waited' is_even influx
has "$work/collector.log" 'sink influx: works' || fail 'it does not say that it works'

end influx KILL
send_up_to 40
wait_for 20 'parts, while InfluxDB is killed' stored 'SELECT COUNT(*) FROM part' 12
end collector KILL
start_influx
start_collector "${specs[@]}"
send_up_to "$n_messages"
told_all() { [[ $(grep -c '"name":"ratio".*"COMPLETE"' "$work/told.jsonl") -ge 1 ]] && stored 'SELECT COUNT(*) FROM kpi' 26; }
wait_for 20 'all KPIs' told_all
sleep 1.5 # one more provisional round
wait_for 20 'the rest' is_even influx
# Killed before the cursor was written: the same rows come again.
end collector KILL
sqlite3 "$store" "UPDATE number SET value = value / 2 WHERE key LIKE 'sink influx%'"
start_collector "${specs[@]}"
wait_for 20 'what was taken before, again' is_even influx
started=$(now_ms)
end collector
[[ $status == 0 ]] || fail "the collector ended with $status"
(($(now_ms) - started < 5000)) || fail 'a sink that is away keeps the collector from ending'

export_truth "$work"
ask 'SELECT * FROM runnel_kpi GROUP BY site, kpi, wl' >"$work/kpis.json"
ask 'SELECT * FROM runnel_part GROUP BY site, device, metric, wl, boot, part' >"$work/parts.json"
ask "SELECT sum(n) AS n, sum(s1)*0.01/sum(n)+20 AS mean, 0.01*sqrt((sum(s2)-sum(s1)*sum(s1)/sum(n))/(sum(n)-1)) AS sd, max(max) AS high
	FROM runnel_part WHERE metric = 'temp@1' AND time >= 1763697600s AND time < 1763697960s GROUP BY time(1m)" >"$work/merged.json"
python3 - "$work" <<-'PY' || fail 'other numbers'
	import csv, json, statistics, sys
	sys.path.insert(0, "tests/e2e")
	import collector_fleet as fleet
	work = sys.argv[1]
	def points(name):
	    for series in json.load(open(f"{work}/{name}.json"))["results"][0]["series"]:
	        for values in series["values"]:
	            yield {**series.get("tags", {}), **dict(zip(series["columns"], values))}
	kpis = {(p["site"], p["kpi"], p["wl"], str(p["time"])): p for p in points("kpis")}
	rows = list(csv.DictReader(open(f"{work}/kpis.csv", newline="")))
	assert len(rows) == len(kpis) >= 26, (len(rows), len(kpis))
	for r in rows:
	    p = kpis[r["site"], r["name"], r["wl"], r["w0"]]
	    assert float(r["value"]) == p["value"] and not p["missing"], (r, p)
	    for name in ("n", "expected", "devices", "expected_devices", "complete_devices", "version"):
	        assert int(r[name]) == p[name], (name, r, p)
	    assert r["state"] == p["state"] and r["unit"] == p["unit"], (r, p)
	parts = list(points("parts"))
	moments = list(csv.DictReader(open(f"{work}/moments.csv", newline="")))
	assert len(parts) == len(moments) == 3 * len(list(fleet.parts())), (len(parts), len(moments))
	for p in points("merged"):
	    own = [20 + s[1] / 100 for s in fleet.window_samples(p["time"], 60)]
	    assert p["n"] == len(own) and abs(p["mean"] - statistics.mean(own)) < 1e-9, p
	    assert abs(p["sd"] - statistics.stdev(own)) < 1e-9 and abs(p["high"] - max(own)) < 1e-9, p
	print(f"{len(kpis)} KPIs, {len(parts)} parts, as the store has them")
PY
