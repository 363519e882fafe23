#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An outage of the broker of 60 s, in the ways an outage can be, all at the same time, each with a broker and an agent of its own.

4 sensors at 5 Hz, windows of 1 s: 240 windows (60 of each stream) fall into the outage. Who watches has a session that the broker keeps, over
its own end too, so only the agent can lose. Prints a table; the status is 1 when a window is missing or doubled.
"""
import argparse
import collections
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import wire
from rig import BUILD, Broker, decode, until

STREAMS, WINDOW_S = 4, 1
COLUMNS = [("broker stopped", signal.SIGTERM, False), ("broker killed", signal.SIGKILL, False), ("broker hung", signal.SIGSTOP, False),
           ("stopped, agent killed", signal.SIGTERM, True), ("killed, agent killed", signal.SIGKILL, True)]


class Column:
    def __init__(self, work, i, how, is_agent_killed):
        self.how, self.is_agent_killed = how, is_agent_killed
        self.broker = Broker(work, "broker%d" % i)
        self.broker.start()
        self.recorder = wire.Recorder(self.broker.port)
        self.config, self.log = os.path.join(work, "%d.yaml" % i), os.path.join(work, "%d.log" % i)
        with open(self.config, "w") as f:
            f.write('device: board\nsite: outage\nwindow: %ds\nmqtt: {broker: "mqtt://127.0.0.1:%d"}\nspool: {path: %s/%d.db}\nsensors:\n' %
                    (WINDOW_S, self.broker.port, work, i))
            for n in range(STREAMS):
                f.write("  n%d: {driver: sim, shape: random_walk, seed: %d, unit: Cel, every: 200ms, offset: 20}\n" % (n, n))
            f.write("streams:\n")
            for n in range(STREAMS):
                f.write("  s%d: {from: n%d.value, quantiles: true}\n" % (n, n))
        self.agent = None

    def start_agent(self):
        with open(self.log, "a") as log:
            self.agent = subprocess.Popen([BUILD + "/runnel", "run", "-c", self.config], stderr=log)

    def run(self, begin, seconds):
        time.sleep(max(0, begin - time.time()))
        self.broker.process.send_signal(self.how)
        if self.how != signal.SIGSTOP:
            self.broker.process.wait()
        if self.is_agent_killed:
            # In the middle of a window: what it had is lost, and a part of it is made by the next start.
            time.sleep(max(0, begin + seconds / 2 + WINDOW_S / 2 - time.time()))
            self.agent.kill()
            self.agent.wait()
            self.start_agent()
        time.sleep(max(0, begin + seconds - time.time()))
        if self.how == signal.SIGSTOP:
            self.broker.process.send_signal(signal.SIGCONT)
        else:
            self.broker.start()
        self.back, n = time.time(), len(self.partials())
        until(100, "the first message", lambda: len(self.partials()) > n)
        self.first_s = time.time() - self.back

    def partials(self):
        return [m for t, _, m in list(self.recorder.messages) if t.endswith("/partial")]

    def windows(self):
        """How often each (stream, w0) came, in different messages."""
        seen = collections.Counter()
        for p in decode(set(self.partials())):
            for m in p["metrics"]:
                seen[m["id"], p["w0"]] += 1
        return seen

    def end(self):
        for process in (self.agent, self.broker.process):
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()


def judge(column, name, begin, seconds):
    wanted = {(s, w0) for s in range(STREAMS) for w0 in range(begin, begin + seconds, WINDOW_S)}
    try:
        until(100, "all windows", lambda: wanted <= set(column.windows()))
    except AssertionError:
        pass
    drained_s = time.time() - column.back
    payloads, seen = column.partials(), column.windows()
    # The window in which the agent was killed has two parts, of different samples: not doubled.
    kill_w0 = begin + seconds // 2 // WINDOW_S * WINDOW_S
    doubled = sum(n > 1 for (_, w0), n in seen.items() if not (column.is_agent_killed and kill_w0 - WINDOW_S <= w0 <= kill_w0))
    before = {w0 for _, w0 in seen if w0 < begin}
    elsewhere = STREAMS * len(set(range(min(before, default=begin), max(w0 for _, w0 in seen), WINDOW_S)) - {w0 for _, w0 in seen} -
                              set(range(begin, begin + seconds, WINDOW_S)))
    found = len(wanted & set(seen))
    print("   %-22s %3d of %3d %9d %13d %16d %12.1f %11.1f" % (name, found, len(wanted), doubled, elsewhere, len(payloads) - len(set(payloads)),
                                                        column.first_s, drained_s), flush=True)
    return found == len(wanted) and doubled == 0 and elsewhere == 0


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--before", type=int, default=15)
    o = options.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    if not shutil.which("mosquitto"):
        print("skipped: mosquitto is not installed")
        sys.exit(77)
    work, columns = tempfile.mkdtemp(prefix="runnel-outage-"), []
    try:
        columns += [Column(work, i, how, is_killed) for i, (_, how, is_killed) in enumerate(COLUMNS)]
        for column in columns:
            column.start_agent()
        begin = (int(time.time()) + o.before) // WINDOW_S * WINDOW_S
        threads = [threading.Thread(target=c.run, args=(begin, o.seconds), daemon=True) for c in columns]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print("   %-22s %10s %9s %13s %16s %12s %11s" %
              ("outage of %d s" % o.seconds, "windows", "doubled", "lost elsewhere", "sent again", "first, s", "all, s"))
        good = [judge(c, name, begin, o.seconds) for c, (name, _, _) in zip(columns, COLUMNS)]
        sys.exit(not all(good))
    finally:
        for column in columns:
            column.end()
        shutil.rmtree(work)


main()
