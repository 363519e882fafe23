#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Another agent and another collector, made from docs/protocol.md alone, to prove that it says enough.

  second_agent.py example PROTOCOL.md RUNNEL      the example of the page, byte by byte
  second_agent.py agent PORT SITE DEVICE W0 N     publishes N windows of 1 s from W0, in an order of the worst kind; then obeys `cmd` until SIGTERM
  second_agent.py compare MESSAGES TOLD           merges MESSAGES (lines TOPIC RETAINED HEX); TOLD: what the collector told
  second_agent.py sql PROTOCOL.md MESSAGES RUNNEL runs the SQL of the page on rows of `runnel decode`
"""
import json
import math
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import time
import zlib
from fractions import Fraction

UNSYNCED, BACKFILL = 1, 32
MERGED = 1 << 31

# --- protobuf: number, name, type ---

SKETCH = {1: ("shift", "s"), 2: ("under", "u"), 3: ("over", "u"), 4: ("offset", "s"), 5: ("counts", "p"), 6: ("zero", "u"),
          7: ("neg_offset", "s"), 8: ("neg_counts", "p")}
METRIC = {1: ("id", "u"), 2: ("n", "u"), 3: ("s1", "s"), 4: ("s2", "u"), 5: ("min", "s"), 6: ("max", "s"), 7: ("first", "s"), 8: ("last", "s"),
          9: ("t_first", "u"), 10: ("t_last", "u"), 11: ("bad", "u"), 12: ("lost", "u"), 13: ("flags", "u"), 14: ("sketch", SKETCH),
          15: ("tw", "s"), 16: ("tw_ms", "u"), 19: ("increase", "u"), 20: ("resets", "u"), 21: ("expected", "o"), 22: ("covered_ms", "o")}
PARTIAL = {1: ("version", "u"), 2: ("device", "t"), 3: ("boot", "u"), 4: ("seq", "u"), 5: ("w0", "u"), 6: ("wl", "u"), 7: ("part", "u"),
           8: ("contract", "f"), 9: ("flags", "u"), 10: ("metrics", [METRIC]), 11: ("wm", "u"), 12: ("site", "t"), 13: ("span", "u")}


def varint(x):
    out = b""
    while x > 127:
        out += bytes([x & 127 | 128])
        x >>= 7
    return out + bytes([x])


def encode(message, fields):
    out = b""
    for no, (name, kind) in sorted(fields.items()):
        value = message.get(name, [] if isinstance(kind, list) else None if isinstance(kind, dict) or kind == "o" else 0)
        if isinstance(kind, list):
            for item in value:
                body = encode(item, kind[0])
                out += varint(no << 3 | 2) + varint(len(body)) + body
        elif isinstance(kind, dict):
            if value is not None:
                body = encode(value, kind)
                out += varint(no << 3 | 2) + varint(len(body)) + body
        elif kind == "o":
            if value is not None:
                out += varint(no << 3) + varint(value)
        elif not value:
            continue
        elif kind == "t":
            out += varint(no << 3 | 2) + varint(len(value)) + value.encode()
        elif kind == "f":
            out += varint(no << 3 | 5) + struct.pack("<I", value)
        elif kind == "p":
            body = b"".join(varint(c) for c in value)
            out += varint(no << 3 | 2) + varint(len(body)) + body
        else:
            out += varint(no << 3) + varint(value if kind == "u" else 2 * value if value >= 0 else -2 * value - 1)
    return out


def read_varint(data, at):
    x = shift = 0
    while True:
        byte = data[at]
        x, shift, at = x | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return x, at


def decode(data, fields):
    out, at = {name: [] if isinstance(kind, list) or kind == "p" else None if isinstance(kind, dict) or kind == "o" else 0
               for name, kind in fields.values()}, 0
    while at < len(data):
        tag, at = read_varint(data, at)
        wire = tag & 7
        if wire == 0:
            raw, at = read_varint(data, at)
        elif wire == 2:
            size, at = read_varint(data, at)
            raw, at = data[at:at + size], at + size
        else:
            size = {5: 4, 1: 8}[wire]
            raw, at = data[at:at + size], at + size
        if tag >> 3 not in fields:
            continue
        name, kind = fields[tag >> 3]
        if isinstance(kind, list):
            out[name].append(decode(raw, kind[0]))
        elif isinstance(kind, dict):
            out[name] = decode(raw, kind)
        elif kind == "t":
            out[name] = raw.decode()
        elif kind == "f":
            out[name] = struct.unpack("<I", raw)[0]
        elif kind == "p":
            i = 0
            while i < len(raw):
                value, i = read_varint(raw, i)
                out[name].append(value)
        else:
            out[name] = (raw >> 1) ^ -(raw & 1) if kind == "s" else raw
    return out


# --- sums and sketches ---

def nominal(metric, seconds):
    period_us = round(metric["period_ms"] * 1000)
    return seconds * 1000000 // period_us if period_us > 0 else 0


def exp2_index(x):
    x32, i = Fraction(abs(x)) ** 32, math.ceil(32 * math.log2(abs(x))) + 2
    while Fraction(2) ** i >= x32:
        i -= 1
    return i


def fit(sketch):
    """Halve until no sign spans more than 160 indices."""
    while any(b and max(b) - min(b) >= 160 for b in (sketch["pos"], sketch["neg"])):
        halve(sketch)


def halve(sketch):
    for sign in ("pos", "neg"):
        old, sketch[sign] = sketch[sign], {}
        for index, count in old.items():
            sketch[sign][index >> 1] = sketch[sign].get(index >> 1, 0) + count
    sketch["shift"] += 1


def empty_sketch():
    return {"shift": 0, "zero": 0, "pos": {}, "neg": {}}


def sketch_of(ks, metric):
    s = empty_sketch()
    for k in ks:
        x = metric["K"] + k * metric["q"]
        if metric["sketch"]["kind"] == "lin":
            sign, index = "pos", k // metric["sketch"]["width"]
        elif x == 0:
            s["zero"] += 1
            continue
        else:
            sign, index = "pos" if x > 0 else "neg", exp2_index(x)
        s[sign][index] = s[sign].get(index, 0) + 1
    fit(s)
    return s


def sketch_to_wire(s):
    out = {"shift": s["shift"], "zero": s["zero"]}
    for sign, offset, counts in (("pos", "offset", "counts"), ("neg", "neg_offset", "neg_counts")):
        if s[sign]:
            out[offset] = min(s[sign])
            out[counts] = [s[sign].get(i, 0) for i in range(min(s[sign]), max(s[sign]) + 1)]
    return out


def sketch_from_wire(w):
    s = {"shift": w["shift"], "zero": w["zero"]}
    for sign, offset, counts in (("pos", "offset", "counts"), ("neg", "neg_offset", "neg_counts")):
        s[sign] = {w[offset] + i: c for i, c in enumerate(w[counts]) if c}
    return s


def sketch_merge(a, b):
    while a["shift"] < b["shift"]:
        halve(a)
    while b["shift"] < a["shift"]:
        halve(b)
    for sign in ("pos", "neg"):
        for index, count in b[sign].items():
            a[sign][index] = a[sign].get(index, 0) + count
    a["zero"] += b["zero"]
    fit(a)


SUMS = ("n", "s1", "s2", "bad", "lost", "expected", "covered_ms", "tw", "tw_ms", "increase", "resets")


class Aggregate:
    def __init__(self, metric):
        self.metric, self.sums, self.flags, self.sketch = metric, dict.fromkeys(SUMS, 0), 0, empty_sketch()
        self.min = self.max = self.first = self.last = None
        self.due_ms = 0

    def add(self, m, w0, wl):
        m = dict(m)
        if m["expected"] is None:
            m["expected"] = nominal(self.metric, self.metric["window"])
        if m["covered_ms"] is None:
            m["covered_ms"] = wl * 1000
        for name in SUMS:
            self.sums[name] += m[name]
        self.flags |= m["flags"]
        if m["sketch"]:
            sketch_merge(self.sketch, sketch_from_wire(m["sketch"]))
        if m["n"] == 0:
            return
        self.min = m["min"] if self.min is None else min(self.min, m["min"])
        self.max = m["max"] if self.max is None else max(self.max, m["max"])
        first, last = (w0 * 1000 + m["t_first"], m["first"]), (w0 * 1000 + m["t_last"], m["last"])
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)

    def value(self, num, den, reference):
        q = self.metric["q"]
        p = float(round(1 / q))
        if p and 1 / p == q and reference * p == math.trunc(reference * p):
            return (reference * p * den + num) / (p * den)
        return reference + q * num / den

    def quantile(self, p):
        s, metric = self.sketch, self.metric
        n = sum(s["pos"].values()) + sum(s["neg"].values()) + s["zero"]
        rank, seen = max(1, math.ceil(p * n)), 0
        order = [("neg", i, s["neg"][i]) for i in sorted(s["neg"], reverse=True)]
        order += [("zero", 0, s["zero"])] + [("pos", i, s["pos"][i]) for i in sorted(s["pos"])]
        for sign, index, count in order:
            seen += count
            if seen >= rank:
                break
        if sign == "zero":
            x = 0.0
        elif metric["sketch"]["kind"] == "lin":
            w = float(metric["sketch"]["width"] << s["shift"])
            x = self.value(index * w + (w - 1) / 2, 1, metric["K"])
        else:
            lo, hi = (2 ** ((i << s["shift"]) / 32) for i in (index, index + 1))
            x = 2 * lo * hi / (lo + hi) * (-1 if sign == "neg" else 1)
        return min(max(x, self.value(self.min, 1, metric["K"])), self.value(self.max, 1, metric["K"]))


def stddev(a):
    n, s1, s2 = a.sums["n"], a.sums["s1"], a.sums["s2"]
    return a.metric["q"] * math.sqrt(float(n * s2 - s1 * s1) / float(n * (n - 1)))


FUNCTIONS = {
    "n": lambda a: a.sums["n"],
    "mean": lambda a: a.value(a.sums["s1"], a.sums["n"], a.metric["K"]),
    "sum": lambda a: a.value(a.sums["s1"], 1, a.sums["n"] * a.metric["K"]),
    "stddev": stddev,
    "min": lambda a: a.value(a.min, 1, a.metric["K"]),
    "max": lambda a: a.value(a.max, 1, a.metric["K"]),
    "first": lambda a: a.value(a.first[1], 1, a.metric["K"]),
    "last": lambda a: a.value(a.last[1], 1, a.metric["K"]),
    "time_mean": lambda a: a.value(a.sums["tw"], a.sums["tw_ms"], a.metric["K"]),
    "integral": lambda a: a.value(a.sums["tw"], 1, a.metric["K"] * a.sums["tw_ms"]) / 1000,
    "increase": lambda a: a.value(a.sums["increase"], 1, 0),
    "rate": lambda a: a.value(a.sums["increase"], 1, 0) * 1000 / a.sums["covered_ms"],
    "coverage": lambda a: min(1.0, a.sums["covered_ms"] / a.due_ms),
    "quantile": lambda a, p: a.quantile(p),
}


# --- the example of the page ---

def example(page, runnel):
    text = open(page).read()
    block = re.search(r"^```bytes\n(.*?)^```", text, re.M | re.S).group(1)
    data = bytes.fromhex("".join(re.match(r" *((?:[0-9a-f]{2} )+)", line + " ").group(1) for line in block.splitlines()))
    contract = re.search(r'^    (\{"metrics".*?\]\})$', text, re.M | re.S).group(1).replace("\n     ", "").encode()
    p = decode(data, PARTIAL)
    assert zlib.crc32(contract) == p["contract"], f"the contract of the page is {zlib.crc32(contract):08x}"
    assert f"{p['contract']:08x}" in text
    assert encode(p, PARTIAL) == data, encode(p, PARTIAL).hex(" ")
    metric, m = json.loads(contract)["metrics"][0], p["metrics"][0]
    ks = [round((x - 20) / 0.01) for x in (21.40, 21.53, 21.70)]
    assert (m["n"], m["s1"], m["s2"]) == (3, sum(ks), sum(k * k for k in ks)) and m["tw"] == sum(ks) * 20000
    assert m["sketch"]["counts"] == sketch_to_wire(sketch_of(ks, metric))["counts"] and m["sketch"]["offset"] == 14
    a = Aggregate(metric)
    a.add(m, p["w0"], p["wl"])
    assert (a.sums["expected"], a.sums["covered_ms"]) == (3, 60000)
    assert (a.quantile(0.5), a.quantile(0.95)) == (21.545, 21.7)
    assert exp2_index(500) == 286
    line = json.loads(subprocess.run([runnel, "decode"], input=data, capture_output=True, check=True).stdout)
    exact = line["metrics"][0]["exact"]
    assert (line["device"], line["boot"], line["seq"], line["w0"], line["wm"], line["site"]) == ("b1", p["boot"], 17, 1763700000, p["wm"], "lab")
    assert exact == {"s1": 463, "s2": 71909, "min": 140, "max": 170, "first": 140, "last": 170, "tw": 9260000, "tw_ms": 60000,
                     "sketch": {"shift": 0, "offset": 14, "counts": [1, 1, 0, 1]}}, exact


# --- MQTT 3.1.1, as much as an agent needs ---

class Mqtt:
    def __init__(self, port, client_id, will_topic, will):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.inbox, self.packet_id = [], 0
        text = b"".join(struct.pack(">H", len(t)) + t for t in (client_id, will_topic, will))
        self.send(0x10, b"\0\4MQTT\4" + bytes([2 | 4 | 8 | 32]) + struct.pack(">H", 60) + text)  # clean, will, QoS 1, retained
        assert self.receive()[0] == 0x20

    def send(self, head, body):
        self.socket.sendall(bytes([head]) + varint(len(body)) + body)

    def read(self, n):
        data = b""
        while len(data) < n:
            more = self.socket.recv(n - len(data))
            assert more, "the broker hung up"
            data += more
        return data

    def receive(self):
        head, size, shift = self.read(1)[0], 0, 0
        while True:
            byte = self.read(1)[0]
            size, shift = size | (byte & 127) << shift, shift + 7
            if byte < 128:
                return head, self.read(size)

    def wait_for(self, kind):
        while True:
            head, body = self.receive()
            if head >> 4 == 3:
                size = struct.unpack(">H", body[:2])[0]
                topic, rest = body[2:2 + size].decode(), body[2 + size:]
                if head >> 1 & 3:
                    self.send(0x40, rest[:2])
                    rest = rest[2:]
                self.inbox.append((topic, rest))
            if head >> 4 == kind:
                return

    def next_id(self):
        self.packet_id += 1
        return struct.pack(">H", self.packet_id)

    def publish(self, topic, payload, retained=False):
        topic = topic.encode()
        self.send(0x32 | retained, struct.pack(">H", len(topic)) + topic + self.next_id() + payload)
        self.wait_for(4)

    def subscribe(self, topic):
        self.send(0x82, self.next_id() + struct.pack(">H", len(topic)) + topic.encode() + b"\1")
        self.wait_for(9)


# --- the agent ---

CONTRACT = {
    "metrics": [
        {"id": 0, "name": "water@1", "unit": "L", "kind": "counter", "K": 0, "q": 0.001, "sketch": None, "period_ms": 100, "window": 1},
        {"id": 1, "name": "lux@1", "unit": "lx", "kind": "gauge", "K": 0, "q": 0.02, "sketch": {"kind": "exp2", "scale": 5},
         "period_ms": 100, "window": 1},
        {"id": 2, "name": "temp@1", "unit": "Cel", "kind": "gauge", "K": 20, "q": 0.01, "sketch": {"kind": "lin", "width": 10},
         "period_ms": 100, "window": 1},
        {"id": 3, "name": "hot@1", "unit": "1", "kind": "state", "K": 0, "q": 1, "sketch": None, "period_ms": 100, "window": 1},
    ],
    "kpis": [
        {"name": "temp_mean", "expression": "mean(temp)", "unit": "Cel", "window": 1},
        {"name": "temp_sd", "expression": "stddev(temp)", "unit": "Cel", "window": 1},
        {"name": "temp_p95", "expression": "quantile(temp, 0.95)", "unit": "Cel", "window": 1},
        {"name": "temp_span", "expression": "max(temp) - min(temp)", "unit": "Cel", "window": 1},
        {"name": "temp_edge", "expression": "first(temp) + last(temp)", "unit": "Cel", "window": 1},
        {"name": "lux_p50", "expression": "quantile(lux, 0.5)", "unit": "lx", "window": 1},
        {"name": "dose", "expression": "integral(lux) / coverage(lux)", "unit": "lx.s", "window": 1},
        {"name": "on", "expression": "time_mean(hot)", "unit": "1", "window": 1},
        {"name": "litres", "expression": "increase(water)", "unit": "L", "window": 5},
        {"name": "flow", "expression": "rate(water)", "unit": "L/s", "window": 5},
    ],
}


def moments(id_, ks, ms, late):
    """Ten samples 100 ms apart, those in ks: [(which, k)], each held for ms."""
    m = {"id": id_, "n": len(ks), "s1": sum(k for _, k in ks), "s2": sum(k * k for _, k in ks), "min": min(k for _, k in ks),
         "max": max(k for _, k in ks), "first": ks[0][1], "last": ks[-1][1], "t_first": 100 * ks[0][0], "t_last": 100 * ks[-1][0],
         "tw": sum(k for _, k in ks) * ms, "tw_ms": len(ks) * ms}
    definition = CONTRACT["metrics"][id_]
    if definition["sketch"]:
        s = sketch_of([k for _, k in ks], definition)
        m["sketch"] = sketch_to_wire(s)
        m["flags"] = 4 if s["shift"] else 0
    if late:
        m["expected"] = m["covered_ms"] = 0
    return m


def metrics_of(w0, which, late=False):
    ms = 0 if late else 100
    temp = [(i, (w0 * 7 + i * 13) % 900 - 450) for i in which]
    lux = [(i, 1 + (w0 + i) % 5 * 10 ** (i % 6)) for i in which]  # spans more than 160 buckets now and then
    out = [moments(1, lux, ms, late), moments(2, temp, ms, late), moments(3, [(i, (w0 + i) % 2) for i in which], ms, late)]
    if late:
        return out
    if len(which) < 10:  # some samples are late
        for m in out:
            m["expected"], m["covered_ms"] = 10, len(which) * 100
        return [{"id": 0, "n": len(which), "increase": 17 * len(which), "covered_ms": len(which) * 100}] + out
    return [{"id": 0, "n": 10, "increase": 170}] + out


class Agent:
    def __init__(self, port, site, device):
        self.site, self.device, self.base = site, device, f"runnel/1/{site}/{device}"
        self.boot, self.seq, self.wm, self.made = int(time.time()), 0, 0, {}
        self.contract = json.dumps(CONTRACT).encode()
        self.mqtt = Mqtt(port, f"second-{site}-{device}".encode(), f"{self.base}/status".encode(),
                         json.dumps({"state": "offline", "boot": self.boot}).encode())
        self.mqtt.subscribe(f"{self.base}/cmd")

    def tell(self, leaf, message, retained=True):
        self.mqtt.publish(f"{self.base}/{leaf}", message if isinstance(message, bytes) else json.dumps(message).encode(), retained)

    def hello(self):
        hash_ = f"{zlib.crc32(self.contract):08x}"
        self.tell(f"contract/{hash_}", self.contract)
        self.tell("birth", {"device": self.device, "site": self.site, "boot": self.boot, "contract": hash_})
        self.status("online")

    def status(self, state):
        self.tell("status", {"state": state, "boot": self.boot, "seq": self.seq, "wm": self.wm})

    def make(self, w0, metrics, wm, wl=1, part=0, flags=0, numbers=1):
        self.seq += numbers
        self.wm = wm
        p = {"version": 1, "device": self.device, "boot": self.boot, "seq": self.seq, "w0": w0, "wl": wl,
             "part": MERGED + self.seq if wl > 1 else part, "contract": zlib.crc32(self.contract), "flags": flags, "metrics": metrics, "wm": wm,
             "site": self.site, "span": numbers - 1}
        self.made[self.seq] = p
        return self.seq

    def send(self, seq):
        self.tell("partial", encode(self.made[seq], PARTIAL), retained=False)

    def obey(self, payload):
        command = json.loads(payload)
        answer = {"cmd": command["cmd"], "id": command["id"]}
        if command["cmd"] == "resend":
            seqs = [s for s in range(command["from"], command["to"] + 1) if s in self.made]
            for seq in seqs:
                self.send(seq)
            answer["messages"] = len(seqs)
        self.tell("cmd/answer", {**answer, "state": "done"}, retained=False)


def merged_metrics(w0):
    """Five windows as one, as an agent does that has no room."""
    parts = [metrics_of(w0 + i, range(10)) for i in range(5)]
    out = []
    for i, definition in enumerate(CONTRACT["metrics"]):
        a = Aggregate(definition)
        for second, metrics in enumerate(parts):
            a.add(decode(encode(metrics[i], METRIC), METRIC), w0 + second, 1)
        m = {name: a.sums[name] for name in SUMS} | {"id": i}
        if definition["kind"] != "counter":
            m |= {"min": a.min, "max": a.max, "first": a.first[1], "last": a.last[1], "t_first": a.first[0] - w0 * 1000, "t_last": a.last[0] - w0 * 1000}
        if definition["sketch"]:
            m["sketch"] = sketch_to_wire(a.sketch)
            m["flags"] = 4 if a.sketch["shift"] else 0
        out.append(m)
    return out


def agent(port, site, device, w0, n):
    a = Agent(port, site, device)
    a.hello()
    seqs, end = [], w0 + n
    for w in range(w0, end):
        if w == w0 + 2:  # in two messages, made at once: the first has the old watermark
            metrics = metrics_of(w, range(10))
            seqs += [a.make(w, metrics[:2], w), a.make(w, metrics[2:], w + 1, part=1)]
        elif w == w0 + 3:  # three samples came too late
            seqs += [a.make(w, metrics_of(w, range(7)), w + 1), a.make(w, metrics_of(w, range(7, 10), late=True), w + 1, part=1)]
        else:
            seqs.append(a.make(w, metrics_of(w, range(10)), w + 1))
    seqs.append(a.make(w0 + 1, metrics_of(w0, range(10)), end, part=1, flags=UNSYNCED))  # must not count
    late = (end + 4) // 5 * 5 - 10
    seqs.append(a.make(late, merged_metrics(late + 1000), end, wl=5, numbers=4))
    held_back = seqs.pop(4)
    for seq in reversed(seqs):
        a.send(seq)
    for seq in seqs[:3]:  # and again
        a.send(seq)
    twin = dict(a.made[seqs[0]], metrics=metrics_of(w0 + 99, range(10)))  # the same key, other bytes
    a.tell("partial", encode(twin, PARTIAL), retained=False)
    a.status("online")
    print(f"held back {held_back} boot {a.boot}", flush=True)
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
    a.mqtt.socket.settimeout(0.2)
    while not stopped:
        try:
            a.mqtt.wait_for(3)
        except TimeoutError:
            continue
        while a.mqtt.inbox:
            a.obey(a.mqtt.inbox.pop(0)[1])
    a.mqtt.socket.settimeout(10)
    a.status("offline")
    a.mqtt.send(0xE0, b"")


# --- the collector ---

class Boot:
    def __init__(self):
        self.numbers, self.promises, self.is_backfill = {}, [], False  # numbers: of each message that came, its wm

    def runs(self):
        out = []
        for first, last, wm in sorted(self.numbers.values()):
            if out and first <= out[-1][1] + 1:
                out[-1][1], out[-1][3] = max(last, out[-1][1]), max(out[-1][3], wm or 0)
            else:
                out.append([first, last, wm or 0, wm or 0])
        for run in out:
            run[3] = max([run[3]] + [wm for seq, wm in self.promises if run[0] <= seq <= run[1]])
        return out

    def wm(self):
        return max([0] + [r[3] for r in self.runs()] + [wm for seq, wm in self.promises if seq == 0])

    def is_whole(self, w0, end):
        before, last = 0, 0
        for first, run_last, wm_first, wm_last in self.runs():
            if first > last + 1 and before < end and wm_first >= w0:
                return False
            before, last = wm_last, run_last
        return not any(seq > last and before < end and wm >= w0 for seq, wm in self.promises)


class Device:
    def __init__(self):
        self.boots, self.contracts, self.birth = {}, {}, None

    def boot(self, number):
        return self.boots.setdefault(number, Boot())

    def is_complete(self, w0, end):
        own = [b for b in self.boots if not self.boots[b].is_backfill]
        return bool(own) and self.boots[max(own)].wm() >= end and all(b.is_whole(w0, end) for b in self.boots.values())


def messages(path):
    for line in open(path):
        topic, _, payload = line.rstrip("\n").split(" ")
        yield topic.split("/"), bytes.fromhex(payload)


def merge(path):
    """Devices, the parts that count by key, and how many were duplicates and conflicts."""
    devices, parts, bytes_of, duplicates, conflicts = {}, {}, {}, 0, 0
    for levels, payload in messages(path):
        if levels[3].startswith("_") or levels[4] not in ("birth", "contract", "status", "partial"):
            continue
        d = devices.setdefault(levels[3], Device())
        if levels[4] == "birth":
            d.birth = json.loads(payload)
            d.boot(d.birth["boot"])
        elif levels[4] == "contract":
            assert f"{zlib.crc32(payload):08x}" == levels[5]
            d.contracts[int(levels[5], 16)] = json.loads(payload)
        elif levels[4] == "status":
            s = json.loads(payload)
            if "seq" in s:
                d.boot(s["boot"]).promises.append((s["seq"], s["wm"]))
        else:
            p = decode(payload, PARTIAL)
            key = (p["device"], p["boot"], p["w0"], p["wl"], p["part"])
            is_new = key not in bytes_of
            if not p["flags"] & UNSYNCED:
                duplicates += not is_new and bytes_of[key] == payload
                conflicts += not is_new and bytes_of[key] != payload
                if is_new:
                    bytes_of[key], parts[key] = payload, p
            b = d.boot(p["boot"])
            b.is_backfill |= bool(p["flags"] & BACKFILL)
            b.numbers[p["seq"]] = (p["seq"] - p["span"], p["seq"], None if p["flags"] & UNSYNCED else p["wm"])
    return devices, parts, duplicates, conflicts


def fleet_kpi(devices, parts, kpi, w0):
    end, aggregates, expected, reporting = w0 + kpi["window"], {}, 0, set()
    streams = set(re.findall(r"\((\w+)", kpi["expression"]))
    for stream in streams:
        own = {}
        for name, d in devices.items():
            metrics = d.contracts[int(d.birth["contract"], 16)]["metrics"]
            own[name] = [0, nominal(next(m for m in metrics if m["name"] == f"{stream}@1"), kpi["window"])]
        for (name, _, p_w0, wl, _), p in sorted(parts.items()):
            if not (w0 <= p_w0 < end and kpi["window"] % wl == 0):
                continue
            metrics = devices[name].contracts[p["contract"]]["metrics"]
            for m in p["metrics"]:
                if metrics[m["id"]]["name"] != f"{stream}@1":
                    continue
                one = Aggregate(metrics[m["id"]])
                one.add(m, p_w0, wl)
                own[name][0] += one.sums["expected"]
                aggregates.setdefault(stream, Aggregate(metrics[m["id"]])).add(m, p_w0, wl)
                reporting.add(name)
        expected += sum(max(o) for o in own.values())
    for a in aggregates.values():
        a.due_ms = len(devices) * kpi["window"] * 1000
    return {
        "value": eval(kpi["expression"], {"__builtins__": {}}, {**FUNCTIONS, **aggregates}) if len(aggregates) == len(streams) else None,
        "n": sum(a.sums["n"] for a in aggregates.values()), "expected": expected, "devices": len(reporting), "expected_devices": len(devices),
        "complete_devices": sum(d.is_complete(w0, end) for d in devices.values()),
        "coverage": min(min(1.0, a.sums["covered_ms"] / a.due_ms) for a in aggregates.values())}


def compare(path, told_path):
    devices, parts, duplicates, conflicts = merge(path)
    assert duplicates >= 3 and conflicts == 1, (duplicates, conflicts)
    told, n_same, n_exact, n_waited = {}, {}, 0, 0
    for line in open(told_path):
        k = json.loads(line)
        key = (k["name"], k["w0"])
        assert k["version"] == told.get(key, {"version": 0})["version"] + 1, k
        n_waited += k["state"] == "COMPLETE" and k["version"] > 1
        told[key] = k
    definitions = {k["name"]: k for k in CONTRACT["kpis"]}
    for (name, w0), k in sorted(told.items()):
        if k["devices"] < 3 or k["state"] != "COMPLETE":  # who is expected before all are there depends on the moment
            continue
        ours = fleet_kpi(devices, parts, definitions[name], w0)
        theirs = {key: k[key] for key in ours}
        n_exact += ours["value"] == theirs["value"]
        if name == "lux_p50" and abs(ours["value"] / theirs["value"] - 1) < 1e-12:  # 2 ** x here is not their table to the last bit
            ours["value"] = theirs["value"]
        assert ours == theirs, f"{name} {w0}: second collector {ours}, runnel-collector {theirs}"
        n_same[name] = n_same.get(name, 0) + 1
    assert set(n_same) == set(definitions), f"no complete window of {set(definitions) - set(n_same)}"
    assert n_waited > 0, "no window was provisional first"
    print(f"{sum(n_same.values())} fleet KPIs agree, {n_exact} of them bit by bit; {n_waited} were provisional first")


# --- SQL ---

def sql(page, path, runnel):
    create, moments_, quantiles = re.findall(r"^```sql\n(.*?)^```", open(page).read(), re.M | re.S)
    db = sqlite3.connect(":memory:")
    db.create_function("SQRT", 1, lambda x: None if x is None else math.sqrt(x))
    db.executescript(create)
    devices, parts, _, _ = merge(path)
    for _ in range(2):  # twice: duplicates do nothing
        for p in parts.values():
            line = json.loads(subprocess.run([runnel, "decode"], input=encode(p, PARTIAL), capture_output=True, check=True).stdout)
            key = [line[name] for name in ("site", "device", "boot", "w0", "wl", "part")]
            for m in line["metrics"]:
                definition, x = devices[p["device"]].contracts[p["contract"]]["metrics"][m["id"]], m["exact"]
                row = key + [definition["name"], m["n"], x["s1"], x["s2"], x["min"], x["max"], m.get("expected", nominal(definition, 1)),
                             m.get("covered_ms", 1000 * line["wl"]), x["tw"], x["tw_ms"], x.get("increase", 0)]
                db.execute(f"INSERT OR IGNORE INTO part VALUES ({','.join('?' * len(row))})", row)
                if definition["name"] == "temp@1" and "sketch" in x:
                    assert x["sketch"]["shift"] == 0
                    for i, count in enumerate(x["sketch"]["counts"]):
                        db.execute("INSERT OR IGNORE INTO bucket VALUES (?,?,?,?,?,?,?,?,?)", key + ["temp@1", x["sketch"]["offset"] + i, count])
    rows = db.execute(moments_).fetchall()
    p95 = dict(db.execute(quantiles).fetchall())
    assert len(rows) > 3
    for w0, n, expected, n_devices, *values in rows:
        a, names = Aggregate(CONTRACT["metrics"][2]), set()
        for (name, _, p_w0, wl, _), p in parts.items():
            metrics = devices[name].contracts[p["contract"]]["metrics"]
            for m in p["metrics"] if (p_w0, wl) == (w0, 1) else []:
                if metrics[m["id"]]["name"] == "temp@1":
                    m = dict(m, expected=nominal(metrics[m["id"]], 1) if m["expected"] is None else m["expected"])
                    a.add(m, p_w0, wl)
                    names.add(name)
        assert (n, expected, n_devices) == (a.sums["n"], a.sums["expected"], len(names)), (w0, n, expected, n_devices, a.sums, names)
        for ours, theirs in zip(values, (FUNCTIONS[f](a) if n > 1 else None for f in ("mean", "stddev", "min", "max", "time_mean"))):
            assert n < 2 or abs(ours - theirs) < 1e-9, (w0, ours, theirs)
        lo, hi = FUNCTIONS["min"](a), FUNCTIONS["max"](a)
        assert abs(min(max(p95[w0], lo), hi) - a.quantile(0.95)) < 1e-9
    print(f"SQL gives the same for {len(rows)} windows")


def main():
    command, *a = sys.argv[1:]
    if command == "example":
        example(*a)
    elif command == "agent":
        agent(int(a[0]), a[1], a[2], int(a[3]), int(a[4]))
    elif command == "compare":
        compare(*a)
    elif command == "sql":
        sql(*a)
    else:
        sys.exit(__doc__)


main()
