#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A swarm of simulated boards against a real collector, over a real broker; and the truth computed beside it.

  swarm.py [--devices N] [--seconds S] [--seed X] [--window W] [--flood] [--healthy] [--store] [--keep DIR]
  swarm.py --recorded FILE [--window W] [--store] [--keep DIR]

The boards live in real time, in windows of W seconds; --flood sends everything at once instead. --healthy: nothing goes wrong, which is
for measuring. --recorded: the boards are those of a recorded sensor network. Fails when any number of any window of any fleet KPI is not, bit for bit, what it should be.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import plan  # noqa: E402
import recorded  # noqa: E402
import truth  # noqa: E402

QUIET_S, PATIENCE_S = 2.5, 30


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Listener(threading.Thread):
    """Lines of a process with the time at which they came."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream, self.lines, self.at = stream, [], time.time()

    def run(self):
        for line in self.stream:
            self.at = time.time()
            self.lines.append((self.at, line))

    def wait_quiet(self):
        end = time.time() + PATIENCE_S
        while time.time() < min(end, self.at + QUIET_S):
            time.sleep(0.05)


class Rig:
    """The broker, the collector and the voice of the swarm; all end with it."""

    def __init__(self, options):
        self.options, self.dir = options, options.keep or tempfile.mkdtemp(prefix="runnel-swarm-")
        os.makedirs(self.dir, exist_ok=True)
        self.bin, self.port, self.running = os.environ.get("RUNNEL_BUILD", "build"), free_port(), []

    def path(self, name):
        return os.path.join(self.dir, name)

    def spawn(self, name, argv, **more):
        with open(self.path(name + ".log"), "wb") as log:
            p = subprocess.Popen(argv, stderr=log, **more)
        self.running.append(p)
        return p

    def start_broker(self):
        with open(self.path("mosquitto.conf"), "w", encoding="ascii") as f:
            f.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nlog_dest none\nset_tcp_nodelay true\n"
                    "max_queued_messages 0\nmax_inflight_messages 200\n")
        mosquitto = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
        self.spawn("mosquitto", [mosquitto, "-c", self.path("mosquitto.conf")])
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("swarm: mosquitto does not start")

    def start_collector(self):
        argv = [f"{self.bin}/runnel-collector", "run", "--json", "--broker", f"mqtt://127.0.0.1:{self.port}"]
        if self.options.recorded:
            argv += ["--keep", "366d", "--keep-parts", "400d"]
        if self.options.store:
            argv += ["--store", self.path("store.db")]
        self.collector = self.spawn("collector", argv, stdout=subprocess.PIPE, text=True)
        self.told = Listener(self.collector.stdout)
        self.told.start()
        for _ in range(400):  # what is sent before it listens is lost
            with open(self.path("collector.log"), encoding="utf-8") as f:
                if "connected" in f.read():
                    return
            time.sleep(0.05)
        raise SystemExit("swarm: the collector does not connect")

    def start_feed(self):
        argv = [f"{self.bin}/tests/swarm/feed", self.path("script"), f"mqtt://127.0.0.1:{self.port}", self.path("sent")]
        self.feed = self.spawn("feed", argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def subscribe(self):
        """What the broker keeps of the fleet's KPIs, when all is over."""
        out = subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.port), "-t", "runnel/1/+/_fleet/kpi/+", "-W", "2"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
        return [json.loads(line) for line in out.splitlines()]

    def end(self, process, code=0):
        process.send_signal(signal.SIGTERM)
        if process.wait(20) != code:
            raise SystemExit(f"swarm: {process.args[0]} ended with {process.returncode}")
        self.running.remove(process)

    def close(self):
        for p in self.running:
            p.kill()
            p.wait()
        if not self.options.keep:
            shutil.rmtree(self.dir, ignore_errors=True)


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        words = f.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def pss_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Pss:"))


