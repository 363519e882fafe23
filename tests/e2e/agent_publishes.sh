#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `runnel run` tells a real broker: contract, birth, status, partials, KPIs and events; how it says good-bye, and
# what the broker says for it when it cannot.
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
labels: {line: a}
revision: 7
window: 1s
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/spool.db}
sensors:
  air: {driver: sim, unit: Cel, every: 50ms, shape: sine, offset: 20, amplitude: 5, period: 3s}
  door: {driver: sim, shape: square, every: 50ms, period: 2s}
  flow: {driver: sim, shape: counter, unit: L, every: 100ms}
streams:
  temp: {from: air.value, quantiles: true}
  hot: {from: door.value, event: true}
  water: {from: flow.value}
kpis:
  temp_mean: {value: mean(temp)}
  litres: {value: increase(water), window: 5s}
EOF

start_agent agent "$work/config.yaml"
has_all() {
	(($(grep -c '/partial 0 ' "$work/messages.txt") >= 4)) && has "$work/messages.txt" /kpi/temp_mean &&
		has "$work/messages.txt" /kpi/litres && has "$work/messages.txt" /event
}
wait_for 30 'partials, KPIs and events' has_all
topics=runnel/1/lab/board-1

# Retained, so that a newcomer knows it all.
retained "$topics/birth" >"$work/birth.json"
hash=$(python3 - "$work/birth.json" <<'EOF'
import json, sys
b = json.load(open(sys.argv[1]))
assert (b["device"], b["site"], b["labels"], b["revision"]) == ("board-1", "lab", {"line": "a"}, 7), b
assert [s["name"] for s in b["sensors"]] == ["air", "door", "flow"], b
assert b["boot"] > 0 and b["agent"], b
print(b["contract"])
EOF
) || fail "the birth is not what was expected: $(cat "$work/birth.json")"
retained "$topics/contract/$hash" >"$work/contract.json"
python3 - "$work/contract.json" "$hash" <<'EOF' || fail 'the contract is not what was expected'
import json, sys, zlib
text = open(sys.argv[1], "rb").read()
assert "%08x" % zlib.crc32(text) == sys.argv[2], (zlib.crc32(text), sys.argv[2])
c = json.loads(text)
assert [m["name"] for m in c["metrics"]] == ["temp@1", "hot@1", "water@1"], c
assert [k["name"] for k in c["kpis"]] == ["temp_mean", "litres"], c
EOF
retained_has "$topics/status" '"state":"online"' || fail 'the status is not online'
retained_has "$topics/kpi/temp_mean" '"name":"temp_mean".*"unit":"Cel"' || fail 'the KPI is not retained'

# SIGTERM: the open window arrives, marked; the status is offline; all within 2 s (asserted: 4, for slow machines).
began=$(now_ms)
end agent
took=$(($(now_ms) - began))
expect_status 0 'SIGTERM'
((took < 4000)) || fail "the end took $took ms"
last_status() { grep "$topics/status" "$work/messages.txt" | tail -n 1 | cut -d ' ' -f 3 | python3 -c "import sys; print(bytes.fromhex(sys.stdin.read()).decode())"; }
is_offline() { last_status | grep -q '"state":"offline"'; }
wait_for 10 'status offline' is_offline

cat >"$work/verify.py" <<'EOF'
import json, re, shutil, subprocess, sys
work, runnel, root = sys.argv[1:]
base, lines = "runnel/1/lab/board-1/", [l.split() for l in open(work + "/messages.txt")]
assert all(l[0].startswith(base) for l in lines), lines
by_leaf = {}
for topic, is_retained, payload in lines:
    by_leaf.setdefault(topic[len(base):].split("/")[0], []).append(bytes.fromhex(payload))
order = [l[0][len(base):].split("/")[0] for l in lines]
assert order.index("contract") < order.index("partial") and order.index("birth") < order.index("partial"), order
decoded = []
for i, p in enumerate(by_leaf["partial"]):
    assert len(p) <= 8192
    decoded.append(json.loads(subprocess.run([runnel, "decode"], input=p, capture_output=True, check=True).stdout))
    if shutil.which("protoc"):
        text = subprocess.run(["protoc", "-I", root, "--decode=runnel.v1.Partial", root + "/pipelines/runnel.proto"],
                              input=p, capture_output=True, check=True).stdout.decode()
        assert f"seq: {i + 1}\n" in text and f"w0: {decoded[-1]['w0']}\n" in text, text
        assert not re.search(r"^ *\d+:", text, re.M), text
assert [d["seq"] for d in decoded] == list(range(1, len(decoded) + 1)), [d["seq"] for d in decoded]
assert len({(d["boot"], d["w0"], d["part"]) for d in decoded}) == len(decoded)
assert [d["w0"] for d in decoded] == list(range(decoded[0]["w0"], decoded[0]["w0"] + len(decoded)))
assert "CUT_START" in decoded[0]["flags"] and "CUT_END" in decoded[-1]["flags"], (decoded[0], decoded[-1])
assert not any(d["flags"] for d in decoded[1:-1]), [d["flags"] for d in decoded]
assert all(d["wm"] >= d["w0"] + 1 for d in decoded)
# A machine that stalls misses readings, of whole windows too: what was due is exact, what came is no more than that.
due = [[m["expected"] for m in d["metrics"]] for d in decoded[1:-1] if "expected" in d["metrics"][0]]
assert all(c == [20, 20, 10] for c in due), due
counts = [[m["n"] for m in d["metrics"]] for d in decoded[1:-1]]
assert any(map(all, counts)) and all(n <= most for c in counts for n, most in zip(c, [20, 20, 10])), counts
events = [json.loads(p) for p in by_leaf["event"]]
first = ["raised", "cleared"].index(events[0]["event"])
assert [e["event"] for e in events] == [["raised", "cleared"][(i + first) % 2] for i in range(len(events))], events
assert all(e["stream"] == "hot" for e in events)
last = json.loads(by_leaf["status"][-1])
assert last["seq"] == len(decoded) and last["spool"]["bytes"] > 0, last
del last["spool"]["bytes"]  # what has arrived is kept for a while
assert last["spool"] == {"rows": 0, "dropped": 0, "refused": 0, "merged": 0, "on_disk": True}, last
assert last["sensors"]["air"]["state"] == "ok" and last["sensors"]["air"]["faults"] == 0, last
EOF
python3 "$work/verify.py" "$work" "$runnel" "$root" || fail 'the messages are not what was expected'

# The next start is another one; killed, the broker tells of its end (after the 30 s that a reconnect may take).
start_agent agent "$work/config.yaml"
wait_for 20 'status online' retained_has "$topics/status" '"state":"online"'
retained "$topics/birth" >"$work/birth2.json"
python3 - "$work/birth.json" "$work/birth2.json" <<'EOF' || fail 'the second start is not told from the first'
import json, sys
a, b = (json.load(open(f)) for f in sys.argv[1:])
assert b["boot"] > a["boot"] and b["contract"] == a["contract"] and b["nonce"] != a["nonce"], (a, b)
EOF
end agent KILL
wait_for 60 'the will' retained_has "$topics/status" '"state":"offline"'
echo "the end took $took ms"
