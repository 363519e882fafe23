#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small fleet for collector.sh, made and checked without any code of the collector: messages by protoc, expected
values by fractions over the samples themselves, and by the SQL of plain tables over the partials.

  collector_fleet.py make PROTO_DIR DIR    DIR/NNN.bin and DIR/messages: TOPIC <tab> FILE <tab> RETAIN
  collector_fleet.py check DIR LINES RETAINED
"""
import json
import math
import random
import sqlite3
import subprocess
import sys
import zlib
from fractions import Fraction

T0 = 1763697600  # a whole hour
WINDOWS = 6
DEVICES = ["north", "south", "east", "west", "attic"]
SILENT = ("attic", 5)  # never reports the last window
TEMP_K, TEMP_Q, TEMP_W = 20, Fraction(1, 100), 10
LUX_Q = Fraction(1, 10)
CONTRACT = {
    "metrics": [
        {"id": 0, "name": "temp@1", "unit": "Cel", "kind": "gauge", "K": 20, "q": 0.01,
         "sketch": {"kind": "lin", "width": TEMP_W}, "period_ms": 1000, "window": 60},
        {"id": 1, "name": "lux@1", "unit": "lx", "kind": "gauge", "K": 0, "q": 0.1,
         "sketch": {"kind": "exp2", "scale": 5}, "period_ms": 1000, "window": 60},
        {"id": 2, "name": "water@1", "unit": "L", "kind": "counter", "K": 0, "q": 0.001,
         "sketch": None, "period_ms": 0, "window": 60},
    ],
    "kpis": [
        {"name": "temp_mean", "expression": "mean(temp)", "unit": "Cel", "window": 60},
        {"name": "temp_sd", "expression": "stddev(temp)", "unit": "Cel", "window": 60},
        {"name": "temp_p95", "expression": "quantile(temp, 0.95)", "unit": "Cel", "window": 60},
        {"name": "lux_p50", "expression": "quantile(lux, 0.5)", "unit": "lx", "window": 60},
        {"name": "ratio", "expression": "mean(lux) / mean(temp)", "unit": "1", "window": 300},
        {"name": "litres", "expression": "increase(water)", "unit": "L", "window": 300},
    ],
}
CONTRACT_TEXT = json.dumps(CONTRACT, separators=(",", ":")).encode()
CONTRACT_HASH = zlib.crc32(CONTRACT_TEXT)


def samples(device, window):
    """Seconds into the window, and the integers of temp and lux at it."""
    rng = random.Random(f"{device} {window}")
    base = rng.randint(-300, 400)
    return [(s, base + rng.randint(-80, 80), rng.randint(1, 90000)) for s in range(60)]


def exp2_index(k):
    """The i with 2^(i/32) < x <= 2^((i+1)/32), exactly: x^32 between powers of two, x = k / 10."""
    x32 = (Fraction(k) * LUX_Q) ** 32
    i = math.floor(32 * math.log2(k / 10)) + 2
    while Fraction(2) ** i >= x32:
        i -= 1
    return i


def parts():
    """(device, boot, seq, window, part, samples, water quanta, wm, is the window's own)"""
    for d, device in enumerate(DEVICES):
        boot, seq = 1, 0
        for w in range(WINDOWS):
            if (device, w) == SILENT:
                continue
            own, cuts = samples(device, w), [(0, 60)]
            if (d, w) == (1, 2):
                cuts = [(0, 25), (31, 60)]  # a restart, six samples lost
            if (d, w) == (2, 3):
                cuts = [(0, 40), (40, 60)]  # two parts
            for n, (a, b) in enumerate(cuts):
                last = n == len(cuts) - 1
                if (d, w) == (1, 2) and n == 1:
                    boot, seq = 2, 0
                seq += 1
                part = n if (d, w) == (2, 3) else 0
                yield device, boot, seq, w, part, own[a:b], 100 * d + w + n, T0 + 60 * (w + last), len(cuts) == 1


def moments(part, column):
    ks = [s[column] for s in part]
    return len(ks), sum(ks), sum(k * k for k in ks), min(ks), max(ks)


def sketch_of(part, column):
    counts = {}
    for s in part:
        i = s[1] // TEMP_W if column == 1 else exp2_index(s[2])
        counts[i] = counts.get(i, 0) + 1
    return counts


def coarser(counts):
    """At most 160 buckets, by halving."""
    shift = 0
    while max(counts) - min(counts) >= 160:
        shift += 1
        merged = {}
        for i, c in counts.items():
            merged[i >> 1] = merged.get(i >> 1, 0) + c
        counts = merged
    return shift, counts


def metric_text(ident, part, column, whole):
    n, s1, s2, low, high = moments(part, column)
    shift, counts = coarser(sketch_of(part, column))
    lo = min(counts)
    text = (f"id:{ident} n:{n} s1:{s1} s2:{s2} min:{low} max:{high} first:{part[0][column]} last:{part[-1][column]}"
            f" t_first:{part[0][0] * 1000} t_last:{part[-1][0] * 1000} tw:{s1 * 1000} tw_ms:{n * 1000}")
    if not whole:
        text += f" expected:{n} covered_ms:{n * 1000}"
    listed = ",".join(str(counts.get(i, 0)) for i in range(lo, max(counts) + 1))
    return f"metrics {{ {text} sketch {{ shift:{shift} offset:{lo} counts:[{listed}] }} }}"


def partial_text(device, boot, seq, w, part, own, water, wm, whole):
    text = (f'version:1 device:"{device}" site:"delft" boot:{boot} seq:{seq} w0:{T0 + 60 * w} wl:60 part:{part}'
            f" contract:{CONTRACT_HASH} wm:{wm}\n")
    text += metric_text(0, own, 1, whole) + "\n" + metric_text(1, own, 2, whole) + "\n"
    text += f"metrics {{ id:2 n:2 increase:{water} {'' if whole else f'covered_ms:{len(own) * 1000}'} }}\n"
    return text


def make(proto_dir, out):
    messages = []
    for device in DEVICES:
        base = f"runnel/1/delft/{device}"
        birth = {"device": device, "site": "delft", "labels": {}, "agent": "0.1.0", "boot": 1, "revision": 1,
                 "config": "00000000", "nonce": "0123456789abcdef", "contract": f"{CONTRACT_HASH:08x}", "sensors": []}
        messages.append((f"{base}/birth", json.dumps(birth).encode(), 1))
        messages.append((f"{base}/status", b'{"state":"online","boot":1,"seq":0,"wm":0}', 1))
        messages.append((f"{base}/contract/{CONTRACT_HASH:08x}", CONTRACT_TEXT, 1))
    partials = []
    for p in parts():
        data = subprocess.run(["protoc", f"-I{proto_dir}", "--encode=runnel.v1.Partial", "runnel.proto"], check=True,
                              input=partial_text(*p).encode(), stdout=subprocess.PIPE).stdout
        partials.append((f"runnel/1/delft/{p[0]}/partial", data, 0))
    partials += random.Random(1).sample(partials, 8)  # duplicates
    random.Random(2).shuffle(partials)
    with open(f"{out}/messages", "w", encoding="ascii") as listing:
        for i, (topic, data, retain) in enumerate(messages + partials):
            with open(f"{out}/{i:03}.bin", "wb") as f:
                f.write(data)
            listing.write(f"{topic}\t{out}/{i:03}.bin\t{retain}\n")


# --- checking ---

SQL = {
    "temp_mean": "SELECT 20 + 0.01*CAST(SUM(s1) AS DOUBLE)/SUM(n) FROM moments WHERE m='temp' AND w0=:w",
    "temp_sd": """SELECT 0.01*SQRT((CAST(SUM(s2) AS DOUBLE) - CAST(SUM(s1) AS DOUBLE)*CAST(SUM(s1) AS DOUBLE)/SUM(n))
                  /(SUM(n)-1)) FROM moments WHERE m='temp' AND w0=:w""",
    "temp_p95": """WITH h AS (SELECT idx, SUM(c) c FROM buckets WHERE m='temp' AND w0=:w GROUP BY idx),
                   q AS (SELECT idx, c, SUM(c) OVER (ORDER BY idx) cc, SUM(c) OVER () t FROM h)
                   SELECT 20 + 0.01*(idx*10 + (10-1)/2.0) FROM q WHERE cc >= 0.95*t AND cc-c < 0.95*t""",
    "lux_p50": """WITH h AS (SELECT idx >> :shift idx, SUM(c) c FROM buckets WHERE m='lux' AND w0=:w GROUP BY 1),
                  q AS (SELECT idx, c, SUM(c) OVER (ORDER BY idx) cc, SUM(c) OVER () t FROM h),
                  e AS (SELECT POWER(2, idx*(1 << :shift)/32.0) lo, POWER(2, (idx+1)*(1 << :shift)/32.0) hi FROM q
                        WHERE cc >= 0.5*t AND cc-c < 0.5*t)
                  SELECT 2*lo*hi/(lo+hi) FROM e""",
    "ratio": """SELECT (SELECT 0.1*CAST(SUM(s1) AS DOUBLE)/SUM(n) FROM moments WHERE m='lux' AND w0 BETWEEN :w AND :w+240)
                / (SELECT 20 + 0.01*CAST(SUM(s1) AS DOUBLE)/SUM(n) FROM moments WHERE m='temp' AND w0 BETWEEN :w AND :w+240)""",
    "litres": "SELECT 0.001*SUM(inc) FROM counters WHERE w0 BETWEEN :w AND :w+240",
}


def load_tables():
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE moments (dev, boot, m, w0, part, n, s1, s2, PRIMARY KEY (dev, boot, m, w0, part))")
    db.execute("CREATE TABLE buckets (dev, boot, m, w0, part, idx, c)")
    db.execute("CREATE TABLE counters (dev, boot, w0, part, inc)")
    for device, boot, _, w, part, own, water, _, _ in parts():
        key = (device, boot, T0 + 60 * w, part)
        db.execute("INSERT INTO counters VALUES (?,?,?,?,?)", key + (water,))
        for column, name in ((1, "temp"), (2, "lux")):
            n, s1, s2, _, _ = moments(own, column)
            db.execute("INSERT INTO moments VALUES (?,?,?,?,?,?,?,?)", (device, boot, name) + key[2:] + (n, s1, s2))
            for i, c in sketch_of(own, column).items():
                db.execute("INSERT INTO buckets VALUES (?,?,?,?,?,?,?)", (device, boot, name) + key[2:] + (i, c))
    return db


def window_samples(w0, wl):
    return [s for _, _, _, w, _, own, _, _, _ in parts() if w0 <= T0 + 60 * w < w0 + wl for s in own]


def by_fractions(name, w0, wl):
    """The exact value, for what has one."""
    own = window_samples(w0, wl)
    temp = TEMP_K + TEMP_Q * Fraction(sum(s[1] for s in own), len(own))
    lux = LUX_Q * Fraction(sum(s[2] for s in own), len(own))
    if name == "temp_mean":
        return temp
    if name == "ratio":
        return lux / temp
    if name == "litres":
        return Fraction(sum(p[6] for p in parts() if w0 <= T0 + 60 * p[3] < w0 + wl), 1000)
    return None


def lux_shift(w0):
    """The resolution a merge of all devices ends at: the coarsest of its inputs, or what their union needs."""
    whole = {}
    finest = 0
    for _, _, _, w, _, own, _, _, _ in parts():
        if T0 + 60 * w == w0:
            counts = sketch_of(own, 2)
            finest = max(finest, coarser(counts)[0])
            for i, c in counts.items():
                whole[i] = whole.get(i, 0) + c
    return max(finest, coarser(whole)[0])


def close(a, b):
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b))


