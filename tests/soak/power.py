#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power cuts: a guest of QEMU runs the agent, its spool on an ext4 of a disk image, and is killed at random times; what came must be all
rows that were read but for the open window and the batch in hand of each cut. Called by tests/hil/power.sh.

Every second cut also loses what the drive had acknowledged and not been told to flush: nbdkit holds it and is killed too.
In half of the lives there is no broker, so that what is in the spool alone must survive. How slow the guest is it says itself, by a
heart that writes to a drive and waits for it, so that a machine that others keep busy is not taken for one that loses windows.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from rig import Agent, Base, say, until
from verify import feed_collector, verify


class Guest:
    hand_s = 0.5  # a processor that is emulated

    def __init__(self, rig, name, options):
        self.rig, self.name, self.o = rig, name, options
        self.process, self.drives = None, []
        self.start_no, self.began, self.shift, self.ends, self.loses_cache = None, 0, 0, [], False
        self.beat_at, self.slowest = 0, {}  # when the guest's heart (tests/hil/heart.c) was last heard; its slowest beat of each start
        for name in "data", "beats":
            image = self.image(name)
            subprocess.run(["truncate", "-s", "16M", image], check=True)
            subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)

    def image(self, name):
        return os.path.join(self.rig.work, name + ".img")

    def drive(self, name):
        """As QEMU takes it."""
        if not self.loses_cache:
            return "file=%s,format=raw,if=virtio,cache=writeback" % self.image(name)
        socket = os.path.join(self.rig.work, name + ".nbd")
        if os.path.exists(socket):
            os.remove(socket)
        self.drives.append(subprocess.Popen(["nbdkit", "-f", "-U", socket, "--filter=cache", "file", self.image(name), "cache=writeback"]))
        until(10, "nbdkit", lambda: os.path.exists(socket))
        return "file=nbd:unix:%s,format=raw,if=virtio,cache=writeback" % socket

    def start(self):
        self.start_no, Agent.n_starts = Agent.n_starts, Agent.n_starts + 1
        self.beat_at, self.slowest[self.start_no], self.ready_at = 0, 0, None
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg", "-M", "q35", "-m", "256", "-nographic", "-no-reboot", "-nodefaults", "-no-user-config", "-serial", "stdio",
             "-kernel", self.o.kernel, "-initrd", self.o.initrd, "-append", "console=ttyS0 quiet panic=-1 runnel.start=%d runnel.port=%d" % (self.start_no, self.rig.proxy.port),
             "-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0,romfile=", "-drive", self.drive("data"), "-drive", self.drive("beats")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.is_up = False
        threading.Thread(target=self.listen, args=(self.process.stdout,), daemon=True).start()
        until(200, "the guest to start the agent", lambda: self.is_up)

    def listen(self, console):
        with open(os.path.join(self.rig.work, "console.log"), "a") as log:
            for line in console:
                log.write(line)
                log.flush()
                if line.startswith("HIL second"):
                    self.shift = int(line.split()[2]) - time.time()  # how far the guest's clock is ahead
                if line.startswith("HIL agent"):
                    self.began, self.is_up = time.time(), True
                beat = re.match(r"HIL beat (\d+)$", line)
                if beat:
                    self.beat_at = time.time()
                    self.slow(int(beat.group(1)) / 1e6)
                if line.startswith("HIL ready"):
                    self.ready_at = time.time()

    def end(self, how):
        """The power goes, or with SIGTERM the agent ends first."""
        when = time.time()
        if how == signal.SIGTERM:
            self.process.stdin.write("end\n")
            self.process.stdin.flush()
            self.process.wait(200)
        self.process.kill()
        for drive in self.drives:
            drive.kill()
            drive.wait()
        self.drives = []
        self.process.wait()
        self.slow(when - max(self.beat_at, self.began))
        self.ends.append((self.start_no, when, how, {self.shift}, self.ready_at or when))

    def slow(self, seconds):
        self.slowest[self.start_no] = max(self.slowest[self.start_no], seconds)

    def slow_s(self, start, _):
        return self.slowest[start]


class Power(Base):
    def run(self, cuts):
        guest, is_down = self.agents[0], False
        for i in range(cuts):
            guest.loses_cache = i % 2 == 1 and shutil.which("nbdkit") is not None
            if is_down != (i % 4 in (1, 2)):
                is_down = not is_down
                self.broker.end(signal.SIGTERM) if is_down else self.broker.start()
            guest.start()
            if is_down:  # what was written in this life must be there in the next
                until(200, "the agent to be ready", lambda: guest.ready_at)
            self.wait(2 if is_down else 0.3, 6)
            guest.end(signal.SIGKILL)
            self.counts["drive's cache lost" if guest.loses_cache else "drive's cache kept"] += 1
            self.counts["without a broker"] += is_down
            say("cut %d" % (i + 1))
        if is_down:
            self.broker.start()

    def drain(self):
        guest = self.agents[0]
        guest.loses_cache = False
        for _ in range(5):
            guest.start()
            until(150, "the guest online", lambda: self.last_status(guest).get("state") == "online")
            n = -1
            while self.ask_again() > 0 or len(self.partials()) - n > 6:
                n = len(self.partials())
                time.sleep(4)
            guest.end(signal.SIGTERM)
            time.sleep(1)
            if self.is_drained(guest):
                break
        assert self.is_drained(guest), self.last_status(guest)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--cuts", type=int, default=4)
    options.add_argument("--seed", type=int, default=int(time.time()) % 100000)
    options.add_argument("--kernel", required=True)
    options.add_argument("--initrd", required=True)
    options.add_argument("--keep", action="store_true")
    o = options.parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    work = tempfile.mkdtemp(prefix="runnel-power-")
    print("seed %d, %d cuts" % (o.seed, o.cuts), flush=True)
    rig, is_good = Power(work, o.seed), False
    rig.agents = [Guest(rig, "guest", o)]
    try:
        rig.run(o.cuts)
        rig.drain()
        feed_collector(rig, verify(rig))
        say("the guest's slowest beat: %.3f s" % max(rig.agents[0].slowest.values()))
        say(", ".join("%s %d" % c for c in sorted(rig.counts.items())))
        is_good = True
    finally:
        rig.close()
        for drive in rig.agents[0].drives:
            drive.kill()
        if o.keep or not is_good:
            rig.keep()
        else:
            shutil.rmtree(work)
    sys.exit(not is_good)


main()
