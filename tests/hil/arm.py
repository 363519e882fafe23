#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boots a machine that arm.sh has made a guest for, changes its sensors from outside, and judges what reaches a broker.

Nothing is asked of time: each change waits until what it does has arrived, and what has not arrived when the agent ends must come by its
next start. So a machine that stands still for a while makes this slower, not wrong.
"""
import argparse
import collections
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from rig import Base, decode, say, until

PATIENCE_S = 200  # of each wait: two minutes are a machine that is very busy
USB = ["-device", "usb-net,netdev=n0"]
SENSOR = ["-device", "tmp105,id=it,bus=i2c-bus.1,address=0x48"]
PI_MODULES = "i2c-bcm2835,i2c-dev,phy-generic,dwc2,cdc_ether"
# QEMU's options, the console, modules, how to end, words of the kernel for what QEMU does not have, the I2C bus
Machine = collections.namedtuple("Machine", "qemu console modules off words bus")
MACHINES = {
    "arm64": Machine(["-accel", "tcg", "-M", "virt", "-cpu", "cortex-a53", "-m", "512", "-device", "virtio-net-pci,netdev=n0,romfile="],
                     "ttyAMA0", "virtio_pci,virtio_net", "poweroff+-f", "", None),
    "raspi3b": Machine(["-accel", "tcg,thread=single", "-M", "raspi3b"] + USB + SENSOR, "ttyS1,115200", PI_MODULES, "reboot+-f", "", "i2c-1"),
    # Its timer misses a time that has come before it was set, so time must not pass between two instructions.
    "raspi0": Machine(["-accel", "tcg", "-icount", "shift=3", "-M", "raspi0"] + USB + SENSOR, "ttyAMA0", PI_MODULES, "reboot+-f",
                      "initcall_blacklist=bcm2835_power_driver_init", "i2c-1"),
    "ast2600": Machine(["-accel", "tcg", "-M", "ast2600-evb", "-m", "1G", "-net", "nic,netdev=n0", "-device", "tmp105,id=it,bus=aspeed.i2c.bus.0,address=0x48",
                        "-device", "pca9548,id=mux,bus=aspeed.i2c.bus.0,address=0x70", "-device", "tmp105,id=far,bus=i2c.0,address=0x4a"],
                       "ttyS4,115200", "i2c-aspeed,i2c-dev,gpio-aspeed,realtek,mdio-aspeed,ftgmac100", "reboot+-f", "", "i2c-0"),
}


class Crash(Exception):
    """The kernel's driver of the Pi's I2C controller looks at a transfer that it has given up: on a machine that others keep busy
    QEMU is so late that it does give up, and then the guest's kernel dies of it. That says nothing of the agent."""