def check_counts(k):
    own = window_samples(k["w0"], k["wl"])
    silent = SILENT[1] * 60 + T0 in range(k["w0"], k["w0"] + k["wl"])
    streams = 2 if k["name"] == "ratio" else 1
    n = 2 * sum(k["w0"] <= T0 + 60 * p[3] < k["w0"] + k["wl"] for p in parts()) if k["name"] == "litres" else len(own) * streams
    assert k["n"] == n, k
    if k["name"] != "litres":
        assert k["expected"] == len(DEVICES) * k["wl"] * streams, k
    assert k["expected_devices"] == len(DEVICES), k
    assert k["devices"] == k["complete_devices"] == len(DEVICES) - silent, k
    assert k["state"] == ("PROVISIONAL" if silent else "COMPLETE"), k
    if k["name"] != "litres":
        assert close(k["coverage"], len(own) / (len(DEVICES) * k["wl"])), k


def check(lines, retained):
    db, newest = load_tables(), {}
    last = {}
    for line in open(lines, encoding="utf-8"):
        k = json.loads(line)
        key = (k["name"], k["w0"])
        assert k["version"] == last.get(key, {"version": 0})["version"] + 1, k
        last[key] = k
    for (name, w0), k in sorted(last.items()):
        value = db.execute(SQL[name], {"w": w0, "shift": lux_shift(w0)} if name == "lux_p50" else {"w": w0}).fetchone()[0]
        assert close(k["value"], value), (k, value)
        exact = by_fractions(name, w0, k["wl"])
        assert exact is None or close(Fraction(k["value"]), exact), (k, float(exact))
        check_counts(k)
        newest[name] = k
    assert len(last) == 4 * WINDOWS + 2, sorted(last)
    told = {k["name"]: k for k in map(json.loads, open(retained, encoding="utf-8"))}
    assert told == newest, (told, newest)
    print(f"{len(last)} windows of {len(newest)} KPIs are as SQL and fractions have them")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3])
    else:
        check(sys.argv[3], sys.argv[4])
