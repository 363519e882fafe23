#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A fleet to be looked at: fleet.py --devices N --past WINDOWS [--wl S] [--live S] [--store] [--port HTTP] [--until FILE]

Plausible boards, with weather, faults and gaps drawn from a seed, over a real broker into a real collector with --http. When all of the past was sent it prints
the page's address, the collector's process and a directory with its store, its log and what it told; --live seconds of the present follow.
With --live 0 nothing follows, whatever window ends meanwhile: the page stays as it is until this is ended.
"""
import argparse
import json
import math
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zlib

SITES = ("delft", "utrecht", "zeist")
METRICS = (("temp", "Cel", "gauge", 20, 0.01, {"kind": "lin", "width": 10}), ("humidity", "%", "gauge", 50, 0.01, {"kind": "lin", "width": 50}),
           ("power", "W", "gauge", 0, 0.01, {"kind": "exp2", "scale": 5}), ("door", "1", "state", 0, 1, None))
KPIS = (("temp_mean", "mean(temp)", "Cel"), ("temp_p95", "quantile(temp, 0.95)", "Cel"), ("humidity_mean", "mean(humidity)", "%"),
        ("power_mean", "time_mean(power)", "W"), ("energy_per_degree", "integral(power) / 3600 / mean(temp)", "W.h/Cel"),
        ("door_open", "100 * time_mean(door)", "%"))
SLOTS = 6


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def contract(wl):
    text = {"metrics": [{"id": i, "name": f"{n}@1", "unit": u, "kind": k, "K": ref, "q": q, "sketch": sketch,
                         "period_ms": 0 if k == "state" else wl * 1000 // SLOTS, "window": wl}
                        for i, (n, u, k, ref, q, sketch) in enumerate(METRICS)],
            "kpis": [{"name": n, "expression": e, "unit": u, "window": wl} for n, e, u in KPIS]}
    body = json.dumps(text, separators=(",", ":"))
    return body, f"{zlib.crc32(body.encode()):08x}"


class Board:
    def __init__(self, i, o, body, known):
        self.rng = random.Random(o.seed * 100000 + i)
        self.site, self.name = SITES[i % len(SITES)] if o.devices > 5 else SITES[0], f"greenhouse-{i + 1:0{max(2, len(str(o.devices)))}d}"
        self.i, self.o, self.body, self.known, self.seq, self.boot = i, o, body, known, 0, self.rng.randint(1, 9)
        self.offset, self.lines = self.rng.uniform(-1.2, 1.2), []
        draw = self.rng.random() if o.devices > 5 else (0.5 if i else 0.985)
        self.is_off, self.has_gaps, self.is_failing = draw < 0.02, 0.02 <= draw < 0.05, draw > 0.97
        self.clock = "unsynchronised" if 0.05 <= draw < 0.06 else "holdover" if 0.06 <= draw < 0.08 else "synchronised"

    def topic(self, what):
        return f"runnel/1/{self.site}/{self.name}/{what}"

    def say(self, due, what, payload):
        self.lines.append((due, f"m 1 {self.topic(what)} {payload.encode().hex()}"))

    def tell(self, due):
        sensors = [("air", "bme280", 1000), ("power", "ina226", 500), ("door", "gpio-input", 0), ("box", "host", 5000)]
        self.say(due, f"contract/{self.known}", self.body)
        self.say(due, "birth", json.dumps({"device": self.name, "site": self.site, "labels": {"line": "abc"[self.i % 3], "floor": str(self.i % 4), **({"note": "<b>&amp;\"'</b>"} if self.i == 0 else {})},
                 "agent": "0.1.0", "boot": self.boot, "revision": 11 + (self.i % 7 != 0), "config": "5f0c2a11", "nonce": f"{self.i:016x}",
                 "contract": self.known, "sensors": [{"name": n, "driver": d, "every_ms": e} for n, d, e in sensors]}))

    def status(self, due, wm):
        r = self.rng
        if self.is_off:
            self.say(due, "status", json.dumps({"state": "offline", "boot": self.boot}))
            return
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(wm - 900))
        sensors = {n: {"state": "ok", "since": since, "readings": r.randint(1000, 90000), "faults": 0, "setups": 1, "counts": {}}
                   for n in ("air", "power", "door", "box")}
        if self.is_failing:
            sensors["air"].update(state="fault", trouble="absent", reason="i2c-1 0x76: no answer (is it connected?)", faults=r.randint(3, 60))
        rows = r.randint(20, 400) if self.i % 41 == 3 else 0
        self.say(due, "status", json.dumps({"state": "online", "boot": self.boot, "seq": self.seq, "wm": wm,
                 "spool": {"rows": rows, "bytes": rows * 180, "dropped": 0, "refused": 0, "merged": 0, "on_disk": True},
                 "mqtt": {"connects": 1 + self.i % 3, "failed": 0}, "clock": {"state": self.clock, "steps": 0}, "sensors": sensors,
                 "footprint": {"cpu_ms": r.randint(900, 90000), "max_rss_kib": r.randint(5800, 6400)}}))

    def values(self, w0):
        day, r = math.sin(w0 / 1500.0), self.rng
        temp = 100 * (1.5 + 2.4 * day + self.offset) + r.gauss(0, 12)
        humidity = -100 * (3 + 7 * day - self.offset) + r.gauss(0, 60)
        power = 100 * max(0.3, 42 + 25 * math.sin(w0 / 700.0 + self.offset) + r.gauss(0, 4))
        return [[int(v + r.gauss(0, s)) for _ in range(SLOTS)] for v, s in ((temp, 6), (humidity, 20), (power, 90))]

    def window(self, due, w0):
        wl, r = self.o.wl, self.rng
        self.seq += 1
        if self.has_gaps and r.random() < 0.03:
            return
        step, metrics = wl * 1000 // SLOTS, []
        for i, ks in enumerate(self.values(w0)):
            bad = SLOTS if self.is_failing and i < 2 else sum(r.random() < 0.004 for _ in ks)
            good = ks[bad:]
            samples = " ".join(f"{s * step} {k}" for s, k in enumerate(good))
            held = " ".join(f"{k} {step}" for k in good)
            metrics.append(f"{i} {SLOTS} {len(good) * step} {bad} 0 0 {len(good)} {samples} {len(good)} {held}")
        is_open = int(r.random() < 0.06)
        metrics.append(f"3 0 {wl * 1000} 0 0 0 1 0 {is_open} 1 {is_open} {wl * 1000}")
        text = f"p {self.topic('partial')} {self.known} {self.site} {self.name} {self.boot} {self.seq} {w0} {wl} 0 0 {w0 + wl} {len(metrics)} " + " ".join(metrics)
        self.lines.append((due, " ".join(text.split())))
        if r.random() < 0.002:
            self.lines.append((due, self.lines[-1][1]))

    def live(self, now, t0):
        o = self.o
        self.tell(0)
        for n in range(o.windows):
            w0 = t0 + n * o.wl
            end = w0 + o.wl
            if not self.is_off or n < o.past * 0.6:
                self.window(int((end + self.rng.uniform(0.2, 1.5)) * 1000) if end > now else 0, w0)
            if n == o.past - 1:
                self.status(0, end)
        return self.lines


def options():
    p = argparse.ArgumentParser()
    p.add_argument("--devices", type=int, default=50)
    p.add_argument("--past", type=int, default=60, help="windows before now")
    p.add_argument("--live", type=int, default=600, help="seconds from now on")
    p.add_argument("--wl", type=int, default=60)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--store", action="store_true")
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--until", help="end when this file is there")
    o = p.parse_args()
    o.windows = o.past + (o.live // o.wl + 1 if o.live else 0)
    return o


def write_script(o, path):
    body, known = contract(o.wl)
    now = time.time()
    t0 = int(now) // o.wl * o.wl - o.past * o.wl
    lines = []
    for i in range(o.devices):
        lines += Board(i, o, body, known).live(now, t0)
    lines.sort(key=lambda line: line[0])
    with open(path, "w", encoding="ascii") as f:
        f.write(f"C {known} {body}\n")
        f.writelines(f"{due} {text}\n" for due, text in lines)
    return sum(due == 0 and text.startswith("p") for due, text in lines)


def start(argv, log, running, **more):
    with open(log, "wb") as f:
        p = subprocess.Popen(argv, stderr=f, **more)
    running.append(p)
    return p


def wait_for(test, seconds, what):
    end = time.time() + seconds
    while not test():
        if time.time() > end:
            raise SystemExit(f"fleet: no {what}")
        time.sleep(0.1)


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
        return True
    except OSError:
        return False


def fleet(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/fleet") as answer:
        return json.load(answer)


def is_connected(port):
    return fleet(port)["broker"]["state"] == "connected"


def counted(port):
    return fleet(port)["counters"]["messages"]


def run(o, tmp, running):
    build, broker, page = os.environ.get("RUNNEL_BUILD", "build"), free_port(), o.port or free_port()
    n_past = write_script(o, f"{tmp}/script")
    with open(f"{tmp}/mosquitto.conf", "w", encoding="ascii") as f:
        f.write(f"listener {broker} 127.0.0.1\nallow_anonymous true\nlog_dest none\nmax_queued_messages 0\nmax_inflight_messages 200\n")
    mosquitto = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    start([mosquitto, "-c", f"{tmp}/mosquitto.conf"], f"{tmp}/mosquitto.log", running)
    wait_for(lambda: answers(broker), 10, "broker")
    collector = [f"{build}/runnel-collector", "run", "--json", "--no-publish", "--broker", f"mqtt://127.0.0.1:{broker}", "--http", str(page), "--keep", "3h"]
    if o.store:
        collector += ["--store", f"{tmp}/store.db"]
    with open(f"{tmp}/told", "wb") as told:
        start(collector, f"{tmp}/collector.log", running, stdout=told)
    wait_for(lambda: answers(page), 10, "page")
    wait_for(lambda: is_connected(page), 20, "collector at the broker")
    time.sleep(0.3)  # it subscribes
    start([f"{build}/tests/swarm/feed", f"{tmp}/script", f"mqtt://127.0.0.1:{broker}", f"{tmp}/sent"], f"{tmp}/feed.log", running,
          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    wait_for(lambda: counted(page) >= n_past, 300, "past")
    time.sleep(1.5)
    print(f"http://127.0.0.1:{page}/ {running[1].pid} {tmp}", flush=True)
    wait_for(lambda: o.until and os.path.exists(o.until), o.live or 86400, "end")


def main():
    o = options()
    tmp, running = tempfile.mkdtemp(prefix="runnel-view-"), []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        run(o, tmp, running)
    finally:
        for p in reversed(running):
            p.kill()
            p.wait()
        shutil.rmtree(tmp, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
