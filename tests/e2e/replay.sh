#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `runnel replay` over recordings of real sensors (skipped without them) and over a hostile file: every window agrees with
# arithmetic done elsewhere (integers in python3, means and deviations by the SQL that a collector would use, in SQLite),
# every sample is counted once although rows go back in time; and what is published is what is printed.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
data=$root/../shared/data

# config WINDOW SENSOR... with SENSOR = NAME:UNIT:EVERY:K:Q[:counter]
config() {
	local window=$1 spec name unit every reference quantum kind
	shift
	printf 'device: board-1\nwindow: %s\nspool: {path: %s}\n' "$window" "$work/spool.db"
	echo "mqtt: {broker: \"mqtt://127.0.0.1:${port:-1}\"}"
	echo 'sensors:'
	for spec in "$@"; do
		IFS=: read -r name unit every reference quantum kind <<<"$spec"
		echo "  $name: {driver: sim, unit: \"$unit\", every: $every, shape: ${kind:-sine}}"
	done
	echo 'streams:'
	for spec in "$@"; do
		IFS=: read -r name unit every reference quantum kind <<<"$spec"
		echo "  $name: {from: $name.value, reference: $reference, quantum: $quantum}"
	done
}

# What the windows must say, from the rows alone. replay.py CSV JSONL WINDOW_S SENSOR...
cat >"$work/verify.py" <<'EOF'
import csv, datetime, json, math, sqlite3, sys
path, out, window = sys.argv[1], sys.argv[2], int(sys.argv[3])
sensors = [s.split(":") for s in sys.argv[4:]]

def seconds(text):
    if text[4:5] == "-":
        return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp()
    return float(text)

def quantised(x, K, q):
    v = (x - K) / q
    t = math.trunc(v)
    return t + (abs(v - t) >= 0.5) * (1 if v > 0 else -1)

db = sqlite3.connect(":memory:")
db.execute("CREATE TABLE samples (m, w0, t, k)")
db.execute("CREATE TABLE parts (m, w0, part, n, s1, s2, mn, mx, PRIMARY KEY (m, w0, part))")
increase, newest = {}, {}
for row in csv.DictReader(open(path)):
    t = seconds(row["time"])
    w0 = int(t // window) * window
    for m, s in enumerate(sensors):
        k = quantised(float(row[s[0] + ".value"]), float(s[3]), float(s[4]))
        db.execute("INSERT INTO samples VALUES (?, ?, ?, ?)", (m, w0, t, k))
        if m not in newest or t >= newest[m][0]:  # late rows do not move a counter
            grown = k - newest[m][1] if m in newest else 0
            increase[m, w0] = increase.get((m, w0), 0) + (grown if grown >= 0 else k)
            newest[m] = (t, k)

seqs, single, sums = [], {}, {}
for line in open(out):
    p = json.loads(line)
    if p["type"] != "partial":
        continue
    seqs.append(p["seq"])
    assert p["wl"] == window and p["w0"] % window == 0 and p["boot"] == 1, p
    for m in p["metrics"]:
        e, key = m["exact"], (m["id"], p["w0"])
        if sensors[m["id"]][5:] == ["counter"]:
            sums[key] = sums.get(key, 0) + e["increase"]
            continue
        db.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (
            m["id"], p["w0"], p["part"], m["n"], e["s1"], e["s2"], e["min"] if m["n"] else None,
            e["max"] if m["n"] else None))
        single[key] = None if key in single else m
assert seqs == list(range(1, len(seqs) + 1)), "seq has gaps"

checked = 0
for m, s in enumerate(sensors):
    K, q, is_counter = float(s[3]), float(s[4]), s[5:] == ["counter"]
    if is_counter:
        mine = {w0: v for (i, w0), v in increase.items() if i == m and v}
        theirs = {w0: v for (i, w0), v in sums.items() if i == m and v}
        assert mine == theirs, [(w0, mine.get(w0), theirs.get(w0)) for w0 in mine if mine.get(w0) != theirs.get(w0)][:5]
        checked += len(mine)
        continue
    truth = db.execute("SELECT w0, COUNT(*), SUM(k), SUM(k * k), MIN(k), MAX(k) FROM samples WHERE m = ?"
                       " GROUP BY w0 ORDER BY w0", (m,)).fetchall()
    merged = db.execute("SELECT w0, SUM(n), SUM(s1), SUM(s2), MIN(mn), MAX(mx) FROM parts WHERE m = ?"
                        " GROUP BY w0 HAVING SUM(n) > 0 ORDER BY w0", (m,)).fetchall()
    assert truth == merged, [(a, b) for a, b in zip(truth, merged) if a != b][:3]
    for w0, mean, sd in db.execute(
            "SELECT w0, ? + ? * CAST(SUM(s1) AS DOUBLE) / SUM(n), ? * SQRT((CAST(SUM(s2) AS DOUBLE) - CAST(SUM(s1) AS"
            " DOUBLE) * CAST(SUM(s1) AS DOUBLE) / SUM(n)) / (SUM(n) - 1)) FROM parts WHERE m = ? GROUP BY w0",
            (K, q, q, m)):
        one = single[m, w0]
        if one and one["n"] > 1:
            assert math.isclose(one["mean"], mean, rel_tol=1e-12, abs_tol=1e-12), (w0, one["mean"], mean)
            assert math.isclose(one["stddev"], sd, rel_tol=1e-6, abs_tol=q * 1e-6), (w0, one["stddev"], sd)
        checked += 1
