# SPDX-License-Identifier: Apache-2.0
"""What a broker got of one board over restarts: upgrade.py RUNNEL DIRECTORY STARTS. In DIRECTORY is messages.txt of lib.sh's watcher. Of each
start all numbers are there, once or with the same bytes; windows follow each other; the parts beside a restart say what is cut off, and
no time is missing but that between two starts; and the KPIs that a collector told in told.jsonl, if it is there, are covered just so. Fails
while something has not come."""
import collections
import json
import os
import subprocess
import sys

runnel, directory, n_starts = sys.argv[1], sys.argv[2], int(sys.argv[3])

raws, parts, made = set(), [], collections.Counter()
for line in open(f"{directory}/messages.txt"):
    topic, _, payload = line.split()
    kind = topic.removeprefix("runnel/1/lab/board-1/")
    if kind == "status":
        status = json.loads(bytes.fromhex(payload))
        made[status["boot"]] = max(made[status["boot"]], status.get("seq", 0))
    elif kind == "partial" and payload not in raws:  # the same bytes again change nothing
        raws.add(payload)
        parts.append(json.loads(subprocess.run([runnel, "decode"], input=bytes.fromhex(payload), capture_output=True, check=True).stdout))

keys = collections.Counter((d["boot"], d["w0"], d["part"]) for d in parts)
assert max(keys.values()) == 1, f"other bytes for a key: {[k for k, n in keys.items() if n > 1]}"
of_boot = collections.defaultdict(dict)
for d in parts:
    assert d["seq"] not in of_boot[d["boot"]], f"boot {d['boot']}: message {d['seq']} twice"
    of_boot[d["boot"]][d["seq"]] = d
assert len(of_boot) == n_starts, f"{len(of_boot)} starts, not {n_starts}"

before, told = None, []
for boot, by_seq in sorted(of_boot.items()):
    n = max(max(by_seq), made[boot])
    assert sorted(by_seq) == list(range(1, n + 1)), f"boot {boot}: of {n} messages {sorted(set(range(1, n + 1)) - set(by_seq))} are missing"
    # In whole milliseconds; the last may be a partial's that never ended, of a program that was killed.
    rows = [by_seq[i + 1] for i in range(n)]
    w0s = [d["w0"] for d in rows]
    assert w0s == list(range(w0s[0], w0s[0] + n)), f"boot {boot}: windows {w0s}"
    for i, d in enumerate(rows):
        m, flags = d["metrics"][0], set(d["flags"])
        cut = (["CUT_START"] if i == 0 else []) + (["CUT_END"] if i == n - 1 and "CUT_END" in flags else [])
        assert flags == set(cut), f"boot {boot}, message {i + 1}: {flags}"
        m.setdefault("covered_ms", 1000)
        missed = m["bad"] + m["lost"] + 20 - m["n"]  # on a machine that has other things to do
        is_first = i == 1 and rows[0]["metrics"][0]["n"] == 0
        assert cut or m["covered_ms"] == 1000 or missed > 0 or is_first, f"boot {boot}, message {i + 1}: {m}"
    first, last = rows[0], rows[-1]
    begin_ms = first["w0"] * 1000 + 1000 - first["metrics"][0]["covered_ms"]
    if before is not None:
        told.append(begin_ms - before)
    is_cut = "CUT_END" in last["flags"]
    before = last["w0"] * 1000 + last["metrics"][0]["covered_ms"] if is_cut else last["w0"] * 1000 + 1000

covered, kpis = collections.Counter(), {}
for d in parts:
    covered[d["w0"]] += d["metrics"][0]["covered_ms"]
if os.path.exists(f"{directory}/told.jsonl"):
    for line in open(f"{directory}/told.jsonl"):
        kpi = json.loads(line)
        kpis[kpi["w0"]] = kpi  # later versions take the place of earlier ones
wrong = {w0: (ms, kpis.get(w0)) for w0, ms in covered.items() if abs(kpis.get(w0, {"coverage": -1})["coverage"] - ms / 1000) > 1e-9}
assert not kpis or not wrong, f"KPIs that are not covered as the parts are: {wrong}"
print(f"{len(parts)} parts of {n_starts} starts, none missing, none doubled; between them {', '.join(map(str, told))} ms")