class Guest:
    """Its processor stands still until go()."""

    def __init__(self, rig, o):
        self.rig, self.name, self.said, self.decoded = rig, o.machine, [], {}
        self.machine = MACHINES[o.machine]
        uarts = ["-serial", "null", "-serial", "stdio"] if self.machine.console.startswith("ttyS1") else ["-serial", "stdio"]
        self.monitor_path, self.monitor = os.path.join(rig.work, "qmp"), None
        self.process = subprocess.Popen(
            [o.qemu, "-S"] + self.machine.qemu + ["-nographic", "-no-reboot", "-nodefaults", "-no-user-config", "-monitor", "none", "-kernel", o.kit + "/vmlinuz",
             "-initrd", o.initrd, "-append", "console=%s quiet panic=-1 runnel.now=%d runnel.port=%d runnel.modules=%s runnel.off=%s %s" % (
                 self.machine.console, time.time(), rig.proxy.port, self.machine.modules, self.machine.off, self.machine.words),
             "-netdev", "user,id=n0", "-qmp", "unix:%s,server=on,wait=off" % self.monitor_path] + uarts +
            (["-dtb", o.kit + "/board.dtb"] if self.machine.bus else []),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.said.append(line.rstrip())

    def count(self, what):
        return sum(what in line for line in self.said)  # what the host wrote may be echoed before it

    def wait(self, what, is_true):
        def is_so():
            if self.count("pc : bcm2835_i2c_isr"):
                raise Crash
            assert self.process.poll() is None, "the machine has ended"
            return is_true()
        until(PATIENCE_S, what, is_so)

    # --- what the outside does ---

    def open_monitor(self):
        s = socket.socket(socket.AF_UNIX)
        self.wait("the monitor", lambda: s.connect_ex(self.monitor_path) == 0)
        self.monitor = s.makefile("rw")
        self.monitor.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.monitor.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.monitor.flush()
        answer = {}
        while "return" not in answer:  # events come between
            answer = json.loads(self.monitor.readline())
            assert "error" not in answer, answer

    def go(self):
        self.ask("cont")

    def warm(self, sensor, degrees):
        self.ask("qom-set", path="/machine/peripheral/" + sensor, property="temperature", value=int(degrees * 1000))

    def pin(self, name, is_high):
        self.ask("qom-set", path="/machine/soc/gpio", property=name, value=is_high)

    def tell(self, words):
        """What the guest shall do, and has done."""
        n = self.count("HIL done")
        self.type(words)
        self.wait("the guest to " + words, lambda: self.count("HIL done") > n)

    def type(self, words):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def end(self):
        self.type("end")
        until(PATIENCE_S, "the end", lambda: self.count("HIL end"))

    # --- what has arrived ---

    def status(self):
        return self.rig.last_status(self)

    def is_online(self):
        assert not self.count("HIL agent status"), "the agent has ended"
        return self.status().get("state") == "online"

    def sensor(self, name):
        return self.status().get("sensors", {}).get(name, {})

    def troubles(self, name):
        """What has ever been wrong with a sensor. A machine that others keep busy may call a transfer late that was none."""
        found = [json.loads(m) for t, _, m in list(self.rig.recorder.messages) if t.endswith("/status") and m]
        return {kind for s in found for kind in s.get("sensors", {}).get(name, {}).get("counts", {})}

    def metrics(self, name):
        """Of a stream, a part each; with its rule of the contract."""
        contracts = [json.loads(m) for t, _, m in list(self.rig.recorder.messages) if "/contract/" in t]
        rule = next((m for c in contracts for m in c["metrics"] if m["name"] == name + "@1"), None)
        for m in self.rig.partials():
            if m not in self.decoded:
                self.decoded[m] = decode([m])[0]
        return [(rule, m) for p in self.decoded.values() for m in p["metrics"] if rule and m["id"] == rule["id"]]

    def values(self, name, what):
        return {round(rule["K"] + rule["q"] * m["exact"][what], 6) for rule, m in self.metrics(name) if m["n"]}

    def increase(self, name):
        return sum(rule["q"] * m["exact"].get("increase", 0) for rule, m in self.metrics(name))

    def events(self, stream):
        found = [json.loads(m) for m in {m for t, _, m in list(self.rig.recorder.messages) if t.endswith("/event")}]
        return collections.Counter(e["event"] for e in found if e["stream"] == stream)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def warms(guest):
    """`it`, which was 21.5 degrees before the machine began, and nothing answers where `none` is."""
    seen = {21.5}
    for warmth in 21.5, 25.5, -10.5:
        guest.warm("it", warmth)
        seen.add(warmth)
        guest.wait("%g degrees" % warmth, lambda w=warmth: w in guest.values("it", "min") and w in guest.values("it", "max"))
        assert guest.values("it", "min") <= seen and guest.values("it", "max") <= seen, guest.values("it", "min") | guest.values("it", "max")
        say("%g degrees" % warmth)


def moves_pins(guest):
    """A door that opens three times, and seven pulses of half a litre. The board remembers of each pin but that it has moved, not how often: so
    each must have arrived before the next. A counter of rising edges does not look at those that fall."""
    for sensor in "door", "flow":
        guest.wait("the sensor " + sensor, lambda s=sensor: guest.sensor(s).get("state") == "ok")
    for n in 1, 2, 3:
        guest.pin("gpioB0", True)
        guest.wait("opening %d of the door" % n, lambda k=n: guest.events("open")["raised"] == k)
        guest.pin("gpioB0", False)
        guest.wait("closing %d of the door" % n, lambda k=n: guest.events("open")["cleared"] == k)
    for n in range(1, 8):
        guest.pin("gpioB1", True)
        guest.wait("pulse %d" % n, lambda k=n: guest.increase("flow") == k / 2)
        guest.pin("gpioB1", False)
    say("the door and the meter")


def unplugs(guest):
    """`far`, by the mux before it."""
    guest.tell("i2cset -y 0 0x70 0x00")
    guest.wait("far to be missed", lambda: guest.sensor("far").get("state") == "fault")
    guest.tell("i2cset -y 0 0x70 0x01")
    guest.wait("far to be found", lambda: guest.sensor("far").get("state") == "ok")
    say("unplugged and back")


def ends(guest):
    """An agent takes 1.3 s for its end: what is not acknowledged until then, the next start must bring."""
    for n in range(1, 11):
        guest.tell("stop")
        assert guest.count("HIL agent status 0") == n, guest.said[-5:]
        try:
            until(10, "an empty spool", lambda: guest.rig.is_drained(guest))
            return
        except AssertionError:
            say("not all has arrived:", guest.status())
        boot = guest.status().get("boot")
        guest.tell("start")
        guest.wait("the agent online again", lambda b=boot: guest.status().get("state") == "online" and guest.status().get("boot") != b)
        time.sleep(n)
    raise AssertionError("the spool is never empty: %s" % guest.status())


def says(guest, words, wanted):
    """Now and then on a machine that others keep busy a transfer is late, and is said to be."""
    for _ in range(5):
        guest.tell(words)
        if any(re.search(wanted, line) for line in guest.said):  # what the host wrote may stand before it
            return
    raise AssertionError("%s: nothing like '%s' was said" % (words, wanted))


def judge(guest):
    guest.open_monitor()
    if guest.machine.bus:
        guest.warm("it", 21.5)
    if guest.name == "ast2600":
        guest.warm("far", -10.5)
    guest.go()
    guest.wait("the agent online", guest.is_online)
    say("online")
    guest.wait("the sensor it", lambda: guest.sensor("it").get("state") == "ok")
    guest.wait("the fault of none", lambda: guest.sensor("none").get("state") == "fault")
    if guest.machine.bus:
        warms(guest)
    else:
        guest.wait("three windows", lambda: len(guest.metrics("it")) >= 3)
        assert all(100 < v < 512 for v in guest.values("it", "min")), guest.values("it", "min")
    if guest.name == "ast2600":
        moves_pins(guest)
        unplugs(guest)
    ends(guest)
    absent = "nothing answers at 0x49 on " + guest.machine.bus if guest.machine.bus else "no I2C bus here"
    says(guest, "read_now none /arm.yaml", "HIL none 69 .*fault: " + absent)
    assert not guest.values("none", "min"), guest.values("none", "min")
    if guest.name == "ast2600":
        judge_board(guest)


def judge_board(guest):
    assert guest.values("far", "min") | guest.values("far", "max") == {-10.5}, guest.values("far", "min")
    assert "absent" in guest.troubles("far"), guest.status()
    assert guest.events("open") == {"raised": 3, "cleared": 3}, guest.events("open")
    assert guest.increase("flow") == 3.5, guest.metrics("flow")
    assert all(m["exact"].get("resets", 0) == 0 and m["lost"] == 0 for _, m in guest.metrics("flow")), guest.metrics("flow")
    says(guest, "read_alone behind i2c-0/0x70.0", "HIL behind 0 .* -10.5 ")  # a mux that runnel switches
    says(guest, "read_alone hidden i2c-0", "HIL hidden 69 .*nothing answers at 0x4a on i2c-0")  # a mux that nobody opens


def attempt(o):
    work, is_good, guest = tempfile.mkdtemp(prefix="runnel-arm-"), False, None
    rig = Base(work, 1)
    try:
        guest = Guest(rig, o)
        judge(guest)
        guest.end()
        is_good = True
    finally:
        if guest:
            guest.kill()
        for line in guest.said if guest else []:
            if not is_good or "HIL" in line:
                print(line)
        rig.broker.end(signal.SIGKILL)
        rig.recorder.is_over = True
        shutil.rmtree(work)
    print("%s: %d messages, as expected" % (o.machine, len(rig.recorder.messages)))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("machine", choices=list(MACHINES))
    for name in "qemu", "kit", "initrd":
        options.add_argument("--" + name, required=True)
    o = options.parse_args()
    for _ in range(2):
        try:
            return attempt(o)
        except Crash:
            say("the guest's kernel has died of a bus that was late: once more")
    attempt(o)


main()