n_late = db.execute("SELECT COUNT(*) FROM parts WHERE part > 0 AND n > 0").fetchone()[0]
print(f"{path.rsplit('/', 1)[1]}: {len(seqs)} messages, {checked} windows agree, {n_late} later parts")
assert checked > 0
EOF

# agrees NAME WINDOW WINDOW_S SENSOR...: NAME.csv is there
agrees() {
	local name=$1 window=$2 window_s=$3
	shift 3
	config "$window" "$@" >"$work/$name.yaml"
	status_of "$runnel" replay -c "$work/$name.yaml" --input "$work/$name.csv" >"$work/$name.jsonl" 2>"$work/$name.log"
	expect_status 0 "replay of $name"
	python3 "$work/verify.py" "$work/$name.csv" "$work/$name.jsonl" "$window_s" "$@" ||
		fail "$name: the windows differ from the arithmetic"
}

# --- recordings ---
if [[ -f $data/rpi_2x_bme280_1hz.csv ]]; then
	awk -F, 'BEGIN { print "time,t.value,h.value,p.value" } NR > 1 { print $2 "," $5 "," $6 "," $7 }' \
		"$data/rpi_2x_bme280_1hz.csv" >"$work/bme280.csv"
	agrees bme280 1m 60 t:Cel:1s:20:0.01 h:%:1s:50:0.01 p:hPa:1s:1000:0.01
	awk -F, 'BEGIN { print "time,t.value" } NR > 1 { print $1 "," $2 }' \
		"$data/nab_machine_temperature_system_failure.csv" >"$work/machine.csv"
	agrees machine 1h 3600 t:Cel:5m:20:0.01
	awk -F, 'BEGIN { print "time,w.value" } NR > 1 { print $1 "," $2 }' \
		"$data/ampds_water_pulse_meter_whw_1.csv" >"$work/water.csv"
	agrees water 15m 900 w:L:1m:0:0.001:counter
	awk -F, 'BEGIN { print "time,a.value,h.value" } $2 == "SensorPiB" && $4 != "" && $8 != "" {
		print $3 "," $4 "," $8 }' "$data/rpi_home_sensors_part1.csv" >"$work/home.csv"
	agrees home 15m 900 a:Cel:3m:20:0.01 h:%:3m:50:0.01
	grep -q 'older than the one before' "$work/home.log" || fail 'the rows that go back in time were not told'
else
	echo 'note: no recordings here'
fi

# --- a hostile file: each line that is wrong is skipped and counted, the rest is exact ---
# 1700000040 is the start of a minute.
{
	printf 'time,t.value,h.value\r\n'
	printf '1700000040,1,10\n'
	printf '1700000041,NaN,11\n'           # a gap of t
	printf '1700000042,3\n'                # torn
	printf '1700000043,4,13,14\n'          # a decimal comma looks like this
	printf '1700000044,"5,5",14\n'         # or like this: no number
	printf 'yesterday,6,15\n'              # no time
	printf '2023-11-14T22:14:06Z,7,16\n'   # 1700000046
	printf '2023-11-14 22:14:07.5,8,17\n'  # 1700000047.5
	printf '1700000030,9,18\n'             # the minute before, late or not: it is counted
	printf '1700000048,inf,19\n'           # no number
	printf '1700000049,,20\n'              # a gap of t
	printf '\n'
	printf '1700000101,11,21\n'            # the next minute
	printf '1700000059,12,22\n'            # and back, before the next minute is sure
	printf '1700000102,13,23\n'
	printf '1700000103,14,24\n'
	printf '1700000058,15,25\n'            # too late for its window: part 1
	head -c 1000000 /dev/zero | tr '\0' 7
	printf ',1,1\n1700000104,16,"26\n'     # a quote that is never closed
} >"$work/hostile.csv"
config 1m t:Cel:1s:20:0.01 h:%:1s:50:0.01 >"$work/hostile.yaml"
status_of "$runnel" replay -c "$work/hostile.yaml" --input - <"$work/hostile.csv" >"$work/hostile.jsonl" 2>"$work/hostile.log"
expect_status 0 'replay of the hostile file'
cat >"$work/hostile.py" <<'EOF'
import json, sys
windows = {}
for line in open(sys.argv[1]):
    p = json.loads(line)
    t, h = p["metrics"]
    windows[p["w0"], p["part"]] = (t["n"], t["bad"], t["exact"]["s1"], h["n"], h["bad"], h["exact"]["s1"])
