#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power cuts: a guest of QEMU runs the agent, its spool on an ext4 of a disk image, and is killed at random times; what came must be all
rows that were read but for the open window and the batch in hand of each cut. Called by tests/hil/power.sh.

Every second cut also loses what the drive had acknowledged and not been told to flush: nbdkit holds it and is killed too.
In a third of the lives there is no broker, so that what is in the spool alone must survive.
"""
import argparse
import os
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
    hand_s = 1.0  # a processor that is emulated, beside others

    def __init__(self, rig, name, options):
        self.rig, self.name, self.o = rig, name, options
        self.process = self.drive = None
        self.start_no, self.began, self.shift, self.ends, self.loses_cache = None, 0, 0, [], False
        self.image = os.path.join(rig.work, "disk.img")
        subprocess.run(["truncate", "-s", "16M", self.image], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", self.image], check=True)

    def start(self):
        self.start_no, Agent.n_starts = Agent.n_starts, Agent.n_starts + 1
        drive = "file=%s,format=raw" % self.image
        if self.loses_cache:
            socket = os.path.join(self.rig.work, "nbd")
            if os.path.exists(socket):
                os.remove(socket)
            self.drive = subprocess.Popen(["nbdkit", "-f", "-U", socket, "--filter=cache", "file", self.image, "cache=writeback"])
            until(10, "nbdkit", lambda: os.path.exists(socket))
            drive = "file=nbd:unix:%s,format=raw" % socket
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg", "-M", "q35", "-m", "256", "-nographic", "-no-reboot", "-nodefaults", "-no-user-config", "-serial", "stdio",
             "-kernel", self.o.kernel, "-initrd", self.o.initrd, "-append", "console=ttyS0 quiet panic=-1 runnel.start=%d" % self.start_no,
             "-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0,romfile=", "-drive", drive + ",if=virtio,cache=writeback"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.is_up = False
        threading.Thread(target=self.listen, args=(self.process.stdout,), daemon=True).start()
        until(60, "the guest to start the agent", lambda: self.is_up)

    def listen(self, console):
        with open(os.path.join(self.rig.work, "console.log"), "a") as log:
            for line in console:
                log.write(line)
                log.flush()
                if line.startswith("HIL second"):
                    self.shift = int(line.split()[2]) - time.time()  # how far the guest's clock is ahead
                if line.startswith("HIL agent"):
                    self.began, self.is_up = time.time(), True

    def end(self, how):
        """However it is meant: the power goes."""
        self.process.kill()
        when = time.time()
        if self.drive:
            self.drive.kill()
            self.drive.wait()
            self.drive = None
        self.process.wait()
        self.ends.append((self.start_no, when, signal.SIGKILL, {self.shift}, self.began))


class Power(Base):
    def run(self, cuts):
        guest, is_down = self.agents[0], False
        for i in range(cuts):
            guest.loses_cache = i % 2 == 1 and shutil.which("nbdkit") is not None
            if is_down != (i % 3 == 1):
                is_down = not is_down
                self.broker.end(signal.SIGTERM) if is_down else self.broker.start()
            guest.start()
            self.wait(0.3, 6)
            guest.end(signal.SIGKILL)
            self.counts["drive's cache lost" if guest.loses_cache else "drive's cache kept"] += 1
            self.counts["without a broker"] += is_down
            say("cut %d" % (i + 1))
        if is_down:
            self.broker.start()

    def drain(self):
        guest = self.agents[0]
        guest.loses_cache = False
        guest.start()
        until(150, "the guest online", lambda: self.last_status(guest).get("state") == "online" and self.is_of_this_start(guest))
        n = -1
        while self.ask_again() > 0 or n != len(self.partials()) - 4:
            n = len(self.partials())
            time.sleep(4)
            if len(self.partials()) - n <= 6:
                break
        guest.end(signal.SIGKILL)

    def is_of_this_start(self, guest):
        return any(t.endswith("/birth") for t, _, _ in self.recorder.messages)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--cuts", type=int, default=4)
    options.add_argument("--seed", type=int, default=int(time.time()) % 100000)
    options.add_argument("--kernel", required=True)
    options.add_argument("--initrd", required=True)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--keep", action="store_true")
    o = options.parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    work = tempfile.mkdtemp(prefix="runnel-power-")
    print("seed %d, %d cuts" % (o.seed, o.cuts), flush=True)
    rig, is_good = Power(work, o.seed, o.port), False
    rig.agents = [Guest(rig, "guest", o)]
    try:
        rig.run(o.cuts)
        rig.drain()
        feed_collector(rig, verify(rig))
        say(", ".join("%s %d" % c for c in sorted(rig.counts.items())))
        is_good = True
    finally:
        rig.close()
        if rig.agents[0].drive:
            rig.agents[0].drive.kill()
        if o.keep or not is_good:
            rig.keep()
        else:
            shutil.rmtree(work)
    sys.exit(not is_good)


main()
