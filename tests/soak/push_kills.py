#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boards are killed at random instants while configs are pushed to them and their files are edited: after each kill a board must run one of
the configs that were good, and measure; one that failed, or was refused, must not run. Prints how many kills hit which step.

A third of what comes is bad: a sensor that is gone, a text with an error. A third of the starts is killed, too, within 150 ms.
"""
import argparse
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import wire
from rig import BUILD, Broker, say, until

LOCAL = """device: %s
site: kills
clock: {trust: always}
mqtt: {broker: "mqtt://127.0.0.1:%d"}
spool: {path: %s}
remote_config: {keys: [%s], confirm_within: 1s}
"""
MEASURE = """revision: %d
window: 1s
sensors:
  air: {driver: sim, unit: Cel, every: 50ms, offset: %d}
  oil: %s
streams:
  temp: {from: air.value}
  oil: {from: oil.%s}
"""
OIL = "{driver: sim, unit: Cel, every: 50ms}", "value"
GONE = "{driver: lm75, bus: i2c-99, address: 0x48, every: 50ms}", "temperature"


class Board:
    def __init__(self, rig, name, seed):
        self.rig, self.name, self.random = rig, name, random.Random("%s %s" % (seed, name))
        self.base = "runnel/1/kills/%s/" % name
        self.path, self.log = os.path.join(rig.work, name + ".yaml"), os.path.join(rig.work, name + ".log")
        self.spool = os.path.join(rig.work, name + ".db")
        self.revision, self.good, self.bad, self.counts = 1, set(), set(), collections.Counter()
        self.n_seen = 0
        self.edit(MEASURE % (1, 20, *OIL))
        self.good.add(1)

    def heard(self, leaf):
        return [m for t, _, m in self.rig.recorder.messages[self.n_seen:] if t == self.base + leaf]

    def edit(self, measure):
        text = LOCAL % (self.name, self.rig.broker.port, self.spool, self.rig.key + ".pub") + measure
        with open(self.path + ".new", "w") as f:
            f.write(text)
        os.rename(self.path + ".new", self.path)

    def boot(self):
        try:
            with open(self.spool + ".boot") as f:
                return int(f.read().split()[0])
        except (OSError, IndexError, ValueError):
            return 0

    def start(self):
        self.n_seen, self.boot_before = len(self.rig.recorder.messages), self.boot()
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([BUILD + "/runnel", "run", "-c", self.path], stderr=log)

    def kill(self):
        status = self.process.poll()
        assert status is None, (self.name, "ended by itself", status)
        self.process.kill()
        self.process.wait()
        self.counts["kills"] += 1

    def push(self, measure):
        path = os.path.join(self.rig.work, self.name + ".push")
        with open(path, "w") as f:
            f.write("target: kills/%s\n" % self.name + measure)
        subprocess.run(["minisign", "-S", "-s", self.rig.key, "-m", path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        with open(path, "rb") as f, open(path + ".minisig", "rb") as s:
            payload = f.read() + b"".join(b"# " + line + b"\n" for line in s.read().splitlines())
        wire.send_all(self.rig.broker.port, [(self.base + "config/set", payload, False)], "pusher-" + self.name)

    def change(self):
        """Something comes. What is good may run from now on, what is bad never."""
        self.revision += 1
        kind = self.random.choices(["good", "gone", "wrong", "file", "file gone", "file torn"], [10, 3, 1, 3, 1, 1])[0]
        measure = MEASURE % (self.revision, self.random.randint(0, 99), *(GONE if "gone" in kind else OIL))
        (self.good if kind in ("good", "file") else self.bad).add(self.revision)
        if kind == "wrong":
            measure = measure.replace("driver: sim", "driver: simm")
        if "gone" in kind:
            time.sleep(0.5)  # it has to have worked before
        if "file" in kind:
            self.edit(measure if kind != "file torn" else measure[:len(measure) // 2] + "{")
            self.process.send_signal(signal.SIGHUP)
            if kind == "file gone":  # before, it is a file like any other
                until(20, "the trial", lambda: any(b"trying" in m and b":%d," % self.revision in m for m in self.heard("config/state")))
        else:
            self.push(measure)
        self.counts[kind] += 1
        return kind

    def expect(self):
        """It runs something that is good, and has measured."""
        def birth():
            """Of this start: what was on its way from the one before comes late."""
            for i, (topic, _, m) in enumerate(self.rig.recorder.messages[self.n_seen:]):
                if topic == self.base + "birth" and json.loads(m)["boot"] > self.boot_before:
                    self.n_seen += i
                    return json.loads(m)
            return None

        until(30, self.name + " to be there", lambda: birth() or self.process.poll() is not None)
        assert self.process.poll() is None, (self.name, "ended by itself", self.process.returncode)
        if self.counts["kills"] % 10 == 0:
            until(30, self.name + " to measure", lambda: self.heard("partial"))
        until(30, self.name + " to say what runs", lambda: self.heard("config/state"))
        running = json.loads(self.heard("config/state")[-1])["running"]["revision"]
        assert birth()["revision"] in self.good, (self.name, birth(), "good are", self.good, "bad are", self.bad)
        assert running in self.good, (self.name, running)

    def live(self, n_kills):
        self.start()
        while self.counts["kills"] < n_kills:
            self.expect()
            kind = self.change()
            time.sleep(self.random.uniform(0, 1.4 if "gone" in kind else 0.35))
            found = self.heard("config/state")
            step = json.loads(found[-1])["state"] if found else "nothing"
            self.counts["while " + step] += 1
            self.kill()
            self.start()
            while self.random.random() < 0.33:
                time.sleep(self.random.uniform(0, 0.15))
                self.kill()
                self.counts["while starting"] += 1
                self.start()
        self.expect()


class Rig:
    def __init__(self, work):
        self.work, self.key = work, os.path.join(work, "ops.key")
        subprocess.run(["minisign", "-G", "-W", "-p", self.key + ".pub", "-s", self.key], stdout=subprocess.DEVNULL, check=True)
        self.broker = Broker(work, "broker")
        self.broker.start()
        self.recorder = wire.Recorder(self.broker.port)
        until(20, "the recorder", lambda: self.recorder.is_up)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--boards", type=int, default=2)
    parser.add_argument("--seed", default="1")
    o = parser.parse_args()
    if not shutil.which("mosquitto") or not shutil.which("minisign"):
        print("skipped: mosquitto or minisign is not installed")
        return 77
    work = tempfile.mkdtemp()
    rig = Rig(work)
    boards, failed = [Board(rig, "board-%d" % i, o.seed) for i in range(o.boards)], []

    def live(board):
        try:
            board.live((o.kills + o.boards - 1) // o.boards)
        except AssertionError as e:
            failed.append(e)

    threads = [threading.Thread(target=live, args=(b,)) for b in boards]
    try:
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        counts = sum((b.counts for b in boards), collections.Counter())
        say("seed %s:" % o.seed, ", ".join("%d %s" % (n, what) for what, n in sorted(counts.items())))
        say("boards without a running config:", len(failed))
        for e in failed:
            print(*e.args)
        for b in boards if failed else []:
            subprocess.run(["tail", "-n", "40", b.log])
    finally:
        for b in boards:
            if b.process.poll() is None:
                b.process.kill()
                b.process.wait()
        rig.recorder.is_over = True
        rig.broker.end(signal.SIGKILL)
        shutil.rmtree(work)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(__file__))
    sys.exit(main())