def plan_swarm(o):
    if o.recorded:
        return recorded.Recorded(o.recorded, o.window)
    n = max(6, int(o.seconds / o.window))
    long = plan.KPI_LENGTHS[o.window]
    if o.flood:
        t0 = (int(time.time()) - (n + 4) * o.window) // long * long
    else:
        t0 = (int(time.time() + 4 + o.devices * n / 1500) // long + 1) * long
    return plan.Swarm(o.seed, o.devices, n, o.window, t0, o.healthy)


def run(rig, o):
    swarm = plan_swarm(o)
    if o.flood or o.recorded:
        swarm.lines = [(-1 if due == -1 else 0, m) for due, m in swarm.lines]
    with open(rig.path("script"), "w", encoding="ascii") as f:
        index = plan.script(swarm, f)
    rig.start_broker()
    rig.start_collector()
    time.sleep(1.0)
    before, started = cpu_s(rig.collector.pid), time.time()
    rig.start_feed()
    if rig.feed.stdout.readline() != "done\n":
        raise SystemExit("swarm: the feed failed: " + open(rig.path("feed.log"), encoding="utf-8").read())
    sent_s = time.time() - started
    rig.told.at = time.time()
    rig.told.wait_quiet()
    if rig.collector.poll() is not None:
        raise SystemExit(f"swarm: the collector ended with {rig.collector.returncode}: " + open(rig.path("collector.log"), encoding="utf-8").read())
    used = cpu_s(rig.collector.pid) - before
    figures = {"cpu_s": used, "pss_kib": pss_kib(rig.collector.pid), "sent_s": sent_s}
    rig.end(rig.collector)
    rig.told.join()
    rig.feed.stdin.close()
    if rig.feed.wait(20) != 0:
        raise SystemExit("swarm: the feed failed")
    rig.running.remove(rig.feed)
    with open(rig.path("sent"), encoding="ascii") as f:
        sent = [int(line) for line in f]
    return swarm, index, sent, figures


def last_told(lines):
    """The last line of each row; versions grow one by one."""
    told, problems = {}, []
    for _, line in lines:
        k = json.loads(line)
        key = (k["site"], k["name"], k["w0"], k["wl"])
        if k["version"] != told.get(key, {"version": 0})["version"] + 1:
            problems.append(f"{key}: version {k['version']} after {told.get(key)}")
        told[key] = k
    return told, problems


def check_retained(kept, told):
    """The broker keeps the newest window of each KPI, as it was told last."""
    newest = {}
    for (site, name, w0, _), k in told.items():
        if w0 >= newest.get((site, name), k)["w0"]:
            newest[site, name] = k
    kept = {(k["site"], k["name"]): k for k in kept}
    return [f"{key}: the broker keeps {kept.get(key)}, told was {k}" for key, k in sorted(newest.items()) if kept.get(key) != k]


def latencies(lines):
    """From the end of a window to its first COMPLETE."""
    first = {}
    for at, line in lines:
        k = json.loads(line)
        if k["state"] == "COMPLETE":
            first.setdefault((k["site"], k["name"], k["w0"], k["wl"]), at - k["w0"] - k["wl"])
    return sorted(first.values())


def report(swarm, o, t, rows, told, sent, figures, lines):
    n_complete = sum(k["state"] == "COMPLETE" for k in told.values())
    source = f"as recorded in {o.recorded}" if o.recorded else f"seed {swarm.seed}"
    print(f"swarm: {swarm.n_devices} devices, {source}: {len(sent)} messages, {t.counts}")
    print(f"  {len(rows)} windows of KPIs, {n_complete} of them complete")
    parts = sum(t.counts.values())
    print(f"  collector: {figures['cpu_s']:.2f} s of CPU, {parts / max(figures['cpu_s'], 0.01):.0f} partials a second of it, "
          f"PSS {figures['pss_kib']} KiB; sent in {figures['sent_s']:.1f} s")
    ms = [1000 * s for s in latencies(lines)]
    if ms and not o.flood and not o.recorded:
        print(f"  from the end of a window to COMPLETE: median {ms[len(ms) // 2]:.0f} ms, 95 % {ms[len(ms) * 95 // 100]:.0f} ms, most {ms[-1]:.0f} ms")


def options():
    p = argparse.ArgumentParser()
    p.add_argument("--devices", type=int, default=100)
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--window", type=int, choices=sorted(plan.KPI_LENGTHS), help="default: 1, or 5 from half a minute on")
    p.add_argument("--flood", action="store_true")
    p.add_argument("--healthy", action="store_true")
    p.add_argument("--store", action="store_true")
    p.add_argument("--recorded", help="a CSV file of the ULB networks")
    p.add_argument("--keep", help="leave all files in this directory")
    o = p.parse_args()
    o.window = o.window or (1 if o.seconds < 30 else 5)
    return o


def main():
    o = options()
    rig = Rig(o)
    try:
        swarm, index, sent, figures = run(rig, o)
        told, problems = last_told(rig.told.lines)
        problems += check_retained(rig.subscribe(), told)
    finally:
        rig.close()
    t = truth.Truth(swarm)
    for i in sent:
        t.take(index[i], time.time())
    rows = t.rows()
    problems += list(truth.differences(rows, told))
    report(swarm, o, t, rows, told, sent, figures, rig.told.lines)
    for text in problems[:20]:
        print("  WRONG", text)
    if problems:
        print(f"  {len(problems)} of {len(rows)} windows are wrong")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
