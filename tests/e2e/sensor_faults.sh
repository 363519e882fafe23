#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sensors that are not there, say what cannot be, or stand still: each has its reason in `runnel read` and in the status, none becomes
# data, the others are read, and an action that cannot have its line is told. The network is up or away: the same.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker

make_broker 'allow_anonymous true'
keep_for_watcher
start_broker
start_watcher
cat >"$work/config.yaml" <<EOF
device: board-1
site: lab
window: 1s
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/spool.db}
sensors:
  good: {driver: sim, unit: Cel, every: 50ms, offset: 20}
  high: {driver: sim, unit: Cel, every: 50ms, shape: sine, offset: 20, amplitude: 5, period: 1s, limits: {value: 0..22}}
  stuck: {driver: sim, unit: Cel, every: 50ms, shape: sine, amplitude: 0, offset: 20, noise: 0, frozen_after: 500ms}
  air: {driver: bme280, bus: i2c-99}
  door: {driver: gpio-input, chip: gpiochip99, line: 17}
  cellar: {driver: w1, device: 28-000000000000}
streams:
  good: {from: good.value}
  high: {from: high.value}
  stuck: {from: stuck.value}
  air: {from: air.temperature}
  warm: {from: good.value, through: [threshold: 10], publish: no}
actions:
  lamp: {when: warm, driver: gpio-output, chip: gpiochip99, line: 22}
EOF

# --- read ---
status_of "$runnel" read -c "$work/config.yaml" --json >"$work/read.json"
expect_status 69 'read with absent sensors'
python3 - "$work/read.json" <<'EOF' || fail 'runnel read does not say what is wrong'
import json, sys
rows = {(r["sensor"], r["channel"]): r for r in map(json.loads, open(sys.argv[1]))}
assert rows["good", "value"]["state"] == "ok" and rows["good", "value"]["value"] is not None, rows
for sensor, channel, words in (("air", "temperature", "I2C"), ("door", "state", "GPIO chip"), ("cellar", "temperature", "1-wire")):
    r = rows[sensor, channel]
    assert r["state"] == "fault" and r["value"] is None and r["trouble"] == "absent" and words in r["reason"], r
EOF

# --- run ---
start_agent agent "$work/config.yaml"
enough() { (($(grep -c '/partial 0 ' "$work/messages.txt") >= 4)); }
wait_for 30 'partials' enough
sleep 1.2
retained runnel/1/lab/board-1/status >"$work/status.json"
python3 - "$work/status.json" <<'EOF' || fail "the status is not what was expected: $(cat "$work/status.json")"
import json, sys
status = json.load(open(sys.argv[1]))
s = status["sensors"]
assert s["good"]["state"] == "ok" and "reason" not in s["good"] and s["good"]["counts"] == {}, s["good"]
assert s["high"]["state"] == "doubtful" and s["high"]["trouble"] == "out_of_range", s["high"]
assert "is not within 0 to 22" in s["high"]["reason"] and s["high"]["counts"]["out_of_range"] > 0, s["high"]
assert s["high"]["faults"] == 0 and s["high"]["setups"] >= 1, s["high"]
assert s["stuck"]["state"] == "fault" and s["stuck"]["trouble"] == "frozen", s["stuck"]
for name in "air", "door", "cellar":
    assert s[name]["state"] == "fault" and s[name]["trouble"] == "absent" and s[name]["counts"]["absent"] > 0, s[name]
    assert s[name]["readings"] == 0 and s[name]["setups"] == 0, s[name]
lamp = status["actions"]["lamp"]
assert lamp["state"] == "fault" and "GPIO chip" in lamp["why"] and lamp["faults"] >= 1, lamp
assert lamp["changes"] >= 1, lamp # it followed the readings, though it could not have its line
EOF
end agent
((status == 0)) || fail "the agent ended with $status"

# --- without a broker ---
status_of timeout 30 "$runnel" run -c "$work/config.yaml" --print --seconds 7 >"$work/lines" 2>"$work/run.log"
expect_status 0 'run --print'
python3 - "$work/lines" <<'EOF' || fail 'a value that cannot be became data, or good ones were lost'
import json, sys
total = {}
for p in map(json.loads, open(sys.argv[1])):
    if p["type"] != "partial":
        continue
    for m in p["metrics"]:
        t = total.setdefault(m["name"], {"n": 0, "bad": 0, "max": -1e9})
        t["n"] += m["n"]
        t["bad"] += m["bad"]
        if m["max"] is not None:
            t["max"] = max(t["max"], m["max"])
assert total["good@1"]["n"] >= 40 and total["good@1"]["bad"] == 0, total
assert total["high@1"]["n"] >= 15 and total["high@1"]["bad"] >= 8 and total["high@1"]["max"] <= 22, total
for name in "high@1", "stuck@1":  # read as often as the good one, however busy the machine is
    assert abs(total[name]["n"] + total[name]["bad"] - total["good@1"]["n"]) <= 1, total
assert 1 <= total["stuck@1"]["n"] <= 11 and total["stuck@1"]["bad"] >= 20, total
assert total["air@1"]["n"] == 0 and total["air@1"]["bad"] >= 2, total
EOF
for sensor in air door cellar; do
	(($(grep -c "sensor $sensor: " "$work/run.log") == 1)) || fail "sensor $sensor is not told once: $(cat "$work/run.log")"
done
((failures == 0)) && echo 'faults have their reasons, and are no data'
