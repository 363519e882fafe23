#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing lost, nothing doubled: agents, mosquitto and the collector as they are, and everything between them that can break.

soak.py [--seconds 40] [--seed 1] [--keep]: faults in a random order that the seed decides, as far as processes allow: connections
cut in mid-packet, black holes, delays, acknowledgements that do not come or come twice, duplicates, noise; the broker stopped, killed with
and without its persistence, hung; agents killed, also while there is no broker, stopped, hung; a full disk; a disk that is read-only
at the start; steps of the clock. Then every row of the recording that was read must have arrived exactly once, but for the open
window of each kill and the batch in hand; and the collector, fed with everything twice and shuffled, killed on the way, must say
the same numbers to the bit. See truth.py for where the expected numbers come from.
"""
import argparse
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import truth
from rig import Agent, Base, say, until
from verify import feed_collector, verify


class Rig(Base):
    def __init__(self, work, seed):
        super().__init__(work, seed)
        self.shim, self.disk = os.path.join(work, "shim.so"), os.path.join(work, "disk")
        subprocess.run([os.environ.get("CC", "cc"), "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", self.shim, "tests/e2e/clock_shim.c"], check=True)
        os.mkdir(self.disk)
        self.is_mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", self.disk], stderr=subprocess.DEVNULL).returncode == 0
        clock = os.path.join(work, "clock")
        with open(clock, "wb") as f:
            f.write(struct.pack("=qq", 0, 1))
        self.agents = [Agent(self, "board-a", self.disk + "/spool.db", "256KiB"), Agent(self, "board-b", work + "/b.db", "64KiB", clock)]

    # --- faults: each leaves everything working ---

    def cut(self):
        self.proxy.cut()

    def network(self):
        self.proxy.mode = mode = self.random.choice(["hole", "late", "refuse", "deaf", "twice", "again", "noise"])
        self.proxy.delay_s = self.random.uniform(0.02, 0.4)
        self.counts[mode] += 1
        if mode in ("refuse", "noise"):
            self.proxy.cut()
        self.wait(0.5, 3)
        if mode in ("hole", "deaf"):
            self.proxy.cut()
        self.proxy.mode = "pass"

    def broker_outage(self):
        how = self.random.choice(["stop", "kill", "forget"])
        self.counts["broker " + how] += 1
        self.broker.end(signal.SIGTERM if how == "stop" else signal.SIGKILL)
        if how == "forget":
            self.broker.forget()
        agent = self.random.choice(self.agents + [None])
        if agent:
            self.wait(0, 2.5)
            self.restart(agent, signal.SIGKILL)
        self.wait(0, 2)
        self.broker.start()
        until(20, "the recorder", lambda: self.recorder.is_up)

    def broker_hung(self):
        self.broker.process.send_signal(signal.SIGSTOP)
        self.wait(0.3, 3)
        self.broker.process.send_signal(signal.SIGCONT)

    def restart(self, agent, how):
        self.counts["agent killed" if how == signal.SIGKILL else "agent stopped"] += 1
        agent.end(how)
        self.wait(0, 0.5)
        agent.start()

    def agent_killed(self):
        self.restart(self.random.choice(self.agents), signal.SIGKILL)

    def agent_stopped(self):
        self.restart(self.random.choice(self.agents), signal.SIGTERM)

    def agent_hung(self):
        agent = self.random.choice(self.agents)
        agent.process.send_signal(signal.SIGSTOP)
        self.wait(0.2, 2)
        agent.process.send_signal(signal.SIGCONT)

    def clock(self):
        agent = self.agents[1]
        agent.set_clock(self.random.choice([-40, -7, -3, -1, 0, 1, 2, 5, 15]))

    def disk_works_again(self, agent, before):
        until(60, "the spool to work again", lambda: agent.logged("works again") > before)
        self.wait(0.3, 1)

    def disk_full(self):
        agent = self.agents[0]
        if not self.is_mounted:
            return
        before = agent.logged("works again")
        told = agent.logged("warning: spool")
        try:
            with open(self.disk + "/filler", "wb", buffering=0) as f:
                while True:
                    f.write(bytes(4096))
        except OSError:
            pass
        end = time.monotonic() + self.random.uniform(1, 4)
        while time.monotonic() < end and agent.logged("warning: spool") == told:
            time.sleep(0.05)
        os.remove(self.disk + "/filler")
        if agent.logged("warning: spool") > told:
            self.counts["disk full noticed"] += 1
            self.disk_works_again(agent, before)

    def disk_read_only(self):
        agent = self.agents[0]
        if not self.is_mounted:
            return
        agent.end(signal.SIGKILL)
        before = agent.logged("works again")
        subprocess.run(["mount", "-o", "remount,ro", self.disk], check=True)
        agent.start()
        self.wait(1, 3)
        subprocess.run(["mount", "-o", "remount,rw", self.disk], check=True)
        self.disk_works_again(agent, before)

    def run(self, seconds):
        faults = [self.cut] * 4 + [self.network] * 8 + [self.broker_outage] * 4 + [self.broker_hung] * 2 + [self.agent_killed] * 8 + \
            [self.agent_stopped] * 2 + [self.agent_hung, self.clock, self.clock, self.disk_full, self.disk_read_only]
        for agent in self.agents:
            agent.start()
        self.wait(2, 3)
        end, bag = time.monotonic() + seconds, []
        while time.monotonic() < end:
            if not bag:  # each comes before any comes too often
                bag = list(faults)
                self.random.shuffle(bag)
            fault = bag.pop()
            self.counts[fault.__name__] += 1
            say(fault.__name__)
            fault()
            if self.random.random() < 0.5:
                self.wait(0, 0.4)
            else:
                self.wait(0.4, 2.5)
            for agent in self.agents:
                assert agent.process.poll() is None, (agent.name, "ended by itself")
                if time.time() - agent.began > 0.8 * truth.ROWS_A_START * truth.EVERY_S:
                    self.restart(agent, signal.SIGTERM)

    def close(self):
        super().close()
        if self.is_mounted:
            subprocess.run(["umount", "-l", self.disk], check=False)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=40)
    options.add_argument("--seed", type=int, default=int(time.time()) % 100000)
    options.add_argument("--keep", action="store_true")
    o = options.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    if not shutil.which("mosquitto"):
        print("skipped: mosquitto is not installed")
        sys.exit(77)
    work = tempfile.mkdtemp(prefix="runnel-soak-")
    print("seed %d, %g s" % (o.seed, o.seconds), flush=True)
    rig = Rig(work, o.seed)
    is_good = False
    try:
        rig.run(o.seconds)
        say("draining")
        rig.drain()
        say("verifying")
        feed_collector(rig, verify(rig))
        say(", ".join("%s %d" % c for c in sorted(rig.counts.items())), ", connections cut %d, PUBLISH doubled %d, PUBACK swallowed %d" %
            (rig.proxy.n_cut, rig.proxy.n_twice, rig.proxy.n_swallowed))
        is_good = True
    finally:
        rig.close()
        if o.keep or not is_good:
            rig.keep()
        else:
            shutil.rmtree(work)


main()
