# SPDX-License-Identifier: Apache-2.0
"""The parts of the rigs: waits, a broker, an agent and its config, and how a run comes to its end."""
import collections
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import threading
import time

import truth
import wire
from proxy import Proxy

BUILD = os.path.realpath(os.environ.get("RUNNEL_BUILD", "build"))
T0 = time.monotonic()
CONFIG = """device: %s
site: soak
window: 1s
clock: {trust: always}
mqtt: {broker: "mqtt://%s:%d", keepalive: 5s}
spool: {path: %s, max_size: %s}
sensors:
  rec: {driver: csv, path: %s, pace: 0, every: 50ms, counters: [meter]}
streams:
  row: {from: rec.row, quantum: 1}
  scattered: {from: rec.scattered, quantum: 1, quantiles: true}
  meter: {from: rec.meter}
  high: {from: rec.level, through: [threshold: {above: 0, clear: 0}], event: true, publish: false}
kpis:
  rows: n(row)
  sum: sum(row)
  scattered_sum: sum(scattered)
  scattered_max: max(scattered)
"""


def say(*words):
    print("%8.2f" % (time.monotonic() - T0), *words, flush=True)


def until(seconds, what, is_true):
    end = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > end:
            raise AssertionError("waited %d s for %s" % (seconds, what))
        time.sleep(0.05)


class Heart(threading.Thread):
    """How long this machine has stood still, as far as we notice: an agent may have stood as long."""

    def __init__(self):
        super().__init__(daemon=True)
        self.stalls = []
        self.start()

    def run(self):
        last = time.time()
        while True:
            time.sleep(0.02)
            now = time.time()
            if now - last > 0.06:
                self.stalls.append((now, now - last))
            last = now

    def since(self, at):
        return sum(s for when, s in self.stalls if when >= at)


class Broker:
    def __init__(self, directory, name):
        self.directory = os.path.join(directory, name)
        os.mkdir(self.directory)
        s = wire.socket.create_server(("127.0.0.1", 0))
        self.port = s.getsockname()[1]
        s.close()
        with open(self.directory + ".conf", "w") as f:
            f.write("listener %d 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\npersistence true\nautosave_interval 1\n"
                    "autosave_on_changes true\npersistence_location %s/\nlog_dest none\n" % (self.port, self.directory))
            if os.geteuid() == 0:
                f.write("user root\n")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(["mosquitto", "-c", self.directory + ".conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def answers():
            try:
                wire.socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                return False
        until(20, "the broker", answers)

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait()

    def forget(self):
        shutil.rmtree(self.directory)
        os.mkdir(self.directory)


class Agent:
    n_starts, hand_s = 0, 0.25  # hand_s: from the end of a window until it is on the disk, which a kill may cost

    def __init__(self, rig, name, spool, spool_bytes, clock=None):
        self.rig, self.name, self.spool, self.clock = rig, name, spool, clock
        self.rows, self.log = os.path.join(rig.work, name + ".csv"), os.path.join(rig.work, name + ".log")
        self.process, self.start_no, self.began = None, None, 0
        self.ends = []  # (start, when, how, how far ahead the clock was of late, began)
        self.shifts = [(0, 0)]  # when the clock was set, and to what
        self.config = os.path.join(rig.work, name + ".yaml")
        with open(self.config, "w") as f:
            f.write(CONFIG % (name, "127.0.0.1", rig.proxy.port, spool, spool_bytes, self.rows))

    def start(self):
        self.start_no, Agent.n_starts = Agent.n_starts, Agent.n_starts + 1
        truth.write_rows(self.rows, self.start_no)
        environment = dict(os.environ)
        if self.clock:
            environment.update(LD_PRELOAD=self.rig.shim, SHIM_CLOCK=self.clock)
        self.began = time.time()
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([BUILD + "/runnel", "run", "-c", self.config], stderr=log, env=environment)

    def end(self, how):
        when = time.time()
        self.process.send_signal(how)
        status = self.process.wait()
        assert how == signal.SIGKILL or status == 0, (self.name, "ended with", status)
        assert status <= 0, (self.name, status)
        recent = {shift for at, shift in self.shifts if at > when - 3} | {[s for at, s in self.shifts if at <= when - 3][-1]}
        self.ends.append((self.start_no, when, how, recent, self.began))

    def slow_s(self, _, began):
        """How long it may have stood still in a start."""
        return self.rig.heart.since(began)

    def set_clock(self, shift):
        self.shifts.append((time.time(), shift))
        with open(self.clock, "r+b") as f:
            f.write(struct.pack("=qq", shift, 1))

    def logged(self, what):
        with open(self.log) as f:
            return f.read().count(what)


def decode(payloads):
    found = []
    for payload in payloads:
        out = subprocess.run([BUILD + "/runnel", "decode"], input=payload, capture_output=True, check=True).stdout
        found.append(json.loads(out))
    return found


class Base:
    """A broker, a proxy, a recorder, and how to come to an end."""

    def __init__(self, work, seed):
        self.work, self.random, self.counts = work, random.Random(seed), collections.Counter()
        self.heart, self.broker = Heart(), Broker(work, "broker")
        self.broker.start()
        self.proxy = Proxy(self.broker.port, seed)
        self.recorder = wire.Recorder(self.broker.port)
        until(20, "the recorder", lambda: self.recorder.is_up)
        self.agents = []

    def wait(self, least, most):
        time.sleep(self.random.uniform(least, most))

    def last_status(self, agent):
        found = [m for t, _, m in self.recorder.messages if t == "runnel/1/soak/%s/status" % agent.name]
        return json.loads(found[-1]) if found else {}

    def is_drained(self, agent):
        status = self.last_status(agent)
        return status.get("state") == "offline" and status.get("boot") and status.get("spool", {}).get("rows") == 0

    def partials(self):
        return {m for t, _, m in self.recorder.messages if t.endswith("/partial")}

    def ask_again(self):
        """What the broker had acknowledged and then lost itself: the agents still have it."""
        lost = [m for m in self.proxy.acked - self.partials() if not m.startswith(b"{")]
        for p in decode(lost):
            self.counts["lost by the broker"] += 1
            command = {"cmd": "resend", "boot": p["boot"], "from": p["seq"], "to": p["seq"]}
            wire.send_all(self.broker.port, [("runnel/1/soak/%s/cmd" % p["device"], json.dumps(command).encode(), False)])
        return len(lost)

    def drain(self):
        for agent in self.agents:
            until(150, agent.name + " online", lambda a=agent: self.last_status(a).get("state") == "online")
        for _ in range(20):
            n = -1
            while n != len(self.recorder.messages) and not time.sleep(2.5):
                n_before, n = n, len(self.partials())
                if n - n_before <= 6:
                    break
            if self.ask_again() == 0:
                break
        for agent in self.agents:
            for _ in range(5):
                agent.end(signal.SIGTERM)
                time.sleep(1)
                if self.is_drained(agent):
                    break
                agent.start()
                until(150, agent.name + " online", lambda a=agent: self.last_status(a).get("state") == "online")
                time.sleep(3)
            assert self.is_drained(agent), (agent.name, self.last_status(agent))

    def keep(self):
        """For whoever wants to know why."""
        with open(os.path.join(self.work, "messages"), "w") as f:
            for topic, _, payload in self.recorder.messages:
                f.write("%s %s\n" % (topic, payload.hex()))
        print("kept: " + self.work)

    def close(self):
        for process in [a.process for a in self.agents] + [self.broker.process]:
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
        self.recorder.is_over = True
