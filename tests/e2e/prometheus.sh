#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# /metrics of a collector, read by the parser of Prometheus's own Python library, against what the collector told.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/sinks_lib.sh
. "$(dirname "$0")/sinks_lib.sh"
need_broker
for tool in protoc python3 curl; do
	command -v "$tool" >/dev/null || skip "no $tool here"
done
/usr/bin/python3 -c 'import prometheus_client.openmetrics.parser' 2>/dev/null || skip 'no prometheus_client for Python here'
! "$collector" run --http 127.0.0.1:0 --seconds 0 2>&1 | grep -qi 'built without' || skip 'built without libmicrohttpd'
export no_proxy=127.0.0.1

make_fleet
http_port=$(free_port)
send_up_to 15
"$collector" run --broker "mqtt://127.0.0.1:$port" --json --store "$store" --keep-parts 0 --http "127.0.0.1:$http_port" \
	--sink "influx url=http://127.0.0.1:$(free_port) database=x" >"$work/told.jsonl" 2>"$work/collector.log" &
pids[collector]=$!
wait_for 20 'the collector' has "$work/collector.log" 'connected'
send_up_to "$n_messages"
told_all() { [[ $(grep -c '"name":"ratio".*"COMPLETE"' "$work/told.jsonl") -ge 1 && $(grep -c '"PROVISIONAL"' "$work/told.jsonl") -ge 4 ]]; }
wait_for 20 'all KPIs' told_all
sleep 1.5
curl -sf -D "$work/head.txt" "http://127.0.0.1:$http_port/metrics" >"$work/metrics.txt"
has "$work/head.txt" '^[Cc]ontent-[Tt]ype: application/openmetrics-text; version=1.0.0; charset=utf-8' || fail 'another type'
end collector
/usr/bin/python3 - "$work" <<-'PY' || fail 'other numbers'
	import json, sys
	from prometheus_client.openmetrics.parser import text_string_to_metric_families
	work = sys.argv[1]
	families = {f.name: f for f in text_string_to_metric_families(open(f"{work}/metrics.txt").read())}
	newest = {}
	for line in open(f"{work}/told.jsonl"):
	    k = json.loads(line)
	    if k["w0"] >= newest.get(k["name"], k)["w0"]:
	        newest[k["name"]] = k
	def samples(name):
	    return {tuple(sorted(s.labels.items())): s.value for s in families[name].samples}
	value = {dict(labels)["kpi"]: v for labels, v in samples("runnel_kpi_value").items()}
	assert value == {name: k["value"] for name, k in newest.items()}, (value, newest)
	for name, key in (("samples", "n"), ("expected_samples", "expected"), ("window_begin_seconds", "w0"), ("complete_devices", "complete_devices")):
	    got = {dict(labels)["kpi"]: v for labels, v in samples(f"runnel_kpi_{name}").items()}
	    assert got == {n: k[key] for n, k in newest.items()}, (name, got)
	assert sum(samples("runnel_device_online").values()) == 5
	fates = {dict(labels)["fate"]: v for labels, v in samples("runnel_partials").items()}
	assert fates["merged"] == 31 and fates["duplicate"] == 8 and fates["bad"] == 0, fates
	assert samples("runnel_sink_up") == {(("kind", "influx"), ("sink", "influx")): 0.0}
	assert list(samples("runnel_sink_behind_rows").values())[0] >= len(newest)
	assert families["runnel_device_watermark_seconds"].unit == "seconds" and all(f.documentation and f.type for f in families.values())
	print(f"{len(families)} families")
PY