# By hand: k = (x - 20) * 100 for t, (x - 50) * 100 for h.
expected = {
    (1699999980, 0): (1, 0, -1100, 1, 0, -3200),
    (1700000040, 0): (4, 4, -1900 - 1300 - 1200 - 800, 8, 0, -(4000 + 3900 + 3600 + 3400 + 3300 + 3100 + 3000 + 2800)),
    (1700000040, 1): (1, 0, -500, 1, 0, -2500),
    (1700000100, 0): (3, 0, -900 - 700 - 600, 3, 0, -2900 - 2700 - 2600),
}
assert windows == expected, (windows, expected)
EOF
python3 "$work/hostile.py" "$work/hostile.jsonl" || fail "the hostile file: $(cat "$work/hostile.jsonl")"
has "$work/hostile.log" 'skipped: 4 torn rows, 1 rows with a bad time, 2 cells that are no number (first in line 4)' ||
	fail "what was skipped is not told: $(cat "$work/hostile.log")"

# --- errors of the header ---
for header in '' 't.value,time' 'time' 'time,x.value' 'Zeit,t.value'; do
	printf '%s\n1700000040,1\n' "$header" >"$work/header.csv"
	status_of "$runnel" replay -c "$work/hostile.yaml" --input "$work/header.csv" >"$work/header.out" 2>"$work/header.log"
	((status != 0)) || fail "header '$header' was taken"
	has "$work/header.log" 'header\|column' || fail "header '$header': $(cat "$work/header.log")"
done

# --- published as printed ---
need_broker
make_broker 'allow_anonymous true'
keep_for_watcher
start_broker
start_watcher
awk 'BEGIN { srand(7); print "time,t.value,w.value"
	for (i = 0; i < 4000; i++) print 1700000040 + i + (i % 97 == 5 ? -70 : 0) "," 20 + rand() "," int(i / 3) }' >"$work/sent.csv"
config 5s t:Cel:1s:20:0.01 w:L:1s:0:1:counter >"$work/sent.yaml"
"$runnel" replay -c "$work/sent.yaml" --input "$work/sent.csv" --device twin >"$work/sent.jsonl" 2>"$work/sent.log"
status_of timeout 60 "$runnel" replay -c "$work/sent.yaml" --input "$work/sent.csv" --device twin --publish 2>"$work/sent.log"
expect_status 0 'replay --publish'
cat >"$work/sent.py" <<'EOF'
import json, subprocess, sys
work, runnel = sys.argv[1:]
printed = [json.loads(l) for l in open(work + "/sent.jsonl")]
printed = [p for p in printed if p["type"] == "partial"]
sent = {}
for line in open(work + "/messages.txt"):
    topic, _, payload = line.split()
    if topic == "runnel/1/default/twin/partial":
        d = json.loads(subprocess.run([runnel, "decode"], input=bytes.fromhex(payload), capture_output=True, check=True).stdout)
        assert sent.setdefault(d["seq"], d) == d, d
if len(sent) < len(printed):
    sys.exit(2)
assert len(sent) == len(printed) > 700, (len(sent), len(printed))
for p in printed:
    d = sent[p["seq"]]
    assert d["flags"] == p["flags"] + ["BACKFILL"], (d["flags"], p["flags"])
    for key in "device site w0 wl part wm".split():
        assert d[key] == p[key], (key, d, p)
    assert len(d["metrics"]) == len(p["metrics"])
    for a, b in zip(d["metrics"], p["metrics"]):
        assert all(a[key] == b[key] for key in a if key != "exact"), (a, b)
        # On the wire what is not there is 0; with the contract it is known to be nothing.
        x, y = a["exact"], b["exact"]
        assert all((x.get(key) or 0) == (y.get(key) or 0) for key in set(x) | set(y)), (a, b)
        assert a["n"] == b["n"]
print(len(sent), "partials published as printed")
EOF
all_sent() {
	local rc=0
	python3 "$work/sent.py" "$work" "$runnel" >"$work/sent.out" 2>"$work/sent.err" || rc=$?
	((rc != 2))
}
wait_for 60 'all partials' all_sent
python3 "$work/sent.py" "$work" "$runnel" || fail 'what was published is not what was printed'

# Without a broker it says so, in bounded time.
end broker
status_of timeout 60 "$runnel" replay -c "$work/sent.yaml" --input "$work/sent.csv" --publish 2>"$work/gone.log"
expect_status 69 'replay --publish without a broker'
has "$work/gone.log" 'no connection to the broker' || fail 'the missing broker is not told'
