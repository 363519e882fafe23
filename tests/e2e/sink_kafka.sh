#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fleet KPIs and parts to a Kafka cluster (librdkafka's mock of one), whose brokers go away in the middle and answer with errors, by a collector that is
# killed in the middle. Read back by kcat: every part with the bytes the device sent, every KPI in its last version, the contracts; the same again as JSON.
# Only what was on its way when the collector was killed is there twice, under the same key.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/sinks_lib.sh
. "$(dirname "$0")/sinks_lib.sh"
need_broker
for tool in protoc sqlite3 python3 kcat; do
	command -v "$tool" >/dev/null || skip "no $tool here"
done
! "$collector" run --help | grep -q 'kafka: .*built without' || skip 'built without librdkafka'

mkfifo "$work/orders"
tests/e2e/kafka_mock.py runnel.kpi runnel.partial runnel.contract parts.json <"$work/orders" >"$work/brokers.txt" 2>"$work/kafka.log" &
pids[kafka]=$!
exec 7>"$work/orders"
order() { printf '%s\n' "$@" >&7; }
wait_for 20 'the mock cluster' test -s "$work/brokers.txt"
brokers=$(cat "$work/brokers.txt")
printf '# more for librdkafka\ncompression.type=lz4\nreconnect.backoff.max.ms=500\n' >"$work/kafka.conf"
specs=("kafka brokers=$brokers rows=both config_file=$work/kafka.conf"
	"kafka name=json brokers=$brokers rows=parts format=json topic_part=parts.json")

make_fleet
send_up_to 15
start_collector "${specs[@]}"
wait_for 20 'the collector' has "$work/collector.log" 'connected'
send_up_to 25
wait_for 20 'the first parts' stored 'SELECT COUNT(*) FROM part' 4
wait_for 20 'that Kafka has them' is_even kafka

order 'down 1' 'down 2'
send_up_to 40
wait_for 20 'parts, while the brokers are away' stored 'SELECT COUNT(*) FROM part' 12
wait_for 30 'the news that they are away' has "$work/collector.log" 'sink kafka: .*trying on'
end collector KILL
start_collector "${specs[@]}"
order 'up 1' 'up 2' 'error 3 7' # a time-out that the broker tells
wait_for 40 'what waited' is_even kafka
# As after a kill before the cursor was written.
end collector KILL
sqlite3 "$store" "UPDATE number SET value = value - 2 WHERE key LIKE 'sink kafka%'"
start_collector "${specs[@]}"
send_up_to "$n_messages"
told_all() { [[ $(grep -c '"name":"ratio".*"COMPLETE"' "$work/told.jsonl") -ge 1 ]] && stored 'SELECT COUNT(*) FROM kpi' 26; }
wait_for 20 'all KPIs' told_all
sleep 1.5 # one more provisional round
wait_for 30 'the rest' is_even kafka
json_is_even() { stored "SELECT (SELECT value FROM number WHERE key = 'sink json parts') = (SELECT MAX(id) FROM part)" 1; }
wait_for 30 'the rest as JSON' json_is_even
end collector
[[ $status == 0 ]] || fail "the collector ended with $status"

export_truth "$work"
for topic in runnel.kpi runnel.partial runnel.contract parts.json; do
	# Length and bytes of the value, then of the key, for there are bytes of any kind.
	timeout 20 kcat -C -b "$brokers" -t "$topic" -o beginning -e -q -f '%R%s' >"$work/$topic.values"
	timeout 20 kcat -C -b "$brokers" -t "$topic" -o beginning -e -q -f '%p %k\n' >"$work/$topic.keys"
done
exec 7>&-
python3 - "$work" <<-'PY' || fail 'other messages'
	import collections, csv, glob, json, struct, sys, zlib
	work = sys.argv[1]
	def values(topic):
	    data, at = open(f"{work}/{topic}.values", "rb").read(), 0
	    while at < len(data):
	        n, = struct.unpack_from(">i", data, at)
	        yield data[at + 4:at + 4 + n]
	        at += 4 + n
	def keys(topic):
	    return [line.split(" ", 1)[1].strip() for line in open(f"{work}/{topic}.keys")]
	rows = {f"{r['site']}/{r['name']}/{r['wl']}/{r['w0']}": r for r in csv.DictReader(open(f"{work}/kpis.csv", newline=""))}
	last, again = {}, 0
	for value in values("runnel.kpi"):
	    k = json.loads(value)
	    key = f"{k['site']}/{k['name']}/{k['wl']}/{k['w0']}"
	    if key in last:
	        assert k["version"] >= last[key]["version"] or again < 4, (k, last[key])  # after a crash some come again
	        again += k["version"] <= last[key]["version"]
	    last[key] = max(k, last.get(key, k), key=lambda k: k["version"])
	assert set(keys("runnel.kpi")) == set(rows) == set(last), (len(rows), len(last))
	for key, r in rows.items():
	    assert last[key]["value"] == float(r["value"]) and last[key]["version"] == int(r["version"]), (r, last[key])
	sent = {open(f"{work}/m/{line.split('/')[-1].split(chr(9))[0]}", "rb").read() for line in open(f"{work}/m/messages") if "/partial" in line}
	got = collections.Counter(values("runnel.partial"))
	assert set(got) == sent, (len(got), len(sent))
	assert sum(got.values()) <= len(sent) + 4, got.values()
	assert {k.split("/")[1] for k in keys("runnel.partial")} == {"north", "south", "east", "west", "attic"}
	texts = set(values("runnel.contract"))
	assert len(texts) == 1 and all(int(k.split("/")[2], 16) == zlib.crc32(next(iter(texts))) for k in keys("runnel.contract"))
	lines = [json.loads(v) for v in values("parts.json")]
	ids = {(p["device"], p["boot"], p["w0"], p["part"]) for p in lines}
	assert len(ids) == len(sent) and lines[0]["metrics"][0]["name"] == "temp@1", lines[0]
	print(f"{len(rows)} KPIs, {len(sent)} parts in {sum(got.values())} messages, {len(lines)} as JSON")
PY
